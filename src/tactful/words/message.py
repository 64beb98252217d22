"""A message is a skeleton plus slots; joining them is pure.

A *part* of a message (subject, preheader, html, text, payload) has a skeleton: the static text of the branch taken, cut
at each slot. The slot values stand beside it. Bytes are joined only when the message leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum


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
        context: how the value is escaped.
        source: what it reads, as written in the template: `items[0].price`.
        kind: what the value is.
        facts: names of the facts behind it.
    """

    context: SlotContext
    source: str
    kind: SlotKind
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The static text of one branch of one part. Stability: full.

    `segments` has one more entry than `slots`.
    """

    part: Part
    content_id: str
    content_hash: bytes
    branch: str
    segments: tuple[str, ...]
    slots: tuple[Slot, ...]
    escaper: str = "1"

    def __post_init__(self) -> None:
        if len(self.segments) != len(self.slots) + 1:
            raise ValueError(f"{len(self.segments)} segments do not enclose {len(self.slots)} slots")

    @property
    def skeleton_id(self) -> bytes:
        """16 bytes over everything that decides the bytes of a joined message.

        >>> hello = Skeleton(part=Part.SUBJECT, content_id="a", content_hash=b"", branch="", segments=("Hi",), slots=())
        >>> hello.skeleton_id.hex()[:4]
        'fe35'
        """
        hasher = hashlib.sha256()
        words = [self.part.value, self.content_id, self.content_hash.hex(), self.branch, self.escaper, *self.segments]
        words += [word for slot in self.slots for word in (slot.context.value, slot.source, slot.kind.value)]
        for word in words:
            data = word.encode("utf-8")
            hasher.update(len(data).to_bytes(8, "big") + data)
        return hasher.digest()[:16]


Escaper = Callable[[str, SlotContext], str]


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
    table = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
    return "".join(table.get(c, c) for c in value) if any(c in table for c in value) else value


def join(skeleton: Skeleton, values: Sequence[str]) -> str:
    """The words of one part: segments and escaped slot values in turn.

    Markup slots are not escaped again: their value was made by the template itself.

    Raises:
        ValueError: the number of values is not the number of slots.
    """
    if len(values) != len(skeleton.slots):
        raise ValueError(f"{len(values)} values for {len(skeleton.slots)} slots")
    pieces = [skeleton.segments[0]]
    for slot, value, segment in zip(skeleton.slots, values, skeleton.segments[1:], strict=True):
        pieces.append(value if slot.kind is SlotKind.MARKUP else escape(value, slot.context))
        pieces.append(segment)
    return "".join(pieces)


def bytes_hash(parts: Sequence[tuple[Part, str]]) -> bytes:
    """16 bytes over the joined parts in their order; not over MIME."""
    hasher = hashlib.sha256()
    order = list(Part)
    for part, words in sorted(parts, key=lambda pair: order.index(pair[0])):
        for data in (part.value.encode(), words.encode("utf-8")):
            hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.digest()[:16]
