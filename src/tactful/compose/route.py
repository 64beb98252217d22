"""Which path each content takes, and why: told to authors before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from tactful.compose.contents import CompiledContent
from tactful.compose.liquid import Expression, Parsed, Path, RenderContext
from tactful.compose.plan import swept_templates
from tactful.compose.rows import RowFunction, Unfitting
from tactful.compose.rowwise import ByRow
from tactful.words.message import Part


class Way(Enum):
    """How a content is written. Stability: full."""

    COLUMNAR = "columnar"
    ROW = "row"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The path of a content, many messages at once and one alone. Stability: full.

    Attributes:
        path: for many.
        why: what decided it.
        alone: for the words of one message.
        alone_why: what decided that.
    """

    path: Way
    why: str
    alone: Way
    alone_why: str


def route(content: CompiledContent) -> Route:
    """The paths of a compiled content.

    Args:
        content: all its parts take the same path.
    """
    hindrance = next((f"{part.value}: {why}" for part, why in _hindrances(content)), None)
    alone, alone_why = _alone(content)
    if hindrance is None:
        path, why = Way.COLUMNAR, "every construct is walked in columns"
    else:
        path, hindered = _by_row(content)
        why = f"{hindrance}; {hindered}" if hindered else hindrance
    return Route(
        path=path,
        why=why,
        alone=alone,
        alone_why=alone_why,
    )


def _hindrances(content: CompiledContent) -> Iterator[tuple[Part, str]]:
    swept = swept_templates(content)
    for part in swept:
        for expression in expressions(cast("Parsed", content.templates[part].parsed)):
            if isinstance(expression, Path) and not isinstance(expression.path[0], str):
                yield part, f"the name of the variable {expression} is itself a value"


def _by_row(content: CompiledContent) -> tuple[Way, str]:
    """How skeletons are written where columns do not do."""
    try:
        ByRow(content.templates, finish={})
    except Unfitting as unfit:
        return Way.REFERENCE, str(unfit)
    return Way.ROW, ""


def _alone(content: CompiledContent) -> tuple[Way, str]:
    for part, template in content.templates.items():
        try:
            RowFunction(cast("Parsed", template.parsed))
        except Unfitting as unfit:
            return Way.REFERENCE, f"{part.value}: {unfit}"
    return Way.ROW, "every construct is compiled"


def expressions(parsed: Parsed) -> Iterator[Expression]:
    """Every expression of a template and of the partials it names."""
    context = RenderContext(parsed)
    waiting: list[Any] = list(parsed.nodes)  # Any: nodes of python-liquid
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        inner = list(node.expressions())
        while inner:
            one = inner.pop()
            yield one
            inner += one.children()
        name = str(getattr(node, "name", ""))
        is_partial = node.partial_scope() is not None
        if not is_partial or name not in seen:
            seen.add(name)
            waiting += node.children(context, include_partials=True)
