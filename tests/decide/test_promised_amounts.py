"""What was promised of a program is kept at the least cost, as far as people and limits allow, and named where not."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import linprog

from decide.worlds import CLOCK, PROGRAM, contact, decide_all, outcomes, run, segment, shop, world
from tactful.decide import usage
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices
from tactful.decide.kernel import scores
from tactful.decide.replay import replay
from tactful.flow import limits
from tactful.project.feature_maps import features_of
from tactful.reckon.features import names

GREEDY = {"exploration": {"most": "0%"}, "caps": []}
PLAIN = PROGRAM | {"touchpoints": ["email"], "offers": ["none"], "levels": {"all": {"content": "win-back/everyone"}}}
# A message of the sponsor brings 0.4 pence and costs a whole one: nobody would get it for its own worth.
SPONSOR = PLAIN | {
    "program": "sponsor", "levels": {"all": {"content": "sponsor/everyone"}},
    "expect": {"response": "0.02%", "margin": "20 GBP"},
}  # fmt: skip


def promised(least, *, missing="1 GBP", **more):
    return SPONSOR | {"limits": {"promised": {"sends_per_day": least, "missing": missing}, **more}}


def decided(sponsor, *, people=60, policy=None, programs=(PLAIN,), **more):
    project = shop(programs=[*programs, sponsor], offers=[], policy=GREEDY | (policy or {}))
    return project, run(project, people, **more)


def sent(inputs, *, program="sponsor"):
    rows = outcomes(inputs).values()
    return sum(row["program"] == program and row["outcome_kind"] == "chosen" for row in rows)


def told(inputs):
    rows = limits.facts(inputs, currency="GBP")
    return next(row for row in rows if "promised" in row), list(limits.lines(rows, drawn_by={"draw": 60}))


@pytest.mark.parametrize("least", [1, 17, 25, 60])
def test_as_many_as_were_promised_are_sent_and_not_one_more(least):
    project, inputs = decided(promised(least))
    assert sent(inputs) == least
    row, lines = told(inputs)
    assert (row["used"], row["why_missing"], row["binds"]) == (least, "", True)
    assert any(line.startswith(f"sponsor was promised {least} and has {least}; without") for line in lines)
    assert list(replay(inputs, salt=project.settings.salt, clock=CLOCK)) == []


def test_without_a_promise_nobody_hears_of_it():
    _, inputs = decided(SPONSOR)
    assert sent(inputs) == 0


def test_what_the_people_do_not_allow_is_missing_and_named():
    everybody = [f"c{n}" for n in range(60)]
    segments = pa.concat_tables([segment(everybody), segment(everybody[:32], segment="few")])
    _, inputs = decided(promised(50) | {"audience": "few"}, segments=segments)
    assert sent(inputs) == 32
    row, lines = told(inputs)
    assert (row["used"], row["reach"], row["promised"], row["missing"]) == (32, 32, 50, "£1.00")
    assert "sponsor was promised 50 and can have only 32: nobody else may get it now." in lines
    assert sent(inputs, program="win-back") == 28


def test_what_a_limit_does_not_allow_is_missing_and_the_limit_is_named():
    policy = {"capacity": {"sends": [{"channel": "email", "most": 20}]}}
    _, inputs = decided(promised(50), policy=policy)
    assert sent(inputs) == 20
    assert sent(inputs, program="win-back") == 0
    _, lines = told(inputs)
    assert "sponsor was promised 50 and can have only 20: channel:email leaves no more." in lines


def test_no_more_is_given_up_than_a_missing_one_costs():
    _, inputs = decided(promised(50, missing="0.01 GBP"))  # a message of win-back is worth far more than a penny
    assert sent(inputs) == 0
    _, lines = told(inputs)
    assert lines[-1] == (
        "sponsor was promised 50 and can have only 0: one more would cost over £0.01, "
        "which is what one that is missing costs."
    )


def test_what_was_sent_today_is_taken_off_the_promise():
    project, before = decided(promised(25))
    arms = Arms.of(before["arms"])
    mine = contact(*((f"c{n}", "2011-12-09T09:00:00") for n in range(10)), program="sponsor")
    gone = usage.used({"contact": mine}, arms=arms, occasion="another", clock=CLOCK)
    inputs = decide_all(project, world(project, 60, used=gone))
    assert sent(inputs) == 15
    assert told(inputs)[0]["promised"] == 15


def learned(inputs, project, *, seed):
    """The same with coefficients drawn by chance: no two customers are worth the same."""
    rng, features = np.random.default_rng(seed), names(features_of(project))
    rows = inputs["beliefs"].to_pylist()
    for row in rows:
        if row["cell"] != "/":
            row |= {"features": features, "shift": 16}
            row |= {"coefficients": rng.integers(-2_000, 2_000, len(features)).tolist()}
    return inputs | {"beliefs": pa.Table.from_pylist(rows, schema=inputs["beliefs"].schema)}


def differing(seed, *, least, most):
    """People to whom both programs are worth something of their own, by features with coefficients drawn by chance."""
    policy = GREEDY | {
        "value": {"features": [{"fact": "familiarity", "edges": ["0", "300000"]}]},
        "capacity": {"sends": [{"channel": "email", "most": most}]},
    }  # fmt: skip
    rng = np.random.default_rng(seed)
    people = {f"c{n}": {"familiarity": int(rng.integers(0, 1 << 20))} for n in range(80)}
    project = shop(programs=[PLAIN, promised(least)], offers=[], policy=policy)
    return project, people


@pytest.mark.parametrize(("least", "most"), [(30, 80), (50, 60), (70, 60)])
def test_a_promise_is_kept_at_the_least_cost_as_highs_would(least, most):
    project, people = differing(least, least=least, most=most)
    inputs = decide_all(project, learned(world(project, people), project, seed=least))
    made = Arms.of(inputs["arms"])
    free = Prices(prices_id=bytes(16), price=np.zeros(len(made), dtype=np.int64), limits={}, use={})
    (batch,) = inputs["inputs"].combine_chunks().to_batches()
    kind = made.of_kind("push")
    score = scores(batch, arms=made, beliefs=Beliefs.of(inputs["beliefs"], arms=made), prices=free, kind=kind)
    place = {arm_id: arm for arm, arm_id in enumerate(inputs["arms"]["arm_id"].to_pylist())}
    got = np.array([np.flatnonzero(kind == place[i])[0] for i in inputs["decisions"]["arm_id"].to_pylist()])
    mine = np.array([made.program[arm] == "sponsor" for arm in kind])
    missing = 100_000  # a pound
    ours = int(score[np.arange(got.size), got].sum()) - missing * max(0, least - int(mine[got].sum()))
    n, k = score.shape
    may = batch["eligible"].flatten().to_numpy(zero_copy_only=False).reshape(-1, len(made))[:, kind]
    rows = np.vstack([np.kron(np.eye(n), np.ones(k)), np.tile(kind > 0, n), -1.0 * np.tile(mine, n)])
    lacks = np.append(np.zeros(n + 1), -1.0)[:, None]
    best = linprog(
        np.append(-score.ravel().astype(float), missing), A_ub=np.hstack([rows, lacks]),
        b_ub=[*np.ones(n), most, -least],
        bounds=[*((0, float(one)) for one in may.ravel()), (0, None)], method="highs",
    )  # fmt: skip
    assert ours <= -best.fun + 1e-6
    assert ours >= -best.fun - 0.01 * abs(best.fun)  # a part of one message among 80 people
    bound = next(row["bound"] for row in inputs["prices"].to_pylist() if row["bound"] is not None)
    assert bound >= -best.fun - 1e-6
    assert bound == pytest.approx(-best.fun, rel=1e-3, abs=2_000)
    gap = limits.certificate(inputs, currency="GBP")["gap"]
    assert gap >= 0


def test_what_another_limit_leaves_nobody_to_take_is_not_assigned_as_scarce():
    """All want the gift, of which there are three; 22 letters are fewer than the 33 of the program, and 12 are owed."""
    gift = {"offer": "gift", "kind": "percent", "value": "10%", "cost": "0.10 GBP", "used": "40%", "stock": 3}
    rich = PLAIN | {"offers": ["none", "gift"], "limits": {"sends_per_day": 33}}
    rich |= {"expect": {"response": "2%", "margin": "20 GBP", "offers": {"gift": "1.4"}}}
    policy = GREEDY | {"capacity": {"sends": [{"channel": "email", "most": 22}]}}
    project = shop(
        programs=[rich, promised(12, missing="0.50 GBP") | {"offers": ["none", "gift"]}], offers=[gift], policy=policy
    )
    inputs = run(project, 60)
    assert sent(inputs) == 12
    assert sent(inputs, program="win-back") == 10
    offers = [row["offer_id"] for row in inputs["decisions"].to_pylist() if row["outcome_kind"] == "chosen"]
    assert offers.count("gift") == 3
