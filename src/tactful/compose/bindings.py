"""What stands behind a name of a template: the paths its value may come from, and the way it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

_MOST_WAYS = 400


class Behind(NamedTuple):
    """One path that may stand behind a value. Stability: internal.

    Attributes:
        path: by the context's own names, such as `items[].price`.
        start: where it is read, in the template.
        is_whole: whether the value is the very thing at the path, so that a further step of a path leads into it.
    """

    path: str
    start: int
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a name, or an expression, may stand for. Stability: internal.

    Attributes:
        behind: paths, each with the names and partials it came through.
        words: the texts it may be, where they are written in the template.
        is_known: whether it is one of these words and nothing else.
        is_partly: whether on some way there is no such name.
    """

    behind: dict[Behind, tuple[str, ...]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    is_known: bool = False
    is_partly: bool = False

    def into(self, step: str) -> Binding:
        """The value of an entry: `.price`, `[]`."""
        whole = {
            replace_path(one, one.path + step) if one.is_whole else one: steps for one, steps in self.behind.items()
        }
        return Binding(behind=whole)

    def through(self, step: str) -> Binding:
        """The value under a further name, or in a partial."""
        return replace(
            self,
            behind={
                one: steps if step in steps or len(steps) > 8 else (*steps, step) for one, steps in self.behind.items()
            },
        )

    @property
    def changed(self) -> Binding:
        """What a filter makes of it."""
        return Binding(behind={one._replace(is_whole=False): steps for one, steps in self.behind.items()})


NOTHING = Binding()
ROOTS = frozenset({"customer", "facts", "cell", "items", "anchor", "offer", "brand", "message", "links"})
"""What a template sees from the outset."""
Names = dict[str, Binding]


def replace_path(one: Behind, path: str) -> Behind:
    """The same place read, further in."""
    return one._replace(path=path) if path.count("[]") + path.count(".") < 12 else one


def joined(bindings: Iterable[Binding]) -> Binding:
    """A value that may be any of several; the shortest way of each path is kept.

    >>> a = Binding(behind={Behind("facts.a", 0, True): ("assign y",)}, words=frozenset({"x"}))
    >>> b = Binding(behind={Behind("facts.a", 0, True): ()})
    >>> joined([a, b]).behind[Behind("facts.a", 0, True)], joined([a, b]).words
    ((), frozenset({'x'}))
    """
    bindings = list(bindings)
    behind: dict[Behind, tuple[str, ...]] = {}
    words: frozenset[str] = frozenset()
    for binding in bindings:
        for one, steps in binding.behind.items():
            if one in behind:
                behind[one] = min(behind[one], steps, key=len)
            elif len(behind) < _MOST_WAYS:
                behind[one] = steps
        words |= binding.words
    is_known = bool(bindings) and all(one.is_known for one in bindings)
    return Binding(behind=behind, words=words, is_known=is_known, is_partly=any(one.is_partly for one in bindings))


def met(ways: Iterable[Names]) -> Names:
    """The names after ways that meet again: each may be what it is on any of them, or not be there on some."""
    ways = list(ways)
    found: Names = {}
    for name in dict.fromkeys(name for way in ways for name in way):
        made = joined(way[name] for way in ways if name in way)
        found[name] = made if all(name in way for way in ways) else replace(made, is_known=False, is_partly=True)
    return found
