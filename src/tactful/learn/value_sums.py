"""Exact sums behind the worth of messages: one row per kind, cell and bucket of days, added and taken out as integers.

A row's `sum` names the metric, whether its people were told or left alone, whether their outcome has matured, and the
map of the features; so nothing of another map is ever added to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.reckon import gram
from tactful.reckon.dated import Dated
from tactful.reckon.features import Feature, names
from tactful.reckon.gram import Gram
from tactful.store import contracts
from tactful.words.errors import Misuse
from tactful.words.ids import derived_id

MATCHED: Final = pa.schema(
    [
        pa.field("program", pa.string(), nullable=False),
        pa.field("cell", pa.string(), nullable=False),
        pa.field("told", pa.bool_(), nullable=False),
        pa.field("ripe", pa.bool_(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("features", pa.list_(pa.int64()), nullable=False),
        pa.field("signals", pa.list_(pa.int64()), nullable=False),
        pa.field("value", pa.int64(), nullable=False),
    ]
)
"""A decision with what came of it: who was told (or, held out, would have been: the ghost arm's cell), and the value
that followed, in the smallest unit of the currency. Where it is not ripe, `value` is not looked at and `signals` are:
whole numbers of at most 2^20 that were there early, the same for every row."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Kind:
    """What one sum is of. Stability: internal.

    Attributes:
        metric: such as `margin_28_days`.
        told: whether its people were told, or left alone.
        ripe: whether their outcomes have matured.
        signals: how many columns of the sum are early signals.
        map_id: 8 bytes of hex that name the features with their maps.
    """

    metric: str
    told: bool
    ripe: bool
    signals: int
    map_id: str

    def __str__(self) -> str:
        """As `learn_sums.sum` says it."""
        told, ripe = "told" if self.told else "left", "ripe" if self.ripe else "young"
        return f"value/{self.metric}/{told}/{ripe}/{self.signals}/{self.map_id}"

    @classmethod
    def of(cls, text: str) -> Kind | None:
        """From `learn_sums.sum`; None for a sum of another kind.

        >>> str(Kind.of("value/margin/told/ripe/2/ab")), Kind.of("clicks")
        ('value/margin/told/ripe/2/ab', None)
        """
        parts = text.split("/")
        if len(parts) != 6 or parts[0] != "value":
            return None
        return cls(
            metric=parts[1], told=parts[2] == "told", ripe=parts[3] == "ripe", signals=int(parts[4]), map_id=parts[5]
        )


def map_id(features: Sequence[Feature]) -> str:
    """What names a list of features with their maps.

    Args:
        features: in order.

    >>> from tactful.reckon.features import BASE
    >>> len(map_id(BASE)), map_id(BASE) == map_id(BASE[:1])
    (16, False)
    """
    return derived_id("features", *names(features)).hex()[:16]


def lifted(matched: pa.Table, *, metric: str, features: Sequence[Feature]) -> pa.Table:
    """The `learn_sums` rows of some decisions and what came of them, by day.

    Args:
        matched: rows of `MATCHED`; those of one person give exactly what their erasure takes out.
        metric: what the value is of.
        features: the map by which `matched.features` were made.

    Raises:
        Misuse: a row has another number of features or signals than the rest.
    """
    return lifted_as(matched, metric=metric, map_id=map_id(features), width=len(features))


def lifted_as(matched: pa.Table, *, metric: str, map_id: str, width: int | None = None) -> pa.Table:
    """The same where the map is known by its name only: that of an earlier run, say.

    Args:
        matched: rows of `MATCHED`.
        metric: what the value is of.
        map_id: names the features with their maps.
        width: how many features a row has; as many as the first when left out.

    Raises:
        Misuse: a row has another number of features or signals than the rest.
    """
    rows = matched.combine_chunks()
    n = rows.num_rows
    x = _matrix(rows["features"], n=n, width=width)
    s = _matrix(rows["signals"], n=n, width=None)
    value = np.where(rows["ripe"].to_numpy(), rows["value"].to_numpy(), 0)
    table, found = np.concatenate([x, s], axis=1), []
    for (program, cell, told, ripe, day), mine in _groups(rows.select(["program", "cell", "told", "ripe", "day"])):
        kind = Kind(metric=metric, told=told, ripe=ripe, signals=s.shape[1], map_id=map_id)
        found.append(((str(kind), f"{program}{cell}", day), gram.lift(table[mine], value[mine])))
    return _table(found)


def _groups(rows: pa.Table) -> Iterator[tuple[tuple[Any, ...], NDArray[np.int64]]]:  # Any: one value of each column
    """The different rows of a table, and where each stands."""
    coded = [column.combine_chunks().dictionary_encode() for column in rows.columns]
    at = np.zeros(rows.num_rows, dtype=np.int64)
    for column in coded:
        at = at * len(column.dictionary) + column.indices.to_numpy()
    order = np.argsort(at, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(at[order]) != 0)) if rows.num_rows else np.empty(0, dtype=np.int64)
    for mine in np.split(order, starts[1:]) if starts.size else ():
        yield tuple(column.dictionary[int(column.indices[int(mine[0])].as_py())].as_py() for column in coded), mine


def _matrix(column: pa.ChunkedArray, *, n: int, width: int | None) -> NDArray[np.int64]:
    flat = column.combine_chunks().flatten().to_numpy()
    wide = flat.size // n if n and width is None else width or 0
    if not pc.all(pc.equal(pc.list_value_length(column), wide)).as_py() and n:
        raise Misuse.say(where="outcomes", what=f"not every row has {wide} numbers", do="lift rows of one map together")
    found: NDArray[np.int64] = flat.reshape(n, wide)
    return found


def merged(tables: Iterable[pa.Table]) -> pa.Table:
    """The sums of several workers or days together; the order never matters.

    Raises:
        Misuse: a sum would pass int64.
    """
    found: dict[tuple[str, str, date], Gram] = {}
    for table in tables:
        for name, sums in _read(table):
            found[name] = gram.merge(found[name], sums) if name in found else sums
    return _table(found.items())


def compacted(sums: pa.Table, *, today: date) -> pa.Table:
    """The same with what is older than 35 days put to its month.

    Args:
        sums: `learn_sums` rows.
        today: in project time.
    """
    return _table(
        ((str(kind), cell, day), each)
        for (kind, cell), dated in by_cell(sums, today=today).items()
        for day, each in dated.sums.items()
    )


def erased(sums: pa.Table, gone: pa.Table, *, today: date) -> pa.Table:
    """The sums as if the rows behind `gone` had never been added.

    Args:
        sums: `learn_sums` rows, as compacted on `today`.
        gone: the `lifted` rows of whoever is erased.
        today: in project time.

    Raises:
        Misuse: something that was never added.
    """
    kept = by_cell(sums, today=today)
    for name, dated in by_cell(gone, today=today, compact=False).items():
        if name not in kept:
            raise Misuse.say(where=f"sums of {name[1]}", what="there are none to erase from", do="erase what was added")
        kept[name] = kept[name].erased(dated.sums)
    return _table(
        ((str(kind), cell, day), each) for (kind, cell), dated in kept.items() for day, each in dated.sums.items()
    )


def by_cell(sums: pa.Table, *, today: date, compact: bool = True) -> dict[tuple[Kind, str], Dated]:
    """Dated sums by kind and cell (`program/touchpoint/level/offer…`).

    Args:
        sums: `learn_sums` rows.
        today: the day as of which they are read.
        compact: whether older days go to their month.
    """
    days: dict[tuple[Kind, str], dict[date, Gram]] = {}
    for (name, cell, day), each in _read(sums):
        kind = Kind.of(name)
        if kind is not None:
            mine = days.setdefault((kind, cell), {})
            mine[day] = gram.merge(mine[day], each) if day in mine else each
    if compact:
        return {name: Dated(sums={}, today=today).added(each) for name, each in days.items()}
    return {name: Dated(sums=each, today=today) for name, each in days.items()}


def _read(table: pa.Table) -> Iterator[tuple[tuple[str, str, date], Gram]]:
    for row in table.to_pylist():
        if row["products"] is not None:
            yield (row["sum"], row["cell"], row["day"]), _unpacked(row)


def _unpacked(row: Mapping[str, object]) -> Gram:
    packed = np.asarray(row["products"], dtype=np.int64)
    # d of x, d (d + 1) / 2 of x x', d of x y, one of y y
    d = int((np.sqrt(25 + 8 * (packed.size - 1)) - 5) / 2)
    upper, products = np.triu_indices(d), np.zeros((d, d), dtype=np.int64)
    middle = packed[d : d + upper[0].size]
    products[upper] = middle
    products.T[upper] = middle
    count, total = row["count"], row["total"]
    assert isinstance(count, int)
    assert isinstance(total, int)
    return Gram(count=count, x=packed[:d], y=total, xx=products, xy=packed[-d - 1 : -1], yy=int(packed[-1]))


def _table(sums: Iterable[tuple[tuple[str, str, date], Gram]]) -> pa.Table:
    rows = [
        {
            "sum": name,
            "cell": cell,
            "day": day,
            "count": each.count,
            "total": each.y,
            "products": [*each.x.tolist(), *each.xx[np.triu_indices(each.x.size)].tolist(), *each.xy.tolist(), each.yy],
        }
        for (name, cell, day), each in sorted(sums, key=lambda item: item[0])
        if each.count
    ]
    return pa.Table.from_pylist(rows, schema=contracts.table("learn_sums").schema)
