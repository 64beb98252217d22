"""Templates whose branches can be held: what conditions came to in one render is said again in the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tactful.compose.liquid import (
    CachingDictLoader,
    Context,
    Expression,
    Limited,
    Node,
    Parsed,
    RenderContext,
)
from tactful.compose.placed import place
from tactful.compose.recorded import Recorded, Recorder
from tactful.compose.template import Template


class Held(Expression):
    """A condition that says again what it said, where its render is held. Stability: internal."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expression) -> None:
        super().__init__(inner.token)
        self.inner = inner

    def __str__(self) -> str:
        return str(self.inner)

    def evaluate(self, context: RenderContext) -> object:
        """What it comes to; in a render that is held, what it came to at this step of the one before."""
        env = cast("Holding", context.env)
        if env.script is None:
            found = self.inner.evaluate(context)
            env.told.append(found)
            return found
        cast("Context", context).budget.spend(1)
        return env.script.pop(0)

    def children(self) -> list[Expression]:
        """As the condition itself."""
        return [self.inner]


class HeldParsed(Parsed):
    """A template whose conditions can be held. Stability: internal."""

    def __init__(self, env: Limited, nodes: list[Node], **named: Any) -> None:  # Any: passed on
        super().__init__(env, nodes, **named)
        context = RenderContext(Parsed(env, []))
        waiting: list[Any] = list(nodes)  # Any: the attributes of python-liquid's nodes differ
        while waiting:
            node = waiting.pop()
            if hasattr(node, "condition"):
                node.condition = Held(node.condition)
            if type(node).__name__ in {"ConditionalBlockNode", "MultiExpressionBlockNode"}:
                node.expression = Held(node.expression)
            waiting.extend(node.children(context, include_partials=False))


class Holding(Limited):
    """An environment whose templates can be held. Stability: internal."""

    template_class: type[Parsed] = HeldParsed
    script: list[object] | None = None
    told: list[object]


def of_template(template: Template) -> HeldParsed:
    """The same template with conditions that can be held."""
    env = cast("Limited", template.parsed.env)
    known = env.loader.templates if isinstance(env.loader, CachingDictLoader) else {}
    loader = CachingDictLoader(dict(known), auto_reload=False)
    own = Holding(loader=loader, undefined=env.undefined, autoescape=env.autoescape)
    own.told = []
    return cast("HeldParsed", own.from_string(template.text))


def held(parsed: HeldParsed, data: Mapping[str, object], other: Mapping[str, object]) -> tuple[Recorded, Recorded]:  # noqa: PLR0917  # two contexts alike
    """What a template says of one context, and of another one along the same branches.

    Raises:
        Exception: whatever either render ends in.
    """
    env = cast("Holding", parsed.env)
    env.script, env.told = None, []
    first = _render(parsed, data)
    env.script = list(env.told)
    try:
        return first, _render(parsed, other)
    finally:
        env.script = None


def _render(parsed: HeldParsed, data: Mapping[str, object]) -> Recorded:
    recorder = Recorder()
    context = Context(parsed, globals=cast("Mapping[str, object]", place(data)))
    parsed.render_with_context(context, recorder)
    return recorder.recorded()
