"""What a template reads, from the template alone: through loops, assigns, captures and partials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tactful.compose.faults import ContentFault
from tactful.compose.limits import FILTERS
from tactful.compose.liquid import (
    AssignNode,
    CaptureNode,
    CycleNode,
    Expression,
    FilteredExpression,
    LiquidError,
    LoopExpression,
    Node,
    OutputNode,
    Path,
    RenderContext,
    Token,
)
from tactful.compose.template import Template
from tactful.words.analysis import Spoken
from tactful.words.finding import Finding

_OWN = ("forloop", "tablerowloop")
Scope = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What one part's template reads. Stability: internal."""

    spoken: tuple[Spoken, ...]
    filters: frozenset[str]
    tags: frozenset[str]
    findings: tuple[Finding, ...]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The walk over one template. Stability: internal."""

    template: Template
    part: str
    context: RenderContext
    spoken: dict[tuple[str, int, bool], Spoken] = field(default_factory=dict)
    derived: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    links: dict[str, set[str]] = field(default_factory=dict)
    printed: set[str] = field(default_factory=set)
    filters: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def note(self, path: str, index: int, *, printed: bool) -> None:
        place = self.template.source.place(self.template.origins.of(index))
        one = Spoken(
            path=path,
            root=path.split(".")[0].split("[")[0],
            part=self.part,
            line=place.line or 1,
            column=place.column or 1,
            printed=printed,
        )
        self.spoken.setdefault((path, index, printed), one)


def readings(template: Template, *, part: str) -> Readings:
    """What a template reads, where, and whether it reaches the reader's eyes.

    What an `assign` or `capture` takes counts as printed where the name it made is printed, however often it was
    filtered or passed on; elsewhere it only selects.

    Args:
        template: one part's template.
        part: name of the part.
    """
    reading = _Reading(template=template, part=part, context=RenderContext(template.parsed))
    _walk(reading, template.parsed.nodes, scope={}, within=None, at=None)
    waiting = list(reading.printed)
    while waiting:
        further = reading.links.get(waiting.pop(), set()) - reading.printed
        reading.printed |= further
        waiting += further
    for name, found in reading.derived.items():
        for path, index in found:
            reading.note(path, index, printed=name in reading.printed)
    return Readings(
        spoken=tuple(sorted(reading.spoken.values(), key=lambda s: (s.line, s.column, s.path, s.printed))),
        filters=frozenset(reading.filters),
        tags=frozenset(reading.tags),
        findings=tuple(reading.findings),
    )


def _walk(reading: _Reading, nodes: Iterable[Node], *, scope: Scope, within: str | None, at: int | None) -> None:
    """Visit nodes; `within` names the capture they stand in, `at` the tag that called the partial they stand in."""
    for node in nodes:
        index = at if at is not None else node.token.start_index
        if node.token.kind == "tag":
            reading.tags.add(node.token.value)
        name = assigned(node)
        alias = _alias(node, scope)
        for expression in node.expressions():
            into = None if alias else name or within
            _read(reading, expression, scope=scope, printed=is_printing(node), into=into, at=at)
        inner = dict(scope)
        loop = loop_of(node)
        if loop is not None:
            inner[loop[0]] = tuple(f"{path}[]" for path in _paths(loop[1], scope))
        if name is not None:
            scope[name] = alias or (f"={name}",)
        try:
            partial = node.partial_scope()
            children = list(node.children(reading.context, include_partials=True))
        except LiquidError as error:
            fault: ContentFault = reading.template.fault(error, rule="liquid-partial")
            reading.findings += fault.findings
            continue
        if partial is not None:
            inner = {**inner, **_arguments(node, scope)}
        below = inner if loop or partial else scope
        _walk(reading, children, scope=below, within=name or within, at=index if partial else at)


def _arguments(node: Node, scope: Scope) -> Scope:
    """What a partial's arguments stand for."""
    given = {arg.name: tuple(_paths(arg.value, scope)) for arg in getattr(node, "args", [])}
    variable, name = getattr(node, "var", None), getattr(node, "alias", None)
    if variable is not None:
        given[str(name or str(getattr(node.name, "value", node.name)).split(".")[0])] = tuple(  # type: ignore[attr-defined]  # a partial tag has a name
            f"{path}[]" if getattr(node, "loop", False) else path for path in _paths(variable, scope)
        )
    return {name: paths for name, paths in given.items() if paths}


def _read(
    reading: _Reading, expression: Expression, *, scope: Scope, printed: bool, into: str | None, at: int | None
) -> None:
    """Note what an expression reads."""
    for name, token in used_filters(expression):
        reading.filters.add(name)
        if name not in FILTERS and not any(f.what.startswith(f"unknown filter '{name}'") for f in reading.findings):
            origin = reading.template.origins.of(at if at is not None else token.start_index)
            what, fix = f"unknown filter '{name}'", f"filters are {', '.join(sorted(FILTERS))}"
            fault = ContentFault.at(reading.template.source, origin, rule="liquid-filter", what=what, fix=fix)
            reading.findings += fault.findings
    for path in _all_paths(expression):
        index = at if at is not None else path.token.start_index
        for spelled in _spell(path, scope):
            if spelled.startswith("="):
                derived = spelled[1:].split(".")[0].split("[")[0]
                if into is not None:
                    reading.links.setdefault(into, set()).add(derived)
                elif printed:
                    reading.printed.add(derived)
                continue
            if into is not None:
                reading.derived.setdefault(into, []).append((spelled, index))
            else:
                reading.note(spelled, index, printed=printed)


def is_printing(node: Node) -> bool:
    """Whether what a node reads is printed where it stands."""
    return isinstance(node, OutputNode | CycleNode)


def assigned(node: Node) -> str | None:
    """The name a node gives a value to."""
    return str(node.name) if isinstance(node, AssignNode | CaptureNode) else None


def loop_of(node: Node) -> tuple[str, Expression] | None:
    """The name a loop gives each entry, and what it runs over."""
    expression = getattr(node, "expression", None)
    return (expression.identifier, expression.iterable) if isinstance(expression, LoopExpression) else None


def _alias(node: Node, scope: Scope) -> tuple[str, ...]:
    """The paths an assign stands for where it takes a path as it is."""
    if not isinstance(node, AssignNode) or not isinstance(node.expression, FilteredExpression):
        return ()
    left = node.expression.left
    return _spell(left, scope) if isinstance(left, Path) and not node.expression.filters else ()


def used_filters(expression: Expression) -> list[tuple[str, Token]]:
    """The filters of an expression, and where they stand."""
    filters = expression.filters or [] if isinstance(expression, FilteredExpression) else []
    return [(one.name, one.token) for one in filters]


def _all_paths(expression: Expression) -> list[Path]:
    found, waiting = [], [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Path):
            found.append(one)
        waiting.extend(one.children())
    return found


def _paths(expression: Expression, scope: Scope) -> list[str]:
    return [spelled for path in _all_paths(expression) for spelled in _spell(path, scope)]


def _spell(path: Path, scope: Scope) -> tuple[str, ...]:
    """A path by the context's own names: `item.price` in a loop over items is `items[].price`."""
    root, *rest = path.path
    if root in _OWN or not isinstance(root, str):
        return ()
    more = "".join(f".{segment}" if isinstance(segment, str) else "[]" for segment in rest)
    return tuple(f"{start}{more}" for start in scope.get(root, (root,)))
