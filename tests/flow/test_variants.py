"""The portfolio in a plan: nothing before the first run, then every variant with what it is worth and costs."""

from flow.shops import edit, opened
from tactful.flow.planning import plan
from tactful.flow.variants import weighed


def test_a_plan_shows_which_variants_would_open_and_a_cost_closes_some(waiting):
    root = waiting
    with opened(root) as space:
        before = weighed(space)
    assert before is not None
    assert before.value is None
    assert {one.worth for one in before.variants} == {None}
    edit(root / "policy.yaml", {"exploration:": "variants:\n  cost: {many: 4 GBP, few: 6 GBP}\n\nexploration:"})
    with opened(root) as space:
        after = plan(space).portfolio
    assert after is not None
    assert after.value is not None
    assert after.bound is not None
    assert 0 < after.value <= after.bound
    assert sum(one.is_open for one in after.variants) < sum(one.is_open for one in before.variants)
    closed = [one for one in after.variants if not one.is_open and one.cost]
    assert all(one.worth is not None and one.worth < (one.cost or 0) * 1.5 for one in closed)
