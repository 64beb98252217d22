"""New beliefs mixed with former ones, and arms with a least chance: propensities exact, alone, live and replayed."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decide.worlds import CLOCK, OCCASION, PROGRAM, crowd, decide_all, prepared, shop, table, world
from decide.worlds import segment as members
from tactful.decide import arms, prices
from tactful.decide.arms import Arms
from tactful.decide.choice import Sealed, blocks
from tactful.decide.mixture import Mixture, drawn, weighed
from tactful.decide.replay import replay
from tactful.learn import beliefs
from tactful.reckon import mixing
from tactful.reckon.board import Board, People, words_of
from tactful.reckon.chance import WHOLE, draws, share_of_draws
from tactful.store import contracts

FLOORS = {"exploration": {"most": "10%", "budget": "10 GBP", "floors": [{"level": "few", "least": "3%"}]}}
OTHER = PROGRAM | {"expect": PROGRAM["expect"] | {"levels": {"many": "0.5", "few": "0.2", "one": "3"}}}


def baseline(project, weight):
    """The rule before: another expectation of every level."""
    former = pa.Table.from_batches([beliefs.prior(shop(programs=[OTHER]), arms.table(project), clock=CLOCK)])
    schema = contracts.table("baseline").schema
    return former.append_column("weight", pa.array([weight] * former.num_rows, pa.int64())).select(schema.names)


def made(*, weight=512, policy=None, people=400):
    project = shop(policy=policy)
    profiles = crowd(people)
    inputs = world(project, 1) | {"profiles": profiles, "segments": members(profiles["customer_id"].to_pylist())}
    inputs["segments"] = inputs["segments"].set_column(
        inputs["segments"].schema.get_field_index("customer_key"), "customer_key", profiles["customer_key"]
    )
    inputs["portfolio"] = table(choice_portfolio(inputs, project), "portfolio")
    rows = prices.table(project, Arms.of(inputs["arms"]), people=people)
    inputs["prices"] = pa.Table.from_batches([rows])
    if weight is not None:
        inputs["baseline"] = baseline(project, weight)
    return project, decide_all(project, inputs)


def choice_portfolio(inputs, project):
    from tactful.decide import portfolio

    return portfolio.build(inputs, project=project)


def probabilities(inputs):
    sealed = Sealed.of(inputs)
    (batch,) = blocks(inputs)
    return sealed, batch, sealed.decide(batch, salt="salt", clock=CLOCK).drawn


def test_the_deployed_rule_is_both_rules_by_their_weights_to_the_unit():
    project, inputs = made(weight=256)
    _, _, found = probabilities(inputs)
    _, _, new = probabilities({name: rows for name, rows in inputs.items() if name != "baseline"})
    _, _, old = probabilities(
        {name: rows for name, rows in inputs.items() if name != "baseline"}
        | {"beliefs": inputs["baseline"].drop_columns(["weight"])}
    )
    expected = mixing.mixed(old.probabilities, new.probabilities, weight=256)
    assert (found.probabilities == expected).all()
    assert (found.probabilities.sum(axis=1) == WHOLE).all()
    assert not (found.probabilities == new.probabilities).all()
    assert project.settings.salt


@pytest.mark.parametrize("weight", [0, 512, 1023])
def test_a_mixture_replays_bit_for_bit_and_a_row_alone_is_the_same(weight):
    _, inputs = made(weight=weight, policy=FLOORS)
    assert list(replay(inputs, salt="salt", clock=CLOCK)) == []
    sealed, batch, whole = probabilities(inputs)
    for row in (0, 17, 399):
        one = sealed.decide(batch.slice(row, 1), salt="salt", clock=CLOCK).drawn
        assert (int(one.arm[0]), int(one.propensity[0])) == (int(whole.arm[row]), int(whole.propensity[row]))
        assert (one.probabilities[0] == whole.probabilities[row]).all()
    logged = {(row["decision_id"], row["arm_id"]): row["propensity"] for row in inputs["candidates"].to_pylist()}
    ids, names = batch["decision_id"].to_pylist(), sealed.arms.batch["arm_id"].to_pylist()
    assert logged == {
        (ids[row], names[arm]): int(whole.probabilities[row, place])
        for row in range(batch.num_rows) for place, arm in enumerate(whole.kind.tolist())
    }  # fmt: skip


def test_a_changed_weight_or_former_rule_is_another_policy():
    ids = {made(weight=weight)[1]["decisions"]["policy_id"][0].as_py() for weight in (None, 0, 512)}
    assert len(ids) == 3


def test_arms_meant_to_be_explored_have_their_least_chance_wherever_they_may_be_chosen():
    project, inputs = made(weight=None, policy=FLOORS)
    sealed, _, found = probabilities(inputs)
    least = share_of_draws("0.03")
    few = np.array([sealed.arms.level[arm].value == "few" and sealed.arms.offer[arm] is None for arm in found.kind])
    assert few.any()
    assert (found.probabilities[:, few][found.may[:, few]] >= least).all()
    assert (found.probabilities[~found.may] == 0).all()
    caps = sealed.rule.caps[found.kind]
    floors = sealed.rule.floors[found.kind]
    assert (floors <= caps).all()  # what has a price is explored within its budget only
    assert (found.probabilities.sum(axis=1) == WHOLE).all()
    assert OCCASION
    assert prepared(project, inputs).num_rows == 400


@given(
    scores=st.lists(st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3), min_size=1, max_size=20),
    weight=st.integers(0, 1024),
    floor=st.integers(0, WHOLE // 4),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_mixed_adds_up_and_what_is_drawn_had_a_chance(scores, weight, floor):
    board = _board([10, 20, 30])
    former = replace(board, base=np.array([[30], [0], [-5]]))
    n = len(scores)
    people = People(
        features=np.zeros((n, 0), dtype=np.int64), cells=np.zeros((0, n), dtype=np.int64),
        may=words_of(np.array([[True, s[0] > 0, True] for s in scores])),
        chance=draws(np.array([s[1] for s in scores]), point=b"point", purpose="arm", salt="salt"),
    )  # fmt: skip
    mixture = Mixture(board=former, people=people, weight=weight, floors=np.array([0, floor, 0]))
    _, share = weighed(board, people, mixture=mixture)
    found = drawn(board, people, mixture=mixture)
    assert (share.sum(axis=1) == WHOLE).all()
    assert (share >= 0).all()
    assert (found.propensity == share[np.arange(n), found.arm]).all()
    assert (found.propensity > 0).all()


def _board(base):
    return Board(
        base=np.array(base)[:, None], grain=np.full(3, -1), coefficients=np.zeros((3, 0)), shift=np.zeros(3, int),
        scale=np.full(3, 100), caps=np.full(3, WHOLE), gamma=1024, epsilon=WHOLE // 2,
    )  # fmt: skip
