"""What customers have said, as it stood at an instant: consents per purpose and channel, and their own wishes.

Missing means no. Of two words said at once the stricter holds. A no outlives every older yes, and every later yes that
cannot show the words that were agreed to: a list imported again brings nobody back. A yes for every channel does not
lift a no that was said of one; a yes for one channel, said later and in words, lifts a no that was said of all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tactful.store import sql
from tactful.store.engines.duckdb import Engine
from tactful.words.consent import ANY_CHANNEL
from tactful.words.touchpoint import Channel

AT_ONCE: Final = 100_000
"""Rows that are judged together, so that what is put beside each other stays few however many customers there are."""


def consents_at(
    engine: Engine, consent: pa.Table, *, instant: datetime, channels: Sequence[Channel], at_once: int = AT_ONCE
) -> pa.Table:
    """Every customer's standing consents as they were known at an instant, now or in the past.

    Args:
        engine: what computes.
        consent: the ledger's rows.
        instant: as of when: rows recorded later are not known, a yes dated later is not yet given; a no never waits.
        channels: channels to answer for.
        at_once: rows that are judged together, about; it changes the time and memory taken, not the answer.

    Returns:
        customer_id, and as lists of `purpose:channel`: consents (granted) and withdrawn (once said, taken back). The
        channel `any` stands in consents where every channel is granted, and in withdrawn where none is.
    """
    values = {"instant": instant, "channels": sorted(c.value for c in channels), "any_channel": ANY_CHANNEL}
    query = sql.named("know.consents_at")
    parts = _by_customer(consent, rows=at_once)
    return pa.concat_tables([engine.table(query, tables={"consent": part}, values=values) for part in parts])


def _by_customer(said: pa.Table, *, rows: int) -> Iterator[pa.Table]:
    """What was said in parts of about so many rows, each customer's together; the ledger gives it in their order."""
    if said.num_rows <= rows:
        yield said
        return
    ids = said["customer_id"].combine_chunks()
    if not pc.all(pc.less_equal(ids[:-1], ids[1:])).as_py():
        said = said.sort_by("customer_id")
        ids = said["customer_id"].combine_chunks()
    begin = 0
    while begin < len(ids):
        end = min(begin + rows, len(ids))
        while end < len(ids) and ids[end] == ids[end - 1]:
            end += 1
        yield said.slice(begin, end - begin)
        begin = end


def turned_off(topics_off: pa.ChunkedArray | pa.Array, *, topic: str) -> pa.Array:
    """Whether each list of topics, as the ledger holds it, has this one; nothing said has none.

    >>> turned_off(pa.array(['["tea", "wool"]', "[]", None]), topic="tea").to_pylist()
    [True, False, False]
    """
    whole = topics_off.combine_chunks() if isinstance(topics_off, pa.ChunkedArray) else topics_off
    coded = whole.cast(pa.string()).dictionary_encode()
    held = [bool(text) and topic in json.loads(text) for text in coded.dictionary.to_pylist()]
    return pa.array([*held, False], pa.bool_()).take(coded.indices.fill_null(len(held)))


def preferences_at(engine: Engine, preference: pa.Table, *, instant: datetime) -> pa.Table:
    """Every customer's own wishes as they were known at an instant: dial, topics_off, occasions_off, frequency.

    Args:
        engine: what computes.
        preference: the ledger's rows.
        instant: as of when.
    """
    return engine.table(
        sql.named("know.preferences_at"), tables={"preference": preference}, values={"instant": instant}
    )
