"""The worth of messages in a world whose truth is known: found, pooled, kept apart from what would have come anyway."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, shop
from learn.outcomes import score_units, world
from tactful.decide import arms
from tactful.learn import beliefs, value, value_sums
from tactful.learn.value_sums import compacted, erased, lifted, merged
from tactful.project.feature_maps import features_of
from tactful.reckon.features import BASE
from tactful.words.errors import Misuse

METRIC = PROGRAM["outcome"]
DECLARED = {"value": {"features": [{"fact": "orders", "centre": 3, "spread": 2}], "half_life": "3650 days"}}
ALL, MANY, ONE = "/email/all/none", "/email/many/none", "/email/one/none"


def learned(project, sums):
    spoken = arms.table(project)
    prior = beliefs.prior(project, spoken, clock=CLOCK)
    return value.believed(prior, sums, project=project, arms=spoken, clock=CLOCK)


def rows_of(found):
    return {row["cell"]: row for row in found.beliefs.to_pylist()}


def lift(project, table):
    return lifted(table, metric=METRIC, features=features_of(project))


def truth(*pence):
    return np.array([*pence, *([0.0] * (7 - len(pence)))])


def test_without_outcomes_the_beliefs_are_the_prior():
    project = shop(policy=DECLARED)
    found = learned(project, merged([]))
    assert found.beliefs.equals(beliefs.prior(project, arms.table(project), clock=CLOCK))


def test_planted_coefficients_are_found_and_what_would_have_come_anyway_is_not_counted():
    project = shop(policy=DECLARED)
    planted = {ALL: truth(60, 0, 0, 0, 0, 90, 30), MANY: truth(150, 240, 0, 0, 0, -60, 0)}
    made = world(30_000, features=features_of(project), truth=planted, noise=200.0, days=3)
    found = rows_of(learned(project, lift(project, made)))
    for cell, pence in planted.items():
        row = found[cell]
        assert row["mean"] == pytest.approx(score_units(pence[0]), abs=score_units(20))
        units = [one.units for one in features_of(project)]
        real = [c * u / 2 ** row["shift"] for c, u in zip(row["coefficients"], units, strict=True)]
        assert real[5] == pytest.approx(score_units(pence[5]), abs=score_units(40))
        assert real[0] == 0
        assert row["features"][5] == "number orders (x - 3.0) / 2.0"
    assert max(abs(c) for row in found.values() for c in row["coefficients"] or ()) <= 1 << 24


def test_without_anybody_left_alone_what_followed_is_believed():
    project = shop()
    made = world(20_000, features=BASE, truth={ALL: truth(60)[:5]}, held=0.0)
    assert rows_of(learned(project, lift(project, made)))[ALL]["mean"] == pytest.approx(460_000, rel=0.05)


def test_pooled_beliefs_are_nearer_the_truth_than_cells_alone_or_all_together():
    project, errors = shop(), np.zeros(3)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        cells = {f'{MANY}/{{"r":"{n}"}}': truth(max(0.0, 80 + 60 * rng.normal()))[:5] for n in range(30)}
        made = world(6_000, features=BASE, truth=cells, seed=seed, held=0.5, days=2)
        found = rows_of(learned(project, lift(project, made)))
        told, cell, y = (np.array(made[name].to_pylist()) for name in ("told", "cell", "value"))
        everybody = y[told].mean() - y[~told].mean()
        for name, pence in cells.items():
            mine = cell == name
            own = y[mine & told].mean() - y[mine & ~told].mean()
            guesses = found[name]["mean"] / 1000, own, everybody
            errors += [(guess - pence[0]) ** 2 for guess in guesses]
    assert errors[0] < 0.85 * errors[1:].min()


def test_a_new_variant_starts_at_what_its_features_foretell():
    """Offers are worth 100 pence more everywhere; an offer at a level never tried starts there, not as stated."""
    project = shop()
    planted = {f"/email/{level}/{offer}": truth(50 + 100 * (offer != "none"))[:5]
               for level in ("all", "many", "few") for offer in ("none", "ten-off")}  # fmt: skip
    made = world(30_000, features=BASE, truth=planted | {ONE: truth(50)[:5]}, held=0.3)
    sums = lift(project, made)
    found, stated = rows_of(learned(project, sums)), rows_of(learned(project, merged([])))
    new = "/email/one/ten-off"
    assert abs(found[new]["mean"] - 150_000) < abs(stated[new]["mean"] - 150_000)
    assert found[new]["mean"] > found[ONE]["mean"] + 50_000
    assert found[new]["precision"] < found[ONE]["precision"]


def test_outcomes_that_are_still_out_count_with_what_early_signals_foretell():
    """The told visit more at once and buy later. Young rows with signals are nearer than ripe rows alone."""
    project, errors = shop(), []
    for seed in range(8):
        made = world(3_000, features=BASE, truth={ALL: truth(150)[:5]}, seed=seed, held=0.5, late=0.9, noise=900.0)
        both = rows_of(learned(project, lift(project, made)))[ALL]
        ripe = rows_of(learned(project, lift(project, made.filter(made["ripe"]))))[ALL]
        assert both["precision"] > ripe["precision"]
        errors.append((abs(both["mean"] - 150_000), abs(ripe["mean"] - 150_000)))
    assert np.mean([a for a, _ in errors]) < 0.7 * np.mean([b for _, b in errors])


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_same_beliefs_bit_for_bit(workers):
    project = shop(policy=DECLARED)
    made = world(1_500, features=features_of(project), truth={ALL: truth(60), MANY: truth(90)}, days=80)
    whole = learned(project, compacted(lift(project, made), today=CLOCK.today))
    parts = [lift(project, made.take(list(range(worker, made.num_rows, workers)))) for worker in range(workers)]
    again = learned(project, compacted(merged(reversed(parts)), today=CLOCK.today))
    assert again.beliefs.equals(whole.beliefs)


def test_taking_somebody_out_is_never_having_seen_them():
    project = shop(policy=DECLARED)
    made = world(2_000, features=features_of(project), truth={ALL: truth(60), MANY: truth(90)}, days=80)
    theirs, others = made.slice(0, 150), made.slice(150)
    kept = compacted(lift(project, made), today=CLOCK.today)
    without = erased(kept, lift(project, theirs), today=CLOCK.today)
    never = compacted(lift(project, others), today=CLOCK.today)
    assert without.equals(never)
    assert learned(project, without).beliefs.equals(learned(project, never).beliefs)
    with pytest.raises(Misuse, match="none to erase"):
        erased(merged([]), lift(project, theirs), today=CLOCK.today)


def test_sums_of_another_map_or_metric_are_not_looked_at():
    project, other = shop(policy=DECLARED), shop()
    made = world(500, features=features_of(other), truth={ALL: truth(60)[:5]})
    wrong_map = lift(other, made)
    wrong_metric = lifted(made, metric="visits", features=features_of(other))
    prior = learned(project, merged([])).beliefs
    assert learned(project, wrong_map).beliefs.equals(prior)
    assert learned(other, wrong_metric).beliefs.equals(learned(other, merged([])).beliefs)


def test_outcomes_of_an_arm_that_is_no_more_stay_in_the_sums_and_are_not_looked_at():
    made = world(50, features=BASE, truth={"/fax/all/none": truth(60)[:5]})
    assert learned(shop(), lift(shop(), made)).beliefs.equals(learned(shop(), merged([])).beliefs)


def test_what_is_kept_is_one_row_per_kind_cell_and_bucket_and_says_its_map():
    made = world(300, features=BASE, truth={ALL: truth(60)[:5]}, days=1)
    sums = lift(shop(), made)
    assert sums.num_rows == 2
    kind = value_sums.Kind.of(sums["sum"][0].as_py())
    assert kind is not None
    assert (kind.metric, kind.map_id) == (METRIC, value_sums.map_id(BASE))
    assert sums["cell"][0].as_py() == f"win-back{ALL}"
    assert pa.compute.sum(sums["count"]).as_py() == 300
