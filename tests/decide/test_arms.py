"""Arms: one of nothing for each kind of decision, costs in whole units, and an id for exactly what would be said."""

import pyarrow as pa
import pytest

from decide.worlds import PROGRAM, TEN_OFF, shop
from tactful.decide import arms
from tactful.decide.arms import Arms
from tactful.decide.fingerprint import input_ids
from tactful.store import contracts
from tactful.words.errors import Misuse


def test_every_touchpoint_level_and_offer_is_an_arm_and_so_is_nothing():
    rows = arms.table(shop()).to_pylist()
    assert [(row["touchpoint"], row["level"], row["preview_only"]) for row in rows[:2]] == [
        ("push", "none", False), ("web.home_hero", "none", True),
    ]  # fmt: skip
    assert len(rows) == 2 + 2 * 4 * 2
    assert len({row["arm_id"] for row in rows}) == len(rows)
    assert [row["arm"] for row in rows] == list(range(len(rows)))


def test_costs_are_thousandths_of_a_penny():
    rows = {(r["touchpoint"], r["level"], r["offer_id"]): r for r in arms.table(shop()).to_pylist()}
    assert rows["email", "one", None]["cost"] == 6_000  # 1 penny to send, 5 for being for one
    assert rows["web.home_hero", "one", None]["cost"] == 5_000  # a visit costs no contact
    assert rows["email", "all", "ten-off"]["offer_cost"] == 60_000  # 30% of 2.00
    assert rows["email", "all", None]["offer_cost"] == 0


def test_a_program_may_state_its_own_cost():
    levels = {"all": {"content": "a", "cost": "0.30 GBP"}}
    found = arms.table(shop(programs=[PROGRAM | {"levels": levels, "offers": ["none"]}]))
    assert found["cost"].to_pylist()[2] == 30_000


def test_an_arm_keeps_its_id_when_another_is_added_and_changes_it_with_its_words():
    before = set(arms.table(shop(programs=[PROGRAM | {"offers": ["none"]}]))["arm_id"].to_pylist())
    assert before < set(arms.table(shop())["arm_id"].to_pylist())


def test_what_is_not_stated_is_asked_for():
    with pytest.raises(Misuse, match="says nothing about email"):
        arms.table(shop(policy={"contact_cost": {}}))
    with pytest.raises(Misuse, match="not in the project's currency"):
        arms.table(shop(offers=[TEN_OFF | {"cost": "2 EUR"}]))
    with pytest.raises(Misuse, match="no arm speaks on"):
        Arms.of(arms.table(shop())).of_kind("web.footer")


def test_a_row_has_the_same_fingerprint_alone_and_among_others():
    from decide.worlds import prepared, world

    rows = prepared(shop(), world(shop(), 20)).combine_chunks().to_batches()[0]
    whole = input_ids(rows)
    alone = [input_ids(rows.slice(n, 1))[0] for n in range(20)]
    assert whole.tolist() == [a.tolist() if hasattr(a, "tolist") else a for a in alone]
    assert len({bytes(i) for i in whole}) == 20


def test_every_column_of_the_kernels_rows_is_in_the_fingerprint():
    assert {f.type for f in contracts.table("inputs").schema} <= {
        pa.string(), pa.int64(), pa.bool_(), pa.binary(16), pa.list_(pa.int64()), pa.list_(pa.string()),
        pa.list_(pa.bool_()),
    }  # fmt: skip
