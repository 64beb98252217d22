"""A run whose policy declares fatigue: prices are sealed, rows carry them, decisions replay, and explain shows them."""

from flow.shops import edit, opened, run_once
from tactful.flow.explaining import explain
from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.replaying import replay
from tactful.store import lake

FATIGUE = "fatigue: {remaining: 30 GBP, half_life: 14 days, every: 7 days}\n\nexploration:"


def test_a_run_with_fatigue_seals_its_prices_replays_bit_for_bit_and_explains_them(planted):
    edit(planted / "policy.yaml", {"exploration:": FATIGUE})
    run_once(planted)
    with opened(planted) as space:
        run = find_run(space, None)
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        rows = lake.read(sealed["inputs"], columns=["customer_id", "contact_price"]).to_pylist()
        assert lake.read(sealed["fatigue"]).num_rows == 30
        assert all(row["contact_price"][0] > 0 for row in rows)
        assert replay(space, run).same
        chosen = lake.read(sealed["decisions"], columns=["customer_id", "outcome_kind"]).to_pylist()
        someone = next(row["customer_id"] for row in chosen if row["outcome_kind"] == "chosen")
        said = explain(space, run, customer_id=someone)
    assert any("one more contact" in line for line in said.lines)
