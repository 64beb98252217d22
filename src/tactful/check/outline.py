"""A part's document as the parser reads it, slots standing open: what it must become when values take their places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tactful.check import tree
from tactful.words.message import Slot, SlotContext, SlotKind, escape

OPEN, CLOSE = "\ue000", "\ue001"
"""Marks around the number of a slot; private characters, so that no pattern takes them for words."""
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_STEP = re.compile(f"(<!--)|(-->)|(<(?:style|script)\\b)|(</(?:style|script)>)|(<)|(>)|{OPEN}(\\d+){CLOSE}")
_PROBES = ('lt;b x y="1" <i>/> -->\'` =&', "38;")
"""Values that would change a document wherever something but quotes or text encloses them."""


class Around(Enum):
    """What the parser had around a slot, which says how it writes a value there. Stability: internal."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    RAW = "raw"
    """In a comment or a style, where nothing is decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document written out by the parser, cut at each mark. Stability: internal.

    Attributes:
        segments: one more than `places`.
        places: which slot, and what is around it; one slot may stand in several.
    """

    segments: tuple[str, ...]
    places: tuple[tuple[int, Around], ...]

    @classmethod
    def of(cls, marked: str) -> Outline:
        """Of a document with marks.

        >>> Outline.of(f'<b title="{OPEN}0{CLOSE}">{OPEN}1{CLOSE}').places[0]
        (0, <Around.ATTRIBUTE: 'attribute'>)
        """
        document = tree.serial(marked)
        segments, places, end, around = [], [], 0, Around.TEXT
        inside = ""
        for step in _STEP.finditer(document):
            if step[7] is not None:
                segments.append(document[end : step.start()])
                places.append((int(step[7]), around))
                end = step.end()
            else:
                inside, around = _next(step, inside)
        return cls(segments=(*segments, document[end:]), places=tuple(places))

    def filled(self, value: Callable[[int, Around], str]) -> str:
        """The document with values in their places, written as the parser writes them."""
        pieces = [self.segments[0]]
        for (number, around), segment in zip(self.places, self.segments[1:], strict=True):
            pieces += (value(number, around), segment)
        return "".join(pieces)


def _next(step: re.Match[str], inside: str) -> tuple[str, Around]:
    """Where a step of the scan leads: the construct that is open, and what a slot there has around it."""
    comment, end, raw, raw_end, tag, tag_end, _ = step.groups()
    if inside == "comment":
        return ("", Around.TEXT) if end else (inside, Around.RAW)
    if inside == "raw":
        return ("", Around.TEXT) if raw_end else (inside, Around.RAW)
    if inside == "raw tag":
        return ("raw", Around.RAW) if tag_end else (inside, Around.ATTRIBUTE)
    if comment:
        return "comment", Around.RAW
    if raw:
        return "raw tag", Around.ATTRIBUTE
    if tag:
        return "tag", Around.ATTRIBUTE
    return ("", Around.TEXT) if tag_end or raw_end else (inside, Around.ATTRIBUTE if inside else Around.TEXT)


def written(slot: Slot, value: str) -> str:
    """A value as it stands in the bytes of a part: escaped for its context, markup as it is."""
    return value if slot.kind is SlotKind.MARKUP else escape(value, slot.context)


def shown(slot: Slot, value: str, *, around: Around) -> str:
    """A value as the parser writes it out again.

    >>> from tactful.words.message import SlotContext
    >>> one = Slot(column=0, context=SlotContext.TEXT, source="a", kind=SlotKind.WORDS)
    >>> shown(one, '"1" < 2', around=Around.TEXT), shown(one, "'", around=Around.RAW)
    ('"1" &lt; 2', '&#39;')
    """
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if around is Around.RAW:
        return written(slot, value).replace("\0", "\ufffd")
    value = value.replace("\0", "" if around is Around.TEXT else "\ufffd")
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\u00a0", "&nbsp;")
    return value.replace('"', "&quot;") if around is Around.ATTRIBUTE else value


def loose(marked: str, outline: Outline, *, slots: Sequence[Slot]) -> frozenset[int]:
    """Slots of a document whose escaped value can still change how it is read: nothing encloses them.

    >>> free = (Slot(column=0, context=SlotContext.TEXT, source="a", kind=SlotKind.WORDS),)
    >>> for text in (f"<p id={OPEN}0{CLOSE}>", f'<p id="{OPEN}0{CLOSE}">'):
    ...     print(loose(text, Outline.of(text), slots=free))
    frozenset({0})
    frozenset()
    """
    tried = [n for n in _numbers(marked) if slots[n].kind is not SlotKind.MARKUP]
    tried = [n for n in tried if slots[n].context is not SlotContext.STYLE]
    found: set[int] = set()
    for probe in _PROBES:
        if not _holds(marked, outline, slots=slots, values=dict.fromkeys(tried, probe)):
            single = {n for n in tried if not _holds(marked, outline, slots=slots, values={n: probe})}
            found |= single or set(tried)
    return frozenset(found)


def _numbers(marked: str) -> Iterator[int]:
    yield from sorted({int(number) for number in _MARK.findall(marked)})


def _holds(marked: str, outline: Outline, *, slots: Sequence[Slot], values: Mapping[int, str]) -> bool:
    """Whether a document with these values is read as the outline says."""
    text = _MARK.sub(lambda m: written(slots[int(m[1])], values[int(m[1])]) if int(m[1]) in values else m[0], marked)

    def value(number: int, around: Around) -> str:
        if number in values:
            return shown(slots[number], values[number], around=around)
        return f"{OPEN}{number}{CLOSE}"

    return tree.serial(text) == outline.filled(value)
