"""The nodes of a template that is walked for many rows at once, and the walk itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TextIO, cast

from tactful.compose.columnar import (
    MOST_SHARES,
    Heard,
    Share,
    Split,
    Sweep,
    Sweeper,
    Swept,
    Unfit,
    Walked,
)
from tactful.compose.limits import TooMuch, entries
from tactful.compose.liquid import (
    AssignNode,
    CaptureNode,
    CycleNode,
    Expression,
    Limited,
    LoopExpression,
    Markup,
    Node,
    OutputNode,
    Parsed,
    Path,
    RememberingAssign,
    RememberingCapture,
    RenderContext,
    SpeakingCycle,
    SpeakingEcho,
    SpeakingOutput,
    before_escaping,
    cycle_key,
    is_undefined,
    lineage,
    remembered,
    to_liquid_string,
)
from tactful.compose.placed import Said
from tactful.compose.recorded import CONSTANT, LINKS, Overheard, speech
from tactful.compose.settling import Bound, Matches, Pair, Settling, Truth, bare, said_plainly
from tactful.compose.values import Branch, Column, Distinct, Rows, Tree


def _speak(expression: Expression, *, context: Sweep, buffer: TextIO) -> int:
    """Evaluate what is printed and hand it to whoever listens."""
    context.budget.spend(1)
    plain = said_plainly(expression, context)
    if plain is not None and plain.distinct.at.startswith(CONSTANT):
        plain = None
    if isinstance(buffer, Sweeper):
        if plain is not None:
            source = plain.distinct.at
            buffer.speak_column(plain, speech(source, paths=(source,), is_markup=False, is_number=False))
            return 1
        found = context.outcome(expression, lambda: _spoken(expression, context), kind="spoken")
        if isinstance(found.key, str):
            return buffer.write(found.key)
        buffer.speak_column(as_column(found.value), found.key)
        return 1
    found = context.outcome(expression, lambda: _heard(expression, context), kind="heard")
    if isinstance(buffer, Overheard):
        buffer.paths.update(dict.fromkeys(found.key))
    return buffer.write(found.value)


def as_column(value: object) -> Column:
    """A column of one value."""
    return value if type(value) is Column else Column(Distinct([value]), None)


def _value(expression: Expression, context: Sweep) -> object:
    value = expression.evaluate(context)
    if type(value) is not Said and is_undefined(value):
        str(value)  # raises, naming the variable and its place
    context.budget.spend(entries(value) // 25)
    return value


def _spoken(expression: Expression, context: Sweep) -> Pair:
    """One row's value: words of the skeleton where the key is a text, else a slot."""
    value = _value(expression, context)
    behind = lineage(expression, value, context=context)
    if behind.is_constant:
        return str(to_liquid_string(value, context.autoescape)), ""
    spoken, is_markup = before_escaping(value, autoescape=context.autoescape)
    if any(path.startswith(LINKS) for path in behind.paths) and (is_markup or behind.source not in behind.paths):
        raise TooMuch(f"{behind.source}: a link of the message is printed as it is, without filters")
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return speech(behind.source, paths=behind.paths, is_markup=is_markup, is_number=is_number), str(spoken)


def _heard(expression: Expression, context: Sweep) -> Pair:
    """One row's value as a capture hears it."""
    value = _value(expression, context)
    return lineage(expression, value, context=context).paths, to_liquid_string(value, context.autoescape)


class SweptOutput(OutputNode):
    """`{{ … }}` for many rows. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Speak the values."""
        return _speak(self.expression, context=cast("Sweep", context), buffer=buffer)


class SweptEcho(SpeakingEcho):
    """`{% echo … %}` for many rows. Stability: internal."""

    render_to_output = SweptOutput.render_to_output


class SweptCycle(CycleNode):
    """`{% cycle … %}` for many rows: they part by what turns. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Speak the value whose turn it is."""
        group = Settling(self.group).evaluate(context) if self.group else ""
        values = [Settling(arg).evaluate(context) for arg in self.args]
        turn = context.cycle(cycle_key(group, values, budget=cast("Sweep", context).budget), len(self.args))
        if turn >= len(self.args):
            return 0
        return _speak(self.args[turn], context=cast("Sweep", context), buffer=buffer)


class SweptAssign(AssignNode):
    """`{% assign %}` for many rows. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:  # noqa: ARG002
        """Assign."""
        here = cast("Sweep", context)
        here.budget.spend(1)
        whole = bare(self.expression, here)
        if type(whole) is Tree or type(whole) is Branch:
            here.lineage[str(self.name)] = (whole.at,), whole.at
            context.assign(self.name, whole)
            return 0
        found = here.outcome(self.expression, lambda: self._act(here), kind="assign")
        if found.key is not None:
            here.lineage[str(self.name)] = found.key
        context.assign(self.name, found.value)
        return 0

    def _act(self, context: Sweep) -> Pair:
        value = _value(self.expression, context)  # rows without one are left to the reference
        context.budget.spend(entries(value) // 10)
        behind = lineage(self.expression, value, context=context)
        if not behind.is_loose:
            return None, value
        return (behind.paths, behind.source), remembered(value, behind.paths, source=behind.source)


class SweptCapture(CaptureNode):
    """`{% capture %}` for many rows. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Capture."""
        here = cast("Sweep", context)
        heard = Heard(here)
        self.block.render(context, heard)
        if isinstance(buffer, Overheard):
            buffer.paths.update(heard.paths)
        here.budget.spend(1 + heard.size // 200)
        paths, source = here.lineage[str(self.name)] = tuple(heard.paths), f"captured {self.name}"

        def text() -> Pair:
            words = Markup(heard.now()) if here.autoescape else heard.now()
            return None, remembered(words, paths, source=source)

        columns = list(dict.fromkeys(piece for piece in heard.pieces if type(piece) is Column))
        context.assign(self.name, here.settle(columns, text, memo=None).value)
        return 0


_NODES: dict[type[Node], type[Node]] = {
    SpeakingOutput: SweptOutput,
    SpeakingEcho: SweptEcho,
    SpeakingCycle: SweptCycle,
    RememberingAssign: SweptAssign,
    RememberingCapture: SweptCapture,
}


class SweptParsed(Parsed):
    """A template whose nodes ask the columns. Stability: internal."""

    context_class = Sweep

    def __init__(self, env: Limited, nodes: list[Node], **named: Any) -> None:  # Any: passed on
        super().__init__(env, nodes, **named)
        context = RenderContext(Parsed(env, []))
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            ask_columns(node)
            waiting.extend(node.children(context, include_partials=False))


def ask_columns(node: Any) -> None:  # Any: the attributes of python-liquid's nodes differ
    """Let a node's expressions ask the columns."""
    if hasattr(node, "condition"):
        node.condition = settled(node.condition, Truth)
    expression = getattr(node, "expression", None)
    if isinstance(expression, LoopExpression):
        expression.iterable = bound(expression.iterable, spread="all")
        for name in ("limit", "offset", "cols"):
            if (one := getattr(expression, name)) is not None and list(paths_in(one)):
                setattr(expression, name, settled(one, Settling))
    elif type(node).__name__ == "ConditionalBlockNode":
        node.expression = settled(expression, Truth)
    elif type(node).__name__ == "MultiExpressionBlockNode":
        node.expression = settled(expression, Matches)
    if hasattr(node, "var") and hasattr(node, "args"):
        for arg in node.args:
            arg.value = bound(arg.value)
        node.var = bound(node.var, spread="lists") if node.var is not None else None
        if isinstance(node.name, Expression):
            node.name = node.name if not list(paths_in(node.name)) else settled(node.name, Settling)


def settled(expression: Any, kind: type[Settling]) -> Settling:  # Any: an expression of python-liquid
    """The expression, asked once."""
    return expression if isinstance(expression, Settling) else kind(expression)


def bound(expression: Any, *, spread: str = "") -> Bound:  # Any: an expression of python-liquid
    """The expression, bound once."""
    return expression if isinstance(expression, Bound) else Bound(expression, spread=spread)


def paths_in(expression: Expression) -> Iterator[Path]:
    """Paths in an expression."""
    if isinstance(expression, Path):
        yield expression
    for inner in expression.children():
        yield from paths_in(inner)


@cache
def sweeping(kind: type[Limited]) -> type[Limited]:
    """An environment like another one, whose templates are walked in columns."""

    class Swept(kind):  # type: ignore[valid-type,misc]  # the kind comes in as a value
        template_class = SweptParsed

        def setup_tags_and_filters(self, *, extra: bool = False) -> None:
            """The same tags, with nodes that ask the columns."""
            super().setup_tags_and_filters(extra=extra)
            for tag in self.tags.values():
                if (kind_of := getattr(tag, "node_class", None)) in _NODES:
                    tag.node_class = _NODES[kind_of]

    return Swept


def sweep(parsed: SweptParsed, roots: Mapping[str, object], *, rows: Rows) -> Swept:
    """Walk a template for many rows.

    Args:
        parsed: the template.
        roots: what it sees: columns, trees and lists of them, and what is the same for all.
        rows: of the frame, ascending.
    """
    swept = Swept()
    waiting = [Share(rows=rows)]
    while waiting:
        share = waiting.pop()
        if len(swept.ways) + len(waiting) > MOST_SHARES:
            swept.leave(share.rows, why=f"more than {MOST_SHARES:,} ways through the template")
            continue
        sweeper = Sweeper()
        context = Sweep(parsed, globals=roots, share=share)
        try:
            parsed.render_with_context(context, sweeper)
        except Split as split:
            waiting += split.shares
        except Unfit as unfit:
            swept.leave(share.rows, why=str(unfit))
        except Exception:  # the reference path says for each row what is wrong
            swept.leave(share.rows, why="a value cannot be written")
        else:
            swept.ways.append(Walked(rows=share.rows, made=sweeper.recorded(), columns=tuple(sweeper.columns)))
    return swept
