"""Properties over worlds drawn by chance: what may never have a chance has none, and limits behave as limits do."""

import numpy as np
import pytest

from decide.worlds import CLOCK, PROGRAM, TEN_OFF, contact, decide_all, outcomes, shop, world
from tactful.decide import prices, solving
from tactful.decide.arms import Arms
from tactful.flow import limits
from tactful.words.level import Level

ASKS = {"many": ("0.1", "0.1"), "few": ("0.3", "0.2"), "one": ("0.5", "0.4")}
"""Familiarity and knowledge of each level, as `worlds.POLICY` declares them."""


def drawn_people(seed, *, size=70):
    """People of every kind, and who has heard how often in the last seven days."""
    rng = np.random.default_rng(seed)
    people, heard = {}, {}
    for n in range(size):
        name = f"c{n}"
        people[name] = {
            "familiarity": int(rng.integers(0, 1 << 20)), "knowledge": int(rng.integers(0, 1 << 20)),
            "dial": [None, "all", "many", "few", "one"][rng.integers(0, 5)],
            "consents": [["marketing:email", "personalization:any"], ["marketing:email"], [], ["marketing:any"]][
                rng.integers(0, 4)
            ],
            "withdrawn": [[], [], [], ["marketing:email"]][rng.integers(0, 4)],
        }  # fmt: skip
        heard[name] = int(rng.integers(0, 4))
    rows = [(name, f"2011-12-0{day + 4}T09:00:00") for name, count in heard.items() for day in range(count)]
    return people, heard, contact(*rows)


@pytest.mark.parametrize("seed", range(6))
def test_no_unconsented_capped_out_of_stock_or_over_ceiling_arm_ever_has_a_chance(seed):
    rng = np.random.default_rng(100 + seed)
    people, heard, contacts = drawn_people(seed)
    stock = int(rng.integers(0, 12)) if seed else 0
    sends = int(rng.integers(0, 60))
    project = shop(
        programs=[PROGRAM | {"limits": {"sends_per_day": sends, "budget": f"{rng.integers(1, 90)} GBP"}}],
        offers=[TEN_OFF | {"stock": stock, "cost": "0.40 GBP"}],
        policy={
            "exploration": {"most": "30%", "budget": "50 GBP"},
            "caps": [{"channel": "email", "most": 2, "days": 7}],
        },
    )
    inputs = decide_all(project, world(project, people, contact=contacts))
    arms = {row["arm_id"]: row for row in inputs["arms"].to_pylist()}
    names = {row["decision_id"]: row["customer_id"] for row in inputs["decisions"].to_pylist()}
    total: dict[bytes, int] = dict.fromkeys(names, 0)
    seen = 0
    for row in inputs["candidates"].to_pylist():
        total[row["decision_id"]] += row["propensity"]
        arm, said = arms[row["arm_id"]], people[names[row["decision_id"]]]
        if row["propensity"] == 0 or arm["program"] is None:
            continue
        seen += 1
        assert {"marketing:email", "marketing:any"} & set(said["consents"])
        assert "marketing:email" not in said["withdrawn"]
        assert heard[names[row["decision_id"]]] < 2
        assert arm["offer_id"] is None or stock > 0
        level = Level(arm["level"])
        assert level <= Level(said["dial"] or "one")
        if level is not Level.ALL:
            assert "personalization:any" in said["consents"]
            familiarity, knowledge = (round(float(share) * 2**20) for share in ASKS[level.value])
            assert said["familiarity"] >= familiarity
            assert said["knowledge"] >= knowledge
    assert set(total.values()) == {2**52}
    assert seen > 0 or sends == 0
    chosen = [row for row in outcomes(inputs).values() if row["outcome_kind"] == "chosen"]
    assert len(chosen) <= sends
    assert sum(row["offer_id"] is not None for row in chosen) <= stock


def budgeted(budget, *, seed):
    people = {
        f"c{n}": {"familiarity": int(f)} for n, f in enumerate(np.random.default_rng(seed).integers(0, 1 << 20, 90))
    }
    limited = PROGRAM | {"limits": {"budget": f"{budget / 100:.2f} GBP"}}
    project = shop(programs=[limited], offers=[TEN_OFF | {"cost": "0.40 GBP"}], policy={"exploration": {"most": "0%"}})
    return project, decide_all(project, world(project, people))


@pytest.mark.parametrize("seed", range(3))
def test_raising_a_budget_never_lowers_what_is_earned(seed):
    worth, bounds = [], []
    for pence in (0, 40, 90, 160, 300, 700, 1_500):
        _, inputs = budgeted(pence, seed=seed)
        rows = inputs["prices"].to_pylist()
        used = limits._Used.of(inputs, rows=inputs["prices"])
        worth.append(used.worth())
        bounds += [row["bound"] for row in rows if row["bound"] is not None][:1]
    largest = max(np.diff(worth))
    assert largest > 0
    one = 90_000  # what one message is worth at most, in score units: what rounding may lose
    assert min(np.diff(worth)) >= -one
    assert worth[-1] == max(worth)
    assert bounds == sorted(bounds)
    assert all(bound >= found for bound, found in zip(bounds, worth[-len(bounds) :], strict=True))


def test_one_two_and_four_workers_seal_the_same_prices():
    project, inputs = budgeted(300, seed=1)
    arms = Arms.of(inputs["arms"])
    free = prices.table(project, arms, people=90)
    found = [
        solving.solved(free, inputs=inputs, salt="salt", clock=CLOCK, workers=workers).to_pylist()
        for workers in (1, 2, 4)
    ]
    assert found[0] == found[1] == found[2]
    assert any(row["price"] for row in found[0])
