"""What a template reads, from the template alone: through loops, assigns, captures and partials, along every branch.

The names of a template are followed as sets of paths that may stand behind them. Ways that meet are joined, loops are
walked until nothing is added, partials are walked where they are called. So nothing that may be printed is missed;
what is found may be unreachable, where conditions exclude each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tactful.compose.bindings import NOTHING, Binding, Names, joined, met
from tactful.compose.liquid import (
    AssignNode,
    CaptureNode,
    CycleNode,
    Expression,
    LiquidError,
    LoopExpression,
    Node,
    OutputNode,
    Path,
    RenderContext,
)
from tactful.compose.reaching import Place, Walk, value_of
from tactful.compose.template import Template
from tactful.words.analysis import Choice, Spoken
from tactful.words.finding import Finding

_LOOPS = ("forloop", "tablerowloop")
_MOST_NODES, _MOST_NAMES = 20_000, 500
_MOST_SOUGHT = 2_000
_MOST_DEPTH = 12
_MOST_ROUNDS = 12
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What one part's template reads. Stability: internal."""

    spoken: tuple[Spoken, ...]
    filters: frozenset[str]
    tags: frozenset[str]
    findings: tuple[Finding, ...]
    choices: tuple[Choice, ...] = ()


def readings(template: Template, *, part: str) -> Readings:
    """What a template reads, where, what becomes of it, and which branches it chooses.

    Args:
        template: one part's template.
        part: name of the part.
    """
    walk = Walk(template=template, part=part, context=RenderContext(template.parsed))
    try:
        nodes_of(walk, template.parsed.nodes, names={}, place=Place())
    except RecursionError:
        walk.fault(0, rule="liquid-limits", what="the template is nested too deeply")
    return Readings(
        spoken=tuple(sorted(walk.spoken.values(), key=lambda s: (s.line, s.column, s.path, s.printed, s.selects))),
        filters=frozenset(walk.filters),
        tags=frozenset(walk.tags),
        findings=tuple(walk.findings),
        choices=tuple(walk.choices),
    )


def nodes_of(walk: Walk, nodes: Iterable[Node], *, names: Names, place: Place) -> Names:
    """Walk nodes one after another; returns the names after them."""
    names = dict(names)
    for node in nodes:
        walk.visited += 1
        if walk.visited > _MOST_NODES or len(names) > _MOST_NAMES:
            walk.fault(0, rule="liquid-limits", what="loops, partials or names are too many to follow")
            return names
        if node.token.kind == "tag":
            walk.tags.add(node.token.value)
        names = _node(walk, cast("Any", node), names=names, place=place)
    return names


def _node(walk: Walk, node: Any, *, names: Names, place: Place) -> Names:  # Any: attributes of nodes differ
    """Walk one node."""
    kind = type(node).__name__
    index = place.at if place.at is not None else node.token.start_index
    if isinstance(node, AssignNode):
        value = value_of(walk, node.expression, names=names, place=place)
        walk.note(value, place=place, printed=False, selects=False)
        names[str(node.name)] = value.through(f"assign {node.name} (line {walk.line(index)})")
        return names
    if isinstance(node, CaptureNode):
        heard: list[Binding] = []
        after = nodes_of(walk, [node.block], names=names, place=_within(place, heard=heard))
        value = joined(heard).changed.through(f"capture {node.name} (line {walk.line(index)})")
        return {**after, str(node.name): value}
    if isinstance(node, OutputNode | CycleNode):
        for expression in node.expressions():
            _say(walk, value_of(walk, expression, names=names, place=place), index=index, place=place)
        return names
    if kind in {"BreakNode", "ContinueNode"}:
        if place.left is not None:
            place.left.append(dict(names))
        return names
    if kind in {"IncrementNode", "DecrementNode"}:
        return {str(node.name): NOTHING, **names}
    if hasattr(node, "consequence") or kind == "CaseNode":
        return _branches(walk, node, names=names, place=place)
    if isinstance(getattr(node, "expression", None), LoopExpression):
        return _loop(walk, node, names=names, place=place)
    if node.partial_scope() is not None:
        return _partial(walk, node, names=names, place=place)
    for expression in node.expressions():
        _say(walk, value_of(walk, expression, names=names, place=place), index=index, place=place)
    return nodes_of(walk, node.children(walk.context, include_partials=False), names=names, place=place)


def _within(place: Place, **more: Any) -> Place:  # Any: fields of a place
    return Place(**{**{name: getattr(place, name) for name in ("at", "via", "heard", "levels", "left")}, **more})


def _say(walk: Walk, value: Binding, *, index: int, place: Place) -> None:
    """A value is printed, or heard by a capture."""
    if place.heard is not None:
        place.heard.append(value)
        walk.note(value, place=place, printed=False, selects=False)
        return
    end = f"printed in {place.via[-1]}" if place.via else f"printed (line {walk.line(index)})"
    walk.note(value, place=place, printed=True, selects=False, end=end)


def _select(walk: Walk, expression: Expression, *, names: Names, place: Place) -> Binding:
    """An expression chooses words."""
    value = value_of(walk, expression, names=names, place=place)
    walk.note(value, place=place, printed=False, selects=True)
    return value


def _branches(walk: Walk, node: Any, *, names: Names, place: Place) -> Names:  # Any: as above
    """Each branch with the names before it; after it any of them may have been taken."""
    outs: list[Names] = []
    levels = place.levels
    for expressions, block, is_negated in _arms(node):
        values = [_select(walk, one, names=names, place=place) for one in expressions]
        confined, rest = _levels(expressions, is_negated=is_negated, levels=levels)
        _choose(walk, expressions, values=values, block=block, at=place.at)
        outs.append(nodes_of(walk, [block], names=names, place=_within(place, levels=confined)))
        levels = rest
    default = getattr(node, "default", None) if hasattr(node, "consequence") else _default(node)
    if default is None:
        outs.append(names)
    else:
        outs.append(nodes_of(walk, [default], names=names, place=_within(place, levels=levels)))
    return met(outs)


def _arms(node: Any) -> Iterator[tuple[Sequence[Expression], Any, bool]]:  # Any: as above
    """Conditions and blocks, in order."""
    if hasattr(node, "consequence"):
        yield [node.condition], node.consequence, type(node).__name__ == "UnlessNode"
        yield from (([one.expression], one.block, False) for one in node.alternatives)
        return
    for block in node.blocks:
        if hasattr(block, "expression"):
            yield [node.expression, block.expression], block.block, False


def _default(node: Any) -> Any:  # Any: as above
    return next((block for block in node.blocks if not hasattr(block, "expression")), None)


def _levels(
    expressions: Sequence[Expression], *, is_negated: bool, levels: frozenset[str] | None
) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """The levels in a branch, and in those after it, where it asks for nothing but `message.level`."""
    words = re.fullmatch(r"\(?message\.level == ['\"](\w+)['\"]\)?", " ".join(str(one) for one in expressions))
    every = levels if levels is not None else frozenset({"all", "many", "few", "one"})
    if words is None:
        return levels, levels
    own = frozenset({words[1]}) & every
    return (every - own, own) if is_negated else (own, every - own)


def _choose(
    walk: Walk, expressions: Sequence[Expression], *, values: list[Binding], block: Any, at: int | None
) -> None:  # Any: as above
    """Keep what chose a branch, and the words that stand in it; within a partial, where the partial is called."""
    paths = frozenset(one.path for value in values for one in value.behind)
    if not paths:
        return
    literals = frozenset(text for one in expressions for text in _literals(one) if text.strip())
    words = " ".join(_TAG.sub(" ", "".join(_static(walk, block))).split())
    index = at if at is not None else block.token.start_index
    where = walk.template.source.place(walk.template.origins.of(index))
    made = Choice(
        paths=tuple(sorted(paths)), literals=tuple(sorted(literals)), words=words, part=walk.part, line=where.line or 1,
        column=where.column or 1,
    )  # fmt: skip
    walk.choices[made] = None


def _static(walk: Walk, block: Node) -> list[str]:
    """The words that stand in a block as they are, and in the partials it calls, as far as they are soon found."""
    texts: list[str] = []
    waiting = [block]
    for _ in range(_MOST_SOUGHT):
        if not waiting:
            break
        node = waiting.pop()
        if type(node).__name__ == "ContentNode":
            texts.append(str(getattr(node, "text", "")))
        try:
            waiting += reversed(list(node.children(walk.context, include_partials=True)))
        except LiquidError:  # the walk tells it
            continue
    return texts


def _literals(expression: Expression) -> Iterator[str]:
    if type(expression).__name__ == "StringLiteral":
        yield str(getattr(expression, "value", ""))
    for one in expression.children():
        yield from _literals(one)


def _loop(walk: Walk, node: Any, *, names: Names, place: Place) -> Names:  # Any: as above
    """The body until nothing is added; what it was before may always still be, since a loop may be left at any turn."""
    loop: LoopExpression = node.expression
    over = value_of(walk, loop.iterable, names=names, place=place)
    for one in loop.children():
        _select(walk, one, names=names, place=place)
    own = {str(loop.identifier): over.into("[]"), **dict.fromkeys(_LOOPS, NOTHING)}
    after = _rounds(walk, [node.block], own=own, names=names, place=place)
    if getattr(node, "default", None):
        after = met([after, nodes_of(walk, [node.default], names=names, place=place)])
    return after


def _rounds(walk: Walk, nodes: list[Node], *, own: Names, names: Names, place: Place) -> Names:
    """The names after any number of turns; `own` are those of each turn."""
    after = names
    for _ in range(_MOST_ROUNDS):
        left: list[Names] = []
        ended = nodes_of(walk, nodes, names={**after, **own}, place=_within(place, left=left))
        ways = [{name: value for name, value in way.items() if name not in own} for way in (ended, *left)]
        kept = {name: value for name, value in after.items() if name in own}
        grown = met([after, *({**way, **kept} for way in ways)])
        if grown == after:
            break
        after = grown
    return after


def _partial(walk: Walk, node: Any, *, names: Names, place: Place) -> Names:  # Any: as above
    """A partial where it is called: a rendered one sees what it is given, an included one all names."""
    index = place.at if place.at is not None else node.token.start_index
    for expression in [node.name] if isinstance(node.name, Path) else []:
        _select(walk, expression, names=names, place=place)
    name = str(getattr(node.name, "value", node.name))
    calls = f"partial {name} (line {walk.line(index)})" if place.at is None else f"partial {name}"
    if len(place.via) >= _MOST_DEPTH or place.via.count(calls) > 2:
        return names
    given = {str(arg.name): value_of(walk, arg.value, names=names, place=place) for arg in node.args}
    if node.var is not None:
        value = value_of(walk, node.var, names=names, place=place)
        key = str(node.alias or name.split(".")[0])
        given[key] = joined([value, value.into("[]")]) if _may_loop(node) else value
    try:
        children = list(node.children(walk.context, include_partials=True))
    except LiquidError as error:
        walk.findings += list(walk.template.fault(error, rule="liquid-partial").findings)
        return names
    is_isolated = type(node).__name__ == "RenderNode"
    own = {key: value.through(calls) for key, value in given.items()} | dict.fromkeys(_LOOPS, NOTHING)
    inside = _within(place, at=index, via=(*place.via, calls), left=None if is_isolated else place.left)
    seen = {} if is_isolated else names
    if node.var is not None and _may_loop(node):
        ended = _rounds(walk, children, own=own, names=seen, place=inside)
    else:
        ended = nodes_of(walk, children, names={**seen, **own}, place=inside)
    if is_isolated:
        return names
    kept = {key: value for key, value in names.items() if key in own}
    return {**{key: value for key, value in ended.items() if key not in own}, **kept}


def _may_loop(node: Any) -> bool:  # Any: as above
    """Whether a partial is written for each entry of what it is given: `for`, and `include … with` a list."""
    return bool(getattr(node, "loop", False)) or type(node).__name__ == "IncludeNode"
