"""Writes the Python of a template: one function over the names it sees, a list to write to, and a bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

from tactful.compose.liquid import (
    AbortNode,
    AssignNode,
    CaptureNode,
    CycleNode,
    FilteredExpression,
    Limited,
    LoopExpression,
    Node,
    OutputNode,
    Path,
)

_MOST_INCLUDED = 10
_WATCHED = 1_000
_LITERALS = {"StringLiteral", "IntegerLiteral", "FloatLiteral", "TrueLiteral", "FalseLiteral", "Nil"}


class Unfitting(Exception):
    """A construct that is not compiled for single rows, and which. Stability: internal."""


class Writer:
    """Writes one function. Stability: internal.

    Attributes:
        objects: what the function refers to, by name.
        partials: names of the partials it calls.
    """

    def __init__(self, *, env: Limited, is_partial: bool) -> None:
        self.env = env
        self.lines: list[str] = []
        self.objects: dict[str, object] = {}
        self.partials: list[str] = []
        self.depth = 1
        self.loops: list[dict[str, str]] = []
        self.mute = 0
        self.included = 0
        self.count = 0
        self.assigned: set[str] = set()
        self.out = ["out"]
        self.entering = 0
        self.is_partial = is_partial

    def written(self, nodes: Sequence[Node]) -> str:
        """The function's source."""
        self._find_assigned(nodes)
        self.line("L = {}")
        self.line("put = out.append")
        self._nodes(nodes)
        return "def render(G, out, B):\n" + "\n".join(self.lines) + "\n"

    def line(self, text: str) -> None:
        """One line at the present depth."""
        self.lines.append("  " * self.depth + text)

    def name(self, stem: str) -> str:
        """A name not used yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def hold(self, thing: object) -> str:
        """A name under which the function finds a thing."""
        name = self.name("K")
        self.objects[name] = thing
        return name

    def _find_assigned(self, nodes: Sequence[Any]) -> None:  # Any: nodes of python-liquid
        for node in nodes:
            if isinstance(node, AssignNode | CaptureNode) or type(node).__name__ in {"IncrementNode", "DecrementNode"}:
                self.assigned.add(str(node.name))
            if type(node).__name__ == "IncludeNode":
                self.assigned.add("*")
            self._find_assigned(list(node.children(cast("Any", None), include_partials=False)))

    def _nodes(self, nodes: Sequence[Node]) -> None:
        cost = sum(isinstance(node, OutputNode) or type(node).__name__ == "SpeakingCycle" for node in nodes)
        cost += self.entering
        self.entering = 0
        if cost:
            self.line(f"B.budget.spend({cost})")
        start = len(self.lines)
        for node in nodes:
            self._node(node)
        if len(self.lines) == start:
            self.line("pass")

    def _node(self, node: Any) -> None:  # Any: the attributes of python-liquid's nodes differ
        kind = type(node).__name__
        if isinstance(node, OutputNode) or kind == "SpeakingEcho":
            self._output(node)
        elif isinstance(node, AssignNode):
            value = self.value(node.expression)
            self.line(f"B.keep(L, {str(node.name)!r}, value={value})")
        elif isinstance(node, CaptureNode):
            self._capture(node)
        elif isinstance(node, CycleNode):
            self._cycle(node)
        elif isinstance(node, AbortNode):
            raise Unfitting("a message that ends itself")
        else:
            act: Callable[[Any], None] | None = getattr(self, f"_{kind.removesuffix('Node').lower()}", None)
            if act is None:
                raise Unfitting(f"the tag of {kind}")
            act(node)

    def _content(self, node: Any) -> None:  # Any: as above
        if node.text and not self.mute:
            if len(node.text) > _WATCHED and self.loops:
                self.line(f"B.grow({len(node.text)})")
            self.line(f"put({node.text!r})")

    def _comment(self, node: Any) -> None:
        """A comment leaves nothing behind."""

    _doc = _inlinecomment = _illegal = _comment

    def _output(self, node: Any) -> None:  # Any: as above
        name = self.name("x")
        self.line(f"{name} = {self.value(node.expression)}")
        kept, short = (f"E[{name}]", f"{name} in E") if self.env.autoescape else (name, f"len({name}) <= {_WATCHED}")
        self.line(f"put({kept} if type({name}) is str and {short} else B.text({name}))")

    def _block(self, node: Any) -> None:  # Any: as above
        self.entering = int(type(node).__name__ == "Noted")
        if self.env.suppress_blank_control_flow_blocks and node.blank:
            self.mute += 1
            self._nodes(node.nodes)
            self.mute -= 1
        else:
            self._nodes(node.nodes)

    _noted = _block

    def _liquid(self, node: Any) -> None:  # Any: as above
        self._block(node.block)

    def _if(self, node: Any, *, is_unless: bool = False) -> None:  # Any: as above
        depth = self.depth
        truth = self.truth(node.condition)
        self.line(f"if {'not ' if is_unless else ''}{truth}:")
        self._indented(node.consequence)
        for other in node.alternatives:
            self.line("else:")
            self.depth += 1
            self.line(f"if {self.truth(other.expression)}:")
            self._indented(other.block)
        if node.default:
            self.line("else:")
            self._indented(node.default)
        self.depth = depth

    def _unless(self, node: Any) -> None:  # Any: as above
        self._if(node, is_unless=True)

    def _indented(self, block: Any) -> None:  # Any: as above
        self.depth += 1
        if hasattr(block, "nodes"):
            self._block(block)
        self.line("pass")
        self.depth -= 1

    def _case(self, node: Any) -> None:  # Any: as above
        met = self.name("m")
        self.line(f"{met} = False")
        for block in node.blocks:
            if not hasattr(block, "expression"):
                self.line(f"if not {met}:")
                self._indented(block)
                continue
            times = self.name("n")
            self.line(f"{times} = {self.ask(block.expression)}.count(True)")
            self.line(f"if {times}:")
            self.depth += 1
            self.line(f"{met} = True")
            if any(True for _ in self._interrupts(block.block)):
                raise Unfitting("a break within a case")
            self.line(f"for _ in range({times}):")
            self._indented(block.block)
            self.depth -= 1

    def _interrupts(self, node: Any) -> Any:  # Any: as above
        for inner in node.children(None, include_partials=False):
            if type(inner).__name__ in {"BreakNode", "ContinueNode", "IncludeNode"}:
                yield inner
            elif type(inner).__name__ != "ForNode":
                yield from self._interrupts(inner)

    def _for(self, node: Any) -> None:  # Any: as above
        loop: LoopExpression = node.expression
        plain = not (loop.limit or loop.offset or loop.reversed) and isinstance(loop.iterable, Path)
        items, length, item = self.name("it"), self.name("n"), self.name("v")
        listed = self.path(cast("Path", loop.iterable)) if plain else "None"
        self.line(f"{items}, {length} = B.loop({listed}, lambda: {self.ask(loop)})")
        self.line(f"if {length}:")
        self.depth += 1
        self.line("B.budget.spend(10)")
        outer = next((one["forloop"] for one in reversed(self.loops) if "forloop" in one), None)
        drop = self.name("f")
        is_asked = self._asks_for_the_loop(node.block)
        if is_asked:
            undefined = self.hold(lambda: self.env.undefined("parentloop", token=None))
            title = f"{loop.identifier}-{loop.iterable}"
            self.line(f"{drop} = ForLoop({title!r}, iter(()), {length}, {outer or undefined + '()'})")
        self.line(f"for {item} in {items}:")
        self.depth += 1
        if is_asked:
            self.line(f"{drop}.step()")
        self.loops.append({**({"forloop": drop} if is_asked else {}), str(loop.identifier): item})
        self._block(node.block)
        self.loops.pop()
        self.depth -= 2
        if node.default:
            self.line("else:")
            self._indented(node.default)

    def _asks_for_the_loop(self, node: Any) -> bool:  # Any: as above
        """Whether anything in a block may look at `forloop`."""
        for expression in node.expressions():
            waiting = [expression]
            while waiting:
                one = waiting.pop()
                if isinstance(one, Path) and (one.path[0] == "forloop" or not isinstance(one.path[0], str)):
                    return True
                waiting += [*one.children(), *([one.left] if hasattr(one, "expressions") else [])]
        inner = list(node.children(None, include_partials=False))
        return type(node).__name__ in {"IncludeNode", "ForNode"} or any(map(self._asks_for_the_loop, inner))

    def _break(self, node: Any) -> None:  # noqa: ARG002  # Any: as above
        self._leave("break")

    def _continue(self, node: Any) -> None:  # noqa: ARG002  # Any: as above
        self._leave("continue")

    def _leave(self, word: str) -> None:
        if not self.loops or self.included:
            raise Unfitting(f"a {word} that leaves no loop of its own template")
        self.line(word)

    def _capture(self, node: Any) -> None:  # Any: as above
        if any(True for _ in self._interrupts(node.block)):
            raise Unfitting("a break within a capture")
        kept, held, mute = self.name("o"), self.name("h"), self.mute
        self.mute = 0
        self.line(f"{kept} = put; {held} = []; put = {held}.append")
        self.out.append(held)
        self._block(node.block)
        self.out.pop()
        self.mute = mute
        text = f"''.join({held})"
        self.line(f"put = {kept}")
        self.line(f"B.keep(L, {str(node.name)!r}, value={'Markup(' + text + ')' if self.env.autoescape else text})")

    def _cycle(self, node: Any) -> None:  # Any: as above
        asked = [self.ask(one) for one in node.args]
        values = self.name("c")
        self.line(f"{values} = [{', '.join(asked)}]")
        key = f"str({self.ask(node.group)}) or str({values})" if node.group else f"str({values})"
        self.line(f"put(B.text({values}[B.turn({key}, {len(asked)})]))")

    def _increment(self, node: Any) -> None:  # Any: as above
        name = str(node.name)
        self.line(f"put(str(B.counters.get({name!r}, 0))); B.counters[{name!r}] = B.counters.get({name!r}, 0) + 1")

    def _decrement(self, node: Any) -> None:  # Any: as above
        name = str(node.name)
        self.line(f"B.counters[{name!r}] = B.counters.get({name!r}, 0) - 1; put(str(B.counters[{name!r}]))")

    def truth(self, expression: Any) -> str:  # Any: a boolean expression
        """A condition."""
        inner = getattr(expression, "expression", None)
        if not isinstance(inner, Path) or self.plain(inner) is None:
            return self.ask(expression)
        name = self.name("t")
        self._look_up(name, inner)
        known = f"{name} is not None if type({name}) in PLAIN else {self.ask(expression)}"
        return f"({name} if type({name}) is bool else {known})"

    def value(self, expression: Any) -> str:  # Any: an expression
        """What an expression comes to, as Python."""
        if isinstance(expression, Path):
            return self.path(expression)
        if not isinstance(expression, FilteredExpression):
            return self.ask(expression)
        filters = expression.filters or ()
        if not isinstance(expression.left, Path) or any(self._arguments(one) is None for one in filters):
            return self.ask(expression)
        made = self.path(expression.left)
        for one in filters:
            given = "".join(f", {arg}" for arg in self._arguments(one) or ())
            made = f"{self.hold(self.env.filters[one.name])}({made}{given})"
        return made

    def _arguments(self, one: Any) -> list[str] | None:  # Any: a filter
        """A filter's arguments as Python; None where they are not plain."""
        function = self.env.filters.get(one.name)
        if function is None:
            return None
        given = []
        for arg in one.args:
            name, inner = getattr(arg, "name", None), arg.value
            if isinstance(inner, Path):
                made = self.path(inner)
            elif type(inner).__name__ in _LITERALS:
                made = self.hold(inner.evaluate(SimpleNamespace(autoescape=self.env.autoescape, env=self.env)))
            else:
                return None
            given.append(f"{name}={made}" if name else made)
        given += ["context=B"] if getattr(function, "with_context", False) else []
        return given + (["environment=B.env"] if getattr(function, "with_environment", False) else [])

    def plain(self, path: Path) -> str | None:
        """A path as plain Python; None where it is not plain."""
        root, *keys = path.path
        if not isinstance(root, str) or not all(isinstance(key, str | int) for key in keys):
            return None
        if any(key in {"size", "first", "last"} for key in keys) and root != "forloop":
            return None
        made = next((one[root] for one in reversed(self.loops) if root in one), "")
        if not made:
            made = f"G[{root!r}]"
            if root in self.assigned or "*" in self.assigned:
                made = f"(L[{root!r}] if {root!r} in L else {made})"
        for key in keys:
            made = f"{made}[{key!r}]" if isinstance(key, str) else f"AT({made}, {key})"
        return made

    def path(self, path: Path) -> str:
        """A name that holds what stands at a path."""
        if self.plain(path) is None:
            return self.ask(path)
        name = self.name("p")
        self._look_up(name, path)
        return name

    def _look_up(self, name: str, path: Path) -> None:
        self.line("try:")
        self.line(f"  {name} = {self.plain(path)}")
        self.line("except LOST:")
        self.line(f"  {name} = {self.ask(path)}")

    def _render(self, node: Any) -> None:  # Any: as above
        name = getattr(node.name, "value", None)
        if not isinstance(name, str) or node.loop or node.var is not None:
            raise Unfitting("a partial rendered for or with something, or by a name that differs")
        args = ", ".join(f"{str(arg.name)!r}: {self.value(arg.value)}" for arg in node.args)
        self.partials.append(name)
        kept = self.name("s")
        self.line(f"{kept} = B.enter()")
        self.line(f"PARTIALS[{name!r}]({{**G, {args}}}, {self.out[-1]}, B)")
        self.line(f"B.leave({kept})")

    def _include(self, node: Any) -> None:  # Any: as above
        name = getattr(node.name, "value", None)
        if not isinstance(name, str) or node.var is not None or self.included >= _MOST_INCLUDED:
            raise Unfitting("a partial included with something, by a name that differs, or too deep")
        if self.is_partial:
            raise Unfitting("an include within a render")
        try:
            template = self.env.get_template(name)
        except Exception as fault:
            raise Unfitting("a partial that is not there") from fault
        self.line("B.budget.spend(20)")
        names = {}
        for arg in node.args:
            names[str(arg.name)] = self.name("a")
            self.line(f"{names[str(arg.name)]} = {self.value(arg.value)}")
        self.loops.append(names)
        self.included += 1
        self._nodes(template.nodes)
        self.included -= 1
        self.loops.pop()

    def ask(self, expression: Any) -> str:  # Any: an expression
        """python-liquid's own evaluation."""
        seen = [f"{name!r}: {held}" for one in self.loops for name, held in one.items()]
        return f"B.ask({self.hold(expression)}, {'{' + ', '.join(seen) + '}' if seen else 'NONE'}, L, G)"
