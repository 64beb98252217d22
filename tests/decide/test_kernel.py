"""The kernel: hand-worked numbers, whole probabilities, the same bits in any block, and no forbidden arm ever."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, TEN_OFF, crowd, outcomes, prepared, run, shop, world
from tactful.decide import portfolio, prices
from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed
from tactful.decide.codes import ELIGIBLE
from tactful.decide.columns import lists
from tactful.reckon import chance
from tactful.reckon.features import BASE, names
from tactful.words.errors import Misuse
from tactful.words.ids import canonical
from tactful.words.outcome import Reason

TWO_LEVELS = PROGRAM | {
    "touchpoints": ["email"],
    "levels": {"all": {"content": "a"}, "many": {"content": "b", "by": "favourite_range"}},
    "offers": ["none"],
    "expect": {"response": "5%", "margin": "10 GBP", "weight": 100, "levels": {"many": "1.2"}},
}


def test_a_hand_worked_decision():
    """Response 5% of 10 GBP is 50 pence, 60 at many; a message costs 1: scores 49 and 59 pence, nothing 0.

    One standard deviation is 10 GBP × sqrt(0.05 × 0.95) = 217.94 pence. With gamma 4 the gaps of 10 and 59 pence weigh
    4 × 10 / 217.94 and 4 × 59 / 217.94, so that 1 / (3 + 0.1835) + 1 / (3 + 1.0829) are 0.314 and 0.245: more than the
    tenth that exploring may hold, so they share it 0.0562 to 0.0438.
    """
    project = shop(programs=[TWO_LEVELS], policy={"exploration": {"most": "10%", "sharpness": 4}})
    inputs = run(project, {f"c{n}": {} for n in range(3)})
    one = sorted(inputs["candidates"].slice(0, 3).to_pylist(), key=lambda row: row["score"])
    assert [row["score"] for row in one] == [0, 49_000, 59_000]
    shares = [row["propensity"] / chance.WHOLE for row in one]
    assert shares == pytest.approx([0.0438, 0.0562, 0.9], abs=5e-5)
    assert sum(row["propensity"] for row in one) == chance.WHOLE


def test_the_arm_is_the_one_that_the_published_draw_picks():
    project = shop(programs=[TWO_LEVELS])
    inputs = run(project, 40)
    candidates = inputs["candidates"].to_pylist()
    made = Arms.of(inputs["arms"]).batch["arm_id"].to_pylist()
    order = {arm: place for place, arm in enumerate(made)}
    for row in inputs["decisions"].to_pylist():
        mine = [c for c in candidates if c["decision_id"] == row["decision_id"]]
        mine.sort(key=lambda c: order[c["arm_id"]])
        point = canonical(row["occasion"], "push", "0")
        drawn = chance.draw(row["customer_key"], point=point, purpose="arm", salt="salt")
        below = np.cumsum([c["propensity"] for c in mine])
        expected = mine[int(np.count_nonzero(below <= drawn))]
        assert (row["arm_id"], row["propensity"]) == (expected["arm_id"], expected["propensity"])


@pytest.fixture(scope="module")
def mixed():
    """Two thousand customers of every kind, with three programs, offers, holdouts and caps."""
    programs = [
        PROGRAM | {"program": name, "holdout": "10%", "touchpoints": ["email"], "offers": ["none", "ten-off", "free"]}
        for name in ("win-back", "again", "thanks")
    ]
    offers = (TEN_OFF, TEN_OFF | {"offer": "free"})
    project = shop(programs=programs, offers=offers, policy={"universal_holdout": "5%"})
    known = crowd(2000)
    everyone = pa.table(
        {"segment": pa.repeat("lapsing", 2000), **{n: known[n] for n in ("customer_id", "customer_key", "as_of")}}
    )
    inputs = world(project, 1) | {"profiles": known, "segments": everyone}
    inputs["portfolio"] = pa.Table.from_batches(portfolio.build(inputs, project=project))
    made = prices.table(project, Arms.of(inputs["arms"]), people=2000)
    inputs["prices"] = pa.Table.from_batches([made])
    inputs["inputs"] = prepared(project, inputs)
    return project, inputs


def decided(inputs, size):
    sealed = Sealed.of(inputs)
    for batch in inputs["inputs"].to_batches(max_chunksize=size):
        yield sealed.decide(batch, salt="salt", clock=CLOCK)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_blocks_of_any_size_give_the_same_bits(mixed, size):
    _, inputs = mixed
    inputs = inputs | {"inputs": inputs["inputs"].slice(0, 500)}
    whole = next(iter(decided(inputs, 100_000)))
    parts = list(decided(inputs, size))
    assert pa.Table.from_batches([p.decisions for p in parts]).equals(pa.Table.from_batches([whole.decisions]))
    candidates = pa.Table.from_batches([p.candidates for p in parts])
    assert candidates.equals(pa.Table.from_batches([whole.candidates]))


def test_no_forbidden_arm_has_a_chance_and_all_chances_sum_to_one(mixed):
    _, inputs = mixed
    for found in decided(inputs, 65_536):
        drawn = found.drawn
        assert (drawn.probabilities.sum(axis=1) == chance.WHOLE).all()
        assert (drawn.probabilities[drawn.codes != ELIGIBLE] == 0).all()
        assert (drawn.probabilities >= 0).all()
        rows = np.arange(len(drawn.arm))
        assert drawn.may[rows, drawn.arm].all()
        assert (drawn.propensity > 0).all()


def test_no_unconsented_or_over_ceiling_message_is_ever_chosen(mixed):
    project, inputs = mixed
    people = {row["customer_id"]: row for row in inputs["profiles"].to_pylist()}
    policy = project.policy.ceiling
    for found in decided(inputs, 65_536):
        for row in found.decisions.to_pylist():
            if row["outcome_kind"] != "chosen":
                continue
            who = people[row["customer_id"]]
            assert "marketing:email" in who["consents"]
            assert "marketing:email" not in who["withdrawn"]
            if row["level"] != "all":
                assert "personalization:any" in who["consents"]
            for name, thresholds in (("familiarity", policy.familiarity), ("knowledge", policy.knowledge)):
                least = {level.value: share for level, share in thresholds.items()}.get(row["level"], 0)
                assert who[name] >= least * (1 << 20)


def test_exploring_holds_at_most_its_share_and_costly_arms_at_most_their_budget(mixed):
    project, inputs = mixed
    spent = 0
    for found in decided(inputs, 65_536):
        drawn, rows = found.drawn, np.arange(len(found.drawn.arm))
        best = np.where(drawn.may, drawn.scores, -(1 << 60)).argmax(axis=1)
        rest = drawn.probabilities.copy()
        rest[rows, best] = 0
        assert (rest.sum(axis=1) <= chance.share_of_draws("0.1")).all()
        spent += sum(int(p) * int(c) for p, c in zip(rest.sum(axis=0), found.arms.offer_cost[drawn.kind], strict=True))
    assert 0 < spent <= (project.policy.exploration.budget.minor * 1000) << 52


def test_an_arm_with_an_offer_cost_is_not_explored_without_a_budget():
    project = shop(policy={"exploration": {"most": "10%"}})
    candidates = run(project, 5)["candidates"].to_pylist()
    costly = {row["arm_id"] for row in run(project, 5)["arms"].to_pylist() if row["offer_cost"]}
    assert costly
    assert all(row["propensity"] == 0 for row in candidates if row["arm_id"] in costly)


def test_rows_of_other_arms_and_reasons_that_disagree_are_refused():
    project = shop()
    inputs = run(project, 2)
    sealed, batch = Sealed.of(inputs), inputs["inputs"].to_batches()[0]
    columns = {name: batch[name] for name in batch.schema.names}
    n, k = batch.num_rows, len(sealed.arms)
    columns["eligible"] = lists(np.ones((n, k), dtype=np.bool_))
    columns["why_not"] = lists(np.ones((n, k), dtype=np.int64))
    wrong = pa.RecordBatch.from_arrays(list(columns.values()), schema=batch.schema)
    with pytest.raises(Misuse, match="eligibility and its reasons do not agree"):
        sealed.decide(wrong, salt="salt", clock=CLOCK)
    columns["eligible"], columns["why_not"] = lists(np.ones((n, 3), dtype=np.bool_)), lists(np.zeros((n, 3), np.int64))
    with pytest.raises(Misuse, match="not of these"):
        other = pa.RecordBatch.from_arrays(list(columns.values()), schema=batch.schema)
        sealed.decide(other, salt="salt", clock=CLOCK)


def test_silence_wins_where_a_message_costs_more_than_it_brings():
    dear = TWO_LEVELS | {"expect": {"response": "0.1%", "margin": "1 GBP"}}
    rows = outcomes(run(shop(programs=[dear], policy={"exploration": {"most": "0%"}}), 5))
    assert {(r["outcome_kind"], r["level"], r["reasons"][0]) for r in rows.values()} == {
        ("none", "none", Reason.SILENCE_WON.value)
    }


def test_a_belief_about_a_cell_moves_only_that_cell():
    project = shop(programs=[TWO_LEVELS], policy={"exploration": {"most": "0%"}, "k_words": 1, "k_facts": 1})
    people = {"a": {"favourite_range": "baking"}, "b": {"favourite_range": "candles"}}
    inputs = run(project, people)
    row = next(r for r in inputs["beliefs"].to_pylist() if r["cell"] == "/email/many/none")
    finer = row | {"cell": '/email/many/none/{"favourite_range":"candles"}', "mean": 0}
    inputs["beliefs"] = pa.Table.from_pylist([*inputs["beliefs"].to_pylist(), finer], schema=inputs["beliefs"].schema)
    found = Sealed.of(inputs).decide(inputs["inputs"].combine_chunks().to_batches()[0], salt="salt", clock=CLOCK)
    levels = {row["customer_id"]: row["level"] for row in found.decisions.to_pylist()}
    assert levels == {"a": "many", "b": "all"}


def test_what_chance_chose_says_so_silence_included():
    rows = outcomes(run(shop(programs=[TWO_LEVELS]), 400)).values()
    said = {(row["level"], row["outcome_kind"], row["reasons"][0]) for row in rows}
    assert said == {("many", "chosen", "best"), ("all", "chosen", "explored"), ("none", "none", "explored")}
    assert 0.85 < sum(row["reasons"][0] == "best" for row in rows) / 400 < 0.95


def believed(inputs, coefficients, **said):
    """The inputs with coefficients for the arm of level many, over the features that the rows have."""
    rows = [row | {"features": names(BASE) if row["cell"] == "/" else None} for row in inputs["beliefs"].to_pylist()]
    at = next(place for place, row in enumerate(rows) if row["cell"] == "/email/many/none")
    rows[at] |= {"coefficients": coefficients, **said}
    return inputs | {"beliefs": pa.Table.from_pylist(rows, schema=inputs["beliefs"].schema)}


def test_features_move_the_score_of_the_arm_that_has_coefficients():
    """Familiarity 2^19 times 30 is 15,728,640, and down by 10 bits 15,360, half that for b; 7 for knowledge is nothing.

    Rounding is towards minus infinity: -7 down by 10 bits is -1. A message at many scores 59,000 without features.
    """
    project = shop(programs=[TWO_LEVELS], policy={"exploration": {"most": "0%"}, "k_words": 1, "k_facts": 1})
    inputs = run(project, {"a": {"familiarity": 1 << 19}, "b": {"familiarity": 1 << 18}})
    for coefficients, expected in (([0, 30, 0, 0, 7], {"a": 74_360, "b": 66_680}), ([0, 0, 0, 0, -7], {"b": 58_999})):
        sealed = Sealed.of(believed(inputs, coefficients, shift=10))
        found = sealed.decide(inputs["inputs"].combine_chunks().to_batches()[0], salt="salt", clock=CLOCK)
        scores = {row["customer_id"]: row["score"] for row in found.decisions.to_pylist()}
        assert {name: scores[name] for name in expected} == expected
    assert sealed.beliefs.beliefs_id != Sealed.of(inputs).beliefs.beliefs_id


def test_features_and_cells_add_up_and_replay_finds_the_same(mixed):
    _, inputs = mixed
    inputs = believed(inputs, [3, -1000, 5000, 900, 1], shift=12)
    inputs["inputs"] = inputs["inputs"].slice(0, 600)
    whole = next(iter(decided(inputs, 100_000)))
    parts = list(decided(inputs, 7))
    assert pa.Table.from_batches([p.decisions for p in parts]).equals(pa.Table.from_batches([whole.decisions]))
    rows = np.arange(600)
    assert (whole.drawn.scores[rows, whole.drawn.arm] == whole.drawn.score).all()
    assert (whole.drawn.probabilities[rows, whole.drawn.arm] == whole.drawn.propensity).all()


def test_beliefs_about_other_features_than_the_rows_are_refused(mixed):
    _, inputs = mixed
    with pytest.raises(Misuse, match="4 coefficients for 5 features"):
        Sealed.of(believed(inputs, [1, 2, 3, 4]))
    rows = believed(inputs, [1, 2, 3, 4, 5])["beliefs"].to_pylist()
    rows = [
        r | {"features": r["features"] and r["features"][:4], "coefficients": r["coefficients"] and [1, 2, 3, 4]}
        for r in rows
    ]
    fewer = inputs | {"beliefs": pa.Table.from_pylist(rows, schema=inputs["beliefs"].schema)}
    with pytest.raises(Misuse, match="5 features by row for beliefs over 4"):
        next(iter(decided(fewer, 100)))
