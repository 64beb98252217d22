"""Templates over columns: one walk of a template for all rows that take the same way, values held distinct.

python-liquid walks the template as it always does; what differs by row it sees as columns. An expression is evaluated
once for each distinct value (or combination of values) by python-liquid itself. Where rows disagree on which way to go,
on what stands behind a value or on its kind, they part: the walk ends and starts again for each share, repeating what
was already settled from a script. Rows for which anything fails are left to the reference path, which says why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TextIO, cast

import numpy as np

from tactful.compose.limits import MOST_OUTPUT, TooMuch
from tactful.compose.liquid import Context, Expression, Path, ReadOnlyChainMap
from tactful.compose.recorded import Overheard, Recorded, Recorder, Speech
from tactful.compose.values import Branch, Codes, Column, Distinct, Lists, Rows, Tree, below, concrete, is_symbolic

FAILED = -1
MOST_SHARES = 5_000
"""Ways through one template that rows of a frame may take before the rest is left to other paths."""


class Unfit(Exception):
    """A construct that is not walked in columns, and why. Stability: internal."""


class Split(Exception):  # it is news, not a fault
    """The rows part here. Stability: internal."""

    def __init__(self, shares: list[Share]) -> None:
        super().__init__("rows part")
        self.shares = shares


class Settled(NamedTuple):
    """What an expression came to for all rows of a share: what is the same, what differs, and the work it took."""

    key: Any  # Any: a truth, a text, a speech, a lineage
    value: Any  # Any: a Column where it differs by row, else the value itself
    cost: int


@dataclass(slots=True, kw_only=True)
class Share:
    """Rows that went the same way so far. Stability: internal."""

    rows: Rows
    script: list[Settled] = field(default_factory=list)
    lengths: dict[Lists, Branch] = field(default_factory=dict)
    position: int = 0
    in_cell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One way through a template, and the rows that took it. Stability: internal.

    Attributes:
        made: static words, speeches and branch; `values` is empty.
        columns: the value of each speech.
    """

    rows: Rows
    made: Recorded
    columns: tuple[Column, ...]


@dataclass(slots=True, kw_only=True)
class Swept:
    """All ways through a template, and the rows left to other paths with the reasons. Stability: internal."""

    ways: list[Walked] = field(default_factory=list)
    left: list[Rows] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)

    def leave(self, rows: Rows, *, why: str) -> None:
        """Rows for another path."""
        self.left.append(rows)
        self.reasons[why] = self.reasons.get(why, 0) + len(rows)


class Sweeper(Recorder):
    """Where a part is rendered to for many rows. Stability: internal."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[Column] = []

    def speak_column(self, column: Column, what: Speech) -> None:
        """Values that were spoken."""
        self._grow(column.distinct.longest)
        self.speeches.append(what)
        self.columns.append(column)
        self.segments.append([])


class Heard(Overheard):
    """A capture's buffer for many rows. Stability: internal."""

    def __init__(self, context: Sweep) -> None:
        super().__init__()
        self.context = context
        self.pieces: list[str | Column] = []

    def write(self, text: str | Column) -> int:
        """Text of the capture."""
        size = text.distinct.longest if isinstance(text, Column) else len(text)
        self.size += size
        if self.size > MOST_OUTPUT // 10:
            raise TooMuch(f"a capture becomes longer than {MOST_OUTPUT // 10:,} characters")
        self.pieces.append(text)
        return size

    def now(self) -> str:
        """The text of the row that is looked at now."""
        return "".join(str(concrete(piece)) for piece in self.pieces)

    def getvalue(self) -> str:
        """The text, the same in all rows."""
        columns = [piece for piece in self.pieces if isinstance(piece, Column)]
        return cast("str", self.context.settle(columns, lambda: (self.now(), None), memo=None).key)


class Sweep(Context):
    """A render's context for many rows at once. Stability: internal."""

    __slots__ = ("share",)

    def __init__(self, *args: Any, share: Share | None = None, **named: Any) -> None:  # Any: passed on
        super().__init__(*args, **named)
        parent = named.get("parent_context")
        self.share: Share = parent.share if parent is not None else cast("Share", share)
        self.scope = Scope(self.locals, self.globals, self.counters)
        self.scope.context = self

    def get(self, path: list[object], **named: Any) -> object:  # Any: passed on
        """What stands at a path: within a cell the value of one row; outside only what is the same for all."""
        value = super().get(path, **named)
        if self.share.in_cell:
            return concrete(value)
        if is_symbolic(value):
            raise Unfit("a value that differs by row is used where a plain value is needed")
        return value

    def get_item(self, obj: Any, key: Any) -> Any:  # Any: as parent
        """An entry of a value."""
        found = super().get_item(obj, key)
        if type(found) is Lists:
            found = self.branch(found)
        return concrete(found) if self.share.in_cell and type(found) is Column else found

    def get_buffer(self, buf: TextIO | None = None) -> Heard:  # noqa: ARG002
        """A buffer for `capture`."""
        return Heard(self)

    def branch(self, lists: Lists) -> Branch:
        """A list of one length: rows part by it.

        Raises:
            Split: where lengths differ.
        """
        share = self.share
        if lists not in share.lengths:
            lengths = lists.lengths[share.rows]
            shares = []
            for length in np.unique(lengths).tolist():
                known = {**share.lengths, lists: Branch(lists.entries[:length], lists.at)}
                shares.append(Share(rows=share.rows[lengths == length], script=share.script, lengths=known))
            if len(shares) > 1:
                raise Split(shares)
            share.lengths = shares[0].lengths
        return share.lengths[lists]

    def walk(self, path: Path) -> tuple[object, list[Column], bool]:
        """What a path reaches: the value, the columns behind it, and whether the value is all that the path says."""
        columns: list[Column] = []
        for inner in path.path:
            if isinstance(inner, Path):
                columns += self.walk(inner)[1]
        keys = [self._plain(inner) if isinstance(inner, Path) else inner for inner in path.path] if not columns else []
        root = path.path[0] if columns else keys[0]
        if isinstance(root, Path):
            raise Unfit("a variable whose name differs by row")
        value = self.scope.get(cast("str", root))
        if columns:
            return value, columns + list(below(value)), False
        for key in keys[1:]:
            if type(value) is Column:
                return value, [value], False
            if type(value) is Tree and key in {"size", "first", "last"} and key not in value:
                return value, list(below(value)), False
            try:
                value = self.get_item(value, key)
            except (KeyError, TypeError, IndexError):
                return None, [], False
        return value, list(below(value)), True

    def _plain(self, path: Path) -> object:
        return path.evaluate(self)

    def columns(self, expression: Expression) -> tuple[list[Column], bool]:
        """The columns behind an expression, and whether all its paths end in columns."""
        found: dict[Column, None] = {}
        is_pure = True
        waiting = [expression]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Path):
                columns = self.walk(one)[1]
                is_pure = is_pure and len(columns) == 1
                found.update(dict.fromkeys(columns))
            else:
                waiting += one.children()
                if hasattr(one, "expressions") and hasattr(one, "left"):
                    waiting.append(one.left)
        many = len(found) // 100 * 100  # only long lists have many columns: they end here sooner than elsewhere
        self.budget.spend(len(found) // 2 + many)
        return list(found), is_pure and len(found) == 1

    def outcome(self, expression: Expression, act: Callable[[], tuple[Any, Any]], *, kind: str) -> Settled:
        """What an expression comes to, the same way for all rows of the share.

        Args:
            expression: what is read.
            act: evaluates it for the row that is looked at now: what must be the same for all, and what may differ.
            kind: names what `act` does.

        Raises:
            Split: rows disagree.
        """
        if self.share.position < len(self.share.script):
            return self.settle((), act, memo=None)
        columns, is_pure = self.columns(expression)
        memo = None
        if is_pure:
            roots = [one.path[0] for one in paths(expression)]
            memo = (id(expression), kind, *(self.lineage.get(cast("str", root)) for root in roots))
        return self.settle(columns, act, memo=memo)

    def settle(
        self, columns: Sequence[Column], act: Callable[[], tuple[Any, Any]], *, memo: tuple[object, ...] | None
    ) -> Settled:
        """As `outcome`, from the columns that are read."""
        share = self.share
        if share.position < len(share.script):
            found = share.script[share.position]
        else:
            found = self._fresh(columns, act, memo=memo)
            share.script = [*share.script[: share.position], found]
        share.position += 1
        self.budget.spend(found.cost)
        return found

    def _fresh(
        self, columns: Sequence[Column], act: Callable[[], tuple[Any, Any]], *, memo: tuple[object, ...] | None
    ) -> Settled:
        if not columns:
            return self._cell(act)
        rows = self.share.rows
        if memo is not None:
            (column,) = columns
            codes = column.of(rows)
            if memo not in column.distinct.memo:
                every = np.arange(len(column.distinct.objects))
                column.distinct.memo[memo] = self._table(columns, every[:, None], act=act)
            table = column.distinct.memo[memo]
        else:
            codes, tuples = combined(columns, rows)
            table = self._table(columns, tuples, act=act)
        return self._shared(table, codes)

    def _cell(self, act: Callable[[], tuple[Any, Any]]) -> Settled:
        """One evaluation; whatever it spends is given back, since settling spends it."""
        before, self.share.in_cell = self.budget.left, True
        try:
            key, value = act()
            return Settled(key, value, before - self.budget.left)
        finally:
            self.budget.left, self.share.in_cell = before, False

    def _table(self, columns: Sequence[Column], tuples: Codes, *, act: Callable[[], tuple[Any, Any]]) -> Table:
        """The outcome of every combination."""
        keys: dict[tuple[object, object], int] = {}
        numbers = np.empty(len(tuples), np.int64)
        values: list[Any] = []
        cost = 0
        for number, codes in enumerate(tuples.tolist()):
            for column, code in zip(columns, codes, strict=True):
                column.now = code
            try:
                key, value, spent = self._cell(act)
            except (Unfit, Split):
                raise
            except Exception:  # whatever a value makes a filter do: its rows are left to the reference, which tells it
                numbers[number] = FAILED
                values.append("")
                continue
            numbers[number] = keys.setdefault(typed(key), len(keys))
            values.append(value)
            cost = max(cost, spent)
        return Table([one[1] for one in keys], numbers, Distinct(values), cost)

    def _shared(self, table: Table, codes: Codes) -> Settled:
        """The outcome of a share's rows."""
        share = self.share
        if len(table.keys) == 1 and not table.fails:
            column = Column(table.values, codes, rows=share.rows)
            return Settled(table.keys[0], column, table.cost)
        numbers = table.numbers[codes]
        found = np.unique(numbers).tolist()
        if found == [FAILED]:
            raise Failure("every row fails")
        if len(found) == 1:
            return Settled(table.keys[found[0]], Column(table.values, codes, rows=share.rows), table.cost)
        shares = []
        for number in found:
            mask = numbers == number
            rows = share.rows[mask]
            if number == FAILED:
                shares.append(Share(rows=rows, script=[*share.script, _NEVER], lengths=share.lengths))
                continue
            column = Column(table.values, codes[mask], rows=rows)
            settled = Settled(table.keys[number], column, table.cost)
            shares.append(Share(rows=rows, script=[*share.script, settled], lengths=share.lengths))
        raise Split(shares)


class Table(NamedTuple):
    """The outcomes of an expression for every distinct value. Stability: internal."""

    keys: list[Any]  # Any: as `Settled.key`
    numbers: Codes
    values: Distinct
    cost: int

    @property
    def fails(self) -> bool:
        """Whether it fails for any."""
        return bool((self.numbers == FAILED).any())


class Failure(Exception):
    """Every row of a share fails. Stability: internal."""


_NEVER = Settled(None, None, 1 << 40)
"""Spending this ends the walk: its rows fail here."""


class Scope(ReadOnlyChainMap):
    """The names of a render: within a cell, as one row sees them. Stability: internal."""

    context: Sweep

    def __getitem__(self, key: str) -> object:
        """What stands under a name."""
        value = super().__getitem__(key)
        if type(value) is Column and self.context.share.in_cell:
            return value.distinct.objects[value.now]
        return self.context.branch(value) if type(value) is Lists else value


def typed(key: object) -> tuple[object, object]:
    """A key that tells 1 from true and from 1.0."""
    return (type(key), key)


def combined(columns: Sequence[Column], rows: Rows) -> tuple[Codes, Codes]:
    """For each row the number of its combination, and the combinations."""
    if len(columns) == 1:
        distinct, inverse = np.unique(columns[0].of(rows), return_inverse=True)
        return inverse, distinct[:, None]
    codes = [column.of(rows) for column in columns]
    sizes = [int(one.max(initial=0)) + 1 for one in codes]
    if math.prod(sizes) < 1 << 62:
        mixed = np.ravel_multi_index(codes, sizes)
        distinct, inverse = np.unique(mixed, return_inverse=True)
        return inverse, np.stack(np.unravel_index(distinct, sizes), axis=1)
    table = np.stack(codes, axis=1)
    tuples, inverse = np.unique(table, axis=0, return_inverse=True)
    return inverse.reshape(-1), tuples


def paths(expression: Expression) -> list[Path]:
    """Every path in an expression."""
    found: list[Path] = []
    waiting = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Path):
            found.append(one)
        waiting += one.children()
    return found
