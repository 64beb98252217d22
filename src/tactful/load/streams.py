"""Rows of one table on their way into the lake: numbered, freed of what was loaded before, or gathered one per key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.chunk import Integers
from tactful.load.completing import Setting, completed
from tactful.load.fingerprints import Prints, fingerprints
from tactful.load.identities import IDENTITY
from tactful.load.judging import Fed
from tactful.load.known import Known
from tactful.load.mapping import KEPT_ONE_PER, TableMapping
from tactful.load.merging import merged
from tactful.load.numbers import Flags
from tactful.load.occurrences import Occurrences, Sieve, Sought, within

MOST_OPEN = 250_000
"""Rows that are kept waiting at once; then they are settled before reading goes on."""
SHARE_OPEN = 64
"""Of a large file one row in so many may wait: settling looks through all rows so far, so it is seldom done."""
FEW = 16
"""So many rows are passed over by cutting a batch around them; more are worth a copy of the others."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passed:
    """Rows of one table about which all is known. Stability: internal.

    Attributes:
        batches: the rows to be written.
        new: their positions in the file.
    """

    batches: tuple[pa.RecordBatch, ...]
    new: Integers

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, fit: Flags, places: Integers) -> Passed:
        """Those rows of a batch that fit; few that do not are passed over without a copy of the others."""
        others = np.flatnonzero(~fit)
        if len(others) > FEW:
            return cls(batches=(batch.filter(pa.array(fit)),), new=places[fit])
        begins, ends = [0, *(others + 1).tolist()], [*others.tolist(), batch.num_rows]
        spans = zip(begins, ends, strict=True)
        return cls(batches=tuple(batch.slice(a, b - a) for a, b in spans if b > a), new=places[fit])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiting:
    """Rows about which something is still to be asked. Stability: internal.

    Attributes:
        batch: the rows; none for rows that were refused and are only numbered.
        places: their positions in the file.
        prints: fingerprints of their keys.
        whole: fingerprints of the whole rows; None where they are not asked for.
        unnumbered: which of them have no occurrence number yet.
    """

    batch: pa.RecordBatch | None
    places: Integers
    prints: Prints
    whole: Prints | None
    unnumbered: Flags


class Numbered:
    """A table of which every row counts for itself: what was loaded before is left out, and so are exact repeats.

    Repeated transactions within a file are real lines: they are numbered and kept. Stability: internal.

    Args:
        mapping: the table's mapping.
        known: what was loaded before.
        setting: what is the same for every row.
        rows: how many the file has about; 0 where nobody knows.
    """

    def __init__(self, mapping: TableMapping, *, known: Known, setting: Setting, rows: int = 0) -> None:
        self.mapping, self.known, self.setting = mapping, known, setting
        self.keeps_repeats = mapping.table == "transactions" and "line" not in {f.name for f in mapping.fillings}
        self._occurrences = Occurrences(sieve=Sieve(room=rows))
        self._waiting: list[Waiting] = []
        self._open_rows = 0
        self._numbers: dict[int, int] = {}
        self._again: set[tuple[int, int]] = set()

    def take(self, fed: Fed, *, begins: int, refused: Integers) -> tuple[Passed, dict[int, int | None]]:
        """The rows of a stretch that can be passed on at once.

        Args:
            fed: what the stretch gives to the table.
            begins: position of its first row in the file.
            refused: rows of the stretch that went into quarantine.

        Returns:
            The rows; and the occurrence number of each refused row that has a key, None where it is still open.
        """
        lines, still_open = self._number(fed)
        batch = completed(self.mapping.table, fed.columns, rows=len(fed.rows), setting=self.setting)
        numbers = lines[fed.rows]
        if self.keeps_repeats:
            batch = with_lines(batch, lines=numbers)
        wait = still_open[fed.rows]
        known = self.known.may_hold(batch)
        fit = ~(wait | known) & self._kept(numbers)
        wait = wait | (known & self._kept(numbers))
        if wait.any():
            chosen = np.flatnonzero(wait)
            rows = fed.rows[chosen]
            self._keep(batch.take(pa.array(chosen)), fed, rows=rows, begins=begins, still_open=still_open)
        numbered = {
            int(row): None if still_open[row] else int(lines[row])
            for row in refused
            if fed.keyed[row] and self.keeps_repeats
        }
        late = np.array([row for row, number in numbered.items() if number is None], np.int64)
        if len(late):
            self._keep(None, fed, rows=late, begins=begins, still_open=still_open)
        return Passed.of(batch, fit=fit, places=fed.rows + begins), numbered

    @property
    def exact_repeats(self) -> int:
        """Rows that repeat an earlier row of the file as a whole, and were kept."""
        return self._occurrences.exact_repeats() if self.keeps_repeats else 0

    @property
    def is_full(self) -> bool:
        """Whether so many rows wait that they should be settled now."""
        return self._open_rows >= max(MOST_OPEN, self._occurrences.seen // SHARE_OPEN)

    def settle(self) -> Iterator[Passed]:
        """Everything that waited; afterwards `late_numbers` tells the numbers of refused rows."""
        waiting, self._waiting, self._open_rows = self._waiting, [], 0
        if not waiting:
            return
        places = np.concatenate([w.places for w in waiting])
        prints = np.concatenate([w.prints for w in waiting])
        unnumbered = np.concatenate([w.unnumbered for w in waiting])
        order = np.flatnonzero(unnumbered)
        order = order[np.argsort(places[order], kind="stable")]
        lines = np.zeros(len(places), np.int64)
        whole = (
            np.concatenate([w.whole for w in waiting if w.whole is not None]) if waiting[0].whole is not None else None
        )
        lines[order] = self._occurrences.settle(prints[order], whole=None if whole is None else whole[order])
        whose = np.repeat(np.arange(len(waiting)), [len(w.places) for w in waiting])
        is_refused = np.array([w.batch is None for w in waiting])[whose]
        late = zip(places[is_refused].tolist(), lines[is_refused].tolist(), strict=True)
        self._numbers |= dict(late)
        batches = [w.batch for w in waiting if w.batch is not None]
        if batches:
            kept = ~is_refused
            yield self._settled(
                pa.concat_batches(batches), places=places[kept], lines=lines[kept], unnumbered=unnumbered[kept]
            )

    def late_number(self, place: int) -> int | None:
        """The occurrence number of a refused row that was open when its stretch was taken."""
        return self._numbers.get(place)

    def _settled(self, batch: pa.RecordBatch, *, places: Integers, lines: Integers, unnumbered: Flags) -> Passed:
        """What is left of the rows that waited."""
        numbers = np.where(unnumbered, lines, 1)
        if self.keeps_repeats:
            numbers = np.where(unnumbered, lines, batch.column("line").to_numpy())
            batch = with_lines(batch, lines=numbers)
        fit = self._kept(numbers) & ~self.known.holds(batch)
        return Passed.of(batch, fit=fit, places=places)

    def _number(self, fed: Fed) -> tuple[Integers, Flags]:
        """Occurrence numbers over the rows that have a key, and which are open; 0 for the others."""
        keyed = fed.keyed
        if self.keeps_repeats and fed.occurrences is not None:
            return self._number_again(fed), np.zeros(len(keyed), np.bool_)
        if keyed.all():
            return self._occurrences.number(fed.prints, whole=fed.whole)
        lines, still_open = np.zeros(len(keyed), np.int64), np.zeros(len(keyed), np.bool_)
        whole = None if fed.whole is None else fed.whole[keyed]
        lines[keyed], still_open[keyed] = self._occurrences.number(fed.prints[keyed], whole=whole)
        return lines, still_open

    def _number_again(self, fed: Fed) -> Integers:
        """Numbers of rows that were quarantined: the ones given to them then, else as they come within their file.

        0 for a row that another file brought before: its key and its number are the same.
        """
        assert fed.occurrences is not None
        lines = np.where(fed.keyed, fed.occurrences, 0)
        fresh = np.flatnonzero(fed.keyed & (lines == 0))
        lines[fresh] = within(fed.prints[fresh])
        for row in fed.rows.tolist():
            pair = (int(fed.prints[row]), int(lines[row]))
            if pair in self._again:
                lines[row] = 0
            self._again.add(pair)
        return lines

    def _kept(self, numbers: Integers) -> Flags:
        """Which rows are written by their occurrence number."""
        return numbers >= 1 if self.keeps_repeats else numbers == 1

    def _keep(self, batch: pa.RecordBatch | None, fed: Fed, *, rows: Integers, begins: int, still_open: Flags) -> None:
        self._waiting.append(
            Waiting(
                batch=batch,
                places=rows + begins,
                prints=fed.prints[rows],
                whole=None if fed.whole is None else fed.whole[rows],
                unnumbered=still_open[rows],
            )
        )
        self._open_rows += len(rows)


class Gathered:
    """A table that keeps one row per key: in each column the last value that says something. Stability: internal."""

    def __init__(self, mapping: TableMapping, *, known: Known, setting: Setting) -> None:
        self.mapping, self.known, self.setting = mapping, known, setting
        self.rows = 0
        self.kept = 0
        self._held: pa.Table | None = None
        self._loose: list[pa.Table] = []
        self._loose_rows = 0
        self._tracked: list[tuple[Integers, Prints]] = []

    def take(self, fed: Fed, *, begins: int, undecided: Flags) -> None:
        """Gather the rows of a stretch.

        Args:
            fed: what the stretch gives to the table.
            begins: position of its first row in the file.
            undecided: rows of the stretch that no other table has made new.
        """
        if len(fed.rows) == 0:
            return
        self.rows += len(fed.rows)
        prints = fed.prints[fed.rows]
        part = pa.table({**fed.columns, "print": pa.array(prints.view(np.int64))})
        self._loose.append(merged(part, keys=self.mapping.one_per))
        self._loose_rows += self._loose[-1].num_rows
        matter = undecided[fed.rows]
        if matter.any():
            self._tracked.append((fed.rows[matter] + begins, prints[matter]))
        if self._loose_rows > 100_000 + (self._held.num_rows if self._held is not None else 0):
            self._compact()

    def finish(self) -> Passed:
        """The rows, one per key, that say something new; and the positions of the file's rows behind them."""
        self._compact()
        if self._held is None:
            return Passed(batches=(), new=np.empty(0, np.int64))
        self.kept = self._held.num_rows
        columns = {
            name: self._held.column(name).combine_chunks() for name in self._held.column_names if name != "print"
        }
        if self.mapping.table == "items":
            columns |= self._said_before(columns)
        batch = completed(self.mapping.table, columns, rows=self.kept, setting=self.setting)
        fit = np.ones(self.kept, np.bool_)
        if self.mapping.table not in KEPT_ONE_PER:
            numbers = within(fingerprints([batch.column(name) for name in IDENTITY[self.mapping.table]]))
            fit = numbers == 1
            if self.mapping.table == "transactions" and "line" not in columns:
                batch, fit = with_lines(batch, lines=numbers), numbers >= 1
        fit &= ~self.known.holds(batch)
        prints = Sought(np.sort(self._held.column("print").to_numpy().view(np.uint64)[fit]))
        behind = [places[prints.among(theirs)[1]] for places, theirs in self._tracked] if fit.any() else []
        return Passed(batches=(batch.filter(pa.array(fit)),), new=np.concatenate([np.empty(0, np.int64), *behind]))

    def _compact(self) -> None:
        parts = [*([self._held] if self._held is not None else []), *self._loose]
        if self._loose:
            self._held = merged(pa.concat_tables(parts), keys=self.mapping.one_per)
        self._loose, self._loose_rows = [], 0

    def _said_before(self, columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
        """Title and sellable as last loaded, where this source does not say them."""
        left = [name for name in ("title", "sellable") if name not in columns or columns[name].null_count]
        before = self.known.before() if left else None
        if before is None:
            return {}
        at = pc.index_in(columns["item_id"], value_set=before["item_id"].combine_chunks())
        found = {name: before[name].combine_chunks().take(at) for name in left}
        return {name: pc.coalesce(columns[name], found[name]) if name in columns else found[name] for name in left}


def with_lines(batch: pa.RecordBatch, *, lines: Integers) -> pa.RecordBatch:
    """The rows with these occurrence numbers."""
    return batch.set_column(batch.schema.get_field_index("line"), batch.schema.field("line"), pa.array(lines))
