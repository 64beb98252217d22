"""Partials as Python: a call of a function of their own, or their nodes where they are included."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tactful.compose.liquid import AssignNode, CaptureNode, Node, TemplateNotFoundError
from tactful.compose.spelling import Spelling, Unfitting, inside

_MOST_INCLUDED = 10


class Calling(Spelling):
    """Writes what calls other templates. Stability: internal."""

    @abstractmethod
    def _nodes(self, nodes: Sequence[Node]) -> None:
        """Write nodes."""

    def _turns(self, count: str) -> None:
        """How often a loop turns, or whose turn it is, is known."""

    def _goes(self, value: str) -> None:
        """What a loop goes through is known."""

    def _render(self, node: Any) -> None:  # Any: as above
        name = getattr(node.name, "value", None)
        if not isinstance(name, str):
            raise Unfitting("a partial rendered by a name that differs")
        if len(self.out) > 1 and any("links" in text for text in getattr(self.env.loader, "templates", {}).values()):
            raise Unfitting("a partial within a capture, where a partial prints links")
        args = "".join(f"{str(arg.name)!r}: {self.value(arg.value)}, " for arg in node.args)
        bound = self.value(node.var) if node.var is not None else ""
        key = str(node.alias or name.split(".")[0])
        self.partials.append(name)
        kept = self.name("s")
        self.line(f"{kept} = B.enter()")
        within = self.name("w") if len(self.out) > 1 else self.out[-1]
        if len(self.out) > 1:
            self.line(f"{within} = []")
        if node.loop and bound:
            self._each(name, (bound, key, args), within=within)
        else:
            args += f"{key!r}: {bound}" if bound else ""
            self.line(f"PARTIALS[{name!r}]({{**G, {args}}}, {within}, B)")
        if len(self.out) > 1:
            self.line(f"put(b''.join({within}).decode())")
        self.line(f"B.leave({kept})")

    def _each(self, name: str, given: tuple[str, str, str], *, within: str) -> None:
        """A partial rendered once for each entry of a list, or once with what is none.

        Args:
            name: of the partial.
            given: what it is rendered for, the name of that in the partial, and the arguments.
            within: what is written to.

        Raises:
            Unfitting: what one turn assigns, the next one would see.
        """
        bound, key, args = given
        with suppress(TemplateNotFoundError):  # that it is not there is told where it is compiled
            if self._keeps_names(self.env.get_template(name).nodes):
                raise Unfitting("a partial rendered for something, in which names are assigned")
        value, drop, item = self.name("it"), self.name("f"), self.name("v")
        undefined = self.hold(lambda: self.env.undefined("parentloop", token=None))
        opening, closing = f"PARTIALS[{name!r}]({{**G, {args}", f"}}, {within}, B)"
        self.line(f"{value} = {bound}")
        self._goes(value)
        self.line(f"if type({value}) is list:")
        self.depth += 1
        self.line(f"W.spend(len({value}))")
        self._turns(f"len({value})")
        self.line(f"{drop} = ForLoop({key!r}, iter(()), len({value}), {undefined}())")
        self.line(f"for {item} in {value}:")
        self.line(f"  {drop}.step(); W.spend(10)")
        self.line(f"  {opening}'forloop': {drop}, {key!r}: {item}{closing}")
        self.depth -= 1
        self.line(f"else: {opening}{key!r}: {value}{closing}")

    def _keeps_names(self, nodes: Sequence[Any]) -> bool:  # Any: as above
        kinds = (AssignNode, CaptureNode)
        return any(isinstance(node, kinds) or self._keeps_names(inside(node)) for node in nodes)

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
