"""The account of one file: where every row went, and a report that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tactful.load.refused import RefusedRow

MOST_EXAMPLES = 10
EXAMPLES_PER_RULE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where the rows of one file went. Stability: full.

    `rows_read` = `accepted` + `quarantined` + `duplicate`, always; of a held file these are what they would have been.

    Attributes:
        source: name of the source.
        file: name of the file, as the ledger keeps it.
        digest: 16 bytes of the SHA-256 of the file.
        contract: short hash of the declaration it was read under.
        rows_read: rows of the file; empty lines are no rows.
        accepted: rows that were loaded, those included that a table leaves to others.
        quarantined: rows that were refused and kept with their reason.
        duplicate: rows that say only what was loaded before.
        state: `loaded`, or `held`: nothing of the file was loaded.
        why: why it is held and what to do; empty where it is not.
        examples: the first refused rows: file, line, field, reason.
        tables: rows written by table.
        report: everything else worth telling, ready for JSON.
    """

    source: str
    file: str
    digest: bytes
    contract: str
    rows_read: int
    accepted: int
    quarantined: int
    duplicate: int
    state: str
    why: str
    examples: tuple[str, ...] = ()
    tables: dict[str, int] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)  # Any: counts and texts for people

    def __post_init__(self) -> None:
        if self.rows_read != self.accepted + self.quarantined + self.duplicate:
            raise ValueError(
                f"{self.file}: {self.rows_read} rows read, but {self.accepted} accepted, {self.quarantined} quarantined"
                f" and {self.duplicate} duplicate"
            )

    def row(self) -> dict[str, object]:
        """The columns of `loaded_file` that load knows."""
        names = "source digest file contract rows_read accepted quarantined duplicate state why"
        return {name: getattr(self, name) for name in names.split()}

    def shown(self) -> dict[str, object]:
        """The same for people, ready for JSON."""
        return {
            **self.row(),
            "digest": self.digest.hex(),
            "examples": list(self.examples),
            "tables": dict(self.tables),
            "report": self.report,
        }

    def lines(self) -> tuple[str, ...]:
        """The account in words, for a person: counts, what stands behind them, and the first refused rows."""
        report, told = self.report, [f"{self.file}: {self.state}. {self.why}".rstrip()]
        counts = {"accepted": self.accepted, "quarantined": self.quarantined, "duplicate": self.duplicate}
        told.append(f"{self.rows_read:,} rows read: {_counted(counts)}.")
        if kinds := report.get("by_kind"):
            told.append(f"By kind: {_counted(kinds)}; {report.get('without_customer', 0):,} without a customer.")
        if repeats := report.get("exact_repeats_kept"):
            told.append(f"{repeats:,} rows repeat an earlier row of the file exactly; they are kept.")
        for table, merged in report.get("one_row_per_key", {}).items():
            told.append(f"{merged['rows']:,} rows made {merged['made']:,} of {table}.")
        if covers := report.get("covers"):
            told.append(f"It covers {covers[0]} to {covers[1]}.")
        if found := {name: report[name] for name in ("encoding", "delimiter") if name in report}:
            told.append(f"Read with {', '.join(f'{name} {value}' for name, value in found.items())}.")
        if late := report.get("after_now"):
            told.append(f"{late:,} rows lie after now, and no decision knows them yet: see `clock:` in tactful.yaml.")
        if unknown := report.get("unknown_keys"):
            told.append(f"Keys that nobody asked for: {', '.join(sorted(unknown))}.")
        if new := report.get("new_columns_ignored"):
            told.append(f"New columns, ignored: {', '.join(new)}.")
        for rule, refused in report.get("quarantined_by_rule", {}).items():
            told += [f"{refused['rows']:,} quarantined by {rule}:", *(f"  {one}" for one in refused["examples"])]
        return tuple(told)


def _counted(counts: Mapping[str, int]) -> str:
    """Words with their numbers.

    >>> _counted({"sale": 531283, "return": 1336})
    '531,283 sale, 1,336 return'
    """
    return ", ".join(f"{count:,} {word}" for word, count in counts.items())


@dataclass(slots=True, kw_only=True)
class Tally:
    """What is counted while a file is read. Stability: internal."""

    readable: int = 0
    unreadable: int = 0
    refused: int = 0
    erased: int = 0
    garbled: int = 0
    blank: int = 0
    without_customer: int = 0
    blocked: int = 0
    after_now: int = 0
    first: datetime | None = None
    last: datetime | None = None
    rules: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return self.readable + self.unreadable

    @property
    def quarantined(self) -> int:
        """Rows in quarantine."""
        return self.unreadable + self.refused

    def refuse(self, row: RefusedRow, *, file: str) -> None:
        """Count one row of the quarantine."""
        self.rules[row.rule] += 1
        told = self.examples.setdefault(row.rule, [])
        if len(told) < EXAMPLES_PER_RULE:
            told.append(f"{file}:{row.line}: {row.reason} ({row.rule})")

    def spans(self, first: datetime, last: datetime) -> None:
        """Widen the time covered."""
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    def report(self) -> dict[str, Any]:  # Any: counts and texts for people
        """What is worth telling; what is zero is left out."""
        told: dict[str, Any] = {
            "by_kind": dict(self.kinds),
            "without_customer": self.without_customer,
            "words_instead_of_a_customer": self.blocked,
            "set_aside": {table: rows for table, rows in self.set_aside.items() if rows},
            "quarantined_by_rule": {
                rule: {"rows": rows, "examples": self.examples.get(rule, [])} for rule, rows in self.rules.most_common()
            },
            "erased_people": self.erased,
            "garbled_rows": self.garbled,
            "empty_lines": self.blank,
            "after_now": self.after_now,
            "unknown_keys": dict(self.unknown_keys),
            "covers": [self.first.isoformat(), self.last.isoformat()] if self.first and self.last else [],
        }
        return {name: value for name, value in told.items() if value}

    def first_examples(self) -> tuple[str, ...]:
        """The first refused rows, rule by rule."""
        return tuple(example for told in self.examples.values() for example in told)[:MOST_EXAMPLES]
