"""Beliefs: the stated expectations as whole numbers, and what outcomes do to them."""

import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, TEN_OFF, shop
from tactful.decide import arms
from tactful.learn import beliefs
from tactful.words.errors import Misuse

MARGINS = {"win-back": 2_000_000}


def prior(project):
    return beliefs.prior(project, arms.table(project), clock=CLOCK)


def cells(batch):
    return {row["cell"]: row for row in batch.to_pylist()}


def seen(*rows):
    columns = ("program", "cell", "count", "total")
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows]) if rows else pa.table(
        {"program": pa.array([], pa.string()), "cell": pa.array([], pa.string()), "count": pa.array([], pa.int64()),
         "total": pa.array([], pa.int64())}
    )  # fmt: skip


def test_the_prior_is_response_times_level_times_offer_times_margin():
    found = cells(prior(shop()))
    assert found["/"]["mean"] == 60_000  # 3% of 20.00 GBP, in thousandths of a penny
    assert found["/email/many/none"]["mean"] == 72_000
    assert found["/email/one/ten-off"]["mean"] == 126_000  # × 1.5 × 1.4
    assert found["/"]["scale"] == 341_174  # 2,000,000 × sqrt(0.03 × 0.97)
    assert {row["precision"] for row in found.values()} == {200}


def test_a_response_is_never_above_one():
    sure = PROGRAM | {"expect": PROGRAM["expect"] | {"response": "80%"}}
    assert cells(prior(shop(programs=[sure])))["/email/one/ten-off"]["mean"] == 2_000_000


def test_the_same_beliefs_have_the_same_id_and_others_another():
    one, two = prior(shop()), prior(shop())
    other = prior(shop(programs=[PROGRAM | {"expect": PROGRAM["expect"] | {"margin": "21 GBP"}}]))
    assert one["beliefs_id"][0] == two["beliefs_id"][0] != other["beliefs_id"][0]


def test_without_outcomes_the_pooled_beliefs_are_the_prior():
    stated = prior(shop())
    found = beliefs.pooled(seen(), stated, margins=MARGINS, source_days=0, clock=CLOCK)
    assert found.equals(stated)


def test_outcomes_move_an_arm_towards_what_was_seen_and_its_siblings_less():
    stated = prior(shop())
    rows = seen(("win-back", "/email/all/none", 100_000, 5_000))
    found = cells(beliefs.pooled(rows, stated, margins=MARGINS, source_days=28, clock=CLOCK))
    assert found["/email/all/none"]["mean"] == pytest.approx(100_000, rel=0.02)  # 5% of 20.00
    assert 72_000 < found["/email/many/none"]["mean"] < 112_000
    assert found["/email/all/none"]["source_days"] == 28


def test_a_cell_with_few_outcomes_stays_near_its_arm_and_one_with_many_does_not():
    stated, few, many = prior(shop()), '{"r":"few"}', '{"r":"many"}'
    rows = seen(
        ("win-back", "/email/many/none", 1_000, 36),
        ("win-back", f"/email/many/none/{few}", 10, 1),
        ("win-back", f"/email/many/none/{many}", 50_000, 4_000),
    )
    found = cells(beliefs.pooled(rows, stated, margins=MARGINS, source_days=28, clock=CLOCK))
    arm = found["/email/many/none"]["mean"]
    assert abs(found[f"/email/many/none/{few}"]["mean"] - arm) < 20_000
    assert found[f"/email/many/none/{many}"]["mean"] == pytest.approx(160_000, rel=0.05)


def test_outcomes_of_an_arm_nobody_knows_are_refused():
    with pytest.raises(Misuse, match="an arm no one knows"):
        rows = seen(("win-back", "/fax/all/none", 1, 1))
        beliefs.pooled(rows, prior(shop()), margins=MARGINS, source_days=1, clock=CLOCK)


def test_a_margin_beyond_the_kernels_range_is_refused():
    huge = PROGRAM | {"expect": PROGRAM["expect"] | {"margin": "900000 GBP"}}
    with pytest.raises(Misuse, match="beyond what the kernel can weigh"):
        prior(shop(programs=[huge], offers=[TEN_OFF]))
