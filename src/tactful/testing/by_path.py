"""One template for one message by one path alone: in columns, by the row function, by the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from tactful.compose.faults import ContentFault, Source
from tactful.compose.frames import frame
from tactful.compose.limits import TooMuch
from tactful.compose.liquid import Limited, Parsed, environment
from tactful.compose.plan import columnar_environment
from tactful.compose.recorded import Unwritten
from tactful.compose.rows import RowFunction
from tactful.compose.sweeping import SweptParsed, sweep
from tactful.compose.template import Template

Data = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A template that was not parsed or not written, and why. Stability: internal."""

    reason: str


def _template(text: str, partials: Mapping[str, str]) -> Template:
    return Template(text, env=environment(partials, escaped=True), source=Source.plain(text))


def reference(text: str, data: Data, partials: Mapping[str, str]) -> str | Refused:  # noqa: PLR0917  # all paths alike
    """By python-liquid."""
    try:
        made = _template(text, partials).render(data)
    except ContentFault as fault:
        return Refused(reason=fault.finding.what)
    return Refused(reason=made.reason) if isinstance(made, Unwritten) else made.joined(escaped=True)


def row(text: str, data: Data, partials: Mapping[str, str]) -> str | Refused:  # noqa: PLR0917  # all paths alike
    """By the function compiled of it; where it stands aside, that is said."""
    try:
        return RowFunction(cast("Parsed", _template(text, partials).parsed)).text(data)
    except ContentFault as fault:
        return Refused(reason=fault.finding.what)
    except Exception as fault:  # whatever it is, the caller asks the reference
        return Refused(reason=f"left to the reference: {type(fault).__name__} {fault}")


def columns(text: str, data: Data, partials: Mapping[str, str]) -> str | Refused:  # noqa: PLR0917  # all paths alike
    """In columns, of two messages."""
    try:
        env = cast("Limited", _template(text, partials).parsed.env)
    except ContentFault as fault:
        return Refused(reason=fault.finding.what)
    parsed = columnar_environment(env).from_string(text)
    try:
        swept = sweep(cast("SweptParsed", parsed), frame([data, data]), rows=np.arange(2))
    except TooMuch as fault:
        return Refused(reason=str(fault))
    for way in swept.ways:
        values = [str(one.distinct.objects[int(one.of(way.rows)[0])]) for one in way.columns]
        return "".join(piece for pair in zip(way.made.segments, [*values, ""], strict=True) for piece in pair)
    return Refused(reason=f"left to the reference: {next(iter(swept.reasons), 'no way')}")


PATHS: Mapping[str, Callable[[str, Data, Mapping[str, str]], str | Refused]] = {
    "columnar": columns, "row": row, "reference": reference,
}  # fmt: skip
