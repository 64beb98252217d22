"""Files of declared sources into canonical rows: opened, judged, accounted for; and the quarantine read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tactful.load.account import Account, Tally
from tactful.load.completing import Setting
from tactful.load.contract import contract_of
from tactful.load.holding import check_end_marker, reason_to_hold, state_of
from tactful.load.judging import Judged, judge
from tactful.load.known import Known
from tactful.load.mapping import Plan, plan_of
from tactful.load.opening import Beside, Opened, open_form
from tactful.load.reading import Reading, Work
from tactful.load.refused import Origin
from tactful.load.replaying import nobody, open_quarantine
from tactful.load.unpacking import held
from tactful.project.declared import Project
from tactful.project.sources import Source
from tactful.store.ahead import ahead
from tactful.words.clock import Clock
from tactful.words.errors import SourceHeld
from tactful.words.sealed import Sealed

__all__ = ["Account", "Reading", "contract_of", "digest_of", "open_file", "open_quarantine"]


def digest_of(path: Path) -> bytes:
    """The first 16 bytes of the SHA-256 of a file: the file's identity in the ledger."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()[:16]


def open_file(  # noqa: PLR0913 (a file, its name, and what is known; a type of them would have no other use)
    source: Source,
    path: Path,
    *,
    name: str,
    project: Project,
    clock: Clock,
    seen: Mapping[str, Sealed],
    last_rows: int | None = None,
    is_erased: Callable[[str], bool] = nobody,
) -> Reading:
    """Open one file of a source. What is wrong with the file as a whole never raises: its account says `held`, and why.

    Args:
        source: the declaration.
        path: the file.
        name: what the ledger calls it.
        project: for its zone, currency and memory.
        clock: now.
        seen: everything loaded so far, by table, against which duplicates are told.
        last_rows: rows of the last load this file replaces; None to compare with nothing.
        is_erased: whether a customer was erased; such rows are counted, and neither they nor their bytes are kept.
    """
    state, zone = state_of(path), source.zone or project.settings.zone
    opened: Opened | None = None
    plan: Plan | None = None
    try:
        opened = open_form(source, path)
        plan = plan_of(source, opened.header, zone=zone)
        stated = check_end_marker(source, path, digest=opened.digest)
        pieces = _pieces(opened, plan, clock=clock, is_erased=is_erased)
    except SourceHeld as error:
        pieces, stated, plan = _nothing(error), None, None
    still = _unchanged(path, state=state)

    def judged_end(tally: Tally) -> str:
        still()
        return reason_to_hold(source, tally, last_rows=last_rows, stated_rows=stated)

    memory = project.settings.memory
    return Reading(
        Work(
            pieces=pieces,
            plan=plan,
            judged_end=judged_end,
            told=_told(opened, plan),
            about_rows=opened.about_rows if opened is not None else 0,
        ),
        origin=Origin(
            source=source.source,
            file=name,
            digest=opened.digest if opened is not None else digest_of(path),
            contract=contract_of(source),
            now=clock.now,
            written_as=opened.written_as if opened is not None else "",
        ),
        known=lambda table: Known(table, loaded=seen.get(table), source=source.source, memory=memory),
        setting=Setting(source=source.source, now=clock.now, currency=project.settings.currency),
        rows_expected=opened.rows if opened is not None else None,
    )


def _pieces(
    opened: Opened, plan: Plan, *, clock: Clock, is_erased: Callable[[str], bool]
) -> Callable[[], Iterator[tuple[Beside, Judged]]]:
    def work(piece: Any) -> tuple[Beside, Judged]:  # Any: each form has its own
        read = opened.read(piece)
        return read.beside, judge(read.stretch, plan=plan, now=clock.now, is_erased=is_erased)

    return lambda: ahead(work, opened.pieces(), workers=2)


def _nothing(error: SourceHeld) -> Callable[[], Iterator[tuple[Beside, Judged]]]:
    """The stretches of a file that was held before a row of it was read: there are none, and asking says why."""

    def pieces() -> Iterator[tuple[Beside, Judged]]:
        raise error

    return pieces


def _unchanged(path: Path, *, state: tuple[int, int]) -> Callable[[], None]:
    """A check that nobody wrote to a file while it was read."""

    def check() -> None:
        if not path.is_file() or state_of(path) != state:
            raise held(path, "it changed while it was read", do="wait until it is complete, then load it again")

    return check


def _told(opened: Opened | None, plan: Plan | None) -> dict[str, object]:
    """What the report says of a file besides counts."""
    told: dict[str, object] = dict(opened.found) if opened is not None else {}
    if plan is not None and plan.new:
        told["new_columns_ignored"] = list(plan.new)
    if plan is not None and plan.missing_unused:
        told["unused_columns_missing"] = list(plan.missing_unused)
    if opened is not None and opened.header.nameless:
        told["columns_without_a_name"] = list(opened.header.nameless)
    return told
