"""What customers have said, as it stood at an instant: consents per purpose and channel, and their own wishes.

Missing means no. Of two words said at once the stricter holds. A no outlives every older yes, and every later yes that
cannot show the words that were agreed to: a list imported again brings nobody back. A yes for every channel does not
lift a no that was said of one; a yes for one channel, said later and in words, lifts a no that was said of all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from tactful.store import sql
from tactful.store.engines.duckdb import Engine
from tactful.words.consent import ANY_CHANNEL
from tactful.words.touchpoint import Channel


def consents_at(engine: Engine, consent: pa.Table, *, instant: datetime, channels: Sequence[Channel]) -> pa.Table:
    """Every customer's standing consents as they were known at an instant, now or in the past.

    Args:
        engine: what computes.
        consent: the ledger's rows.
        instant: as of when: rows recorded later are not known, a yes dated later is not yet given; a no never waits.
        channels: channels to answer for.

    Returns:
        customer_id, and as lists of `purpose:channel`: consents (granted) and withdrawn (once said, taken back). The
        channel `any` stands in consents where every channel is granted, and in withdrawn where none is.
    """
    values = {"instant": instant, "channels": sorted(c.value for c in channels), "any_channel": ANY_CHANNEL}
    return engine.table(sql.named("know.consents_at"), tables={"consent": consent}, values=values)


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
