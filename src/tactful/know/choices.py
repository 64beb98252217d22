"""Knowledge of everybody: how much their own history foretells what they choose next, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.know.facts import gather, night
from tactful.know.parts import object_of, reason_of
from tactful.project.declared import Project
from tactful.reckon import information
from tactful.reckon.information import UNIT, Why
from tactful.store import contracts, sql, statement
from tactful.store.conditions import Kind, kind_of
from tactful.store.engines.duckdb import Engine, Source
from tactful.words.clock import Clock
from tactful.words.errors import Misuse

EVERYBODY: Final = "everybody"
UNPLACED: Final = "unknown"
"""The segment of those whose segmenting fact is unknown."""
NO_CHOICE: Final = "nothing chosen yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Knowledge of each customer who chose something, and the sums behind it. Stability: caller.

    Attributes:
        rows: customer_key, knowledge (units of 2^-20, or empty) and knowledge_parts (JSON).
        sums: sum, cell (the segment), count and total, as in `know_sums`.
    """

    rows: pa.Table
    sums: pa.Table


def learn(engine: Engine, tables: Mapping[str, Source], *, project: Project, clock: Clock) -> Known:
    """Knowledge from every choice, order by order; sensitive items and those not for sale are left out.

    Args:
        engine: what computes; it must hold people and items_now.
        tables: transactions, and whatever the segmenting fact reads.
        project: which item column is to be foretold, and by which fact customers are segmented.
        clock: as of when.

    Raises:
        Misuse: there is no such column of text on items.
    """
    choices, words = _choices(engine, column=project.knowledge_of)
    found = engine.table(sql.named("know.chosen"), tables={**tables, "choices": choices}, values={"now": clock.now})
    keys, customer = _numbered(found["customer_key"].to_numpy())
    segment, names = _segments(engine, tables, keys=keys, project=project, clock=clock)
    sequences = information.sequences(
        customer,
        found["choice"].to_numpy(),
        segments=segment,
        categories=max(1, len(words)),
        occasion=found["visit"].to_numpy(),
    )
    knowledge = information.knowledge(sequences)
    rows = pa.table({"customer_key": keys, **_columns(knowledge, segment=segment, names=names)})
    return Known(rows=rows, sums=_sums(knowledge, segment=segment, names=names))


def _numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different keys of rows that are sorted by them, and the number of each row's.

    >>> [part.tolist() for part in _numbered(np.array([4, 4, 9]))]
    [[4, 9], [0, 0, 1]]
    """
    begins = np.ones(keys.size, dtype=np.bool_)
    begins[1:] = keys[1:] != keys[:-1]
    return keys[begins], np.cumsum(begins) - 1


def _choices(engine: Engine, *, column: str) -> tuple[pa.Table, list[str]]:
    """Items by number of what they are, and the words behind the numbers, sorted."""
    kinds = {c.name: kind_of(c.type) for c in contracts.table("items").columns}
    if kinds.get(column) is not Kind.TEXT or column not in ("category", "title"):
        raise Misuse.say(where="facts.yaml, knowledge", what=f"{column!r} is nothing to foretell", do="write category")
    items = statement.render(
        statement.Select(
            columns=(("item_id", statement.Column("item_id")), ("word", statement.Column(column))),
            source=statement.From("items_now", "i"),
            where=statement.all_of(
                (
                    statement.IsKnown(statement.Column(column)),
                    statement.Column("sellable"),
                    statement.Not(statement.IsKnown(statement.Column("sensitive_topic"))),
                )
            ),
        ),
        name="choices",
    )
    table = engine.table(items.query, values=items.values)
    words = sorted(table["word"].unique().to_pylist())
    numbers = pc.index_in(table["word"], value_set=pa.array(words, pa.string())).cast(pa.int64())
    return pa.table({"item_id": table["item_id"], "choice": numbers}), words


def _segments(
    engine: Engine, tables: Mapping[str, Source], *, keys: np.ndarray, project: Project, clock: Clock
) -> tuple[np.ndarray, list[str]]:
    """The number of each customer's segment, and the segments' names."""
    name = project.knowledge_segment
    if name is None:
        return np.zeros(keys.size, dtype=np.int64), [EVERYBODY]
    planned = night({name: project.facts[name]}, clock=clock)
    gather(engine, planned, tables=tables)
    asked = statement.render(planned.rows, name="segments of knowledge")
    found = engine.table(asked.query, tables={**tables, **planned.tables}, values=asked.values)
    place = pc.index_in(pa.array(keys), value_set=found["customer_key"].combine_chunks())
    word = pc.fill_null(found[name].cast(pa.string()).take(place), UNPLACED).combine_chunks()
    names = sorted(word.unique().to_pylist())
    return pc.index_in(word, value_set=pa.array(names, pa.string())).cast(pa.int64()).to_numpy(), names


def _columns(knowledge: information.Knowledge, *, segment: np.ndarray, names: list[str]) -> dict[str, pa.Array]:
    is_known = knowledge.why == Why.KNOWN
    entropy = knowledge.entropy[segment]
    shrunk = np.where(is_known, knowledge.shrunk, 0)
    parts = object_of(
        {
            "gain_bits": np.where(is_known, knowledge.raw, 0) / UNIT,
            "shrunk_bits": shrunk / UNIT,
            "segment_entropy_bits": entropy / UNIT,
            "share_unclipped": np.divide(shrunk, entropy, out=np.zeros(shrunk.size), where=entropy > 0),
            "foretold": knowledge.gains.count,
            "segment": pa.array(names, pa.string()).take(pa.array(segment)),
        }
    )
    reasons = pa.array([reason_of(why.sentence) for why in Why]).take(pa.array(knowledge.why.astype(np.int64)))
    return {
        "knowledge": pa.array(knowledge.share, mask=~is_known),
        "knowledge_parts": pc.if_else(pa.array(is_known), parts, reasons),
    }


def _sums(knowledge: information.Knowledge, *, segment: np.ndarray, names: list[str]) -> pa.Table:
    """Σ, Σ² and n of the gains by segment: exact, so that one person can be subtracted."""
    size = len(names)
    count, total, squares = (np.zeros(size, dtype=np.int64) for _ in range(3))
    for into, part in ((count, "count"), (total, "total"), (squares, "squares")):
        np.add.at(into, segment, getattr(knowledge.gains, part))
    return pa.table(
        {
            "sum": ["knowledge_gain"] * size + ["knowledge_squares"] * size,
            "cell": names * 2,
            "count": np.concatenate([count, count]),
            "total": np.concatenate([total, squares]),
        }
    )


def sums(known: Known, *, clock: Clock) -> Iterator[pa.RecordBatch]:
    """The gains' sums as rows of `know_sums`, in units of 2^-20 bits (squares: 2^-20 bits²)."""
    day = pa.array([clock.today] * len(known.sums), pa.date32())
    schema = contracts.table("know_sums").schema
    yield from known.sums.append_column("day", day).select(schema.names).cast(schema).to_batches()
