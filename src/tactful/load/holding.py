"""When a file is held whole: too many bad rows, too few or too many rows, garbled text, half a file. And what to do."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from tactful.load.account import Tally
from tactful.load.limits import full_sheet
from tactful.load.unpacking import held
from tactful.project.sources import Source, SourceLimits

DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def state_of(path: Path) -> tuple[int, int]:
    """Size and time of change of a file: another state later means that somebody still writes it."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def check_end_marker(source: Source, path: Path, *, digest: bytes) -> int | None:
    """Look for the file that says a file is complete.

    The marker may be empty, hold the SHA-256 of the file in hex (as `sha256sum` writes it), or its number of rows.

    Args:
        source: `end_marker` names it, with `{name}` for the file's name.
        path: the file.
        digest: its SHA-256, or the beginning of it.

    Returns:
        The number of rows it states; None where it states none.

    Raises:
        SourceHeld: it is not there, or it is of another file.
    """
    if source.end_marker is None:
        return None
    marker = path.parent / source.end_marker.replace("{name}", path.name).replace("{stem}", path.stem)
    if not marker.is_file():
        raise held(path, f"its end marker {marker.name} is not there", do="wait for it; nothing of the file was loaded")
    text = marker.read_text("utf-8", "replace").strip()
    if found := DIGEST.search(text):
        if not bytes.fromhex(found.group()).startswith(digest):
            what = f"it is not the file that its end marker {marker.name} describes"
            raise held(path, what, do="wait until it is complete, or ask for it again")
        return None
    if text.isdecimal():
        return int(text)
    if text or marker.suffix == ".sha256":
        what = f"its end marker {marker.name} holds neither a SHA-256 nor a number of rows"
        raise held(path, what, do="write one of them, or leave the marker empty")
    return None


def reason_to_hold(source: Source, tally: Tally, *, last_rows: int | None, stated_rows: int | None) -> str:
    """Why a file that was read to its end is held, and what to do; empty where nothing speaks against it."""
    limits = source.limits
    judged = tally.rows - tally.erased
    bad = tally.quarantined - tally.erased
    if tally.rows == 0:
        return "it holds no row. If that is right, there is nothing to do; else ask for the file again."
    if stated_rows is not None and tally.rows != stated_rows:
        return f"its end marker states {stated_rows:,} rows and it holds {tally.rows:,}. Ask for it again."
    if judged and Decimal(bad) / judged > limits.quarantined:
        rule, rows = next((rule, rows) for rule, rows in tally.rules.most_common() if rule != "erased")
        first = tally.examples[rule][0]
        return (
            f"{bad:,} of {judged:,} rows ({bad / judged:.1%}) were refused, more than the {limits.quarantined:.1%}"
            f" allowed; most often ({rows:,}) by {rule}: {first}."
            " Mend the file or the source, or raise limits.quarantined."
        )
    if Decimal(tally.garbled) / tally.rows > limits.garbled:
        return (
            f"{tally.garbled:,} of {tally.rows:,} rows have garbled characters, such as Ã© for é, more than the"
            f" {limits.garbled:.2%} allowed. Declare its `encoding`, or ask for it in UTF-8."
        )
    return reason_by_count(limits, tally.rows, last_rows=last_rows)


def reason_by_count(limits: SourceLimits, rows: int, *, last_rows: int | None) -> str:
    """Why a number of rows is suspicious; empty where it is not."""
    if rows in limits.suspicious_row_counts:
        said = full_sheet(rows) or f"it has exactly {rows:,} rows, where spreadsheets cut"
        return (
            f"{said}. Export it without a spreadsheet; if it is whole, take {rows} out of limits.suspicious_row_counts."
        )
    if last_rows is None:
        return ""
    if rows < last_rows * (1 - limits.fewer):
        return (
            f"it has {rows:,} rows and the last load had {last_rows:,}: more than {limits.fewer:.0%} fewer. Ask whether"
            " it is whole; if it is, raise limits.fewer, or write snapshot: false where files hold only what is new."
        )
    if rows > last_rows * (1 + limits.more):
        return (
            f"it has {rows:,} rows and the last load had {last_rows:,}: more than {limits.more:.0%} more. Ask whether"
            " rows are doubled; if not, raise limits.more, or write snapshot: false where files hold only what is new."
        )
    return ""
