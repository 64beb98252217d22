"""A template compiled to a Python function of one message: for what is rendered one at a time, at ten times the pace.

The function is written from python-liquid's parsed template. Paths and loops become plain Python; filters are
python-liquid's own, weighed as everywhere; whatever is not plain is evaluated by python-liquid in a context of its own.
The bounds hold: work is counted block by block, size as it grows. Where anything goes wrong the caller asks the
reference, which says what. Values are looked at, never parsed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from threading import local
from typing import Any, cast

from tactful.compose.aborting import Abort
from tactful.compose.comparing import matches
from tactful.compose.limits import MOST_OUTPUT, Budget, TooMuch, entries
from tactful.compose.liquid import (
    Context,
    ForLoop,
    Limited,
    Markup,
    Parsed,
    ReadOnlyChainMap,
    cycle_key,
    is_undefined,
    to_liquid_string,
)
from tactful.compose.python_liquid import is_truthy
from tactful.compose.spelling import Unfitting
from tactful.compose.writing import Writer

__all__ = ["RowFunction", "Unfitting"]
_MOST_DEPTH = 12
_MOST_KEPT = 30_000
"""Short texts of which the escaped form is kept."""
_WATCHED = 1_000
"""Characters from which on a text is counted as it is written; shorter ones are bounded by the steps of work."""


class Bench:
    """What one render carries along: the work left, the size so far, counters and turns. Stability: internal."""

    __slots__ = ("autoescape", "budget", "counters", "depth", "env", "namespace", "size", "template")

    def __init__(self, parsed: Parsed) -> None:
        self.env, self.template, self.autoescape = parsed.env, parsed, parsed.env.autoescape
        self.budget = Budget()
        self.size = self.depth = 0
        self.counters: dict[str, int] = {}
        self.namespace: dict[str, Any] = {}  # Any: as python-liquid's

    def grow(self, size: int) -> None:
        """Count what is written.

        Raises:
            TooMuch: more than a part may become.
        """
        self.size += size
        if self.size > MOST_OUTPUT:
            raise TooMuch(f"a part becomes longer than {MOST_OUTPUT:,} characters")

    def text(self, value: object) -> str:
        """A value as it stands in the message."""
        if type(value) is str and len(value) <= _WATCHED:
            if self.autoescape and ("&" in value or "<" in value or ">" in value or '"' in value or "'" in value):
                return str(Markup.escape(value))
            return value
        if is_undefined(value):
            str(value)  # raises where variables are strict
        self.budget.spend(entries(value) // 25)
        made = str(to_liquid_string(value, self.autoescape))
        if len(made) > _WATCHED:
            self.grow(len(made))
        return made

    def words(self, value: object) -> bytes:
        """The same in UTF-8."""
        return self.text(value).encode()

    def ask(self, expression: Any, names: Mapping[str, object], *more: Any) -> Any:
        """An expression evaluated by python-liquid itself.

        Args:
            expression: of python-liquid.
            names: of loops and arguments.
            more: names that were assigned, and what is given.
        """
        return expression.evaluate(self.context(names, *more))

    def context(self, names: Mapping[str, object], *more: Any) -> Context:  # Any: as above
        """python-liquid's context for one expression."""
        local, given = more
        context = cast("Context", Asking.__new__(Asking))
        context.env, context.template, context.autoescape = self.env, self.template, self.autoescape
        context.locals, context.globals, context.counters = local, given, self.counters
        context.scope = ReadOnlyChainMap(names, local, given, self.counters)
        self.namespace.setdefault("stopindex", {})
        context.tag_namespace, context.budget, context.lineage = self.namespace, self.budget, {}
        context.loops, context.disabled_tags = [], []
        return context

    def heard(self, pieces: list[str]) -> str:
        """The text of a capture.

        Raises:
            TooMuch: it is longer than a capture may become.
        """
        made = "".join(pieces)
        self.budget.spend(1 + len(made) // 200)
        if len(made) > MOST_OUTPUT // 10:
            raise TooMuch(f"a capture becomes longer than {MOST_OUTPUT // 10:,} characters")
        return made

    def keep(self, local: dict[str, object], name: str, *, value: object) -> None:
        """Assign a name.

        Raises:
            TooMuch: names hold more than a message needs.
        """
        self.budget.spend(1 + entries(value) // 10)
        local[name] = value
        limit = self.env.local_namespace_limit
        if limit and sum(sys.getsizeof(one, default=1) for one in local.values()) > limit:
            raise TooMuch("names hold more than a message needs")

    def loop(self, value: object, ask: Callable[[], tuple[Any, int]]) -> tuple[Any, int]:
        """What a loop goes through, and how often."""
        if type(value) is list:
            self.budget.spend(len(value))
            return value, len(value)
        items, length = ask()
        if length:
            self.budget.spend(length)
        return items, length

    def enter(self) -> tuple[dict[str, int], dict[str, Any]]:  # Any: as python-liquid's
        """Enter a partial, which counts for itself."""
        self.budget.spend(10)
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise TooMuch("partials are nested too deeply")
        kept = self.counters, self.namespace
        self.counters, self.namespace = {}, {}
        return kept

    def leave(self, kept: tuple[dict[str, int], dict[str, Any]]) -> None:  # Any: as python-liquid's
        """Leave a partial."""
        self.depth -= 1
        self.counters, self.namespace = kept

    def turn(self, key: str, length: int) -> int:
        """Whose turn it is in a cycle."""
        turns: dict[str, int] = self.namespace.setdefault("cycles", {})
        now = turns.setdefault(key, 0)
        turns[key] = (now + 1) % length
        return now


class Escaped(dict[str, bytes]):
    """Short texts as they stand in a message, remembered; longer ones are counted. Stability: internal."""

    def __init__(self) -> None:
        super().__init__()
        self.here = local()

    def __missing__(self, value: str) -> bytes:
        """A text that is seen for the first time."""
        made = cast("Bench", self.here.bench).words(value)
        if len(value) <= _WATCHED:
            if len(self) > _MOST_KEPT:
                self.clear()
            self[value] = made
        return made


class Asking(Context):
    """A context for one expression. Stability: internal."""

    __slots__ = ()


def _at(value: object, place: int) -> object:
    """An entry of a list; a text has none."""
    if type(value) is list:
        return value[place]
    raise KeyError(place)


_SPACE: dict[str, object] = {
    "AT": _at,
    "NONE": {},
    "LOST": (KeyError, TypeError, IndexError),
    "PLAIN": frozenset({str, int, float, dict, list, type(None)}),
    "Markup": Markup,
    "ForLoop": ForLoop,
    "ABORT": Abort,
    "KEY": cycle_key,
    "TRUE": is_truthy,
    "MATCHES": matches,
}


class RowFunction:
    """One template as a function of what it sees. Stability: internal.

    Args:
        parsed: by python-liquid.

    Raises:
        Unfitting: a construct that is not compiled, and which.
    """

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.partials: dict[str, Callable[..., None]] = {}
        self.escaped = Escaped()
        self.code = self._compiled(parsed, is_partial=False)

    def _compiled(self, parsed: Parsed, *, is_partial: bool) -> Callable[..., None]:
        writer = self._writer(cast("Limited", parsed.env), is_partial=is_partial)
        source = writer.written(parsed.nodes)
        for name in writer.partials:
            if name not in self.partials:
                self.partials[name] = _never
                try:
                    partial = cast("Parsed", parsed.env.get_template(name))
                except Exception as fault:
                    raise Unfitting("a partial that is not there") from fault
                self.partials[name] = self._compiled(partial, is_partial=True)
        space = {**writer.objects, **_SPACE, "PARTIALS": self.partials, "E": self.escaped}
        exec(compile(source, f"<{parsed.name or 'template'}>", "exec"), space)  # noqa: S102  # we wrote it
        return cast("Callable[..., None]", space["render"])

    def _writer(self, env: Limited, *, is_partial: bool) -> Writer:
        return Writer(env=env, is_partial=is_partial)

    def text(self, data: Mapping[str, object]) -> str:
        """The text for one message.

        Args:
            data: what the template sees; mappings and lists are plain ones.
        """
        return self.words(data).decode()

    def words(self, data: Mapping[str, object]) -> bytes:
        """The same in UTF-8: nothing is encoded twice.

        Args:
            data: as for `text`.
        """
        out: list[bytes] = []
        bench = self.escaped.here.bench = Bench(self.parsed)
        self.code(data if type(data) is dict else dict(data), out, bench)
        bench.budget.spend(0)  # outside loops work is counted, and looked at here
        words = b"".join(out)
        if len(words) > MOST_OUTPUT:
            raise TooMuch(f"a part becomes longer than {MOST_OUTPUT:,} characters")
        return words


def _never(*_: object) -> None:
    raise Unfitting("a partial that is not compiled yet")
