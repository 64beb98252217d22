"""After compiling: did every marker survive, and do the tags of a block still have one parent?

A message has two readers: Outlook, which reads conditional comments, and all others, which do not. A block is whole
only if for both readers its tags stand in the same element, and all of them inside or all outside such a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tactful.compose.markup import Bit, attributes, bits, is_outlook

CONDITION = re.compile(r"^(<!--\[if[^\]]*\]>)(.*?)(<!\[endif\]-->)$", re.DOTALL)
Home = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A marker found in the compiled document. Stability: internal."""

    number: int
    start: int
    home: Home


class _Readers:
    """The elements open to each reader. Stability: internal."""

    def __init__(self) -> None:
        self.outlook: list[tuple[str, int]] = []
        self.others: list[tuple[str, int]] = []

    def read(self, bit: Bit, *, only_outlook: bool) -> None:
        for stack in (self.outlook,) if only_outlook else (self.outlook, self.others):
            if bit.kind == "open":
                stack.append((bit.name, bit.start))
            elif bit.kind == "close" and any(name == bit.name for name, _ in stack):
                while stack.pop()[0] != bit.name:
                    pass

    def home(self, *, only_outlook: bool) -> Home:
        return (only_outlook, self.outlook[-1:], self.others[-1:])


def find(document: str, mark: re.Pattern[str]) -> Iterator[Found]:
    """Every marker in a compiled document, in order, with where it stands.

    Args:
        document: compiled HTML with markers.
        mark: finds a marker; its first group is the number.
    """
    readers = _Readers()
    for bit in bits(document):
        if bit.kind == "comment" and (match := CONDITION.match(bit.text)):
            for inner in bits(match[2]):
                at = bit.start + match.start(2) + inner.start
                yield from _in_bit(inner._replace(start=at), readers=readers, mark=mark, inside=True)
        else:
            yield from _in_bit(bit, readers=readers, mark=mark, inside=False)


def _in_bit(bit: Bit, *, readers: _Readers, mark: re.Pattern[str], inside: bool) -> Iterator[Found]:
    readers.read(bit, only_outlook=inside)
    if bit.kind in {"open", "empty"}:
        for name, value, begin in attributes(bit.text):
            for match in mark.finditer(value):
                yield Found(number=int(match[1]), start=bit.start + begin + match.start(), home=(bit.start, name))
            if named := mark.search(name):
                yield Found(number=int(named[1]), start=bit.start + begin, home=(bit.start, "attributes"))
        return
    if bit.kind == "comment" and is_outlook(bit.text) and not inside:
        return
    for match in mark.finditer(bit.text):
        yield Found(number=int(match[1]), start=bit.start + match.start(), home=readers.home(only_outlook=inside))


def torn(block: tuple[int, ...], found: dict[int, list[Found]]) -> int | None:
    """The number of the first tag of a block that lost its place, or None where the block is whole.

    Args:
        block: numbers of the tags of one block, in order.
        found: markers found, by number.
    """
    first = found[block[0]]
    for number in block[1:]:
        if len(found[number]) != len(first):
            return number
    for turn in range(len(first)):
        places = [found[number][turn] for number in block]
        for before, after in pairwise(places):
            if after.home != before.home or after.start < before.start:
                return after.number
    for turn in range(len(first) - 1):
        if found[block[-1]][turn].start > first[turn + 1].start:
            return block[-1]
    return None
