"""A message is a skeleton plus slots; joining them is pure.

A skeleton holds the static text of the branch taken in every part (subject, preheader, html, text, payload), cut at
each slot. The slot values stand beside it, one column each: s0, s1, … A value that several parts speak is stored once.
Bytes are joined only when the message leaves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from tactful.words.ids import canonical


class Part(Enum):
    """The parts of a message, in the order in which they are hashed. Stability: full."""

    SUBJECT = "subject"
    PREHEADER = "preheader"
    HTML = "html"
    TEXT = "text"
    PAYLOAD = "payload"


class SlotContext(Enum):
    """Where a slot stands, which says how its value is escaped. Stability: full."""

    TEXT = "text"
    ATTRIBUTE = "attribute"
    URL = "url"
    STYLE = "style"
    PLAIN = "plain"
    """In a part that is no HTML: subject, preheader, text."""


class SlotKind(Enum):
    """What a slot's value is. Stability: full."""

    WORDS = "words"
    NAME = "name"
    PRICE = "price"
    URL = "url"
    DATE = "date"
    NUMBER = "number"
    MARKUP = "markup"
    """Author's literal markup reached it: full parse, never the factored check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place in a skeleton where a value goes. Stability: full.

    Attributes:
        column: which of the message's slot columns it reads: 0 for s0.
        context: how the value is escaped here.
        source: what it reads, as written in the template: `items[0].price`.
        kind: what the value is.
        facts: names of the facts behind it.
    """

    column: int
    context: SlotContext
    source: str
    kind: SlotKind
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SkeletonPart:
    """One part's static text; `segments` has one more entry than `slots`. Stability: full."""

    part: Part
    segments: tuple[str, ...]
    slots: tuple[Slot, ...]

    def __post_init__(self) -> None:
        if len(self.segments) != len(self.slots) + 1:
            raise ValueError(f"{len(self.segments)} segments do not enclose {len(self.slots)} slots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The static text of one branch of one content, in all its parts. Stability: full.

    Attributes:
        content_id: which content.
        content_hash: 16 bytes, which version of it.
        branch: the way control flow took, as a short text.
        parts: in the order of `Part`.
        escaper: version of the escaping rules.
    """

    content_id: str
    content_hash: bytes
    branch: str
    parts: tuple[SkeletonPart, ...]
    escaper: str = "1"

    @property
    def width(self) -> int:
        """How many slot columns a message of this skeleton has."""
        return 1 + max((slot.column for part in self.parts for slot in part.slots), default=-1)

    @property
    def skeleton_id(self) -> bytes:
        """16 bytes over everything that decides the bytes of a joined message.

        >>> hello = Skeleton(content_id="a", content_hash=b"", branch="", parts=(
        ...     SkeletonPart(part=Part.SUBJECT, segments=("Hi",), slots=()),))
        >>> len(hello.skeleton_id), hello.width
        (16, 0)
        """
        words = [self.content_id, self.content_hash.hex(), self.branch, self.escaper]
        for part in self.parts:
            words += [part.part.value, str(len(part.slots)), *part.segments]
            words += [w for s in part.slots for w in (str(s.column), s.context.value, s.source, s.kind.value)]
        return hashlib.sha256(canonical(*words)).digest()[:16]


def escape(value: str, context: SlotContext) -> str:
    """A slot's value as it stands in its context.

    Text and attributes: the five characters of HTML. URL: the same, since a URL stands in an attribute; its scheme and
    host are the gate's to check. Style: anything but letters, digits, `#`, `.`, `%`, `-` and blanks is refused.
    Plain parts: unchanged.

    >>> escape("<b> & 'co'", SlotContext.TEXT)
    '&lt;b&gt; &amp; &#39;co&#39;'
    >>> escape("<b>", SlotContext.PLAIN)
    '<b>'
    """
    if context is SlotContext.PLAIN:
        return value
    if context is SlotContext.STYLE and not all(c.isalnum() or c in "#.%- " for c in value):
        raise ValueError(f"{value!r} may not stand in a style")
    if _SPECIAL.search(value):
        for mark, words in _ESCAPES:
            value = value.replace(mark, words)
    return value


_SPECIAL = re.compile("[&<>\"']")
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;"))
"""The ampersand first: the others bring one."""


def join_part(part: SkeletonPart, values: Sequence[str]) -> str:
    """The words of one part: segments and escaped slot values in turn.

    Markup slots are not escaped again: their value was made by the template itself.

    Args:
        part: where the values go.
        values: every slot column of the message, s0 first.

    >>> part = SkeletonPart(part=Part.TEXT, segments=("Hello ", "."), slots=(
    ...     Slot(column=0, context=SlotContext.PLAIN, source="customer.salutation", kind=SlotKind.NAME),))
    >>> join_part(part, ["Anna"])
    'Hello Anna.'
    """
    pieces = [part.segments[0]]
    for slot, segment in zip(part.slots, part.segments[1:], strict=True):
        value = values[slot.column]
        pieces.append(value if slot.kind is SlotKind.MARKUP else escape(value, slot.context))
        pieces.append(segment)
    return "".join(pieces)


def join(skeleton: Skeleton, values: Sequence[str]) -> dict[Part, str]:
    """The words of every part of one message, in the order of `Part`.

    Raises:
        ValueError: the number of values is not the skeleton's width.
    """
    if len(values) != skeleton.width:
        raise ValueError(f"{len(values)} values for {skeleton.width} slot columns")
    return {part.part: join_part(part, values) for part in skeleton.parts}


def bytes_hash(parts: Mapping[Part, str]) -> bytes:
    """16 bytes over the joined parts in the order of `Part`; not over MIME.

    >>> bytes_hash({Part.SUBJECT: "a"}) == bytes_hash({Part.PREHEADER: "a"})
    False
    """
    words = [word for part in Part if part in parts for word in (part.value, parts[part])]
    return hashlib.sha256(canonical(*words)).digest()[:16]
