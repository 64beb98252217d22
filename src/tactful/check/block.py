"""Messages of one use as columns: distinct slot values with a code for each row, decisions and items beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.texts import Texts

ROLE_ANCHOR = "anchor"
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """A column as its distinct values and a code for each row. Stability: internal.

    Attributes:
        values: distinct values; `Texts` where they are texts.
        codes: index into `values`, shape (rows,).
    """

    values: Sequence[Any]  # Any: a column of any type
    codes: Rows

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Encoded:
        """Of an Arrow column; null is a value of its own.

        >>> made = Encoded.of(pa.array(["a", None, "a"]))
        >>> [*made.values], made.codes.tolist()
        (['a', None], [0, 1, 0])
        """
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if pa.types.is_list(column.type):
            texts = [str(value) for value in column.to_pylist()]
            column = pa.array(texts, pa.string())
        made = column if pa.types.is_dictionary(column.type) else column.dictionary_encode(null_encoding="encode")
        words, numbers = made.dictionary, made.indices
        if numbers.null_count:
            numbers = numbers.fill_null(len(words))
            words = pa.concat_arrays([words, pa.nulls(1, words.type)])
        codes = numbers.to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(values=Texts(words) if pa.types.is_string(words.type) else tuple(words.to_pylist()), codes=codes)

    def rows(self, numbers: Iterable[int]) -> Rows:
        """Rows whose value is one of these, by number."""
        wanted = numbers if isinstance(numbers, np.ndarray) else [*numbers]
        if not len(wanted):
            return np.zeros(0, dtype=np.int64)
        chosen = np.zeros(len(self.values) + 1, dtype=bool)
        chosen[wanted] = True
        return np.flatnonzero(chosen[self.codes])

    def each(self) -> list[Any]:  # Any: a column of any type
        """The value of every row."""
        values = [*self.values]
        return [values[code] for code in self.codes.tolist()]

    def taken(self, rows: Rows) -> Encoded:
        """The column of some rows, with the values that they have."""
        codes, count = self.codes[rows], len(self.values)
        if count <= 8 * len(codes):
            seen = np.zeros(count, dtype=bool)
            seen[codes] = True
            numbers = np.flatnonzero(seen)
            if len(numbers) == count:
                return Encoded(values=self.values, codes=codes)
            codes = (np.cumsum(seen) - 1)[codes]
        else:
            numbers, codes = np.unique(codes, return_inverse=True)
        whole = self.values
        values = whole.taken(numbers) if isinstance(whole, Texts) else tuple(whole[n] for n in numbers.tolist())
        return Encoded(values=values, codes=codes.astype(np.int64))

    def with_none(self) -> Encoded:
        """The same, with null as its last value."""
        more = (
            Texts(pa.concat_arrays([self.values.array, pa.nulls(1, self.values.array.type)]))
            if isinstance(self.values, Texts)
            else (*self.values, None)
        )
        return Encoded(values=more, codes=np.append(self.codes, len(self.values)))


def dense(key: Rows) -> Rows:
    """The same numbers made small, in their order.

    >>> dense(np.array([7, 300, 7])).tolist()
    [0, 1, 0]
    """
    most = int(key.max(initial=0)) + 1
    if most > 4 * len(key) + 1_000:
        return np.unique(key, return_inverse=True)[1].reshape(-1).astype(np.int64)
    seen = np.zeros(most, dtype=bool)
    seen[key] = True
    return np.asarray((np.cumsum(seen) - 1)[key], dtype=np.int64)


def together(columns: Sequence[Encoded]) -> Encoded:
    """Several columns as one, whose values are tuples.

    >>> made = together([Encoded.of(pa.array([1, 1, 2])), Encoded.of(pa.array(["a", "a", "b"]))])
    >>> made.values, made.codes.tolist()
    (((1, 'a'), (2, 'b')), [0, 0, 1])
    """
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    for column in columns:
        key = dense(key * len(column.values) + column.codes)
    first = np.zeros(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    places = [column.codes[first].tolist() for column in columns]
    values = (
        tuple(column.values[place] for column, place in zip(columns, one, strict=True))
        for one in zip(*places, strict=True)
    )
    return Encoded(values=tuple(values), codes=key)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """The items of decisions, flattened. Stability: internal.

    Attributes:
        row: the message's row, shape (shown,), ascending.
        place: its place among the items that are not anchors, from 0; -1 for an anchor.
        item, role, because: codes with their values.
        told: for each shown item its number among those of the whole run.
        starts: where each row's items begin, and at last where they end, shape (rows + 1,).
    """

    row: Rows
    place: Rows
    item: Encoded
    role: Encoded
    because: Encoded
    told: Rows
    starts: Rows

    def rows_of(self, found: NDArray[np.bool_]) -> Rows:
        """Rows that have any of the shown items found."""
        seen = np.zeros(len(self.starts) - 1, dtype=bool)
        seen[self.row[found]] = True
        return np.flatnonzero(seen)

    def like(self, mine: NDArray[np.bool_], other: NDArray[np.bool_], *, codes: Rows) -> Rows:
        """Rows in which an item of the one kind has the code of another item, of the other kind.

        Args:
            mine, other: for each shown item whether it is of the kind.
            codes: of each shown item.
        """
        found = np.zeros(len(self.row), dtype=bool)
        for step in range(1, int(np.diff(self.starts).max(initial=0))):
            same = (self.row[step:] == self.row[:-step]) & (codes[step:] == codes[:-step])
            found[step:] |= same & mine[step:] & other[:-step]
            found[:-step] |= same & mine[:-step] & other[step:]
        return self.rows_of(found)

    def having(self, roles: Iterable[str]) -> NDArray[np.bool_]:
        """For each shown item whether its role is one of these."""
        wanted = frozenset(roles)
        return np.array([role in wanted for role in self.role.values] or [False])[self.role.codes]

    @classmethod
    def of(cls, items: pa.ChunkedArray | pa.Array) -> Shown:
        """Of a column of lists of items."""
        if isinstance(items, pa.ChunkedArray):
            items = items.combine_chunks()
        row = pc.list_parent_indices(items).to_numpy(zero_copy_only=False).astype(np.int64)
        flat = items.flatten()
        made = {name: Encoded.of(pc.struct_field(flat, [name])) for name in ("item_id", "role", "because")}
        anchors = made["role"].rows(n for n, role in enumerate(made["role"].values) if role == ROLE_ANCHOR)
        is_anchor = np.zeros(len(row), dtype=bool)
        is_anchor[anchors] = True
        counted = np.cumsum(~is_anchor)
        starts = np.append(0, np.cumsum(np.bincount(row, minlength=len(items)))).astype(np.int64)
        before = np.append(0, counted)[starts[row]]
        place = np.where(is_anchor, -1, counted - before - 1).astype(np.int64)
        return cls(
            row=row, place=place, item=made["item_id"], role=made["role"], because=made["because"],
            told=np.arange(len(row)),
            starts=starts,
        )  # fmt: skip

    def of_rows(self, rows: Rows) -> Shown:
        """The items of some rows, which become the rows from 0 on."""
        starts = self.starts[rows]
        counts = self.starts[rows + 1] - starts
        row = np.repeat(np.arange(len(rows)), counts)
        ends = np.cumsum(counts)
        told = np.arange(len(row)) + np.repeat(starts - (ends - counts), counts)
        return Shown(
            row=row, place=self.place[told], item=self.item.taken(told), role=self.role.taken(told),
            because=self.because.taken(told), told=self.told[told],
            starts=np.append(0, ends),
        )  # fmt: skip


@dataclass(slots=True, kw_only=True, eq=False)
class Tables:
    """What lies beside the messages of a run, each column encoded once for all of them. Stability: internal.

    Attributes:
        messages: ids and language of every message.
        decisions: those of the run; `decided` is the row of each message's own.
        profiles: the customers'; `people` is the row of each message's own, -1 where there is none.
    """

    messages: pa.Table
    decisions: pa.Table
    decided: Rows
    profiles: pa.Table
    people: Rows
    known: dict[tuple[str, str], Encoded] = field(default_factory=dict)
    shown_items: Shown | None = None
    flags: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def decision(self, name: str) -> Encoded:
        """A column of the decisions."""
        return self._encoded("decisions", name)

    def profile(self, name: str) -> Encoded | None:
        """A column of the profiles, null after the last of them; None where there is no such column."""
        return self._encoded("profiles", name) if name in self.profiles.column_names else None

    def _encoded(self, table: str, name: str) -> Encoded:
        if (table, name) not in self.known:
            made = Encoded.of((self.decisions if table == "decisions" else self.profiles)[name])
            self.known[table, name] = made.with_none() if table == "profiles" else made
        return self.known[table, name]

    @property
    def shown(self) -> Shown:
        """The items of all decisions, flattened."""
        if self.shown_items is None:
            self.shown_items = Shown.of(self.decisions["items"])
        return self.shown_items


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    made = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.concat_arrays(made.chunks) if isinstance(made, pa.ChunkedArray) else made


@dataclass(slots=True, kw_only=True, eq=False)
class Block:
    """The messages of one use. Stability: internal.

    Attributes:
        tables: of the run.
        numbers: which of its messages these are.
        columns: slot columns by number, those that are stored.
    """

    tables: Tables
    numbers: Rows
    columns: dict[int, Encoded]
    known: dict[str, list[Any]] = field(default_factory=dict)  # Any: columns of any type
    seen: dict[tuple[str, str], Encoded] = field(default_factory=dict)
    truths: dict[str, Texts] = field(default_factory=dict)
    shown_items: Shown | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self, which: Rows) -> Block:
        """Some of the messages, in the order asked for."""
        columns = {number: one.taken(which) for number, one in self.columns.items()}
        return Block(tables=self.tables, numbers=self.numbers[which], columns=columns)

    @property
    def message_ids(self) -> list[bytes]:
        """16 bytes each."""
        if "message_id" not in self.known:
            self.known["message_id"] = self.tables.messages["message_id"].take(pa.array(self.numbers)).to_pylist()
        return self.known["message_id"]

    @property
    def ids(self) -> pa.Array:
        """16 bytes each, as Arrow has them."""
        return _whole(self.tables.messages["message_id"].take(pa.array(self.numbers)))

    def column(self, name: str) -> pa.Array:
        """A column of the decisions, as Arrow has it."""
        return _whole(self.tables.decisions[name].take(pa.array(self.decided_rows)))

    @property
    def languages(self) -> list[str]:
        """Language of each message."""
        return self.tables.messages["language"].take(pa.array(self.numbers)).to_pylist()  # type: ignore[no-any-return]  # texts

    @property
    def decided_rows(self) -> Rows:
        """The row of each message's decision."""
        return self.tables.decided[self.numbers]

    @property
    def people(self) -> Rows:
        """The row of each customer's profile; -1 where there is none."""
        return self.tables.people[self.numbers]

    @property
    def decisions(self) -> pa.Table:
        """Their decisions, row by row."""
        return self.tables.decisions.take(pa.array(self.decided_rows))

    @property
    def profiles(self) -> pa.Table:
        """Their customers' profiles, row by row; nulls where there is none."""
        people = self.people
        return self.tables.profiles.take(pa.array(people, mask=people < 0))

    def decided(self, name: str) -> list[Any]:  # Any: a column of any type
        """A column of the decisions, as Python values; read once."""
        if name not in self.known:
            self.known[name] = self.tables.decisions[name].take(pa.array(self.decided_rows)).to_pylist()
        return self.known[name]

    def encoded(self, name: str) -> Encoded:
        """A column of the decisions, encoded."""
        if ("decisions", name) not in self.seen:
            self.seen["decisions", name] = self.tables.decision(name).taken(self.decided_rows)
        return self.seen["decisions", name]

    def profiled(self, name: str) -> Encoded | None:
        """A column of the profiles, encoded; None where profiles have none of this name."""
        if ("profiles", name) not in self.seen:
            whole = self.tables.profile(name)
            if whole is None:
                return None
            self.seen["profiles", name] = whole.taken(self.people)
        return self.seen["profiles", name]

    @property
    def shown(self) -> Shown:
        """The items of the decisions, flattened."""
        if self.shown_items is None:
            self.shown_items = self.tables.shown.of_rows(self.decided_rows)
        return self.shown_items
