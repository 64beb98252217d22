"""What must hold of every template and value: three paths say the same words, or end in the same clear error."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from tactful.compose.aborting import Abort
from tactful.compose.faults import ContentFault, Source
from tactful.compose.frames import frame
from tactful.compose.idioms import written_out
from tactful.compose.limits import TooMuch
from tactful.compose.liquid import Context, Limited, LiquidError, Parsed
from tactful.compose.placed import place
from tactful.compose.plan import columnar_environment
from tactful.compose.recorded import Recorder, Unwritten
from tactful.compose.rows import RowFunction, Unfitting
from tactful.compose.rowwise import PartByRow
from tactful.compose.sweeping import SweptParsed, sweep
from tactful.compose.template import Template

Row = Mapping[str, Any]
_OURS = (AttributeError, NameError, AssertionError, KeyError, MemoryError)
"""What no value should bring about."""
CLEAR = (LiquidError, TooMuch, Abort)


class Found(Exception):
    """Something that must not be: its first argument names it, the second says it."""


def judge(text: str, *, env: Limited, rows: Sequence[Row]) -> str:
    """Write a template for some rows by every path.

    Args:
        text: the template.
        env: its environment.
        rows: what each message sees.

    Returns:
        How it went: refused, aside (some path stood aside), written.

    Raises:
        Found: paths differ, or something else than a clear error came up.
    """
    try:
        written = written_out(Source.plain(text), partials={})
        text = written.text
        template = Template(text, env=env, source=written)
    except ContentFault as fault:
        if fault.finding.place is None or len(fault.finding.what) < 4:
            raise Found("unclear refusal", str(fault)) from fault
        return "refused"
    columns = _columns(text, env=env, rows=rows)
    function = _function(template)
    aside = function is None
    for number, one in enumerate(rows):
        made = template.render(one)
        if isinstance(made, Unwritten):
            _clear(template, made, row=one)
            if number in columns:
                raise Found("columns write what the reference refuses", made.reason)
            if (words := _words(function, one)) is not None:
                raise Found("row writes what the reference refuses", f"{made.reason} / {words[:200]!r}")
            continue
        if number in columns and columns[number] != made:
            raise Found("columns differ", f"{columns[number]} / {made}")
        words, expected = _words(function, one), made.joined(escaped=env.autoescape)
        if words is not None and words != expected:
            raise Found("row differs", f"{words[:500]!r} / {expected[:500]!r}")
        aside = aside or words is None or number not in columns
    if function is not None:
        _by_row(template, rows=rows)
    return "aside" if aside else "written"


def _columns(text: str, *, env: Limited, rows: Sequence[Row]) -> dict[int, object]:
    parsed = columnar_environment(env).from_string(text)
    swept = sweep(cast("SweptParsed", parsed), frame(rows), rows=np.arange(len(rows)))
    found: dict[int, object] = {}
    for way in swept.ways:
        for here, number in enumerate(way.rows.tolist()):
            values = tuple(str(one.distinct.objects[int(one.of(way.rows)[here])]) for one in way.columns)
            found[number] = replace(way.made, values=values)
    return found


def _function(template: Template) -> RowFunction | None:
    try:
        return RowFunction(cast("Parsed", template.parsed))
    except Unfitting:
        return None


def _by_row(template: Template, *, rows: Sequence[Row]) -> None:
    """What the row path learns of some messages is true of all that go the same way."""
    try:
        notes = PartByRow(template)
    except Unfitting:
        return
    for one in [*rows, *rows]:
        noted = notes.recorded(one)
        if noted is not None and noted != (made := template.render(one)):
            raise Found("row notes differ", f"{noted} / {made}")


def _words(function: RowFunction | None, row: Row) -> str | None:
    """By the row function; None where it stands aside."""
    if function is None:
        return None
    try:
        return function.text(row)
    except Exception:  # it stands aside, and the reference speaks
        return None


def _clear(template: Template, made: Unwritten, *, row: Row) -> None:
    """An error must be one that tells an author what to do, and no accident of ours."""
    if made.why == "aborted":
        return
    if made.finding is None or made.finding.place is None or len(made.reason) < 4:
        raise Found("unclear error", made.reason)
    try:
        context = Context(template.parsed, globals=cast("Mapping[str, object]", place(row)))
        template.parsed.render_with_context(context, Recorder())
    except CLEAR:
        return
    except Exception as fault:
        where = traceback.extract_tb(fault.__traceback__)[-1]
        name = f"{type(fault).__name__} in {where.filename.rsplit('/', 1)[-1]}:{where.name}"
        if isinstance(fault, _OURS) or not made.reason.startswith(("a value does not fit", "the template is nested")):
            raise Found(name, str(fault)) from fault
