"""Writes the Python of a template: one function over the names it sees, a list to write to, and a bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from tactful.compose.aborting import AbortNode
from tactful.compose.calling import Calling
from tactful.compose.liquid import (
    AssignNode,
    CaptureNode,
    CycleNode,
    FilteredExpression,
    LoopExpression,
    Node,
    OutputNode,
    Path,
)
from tactful.compose.spelling import Unfitting, inside, paths

_SELECTING = frozenset({"IfNode", "UnlessNode", "CaseNode"})
_WATCHED = 1_000


class Writer(Calling):
    """Writes one function. Stability: internal.

    Attributes:
        objects: what the function refers to, by name.
        partials: names of the partials it calls.
    """

    def written(self, nodes: Sequence[Node]) -> str:
        """The function's source."""
        self._find_assigned(nodes)
        self.line("L = {}")
        self.line("W = B.budget")
        self.line("put = out.append")
        self._nodes(nodes)
        held = [f"  {name} = G[{root!r}] if {root!r} in G else NONE" for root, name in self.roots.items()]
        return "def render(G, out, B):\n" + "\n".join([*held, *self.lines]) + "\n"

    def _find_assigned(self, nodes: Sequence[Any]) -> None:  # Any: nodes of python-liquid
        for node in nodes:
            if isinstance(node, AssignNode | CaptureNode) or type(node).__name__ in {"IncrementNode", "DecrementNode"}:
                self.assigned.add(str(node.name))
            if type(node).__name__ == "IncludeNode":
                self.assigned.add("*")
            self._find_assigned(inside(node))

    def _nodes(self, nodes: Sequence[Node]) -> None:
        cost = sum(isinstance(node, OutputNode) or type(node).__name__ == "SpeakingCycle" for node in nodes)
        cost += self.entering
        self.entering = 0
        if cost:
            self.line(f"W.left -= {cost}")
            if self.loops:
                self.line("if W.left < 0: W.spend(0)")
        start, seen = len(self.lines), dict(self.seen)
        for node in nodes:
            self._node(node)
        self._flush()
        self.seen = seen
        if len(self.lines) == start:
            self.line("pass")

    def _node(self, node: Any) -> None:  # Any: the attributes of python-liquid's nodes differ
        kind = type(node).__name__
        if kind not in _SELECTING and self._bends_a_link(node):
            raise Unfitting("a link of the message that is not printed as it is")
        if isinstance(node, OutputNode) or kind == "SpeakingEcho":
            self._output(node)
            return
        if kind != "ContentNode":
            self._flush()
        if isinstance(node, AssignNode):
            self.line(f"B.keep(L, {str(node.name)!r}, value={self._assigned(node)})")
        elif isinstance(node, CaptureNode):
            self._capture(node)
        elif isinstance(node, CycleNode):
            self._cycle(node)
        elif isinstance(node, AbortNode):
            self.line(f"raise ABORT(str({self.ask(node.reason)}))")
        else:
            act: Callable[[Any], None] | None = getattr(self, f"_{kind.removesuffix('Node').lower()}", None)
            if act is None:
                raise Unfitting(f"the tag of {kind}")
            act(node)

    def _assigned(self, node: Any) -> str:  # Any: as above
        """What a name is given."""
        return self.value(node.expression)

    def _bends_a_link(self, node: Any) -> bool:  # Any: as above
        """Whether a node takes a link of the message further than printing it; the reference then decides."""
        for expression in node.expressions():
            bare = expression.left if isinstance(expression, FilteredExpression) and not expression.filters else None
            for path in paths(expression):
                is_link = not isinstance(path.path[0], str) or path.path[0] == "links"
                if is_link and (path is not bare or not isinstance(node, OutputNode) or len(self.out) > 1):
                    return True
        return False

    def _content(self, node: Any) -> None:  # Any: as above
        if node.text and not self.mute:
            if len(node.text) > _WATCHED and self.loops:
                self.line(f"B.grow({len(node.text)})")
            self._say(self._static(node.text))

    def _say(self, words: str) -> None:
        """Write words; what follows each other without a turn is written at once."""
        if len(self.out) > 1:
            self.line(f"put({words})")
        else:
            self.pending.append(words)

    def _flush(self) -> None:
        """Write what waits."""
        if self.pending:
            words, self.pending = self.pending, []
            self.line(f"put({words[0]})" if len(words) == 1 else f"out += ({', '.join(words)})")

    def _comment(self, node: Any) -> None:
        """A comment leaves nothing behind."""

    _doc = _inlinecomment = _illegal = _comment

    def _static(self, text: str) -> str:
        """Words of the author: bytes, or text within a capture."""
        if len(self.out) > 1:
            return repr(text)
        try:
            return repr(text.encode())
        except UnicodeEncodeError as fault:
            raise Unfitting("words that are no text") from fault

    def _put(self, value: str) -> None:
        """Write a value at once: what follows may change it."""
        self._flush()
        self.line(f"put(B.{'text' if len(self.out) > 1 else 'words'}({value}))")

    def _output(self, node: Any) -> None:  # Any: as above
        value = self.value(node.expression)
        if len(self.out) > 1:
            self._put(value)
            return
        name = value if value.isidentifier() else self.name("x")
        if name != value:
            self.line(f"{name} = {value}")
        self._say(f"E[{name}] if type({name}) is str else B.words({name})")

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
        seen = dict(self.seen)
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
        self.depth, self.seen = depth, seen

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
            self.line(f"{times} = {self.matches(block.expression)}")
            self.line(f"if {times}:")
            self.depth += 1
            self.line(f"{met} = True")
            if any(True for _ in self._interrupts(block.block)):
                raise Unfitting("a break within a case")
            self.line(f"for _ in range({times}):")
            self._indented(block.block)
            self.depth -= 1

    def _interrupts(self, node: Any) -> Any:  # Any: as above
        for inner in inside(node):
            if type(inner).__name__ in {"BreakNode", "ContinueNode", "IncludeNode"}:
                yield inner
            elif type(inner).__name__ != "ForNode":
                yield from self._interrupts(inner)

    def _for(self, node: Any) -> None:  # Any: as above
        loop: LoopExpression = node.expression
        if getattr(loop.offset, "value", None) == "continue":
            raise Unfitting("a loop that goes on where another one ended")
        plain = not (loop.limit or loop.offset or loop.reversed) and isinstance(loop.iterable, Path)
        self._goes_through(loop)
        items, length, item = self.name("it"), self.name("n"), self.name("v")
        listed = self.path(cast("Path", loop.iterable)) if plain else "None"
        turn = f"{items}, {length} = B.loop({listed}, lambda: {self.ask(loop)})"
        if plain:
            self.line(f"if type({listed}) is list:")
            self.line(f"  {items}, {length} = {listed}, len({listed}); W.left -= {length}")
            self.line("  if W.left < 0: W.spend(0)")
            turn = f"else: {turn}"
        self.line(turn)
        self._turns(length)
        self.line(f"if {length}:")
        self.depth += 1
        self.line("W.left -= 10")
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

    def _goes_through(self, loop: LoopExpression) -> None:
        """A loop begins."""

    def _asks_for_the_loop(self, node: Any) -> bool:  # Any: as above
        """Whether anything in a block may look at `forloop`."""
        for expression in node.expressions():
            waiting = [expression]
            while waiting:
                one = waiting.pop()
                if isinstance(one, Path) and (one.path[0] == "forloop" or not isinstance(one.path[0], str)):
                    return True
                waiting += [*one.children(), *([one.left] if hasattr(one, "expressions") else [])]
        return type(node).__name__ in {"IncludeNode", "ForNode"} or any(map(self._asks_for_the_loop, inside(node)))

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
        text = f"B.heard({held})"
        self.line(f"put = {kept}")
        self.line(f"B.keep(L, {str(node.name)!r}, value={'Markup(' + text + ')' if self.env.autoescape else text})")

    def _cycle(self, node: Any) -> None:  # Any: as above
        asked = [self.value(one) for one in node.args]
        values = self.name("c")
        self.line(f"{values} = [{', '.join(asked)}]")
        key = f"KEY({self.ask(node.group) if node.group else repr('')}, {values}, budget=W)"
        turn = self.name("t")
        self.line(f"{turn} = B.turn({key}, {len(asked)})")
        self._turns(turn)
        self.line(f"if {turn} < {len(asked)}:")  # another cycle of the same group may be longer
        self.depth += 1
        self._put(f"{values}[{turn}]")
        self.depth -= 1

    def _increment(self, node: Any) -> None:  # Any: as above
        name = str(node.name)
        self._count(f"str(B.counters.get({name!r}, 0))")
        self.line(f"B.counters[{name!r}] = B.counters.get({name!r}, 0) + 1")

    def _decrement(self, node: Any) -> None:  # Any: as above
        name = str(node.name)
        self.line(f"B.counters[{name!r}] = B.counters.get({name!r}, 0) - 1")
        self._count(f"str(B.counters[{name!r}])")

    def _count(self, value: str) -> None:
        """Write a counter."""
        self._put(value)
