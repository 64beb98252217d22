"""What one render of one template left: the static text of the branch taken, and the values that were spoken."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import StringIO
from typing import NamedTuple

from tactful.compose.limits import MOST_OUTPUT, TooMuch
from tactful.words.finding import Finding
from tactful.words.message import SlotContext as Context
from tactful.words.message import SlotKind, escape

CONSTANT = ("brand.", "message.", "links.shop")
"""Roots whose values are the same for everybody a skeleton serves: they are text of the skeleton, not slots."""
LINKS = "links."
"""Values that are never stored: made from the message's id when it is joined."""


class Speech(NamedTuple):
    """One value spoken: what it reads, what it is, which facts stand behind it."""

    source: str
    kind: SlotKind
    facts: tuple[str, ...]


class Lineage(NamedTuple):
    """What stands behind a value: the paths, how it is spelled, and whether messages of one branch can differ in it."""

    paths: tuple[str, ...]
    source: str
    is_loose: bool

    @property
    def is_constant(self) -> bool:
        """Whether it is the same for everybody a skeleton serves."""
        return not self.is_loose or (bool(self.paths) and all(path.startswith(CONSTANT) for path in self.paths))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One part as rendered: `segments` has one more entry than `speeches` and `values`. Stability: internal.

    Attributes:
        branch: the blocks that control flow entered, in order.
        outputs: for everything that was printed, in order, whether it is a value; else it is static text.
    """

    segments: tuple[str, ...]
    speeches: tuple[Speech, ...]
    values: tuple[str, ...]
    branch: tuple[str, ...]
    outputs: tuple[bool, ...] = field(default=(), compare=False)

    def joined(self, *, escaped: bool) -> str:
        """The part's text; `escaped` for HTML."""
        context = Context.TEXT if escaped else Context.PLAIN
        pieces = [self.segments[0]]
        for speech, value, segment in zip(self.speeches, self.values, self.segments[1:], strict=True):
            pieces += (value if speech.kind is SlotKind.MARKUP else escape(value, context), segment)
        return "".join(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A message that was not written, and why: it aborted by its author's will, or it failed. Stability: full."""

    why: str
    reason: str
    finding: Finding | None = None


_KINDS = {
    "price": SlotKind.PRICE,
    "url": SlotKind.URL,
    "image": SlotKind.URL,
    "salutation": SlotKind.NAME,
    "ends": SlotKind.DATE,
}


def speech(source: str, *, paths: tuple[str, ...], is_markup: bool, is_number: bool) -> Speech:
    """What a value is, from the paths it came from.

    >>> speech("items[0].price", paths=("items[0].price",), is_markup=False, is_number=False).kind.value
    'price'
    """
    facts = sorted({p.split(".")[1].split(" ")[0] for p in paths if p.startswith(("facts.", "cell."))})
    leaf = paths[0].rsplit(".", 1)[-1] if paths else ""
    if is_markup:
        kind = SlotKind.MARKUP
    elif paths and paths[0].startswith(LINKS):
        kind = SlotKind.URL
    else:
        kind = _KINDS.get(leaf, SlotKind.NUMBER if is_number else SlotKind.WORDS)
    return Speech(source, kind, tuple(facts))


class Recorder(StringIO):
    """Where a part is rendered to: it keeps static text and spoken values apart. Stability: internal."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.segments: list[list[str]] = [[]]
        self.speeches: list[Speech] = []
        self.values: list[str] = []
        self.branch: list[str] = []
        self.outputs: list[bool] = []

    def write(self, text: str) -> int:
        """Static text of the branch taken."""
        self._grow(len(text))
        self.segments[-1].append(text)
        return len(text)

    def speak(self, value: str, what: Speech) -> None:
        """A value that was spoken."""
        self._grow(len(value))
        self.outputs.append(True)
        self.speeches.append(what)
        self.values.append(value)
        self.segments.append([])

    def state(self, text: str) -> int:
        """What was printed and is the same for everybody the skeleton serves."""
        self.outputs.append(False)
        return self.write(text)

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > MOST_OUTPUT:
            raise TooMuch(f"a part becomes longer than {MOST_OUTPUT:,} characters")

    def recorded(self) -> Recorded:
        """What was written."""
        return Recorded(
            segments=tuple("".join(texts) for texts in self.segments),
            speeches=tuple(self.speeches),
            values=tuple(self.values),
            branch=tuple(self.branch),
            outputs=tuple(self.outputs),
        )


class Overheard(StringIO):
    """A `capture`'s buffer: plain text, and the paths of what was spoken into it. Stability: internal."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.paths: dict[str, None] = {}

    def write(self, text: str) -> int:
        """Text of the capture."""
        self.size += len(text)
        if self.size > MOST_OUTPUT // 10:
            raise TooMuch(f"a capture becomes longer than {MOST_OUTPUT // 10:,} characters")
        return super().write(text)
