"""What one customer said, worked out at once, is what the night's SQL says of everybody."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from tactful.know.standing import consents_at, preferences_at
from tactful.know.standing_of_one import consents_of, wishes_of
from tactful.store import contracts
from tactful.store.engines.duckdb import Engine
from tactful.words.touchpoint import Channel

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
CHANNELS = (Channel.EMAIL, Channel.WEB)
PEOPLE = 1_500


def pick(rng, choices):
    return choices[int(rng.integers(0, len(choices)))]


def said(rng):
    """A few rows of everybody, many of one moment, some not known yet."""
    at = [NOW + timedelta(days=int(day)) for day in (-3, -2, -2, -1, 0, 1)]
    for person in range(PEOPLE):
        for _ in range(int(rng.integers(0, 6))):
            yield {"customer_id": f"c{person}", "purpose": pick(rng, ["marketing", "service"]),
                   "channel": pick(rng, ["email", "web", "any"]),
                   "state": pick(rng, ["granted", "granted", "denied", "withdrawn"]),
                   "happened_at": pick(rng, at), "recorded_at": pick(rng, at), "source": "test",
                   "wording_hash": pick(rng, [None, bytes(16)])}  # fmt: skip


def wished(rng):
    at = [NOW + timedelta(days=int(day)) for day in (-3, -2, -2, -1, 0, 1)]
    for person in range(PEOPLE):
        for _ in range(int(rng.integers(0, 4))):
            yield {"customer_id": f"c{person}", "dial": pick(rng, [None, "none", "all", "many", "few", "one"]),
                   "topics_off": pick(rng, ["", "[]", '["tea"]']), "occasions_off": pick(rng, ["", '["easter"]']),
                   "frequency": pick(rng, [None, "weekly", "monthly"]), "happened_at": pick(rng, at),
                   "recorded_at": pick(rng, at), "source": "test"}  # fmt: skip


def by_person(rows):
    found = {}
    for row in rows:
        found.setdefault(row["customer_id"], []).append(row)
    return found


def test_consents_of_one_are_those_of_the_night():
    rows = list(said(np.random.default_rng(1)))
    schema = contracts.table("consent").schema
    table = pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))
    with Engine.open() as engine:
        night = {r["customer_id"]: r for r in consents_at(engine, table, instant=NOW, channels=CHANNELS).to_pylist()}
    assert len(night) > PEOPLE // 2
    for person, own in by_person(rows).items():
        found = consents_of(own, instant=NOW, channels=CHANNELS)
        one = night.get(person, {"consents": [], "withdrawn": []})
        assert (found["consents"], found["withdrawn"]) == (one["consents"], one["withdrawn"]), own


def test_wishes_of_one_are_those_of_the_night():
    rows = list(wished(np.random.default_rng(2)))
    schema = contracts.table("preference").schema
    table = pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))
    with Engine.open() as engine:
        night = {r["customer_id"]: r for r in preferences_at(engine, table, instant=NOW).to_pylist()}
    for person, own in by_person(rows).items():
        found = wishes_of(own, instant=NOW)
        one = night.get(person)
        assert (found is None) == (one is None)
        if found is not None and one is not None:
            assert found == {name: one[name] for name in found}, own
