"""Incentives: exactly as many promises as there are, however many ask at once and however often."""

import threading

import pyarrow as pa

from decide.worlds import CLOCK, TEN_OFF, run, shop
from tactful.decide import incentives
from tactful.store import sql
from tactful.store.ledger import Ledger, ask
from tactful.words.clock import Clock

GREEDY = {"exploration": {"most": "0%"}}
CHEAP = TEN_OFF | {"cost": "0.10 GBP"}


def decisions(project, people) -> pa.Table:
    return run(project, people)["decisions"]


def held(ledger):
    with ledger.transaction() as tx:
        return ask(tx, sql.named("ledger.decide.held"))


def test_F71_three_are_promised_of_three_however_many_ask_at_once(tmp_path):
    generous, project = shop(offers=[CHEAP], policy=GREEDY), shop(offers=[CHEAP | {"stock": 3}], policy=GREEDY)
    rows = decisions(generous, 24)  # 24 promises made without a look at the stock
    with Ledger.open(tmp_path / "ledger.db"):
        pass

    def reserve(part):
        with Ledger.open(tmp_path / "ledger.db") as ledger:
            for _ in range(2):
                for place in range(part, 24, 4):
                    with ledger.transaction() as tx:
                        incentives.reserve(rows.slice(place, 1), project=project, clock=CLOCK, tx=tx)

    threads = [threading.Thread(target=reserve, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        assert len(held(ledger)) == 3
        with ledger.transaction() as tx:
            assert len(incentives.missing(rows, tx=tx)) == 21


def test_reserving_twice_promises_once_and_redeeming_uses_it_once(tmp_path):
    project = shop(offers=[CHEAP], policy=GREEDY)
    rows = decisions(project, 5)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        with ledger.transaction() as tx:
            assert incentives.reserve(rows, project=project, clock=CLOCK, tx=tx) == 5
            assert incentives.reserve(rows, project=project, clock=CLOCK, tx=tx) == 0
            assert incentives.missing(rows, tx=tx) == []
        with ledger.transaction() as tx:
            assert incentives.redeem("ten-off", customer_id="c1", clock=CLOCK, tx=tx)
            assert not incentives.redeem("ten-off", customer_id="c1", clock=CLOCK, tx=tx)
            later = Clock.at("2012-03-01T00:00:00")
            assert not incentives.redeem("ten-off", customer_id="c2", clock=later, tx=tx)
            assert incentives.expire(clock=later, tx=tx) == 4
        assert {row["state"] for row in held(ledger)} == {"redeemed", "expired"}
