"""Messages of one use as columns: distinct slot values with a code for each row, decisions and items beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.encoded import Encoded, Rows
from tactful.check.late import Late, whole
from tactful.check.shown import Shown, Shows
from tactful.check.texts import Texts, texts_of
from tactful.reckon.distinct import distinct


@dataclass(slots=True, kw_only=True, eq=False)
class Tables:
    """What lies beside the messages of a run, each column encoded once for all of them. Stability: internal.

    Attributes:
        messages: ids and language of every message.
        decisions: those of the run; `decided` is the row of each message's own.
        profiles: the customers'; `people` is the row of each message's own, -1 where there is none.
    """

    messages: pa.Table
    decisions: Late
    decided: Rows
    profiles: Late
    people: Rows
    known: dict[tuple[str, str], Encoded] = field(default_factory=dict)
    shown_items: Shown | None = None
    flags: dict[str, Shows] = field(default_factory=dict)
    of_items: dict[object, Any] = field(default_factory=dict)  # Any: what a rule found out of each item shown
    single: list[bool] = field(default_factory=list)
    sought: dict[tuple[int, int], tuple[Texts, Texts, Rows]] = field(default_factory=dict)

    def decision(self, name: str) -> Encoded:
        """A column of the decisions."""
        return self._encoded("decisions", name)

    def profile(self, name: str) -> Encoded | None:
        """A column of the profiles, null after the last of them; None where there is no such column."""
        return self._encoded("profiles", name) if name in self.profiles.column_names else None

    def _encoded(self, table: str, name: str) -> Encoded:
        if (table, name) not in self.known:
            made = (self.decisions if table == "decisions" else self.profiles).encoded(name)
            self.known[table, name] = made.with_none() if table == "profiles" else made
        return self.known[table, name]

    def numbers(self, wanted: Texts, *, among: Texts) -> Rows:
        """For each wanted text its number among others, -1 where there is none; found once in a run."""
        key = id(wanted), id(among)
        if key not in self.sought:
            self.sought[key] = (wanted, among, among.numbers(wanted))
        return self.sought[key][2]

    @property
    def reasons(self) -> Rows:
        """For each reason of a shown item the number of that item among those shown; -1 where it is none of them."""
        if "reasons" not in self.of_items:
            shown = self.shown
            self.of_items["reasons"] = texts_of(shown.item.values).numbers(texts_of(shown.because.values))
        found: Rows = self.of_items["reasons"]
        return found

    @property
    def are_single(self) -> bool:
        """Whether no id stands twice, and every message is the only one of a customer who has a profile.

        A customer's profile is one row, so those of different rows are different people.
        """
        if not self.single:
            self.single.append(not self.messages.num_rows or self._are_single())
        return self.single[0]

    def _are_single(self) -> bool:
        ids = whole(self.messages["message_id"])
        halves = np.frombuffer(ids.buffers()[1], np.int64)[2 * ids.offset : 2 * (ids.offset + len(ids)) : 2]
        if self.people.min() < 0 or np.bincount(self.people).max() > 1:
            return False
        return len(distinct(halves)) == len(halves)

    @property
    def shown(self) -> Shown:
        """The items of all decisions, flattened."""
        if self.shown_items is None:
            self.shown_items = Shown.of(self.decisions["items"])
        return self.shown_items


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
    shown_items: Shown | None = None
    agreed: dict[tuple[int, str], bool] = field(default_factory=dict)

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
        return whole(self.tables.messages["message_id"].take(pa.array(self.numbers)))

    def column(self, name: str) -> pa.Array:
        """A column of the decisions, as Arrow has it."""
        return whole(self.tables.decisions[name].take(pa.array(self.decided_rows)))

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
            every = self.tables.profile(name)
            if every is None:
                return None
            self.seen["profiles", name] = every.taken(self.people)
        return self.seen["profiles", name]

    def is_theirs(self, number: int, name: str) -> bool:
        """Whether a slot column says in every row, to the letter, what the profile's column of texts says.

        Told without looking for distinct values: what a customer has alone (an order's number) is only compared.
        """
        if (number, name) not in self.agreed:
            self.agreed[number, name] = self._is_theirs(number, name)
        return self.agreed[number, name]

    def _is_theirs(self, number: int, name: str) -> bool:
        profiles, people = self.tables.profiles, self.people
        column, known = self.columns[number], profiles[name] if name in profiles.column_names else None
        values = column.values
        if known is None or not isinstance(values, Texts):
            return False
        if not pa.types.is_string(known.type):
            every = self.tables.profile(name)
            if every is None or not isinstance(every.values, Texts):
                return False
            return self._says(number, every.values, codes=every.codes[people])
        told = known.take(pa.array(people, mask=people < 0) if people.min(initial=0) < 0 else pa.array(people))
        said = values.array.take(pa.array(column.codes)) if column.plain is None else column.plain
        is_same = pc.equal(said, told)
        if is_same.null_count:
            both_none = pc.and_(said.is_null(), told.is_null())
            is_same = pc.or_(pc.fill_null(is_same, fill_value=False), both_none)
        return bool(pc.all(is_same, min_count=0).as_py())

    def is_catalogues(self, number: int, place: int, *, leaf: str, truth: Texts) -> bool:
        """Whether in every row an item stands in a place and a slot column says, to the letter, what is true of it.

        Args:
            number: of the column.
            place: of the item.
            leaf: what of the item is said.
            truth: what should be said of each of the block's items.
        """
        key = number, f"{place}.{leaf}"
        if key not in self.agreed:
            is_full = len(self.shown.at(place)[0]) == len(self)
            self.agreed[key] = is_full and self._says(number, truth, codes=self.shown.items_at(place))
        return self.agreed[key]

    def _says(self, number: int, truth: Texts, *, codes: Rows) -> bool:
        """Whether a slot column says in every row the text with its code."""
        column = self.columns[number]
        right = self.tables.numbers(truth, among=texts_of(column.values))
        return bool((right[codes] == column.codes).all())

    @property
    def shown(self) -> Shown:
        """The items of the decisions, flattened."""
        if self.shown_items is None:
            self.shown_items = self.tables.shown.of_rows(self.decided_rows)
        return self.shown_items
