"""One file on its way into the lake: its rows judged, numbered, freed of what is known, and every one accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tactful.load.account import Account, Tally
from tactful.load.completing import Setting
from tactful.load.judging import Judged
from tactful.load.known import Known
from tactful.load.mapping import Plan
from tactful.load.opening import Beside
from tactful.load.quarantine import MOST_AT_ONCE, put_in
from tactful.load.refused import Origin, RefusedRow
from tactful.load.rules import Rule
from tactful.load.statuses import FED, NEW, Counts, Marks, Status
from tactful.load.streams import Gathered, Numbered, Passed
from tactful.words.errors import Misuse, SourceHeld

HELD = "nothing of it was loaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is done while a file is read. Stability: internal.

    Attributes:
        pieces: the stretches of the file, read and judged, in order.
        plan: what every row must be; None where the file was held before a row was read.
        judged_end: why the file is held, asked when all is read; empty where it is not.
        told: what the report says besides counts.
        about_rows: how many rows there are about; 0 where nobody knows.
        closing: rows to be written at the end.
    """

    pieces: Callable[[], Iterable[tuple[Beside, Judged]]]
    plan: Plan | None
    judged_end: Callable[[Tally], str]
    told: dict[str, object]
    about_rows: int = 0
    closing: Callable[[], Iterable[pa.RecordBatch]] = tuple


class Reading:
    """One file, or the quarantine of one source, read once. Stability: caller.

    Attributes:
        digest: 16 bytes that tell what is read.
        rows_expected: how many rows it states; None where it does not.
    """

    def __init__(
        self, work: Work, *, origin: Origin, known: Callable[[str], Known], setting: Setting, rows_expected: int | None
    ) -> None:
        self.digest, self.rows_expected = origin.digest, rows_expected
        self._work, self._origin = work, origin
        self._tally = Tally()
        mappings = work.plan.tables if work.plan is not None else ()
        self._gathered = {m.table: Gathered(m, known=known(m.table), setting=setting) for m in mappings if m.one_per}
        self._numbered = {
            m.table: Numbered(m, known=known(m.table), setting=setting, rows=work.about_rows)
            for m in mappings
            if not m.one_per
        }
        self._status: Status = Marks() if len(mappings) > 1 else Counts()
        self._late: list[tuple[RefusedRow, int]] = []
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        """Where every row went; there when the batches are exhausted.

        Raises:
            Misuse: they are not.
        """
        if self._account is None:
            raise Misuse.say(where=self._origin.file, what="is not read to its end", do="exhaust `batches()` first")
        return self._account

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of every table, mixed; the schema's metadata names the table. Where the account says `held`, they
        count for nothing.
        """
        why = ""
        try:
            for beside, judged in self._work.pieces():
                yield from self._take(beside, judged)
            yield from self._finish()
            yield from self._work.closing()
            reason = self._work.judged_end(self._tally)
            why = f"{self._origin.file}: {reason}" if reason else ""
        except SourceHeld as error:
            why = str(error)
        if why and HELD not in why:
            why = f"{why} {HELD[0].upper()}{HELD[1:]}."
        self._account = self._accounted(why)

    def _take(self, beside: Beside, judged: Judged) -> Iterator[pa.RecordBatch]:
        """One stretch: rows that can be passed on at once."""
        begins = self._tally.readable
        self._count(beside, judged)
        self._status.extend(judged.rows)
        refused = np.array([row.row for row in judged.refused], np.int64)
        numbers: dict[int, int | None] = {}
        for fed in judged.fed:
            self._status.mark(fed.rows + begins, FED)
            if fed.mapping.table in self._numbered:
                passed, found = self._numbered[fed.mapping.table].take(fed, begins=begins, refused=refused)
                numbers |= found
                yield from self._passed(passed)
        for fed in judged.fed:
            if fed.mapping.table in self._gathered:
                undecided = self._status.undecided(begins, begins + judged.rows)
                self._gathered[fed.mapping.table].take(fed, begins=begins, undecided=undecided)
        late = {row for row, number in numbers.items() if number is None}
        self._late += [(row, row.row + begins) for row in judged.refused if row.row in late]
        certain = [(row, numbers.get(row.row)) for row in judged.refused if row.row not in late]
        yield from self._quarantined([*certain, *((row, None) for row in beside.bad)])
        if any(stream.is_full for stream in self._numbered.values()):
            yield from self._settle()

    def _finish(self) -> Iterator[pa.RecordBatch]:
        """What waited, and the tables that keep one row per key."""
        yield from self._settle()
        for gathered in self._gathered.values():
            yield from self._passed(gathered.finish())

    def _settle(self) -> Iterator[pa.RecordBatch]:
        numbers = None
        for stream in self._numbered.values():
            for passed in stream.settle():
                yield from self._passed(passed)
            numbers = stream if stream.keeps_repeats else numbers
        if self._late and numbers is not None:
            yield from self._quarantined([(row, numbers.late_number(place)) for row, place in self._late])
        self._late = []

    def _passed(self, passed: Passed) -> Iterator[pa.RecordBatch]:
        self._status.mark(passed.new, NEW)
        for batch in passed.batches:
            if batch.num_rows:
                self._tally.written[batch.schema.metadata[b"table"].decode()] += batch.num_rows
                yield batch

    def _quarantined(self, rows: list[tuple[RefusedRow, int | None]]) -> Iterator[pa.RecordBatch]:
        for at in range(0, len(rows), MOST_AT_ONCE):
            batch = put_in(rows[at : at + MOST_AT_ONCE], origin=self._origin)
            self._tally.written["quarantine"] += batch.num_rows
            yield batch

    def _count(self, beside: Beside, judged: Judged) -> None:
        tally = self._tally
        tally.readable += judged.rows
        tally.unreadable += len(beside.bad)
        tally.refused += len(judged.refused)
        tally.blank += beside.blank
        tally.unknown_keys.update(beside.unknown)
        tally.garbled += judged.garbled
        tally.blocked += judged.blocked
        tally.without_customer += judged.without_customer
        tally.after_now += judged.after_now
        tally.kinds.update(judged.kinds)
        tally.set_aside.update(judged.set_aside)
        if judged.times:
            tally.spans(*judged.times)
        for row in (*judged.refused, *beside.bad):
            tally.erased += row.rule == Rule.ERASED.value
            tally.refuse(row, file=(row.origin or self._origin).file)

    def _accounted(self, why: str) -> Account:
        tally = self._tally
        duplicate = self._status.duplicates
        report = {**self._work.told, **tally.report()}
        repeats = sum(stream.exact_repeats for stream in self._numbered.values())
        if repeats:
            report["exact_repeats_kept"] = repeats
        merged = {t: {"rows": g.rows, "made": g.kept} for t, g in self._gathered.items() if g.kept < g.rows}
        if merged:
            report["one_row_per_key"] = merged
        return Account(
            source=self._origin.source,
            file=self._origin.file,
            digest=self._origin.digest,
            contract=self._origin.contract,
            rows_read=tally.rows,
            accepted=tally.rows - tally.quarantined - duplicate,
            quarantined=tally.quarantined,
            duplicate=duplicate,
            state="held" if why else "loaded",
            why=why,
            examples=tally.first_examples(),
            tables=dict(tally.written) if not why else {},
            report=report,
        )
