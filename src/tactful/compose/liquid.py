"""The one place that knows python-liquid: parse with limits, render into what is static and what is spoken."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from decimal import Decimal
from io import StringIO
from typing import Any, TextIO, cast

from tactful.compose.aborting import AbortTag
from tactful.compose.comparing import weigh_comparisons
from tactful.compose.dates import plural, shown_date
from tactful.compose.limits import (
    FILTERS,
    MOST_OUTPUT,
    Budget,
    TooMuch,
    bounded,
    check_size,
    entries,
    shown_money,
    weigh,
)
from tactful.compose.placed import PlacedDict, PlacedList, Said
from tactful.compose.python_liquid import (
    AssignNode,
    AssignTag,
    BlockNode,
    BoundTemplate,
    CachingDictLoader,
    CaptureNode,
    CaptureTag,
    CycleNode,
    CycleTag,
    EchoNode,
    EchoTag,
    Environment,
    Expression,
    FilteredExpression,
    ForLoop,
    LiquidError,
    LiquidInterrupt,
    LiquidSyntaxError,
    LoopExpression,
    Markup,
    Node,
    NullIO,
    Output,
    OutputNode,
    Path,
    ReadOnlyChainMap,
    RenderContext,
    StopRender,
    StrictDefaultUndefined,
    Tag,
    TemplateNotFoundError,
    Token,
    Undefined,
    to_liquid_string,
)
from tactful.compose.recorded import LINKS, Lineage, Overheard, Recorder, speech

__all__ = [
    "AssignNode", "CachingDictLoader", "CaptureNode", "CycleNode", "Expression", "FilteredExpression", "ForLoop",
    "Limited", "LiquidError", "LoopExpression", "Markup", "Node", "OutputNode", "Path", "ReadOnlyChainMap",
    "RenderContext", "TemplateNotFoundError", "Token", "Undefined", "environment", "is_undefined", "to_liquid_string",
]  # fmt: skip

FORBIDDEN_TAGS = ("ifchanged",)
"""Left out: it prints a block it has already turned into text, so that values could hide in static words."""
_LOOPS = ("forloop", "tablerowloop")


def is_undefined(value: object) -> bool:
    """Whether a value is undefined, which a strict one does not let itself be asked."""
    return issubclass(type(value), Undefined)


def cycle_key(group: object, values: list[object], *, budget: Budget) -> str:
    """By what a cycle is known: its group, or how its values are spelt, which costs work by their size.

    All groups that are undefined are one, where variables are lax.
    """
    budget.spend((weigh(group) + sum(map(weigh, values))) // 200)
    name = str(group) or "__UNDEFINED" if is_undefined(group) else str(group)
    return name or str(values)


class SaidMarkup(Markup):
    """Author's markup and the paths of the values in it. Stability: internal."""

    paths: tuple[str, ...] = ()
    source = ""

    def __repr__(self) -> str:
        """As any markup: whose turn it is in a cycle hangs on how its values are spelt."""
        return f"Markup({str.__repr__(self)})"


class Context(RenderContext):
    """A render's context: no clock in it, all work counted. Stability: internal."""

    __slots__ = ("budget", "lineage")

    def __init__(self, *args: Any, **named: Any) -> None:  # Any: passed on as python-liquid gives it
        super().__init__(*args, **named)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        parent = named.get("parent_context")
        self.budget: Budget = parent.budget if parent is not None else Budget()
        self.lineage: dict[str, tuple[tuple[str, ...], str]] = {}

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Loops count by all their turns, one after another as well as nested."""
        self.budget.spend(length)

    def extend(self, namespace: Mapping[str, object], template: BoundTemplate | None = None) -> Any:  # Any: as parent
        """Partials and loops count as well, so that recursion ends."""
        self.budget.spend(10)
        return super().extend(namespace, template)

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:  # noqa: ARG002
        """A buffer for `capture`."""
        return Overheard()


class Noted(BlockNode):
    """A block of control flow that tells the recorder it was entered. Stability: internal."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Note, then render."""
        budget = cast("Context", context).budget
        budget.spend(1)
        if isinstance(buffer, Recorder):
            buffer.branch.append(f"{context.template.name}@{self.token.start_index}")
        out = NullIO() if self.blank and context.env.suppress_blank_control_flow_blocks else buffer
        for node in self.nodes:
            budget.at = node.token
            node.render(context, out)
        return 1


class Parsed(BoundTemplate):
    """A template whose blocks are noted. Stability: internal."""

    context_class = Context

    def __init__(self, env: Environment, nodes: list[Node], **named: Any) -> None:  # Any: passed on
        super().__init__(env, nodes, **named)
        waiting = list(nodes)
        context = RenderContext(BoundTemplate(env, []))
        while waiting:
            node = waiting.pop()
            if type(node) is BlockNode:
                node.__class__ = Noted
            if type(node).__name__ == "RenderNode" and not (env.is_lenient or hasattr(cast("Any", node).name, "value")):  # type: ignore[attr-defined]  # ours
                raise LiquidSyntaxError("a partial is rendered by its name in quotes", token=node.token)
            for expression in node.expressions():
                weigh_comparisons(expression)
            waiting.extend(node.children(context, include_partials=False))

    def render_with_context(
        self, context: RenderContext, buffer: TextIO, *args: Any, partial: bool = False, block_scope: bool = False,
        **named: Any,  # Any: passed on
    ) -> None:  # fmt: skip
        """As python-liquid does, telling the budget where it is, so that every error has its place."""
        budget = cast("Context", context).budget
        with context.extend(namespace=self.make_partial_namespace(partial, dict(*args, **named))):
            for node in self.nodes:
                budget.at = node.token
                try:
                    node.render(context, buffer)
                except StopRender:
                    break
                except LiquidInterrupt as left:
                    if partial and not block_scope:
                        raise  # a loop of the template that includes this one may end by it
                    raise LiquidSyntaxError(f"unexpected '{left}'", token=node.token) from left
                except LiquidError as error:
                    error.token = error.token or node.token
                    raise


def _speak(expression: Expression, *, context: Context, buffer: TextIO) -> int:
    """Evaluate what is printed and hand it to whoever listens."""
    context.budget.spend(1)
    value = expression.evaluate(context)
    if type(value) is not Said and is_undefined(value):
        str(value)  # raises, naming the variable and its place
    context.budget.spend(entries(value) // 25)
    behind = lineage(expression, value, context=context)
    if isinstance(buffer, Overheard):
        buffer.paths.update(dict.fromkeys(behind.paths))
    if not isinstance(buffer, Recorder):
        return buffer.write(to_liquid_string(value, context.autoescape))
    if behind.is_constant:
        return buffer.state(to_liquid_string(value, context.autoescape))
    spoken, is_markup = before_escaping(value, autoescape=context.autoescape)
    if any(path.startswith(LINKS) for path in behind.paths) and (is_markup or behind.source not in behind.paths):
        raise TooMuch(f"{behind.source}: a link of the message is printed as it is, without filters")
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    buffer.speak(spoken, speech(behind.source, paths=behind.paths, is_markup=is_markup, is_number=is_number))
    return len(spoken)


def before_escaping(value: object, *, autoescape: bool) -> tuple[str, bool]:
    """A value as text before it is escaped, and whether author's markup is in it.

    What the template made safe (a literal, a capture) is taken back to plain words where escaping them again gives the
    same characters; only where markup really is in it, it is markup.
    """
    if not autoescape or not (hasattr(value, "__html__") or isinstance(value, list)):
        return str(to_liquid_string(value, False)), False
    text = str(to_liquid_string(value, True))
    plain = html.unescape(text)
    return (plain, False) if str(Markup.escape(plain)) == text else (text, True)


def lineage(expression: Expression, value: object, *, context: Context) -> Lineage:
    """What stands behind a value."""
    is_bare = isinstance(expression, FilteredExpression) and not expression.filters
    if is_bare and issubclass(type(value), Said) and cast("Said", value).paths:  # isinstance asks an undefined value
        return Lineage(cast("Said", value).paths, cast("Said", value).source, True)
    found: dict[str, None] = {}
    spelling = ""
    is_loose = False
    waiting: list[Expression] = [expression]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Path):
            if one.path[0] in _LOOPS:
                continue
            paths, written = _resolved(one, context)
            if not written:
                continue
            spelling = spelling or written
            is_loose = True
            found.update(dict.fromkeys(paths))
        else:
            waiting.extend(reversed(list(one.children())))
    return Lineage(tuple(found), _spelled(expression, spelling, paths=tuple(found)), is_loose)


def _resolved(path: Path, context: Context) -> tuple[tuple[str, ...], str]:
    """The paths behind a path and its spelling, `items[0].price` in a loop; nothing behind a literal."""
    root, *rest = [p.evaluate(context) if isinstance(p, Path) else p for p in path.path]
    try:
        parent, value = None, context.scope.get(cast("str", root))
        for segment in rest:
            parent, value = value, context.get_item(value, segment)
    except (KeyError, TypeError, IndexError):  # it leads nowhere, or its name is itself a list
        return (str(path),), str(path)
    kind = type(value)  # an undefined value raises when isinstance asks what it is
    if issubclass(kind, Said | SaidMarkup) and cast("Said", value).source:
        return cast("Said", value).paths, cast("Said", value).source
    if kind in {str, Markup} and not rest:
        return (), ""  # a literal under a name: everything that was read carries its paths
    if issubclass(kind, PlacedDict | PlacedList):
        at = cast("PlacedList", value).at
        return (at,), at
    if issubclass(type(parent), PlacedDict | PlacedList):
        parent = cast("PlacedList", parent)
        joint = f"[{rest[-1]}]" if isinstance(rest[-1], int) else f".{rest[-1]}"
        return (parent.at + joint,), parent.at + joint
    return context.lineage.get(str(root), ((str(path),), str(path)))


def _spelled(expression: Expression, first: str, *, paths: tuple[str, ...]) -> str:
    """What a slot reads, as written in the template, with loops resolved."""
    if not isinstance(expression, FilteredExpression):
        return first or str(expression)
    written = first if first and isinstance(expression.left, Path) else str(expression.left)
    more = [f" with {path}" for path in paths[1:]] if expression.filters else []
    return written + "".join(f" | {one}" for one in expression.filters or ()) + "".join(more)


class SpeakingOutput(OutputNode):
    """`{{ … }}`. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Speak the value."""
        return _speak(self.expression, context=cast("Context", context), buffer=buffer)


class SpeakingEcho(EchoNode):
    """`{% echo … %}`. Stability: internal."""

    render_to_output = SpeakingOutput.render_to_output


class SpeakingCycle(CycleNode):
    """`{% cycle … %}`: the words of the turn. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Speak the value whose turn it is."""
        group = self.group.evaluate(context) if self.group else ""
        values = [arg.evaluate(context) for arg in self.args]
        turn = context.cycle(cycle_key(group, values, budget=cast("Context", context).budget), len(self.args))
        if turn >= len(self.args):  # another cycle of the same group is longer
            return 0
        return _speak(self.args[turn], context=cast("Context", context), buffer=buffer)


class RememberingAssign(AssignNode):
    """`{% assign %}`, whose name keeps the paths behind its value. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:  # noqa: ARG002
        """Assign."""
        here = cast("Context", context)
        here.budget.spend(1)
        value = self.expression.evaluate(context)
        here.budget.spend(entries(value) // 10 if type(value) is list else 0)  # one that a filter made is gone through
        behind = lineage(self.expression, value, context=here)
        if behind.is_loose and not is_undefined(value):
            here.lineage[str(self.name)] = behind.paths, behind.source
            value = remembered(value, behind.paths, source=behind.source)
        context.assign(self.name, value)
        return 0


class RememberingCapture(CaptureNode):
    """`{% capture %}`, whose name keeps the paths of what was spoken in it. Stability: internal."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Capture."""
        here, heard = cast("Context", context), Overheard()
        self.block.render(context, heard)
        if isinstance(buffer, Overheard):
            buffer.paths.update(heard.paths)
        here.budget.spend(1 + heard.size // 200)
        text: str = Markup(heard.getvalue()) if here.autoescape else heard.getvalue()
        paths, source = here.lineage[str(self.name)] = tuple(heard.paths), f"captured {self.name}"
        context.assign(self.name, remembered(text, paths, source=source))
        return 0


def remembered(value: object, paths: tuple[str, ...], *, source: str) -> object:
    """A value with what stands behind it, entries of lists included; numbers as they are."""
    if isinstance(value, Markup):
        made = SaidMarkup(value)
        made.paths, made.source = paths, source
        return made
    if isinstance(value, list) and not isinstance(value, PlacedList):
        inner = [
            one if isinstance(one, Said) else remembered(one, paths, source=f"{source}[{n}]")
            for n, one in enumerate(value)
        ]
        return PlacedList(inner, source)
    return Said(value, paths, source=source) if isinstance(value, str) else value


_NODES: tuple[tuple[type[Tag], type[Node]], ...] = (
    (Output, SpeakingOutput), (EchoTag, SpeakingEcho), (CycleTag, SpeakingCycle),
    (AssignTag, RememberingAssign), (CaptureTag, RememberingCapture),
)  # fmt: skip


class Limited(Environment):
    """The one environment: strict, bounded, without files, clock or attributes. Stability: internal."""

    block_nesting_limit = 20
    context_depth_limit = 12
    local_namespace_limit = 400_000
    output_stream_limit = MOST_OUTPUT
    template_class = Parsed
    is_lenient = False
    """Whether every tag and filter of python-liquid is there, as conformance suites expect."""

    def from_string(self, source: str, **named: Any) -> BoundTemplate:  # type: ignore[override]  # Any: passed on
        """Parse what is not too much to parse."""
        check_size(source)
        return super().from_string(source, **named)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """The allowed tags and filters only."""
        super().setup_tags_and_filters(extra=extra)
        for name in () if self.is_lenient else FORBIDDEN_TAGS:
            del self.tags[name]
        for tag, node in _NODES:
            self.add_tag(cast("type[Tag]", type(tag.__name__, (tag,), {"node_class": node})))
        self.add_tag(AbortTag)
        own: dict[str, Callable[..., Any]] = (
            {} if self.is_lenient else {"date": shown_date, "money": shown_money, "pluralize": plural}
        )
        known = {**self.filters, **own}
        self.filters = {name: bounded(name, known[name]) for name in (known if self.is_lenient else sorted(FILTERS))}


def environment(partials: Mapping[str, str], *, escaped: bool) -> Limited:
    """An environment over a project's partials; `escaped` for HTML parts."""
    loader = CachingDictLoader(dict(partials), auto_reload=False)
    return Limited(loader=loader, undefined=StrictDefaultUndefined, autoescape=escaped)
