"""The published CDNOW figures to three digits, planted truth found again, degenerate data refused with its reason."""

import csv
import gzip
import time
from datetime import date

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.special import betaln, gammaln

from datasets import dataset
from tactful.reckon import relationship, spend
from tactful.reckon.relationship import Relationship
from tactful.reckon.worlds import RetailWorld
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined


@pytest.fixture(scope="module")
def cdnow() -> np.ndarray:
    path = dataset("cdnow") / "cdnow_sample_rfm_summary.csv"
    return np.loadtxt(path, delimiter=",", skiprows=1)


def fitted(*args: object, **named: object) -> Relationship:
    found = relationship.fit(*args, **named)  # type: ignore[arg-type]
    assert isinstance(found, Relationship), found
    return found


def test_cdnow_parameters_and_likelihood_are_the_published_ones(cdnow: np.ndarray) -> None:
    """Fader, Hardie & Lee (2005): r .2426, alpha 4.4135, a .7929, b 2.4258, LL -9582.43."""
    found = fitted(cdnow[:, 1], cdnow[:, 2], age=cdnow[:, 3])
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), rel=5e-4)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert found.customers == 2357
    assert found.histories < 2357


def test_multiplicity_and_order_change_nothing(cdnow: np.ndarray) -> None:
    x, t_x, T = cdnow[:, 1], cdnow[:, 2], cdnow[:, 3]
    plain = fitted(x, t_x, age=T)
    order = np.random.default_rng(1).permutation(x.size)
    assert fitted(x[order], t_x[order], age=T[order]) == plain
    merged = relationship.merge(x, t_x, age=T)
    assert fitted(merged.frequency, merged.recency, age=merged.age, weight=merged.weight) == plain
    days = fitted(x, t_x * 7, age=T * 7)
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx((plain.r, plain.alpha, plain.a, plain.b), rel=1e-4)


def test_gradient_is_that_of_the_likelihood(cdnow: np.ndarray) -> None:
    target = relationship._Likelihood(relationship.merge(cdnow[:, 1], cdnow[:, 2] / 39, age=cdnow[:, 3] / 39))
    at = np.array([-1.0, -2.0, 0.3, 0.7])
    assert target(at)[1] == pytest.approx(approx_fprime(at, lambda p: target(p)[0], 1e-7), abs=1e-5)


def test_gamma_gamma_on_cdnow_is_the_published_one() -> None:
    """p 6.249, q 3.745, v 15.448 on the repeat orders of the first 39 weeks."""
    spent: dict[str, dict[date, float]] = {}
    with gzip.open(dataset("cdnow") / "cdnow_sample.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            if day <= date(1997, 9, 30):
                days = spent.setdefault(row["customer_id"], {})
                days[day] = days.get(day, 0.0) + float(row["usd"])
    repeats = [[value for _, value in sorted(days.items())][1:] for days in spent.values()]
    mean = np.array([np.mean(values) for values in repeats if values and np.mean(values) > 0])
    x = np.array([len(values) for values in repeats if values and np.mean(values) > 0])
    found = spend.fit(x, mean)
    assert isinstance(found, spend.Spend)
    assert (found.p, found.q, found.v) == pytest.approx((6.249, 3.745, 15.448), rel=2e-3)
    assert abs(found.correlation) < 0.15


def test_planted_parameters_are_found_and_forecasts_come_true() -> None:
    world = RetailWorld()
    seen = world.customers(40_000, seed=7)
    found = fitted(seen.frequency, seen.recency.round(), age=np.maximum(seen.age.round(), seen.recency.round()))
    assert (found.r, found.alpha) == pytest.approx((world.r, world.alpha), rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(world.a / (world.a + world.b), rel=0.15)
    expected = relationship.expected_transactions(
        found, frequency=seen.frequency, recency=seen.recency, age=seen.age, t=world.ahead
    )
    order = np.argsort(expected)
    for fifth in np.array_split(order, 5):
        assert seen.coming[fifth].mean() == pytest.approx(expected[fifth].mean(), rel=0.1, abs=0.05)
    alive = relationship.p_alive(found, frequency=seen.frequency, recency=seen.recency, age=seen.age)
    for low, high in ((0.0, 0.4), (0.4, 0.7), (0.7, 0.999)):
        band = (alive >= low) & (alive < high)
        assert seen.is_alive[band].mean() == pytest.approx(alive[band].mean(), abs=0.04)


@pytest.mark.parametrize(("x", "t_x", "T"), [(0, 0.0, 30.0), (3, 20.0, 30.0), (200, 51.0, 52.0)])
def test_expected_transactions_equal_the_integral_they_stand_for(x: int, t_x: float, T: float) -> None:
    """By quadrature over the leaving chance p of the posterior, with the rate integrated out by hand."""
    known = Relationship(r=0.6, alpha=6.0, a=1.9, b=2.5, log_likelihood=0, customers=1, histories=1)
    t = 26.0

    def given_alive(p: float) -> float:
        # Posterior of p for one still there: Beta(a, b + x); expected counts for Gamma(r + x, alpha + T) rates.
        log_density = (known.a - 1) * np.log(p) + (known.b + x - 1) * np.log1p(-p) - betaln(known.a, known.b + x)
        gone = ((known.alpha + T) / (known.alpha + T + p * t)) ** (known.r + x)
        return float(np.exp(log_density) * (1 - gone) / p)

    coming = quad(given_alive, 0, 1, limit=400, epsabs=1e-10)[0]
    alive = relationship.p_alive(known, frequency=[x], recency=[t_x], age=[T])[0]
    found = relationship.expected_transactions(known, frequency=[x], recency=[t_x], age=[T], t=t)[0]
    assert found == pytest.approx(coming * alive, rel=1e-6)


def test_the_removable_poles_are_smooth() -> None:
    found = []
    for a in (1 - 1e-4, 1.0, 1 + 1e-4):
        known = Relationship(r=0.5, alpha=5, a=a, b=2.0, log_likelihood=0, customers=1, histories=1)
        found.append(relationship.expected_transactions(known, frequency=[2], recency=[5], age=[9], t=10)[0])
    assert found[1] == pytest.approx((found[0] + found[2]) / 2, rel=1e-4)


def test_where_all_leave_with_the_same_chance_the_forecast_is_the_limit() -> None:
    """Worked by hand: p = 0.2, one interaction, 100 days known: (1 - (200/220)) / 0.2 more in the next 100."""

    def told(a: float, b: float) -> Relationship:
        return Relationship(r=1, alpha=100, a=a, b=b, log_likelihood=0, customers=100, histories=100)

    history = {"frequency": [0, 3], "recency": [0, 60], "age": [100, 100]}
    limit = relationship.expected_transactions(told(2e6, 8e6), **history, t=100)
    assert limit[0] == pytest.approx((1 - 200 / 220) / 0.2, rel=1e-5)
    near = relationship.expected_transactions(told(200, 800), **history, t=100)
    assert near == pytest.approx(limit, rel=0.01)
    # What a made-up shop of 116 customers was fitted to: the published series overflows here.
    shop = Relationship(
        r=7.354, alpha=884.9, a=37736.5, b=162754.8, log_likelihood=-1521.1, customers=116, histories=114
    )
    found = relationship.expected_transactions(shop, frequency=[0, 2], recency=[0, 335], age=[87, 429], t=365)
    assert np.isfinite(found).all()
    assert ((found > 0) & (found < 4)).all()


def test_likelihood_is_the_papers_formula() -> None:
    r, alpha, a, b, x, t_x, T = 0.3, 4.0, 0.8, 2.4, 3, 20.0, 30.0
    by_hand = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + x)
        - gammaln(b)
        - gammaln(a + b + x)
        + np.log((alpha + T) ** -(r + x) + a / (b + x - 1) * (alpha + t_x) ** -(r + x))
    )
    target = relationship._Likelihood(relationship.merge([x], [t_x], age=[T]))
    assert -target(np.log([r, alpha, a, b]))[0] == pytest.approx(by_hand)


def test_degenerate_histories_are_undefined_with_their_reason() -> None:
    few = relationship.fit([1] * 5, [1] * 5, age=[2] * 5)
    once = relationship.fit([0] * 100, [0] * 100, age=range(100))
    now = relationship.fit([0] * 99 + [1], [0] * 100, age=[0] * 100)
    same = relationship.fit([4] * 500, [10] * 500, age=[10] * 500)
    for found, why in ((few, "at least 30"), (once, "second time"), (now, "no time"), (same, "likelihood")):
        assert isinstance(found, Undefined)
        assert why in found.reason


def test_a_shop_nobody_leaves_is_fitted() -> None:
    rng = np.random.default_rng(3)
    rate, T = rng.gamma(2.0, 0.1, 2000), np.full(2000, 52)
    x = rng.poisson(rate * T)
    t_x = np.where(x > 0, np.rint(T * rng.random(2000) ** (1 / np.maximum(x, 1))), 0)
    found = fitted(x, t_x, age=T)
    assert found.a / (found.a + found.b) < 0.01
    assert found.r / found.alpha == pytest.approx(0.2, rel=0.05)
    ahead = relationship.expected_transactions(found, frequency=x, recency=t_x, age=T, t=52)
    assert ahead.mean() == pytest.approx(10.4, rel=0.1)


def test_half_a_million_customers_are_merged_and_fitted_fast() -> None:
    seen = RetailWorld().customers(500_000, seed=5)
    recency, age = np.ceil(seen.recency), np.ceil(seen.age)
    began = time.process_time()
    found = fitted(seen.frequency, recency, age=age)
    assert found.histories < 25_000
    assert time.process_time() - began < 4.0


def test_impossible_histories_are_refused() -> None:
    for x, t_x, T in ((1, 5, 4), (0, 1, 2), (-1, 0, 1), (0.5, 0, 1), (1, float("nan"), 3)):
        with pytest.raises(Misuse, match="row 0"):
            relationship.merge([x], [t_x], age=[T])
    with pytest.raises(Misuse, match="length"):
        relationship.merge([1], [1, 2], age=[3])


def test_spend_refuses_what_it_cannot_fit() -> None:
    assert isinstance(spend.fit([2] * 50, [10.0] * 50), Undefined)
    with pytest.raises(Misuse, match="order count"):
        spend.fit([0], [1.0])


def test_the_real_retail_customers_are_fitted_within_a_second() -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    columns = ["CustomerID", "InvoiceDate", "Quantity"]
    table = pq.read_table(dataset("online_retail") / "online_retail.parquet", columns=columns)
    known = table["CustomerID"].is_valid().to_numpy()
    sold = known & (table["Quantity"].to_numpy() > 0)
    customer = table["CustomerID"].to_numpy()[sold].astype(np.int64)
    day = table["InvoiceDate"].to_numpy().astype("datetime64[D]").astype(np.int64)[sold]
    visits = np.unique(np.stack([customer, day], axis=1), axis=0)
    people, first, times = np.unique(visits[:, 0], return_index=True, return_counts=True)
    begun, last = visits[first, 1], visits[first + times - 1, 1]
    x, t_x, T = times - 1, last - begun, day.max() - begun
    began = time.process_time()
    found = fitted(x, t_x, age=T)
    took = time.process_time() - began
    assert found.customers == people.size == 4339
    assert took < 1.0
    ahead = relationship.expected_transactions(found, frequency=x, recency=t_x, age=T, t=365)
    assert np.isfinite(ahead).all()
    assert ahead.mean() == pytest.approx(4.4, abs=0.5)
