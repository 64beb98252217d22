"""A skeleton as rules see it: rebuilt from its rows, its parts read once, slots standing as marks that are no words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from tactful.check import outline, tree
from tactful.check.outline import written
from tactful.words.message import Part, Skeleton, SkeletonPart, Slot, SlotContext, SlotKind, join_part

OPEN, CLOSE = outline.OPEN, outline.CLOSE
"""Marks around the number of a slot; private characters, so that no pattern takes them for words."""
_MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
LINKS = "links."
"""Slots whose values are made from the message's id when it leaves: never stored, never empty."""
NEAR = 240
"""How many characters beside a slot its neighbours can be seen."""


def mark(number: int) -> str:
    """The mark of a part's slot."""
    return f"{OPEN}{number}{CLOSE}"


def marks_in(text: str) -> tuple[int, ...]:
    """Numbers of the slots marked in a text.

    >>> marks_in("a" + mark(3) + mark(0))
    (3, 0)
    """
    return tuple(int(number) for number in _MARK.findall(text))


def marks_at(text: str) -> Iterator[tuple[int, int, int]]:
    """Each mark of a text: the number of its slot, where it begins and where it ends."""
    for match in _MARK.finditer(text):
        yield int(match[1]), match.start(), match.end()


def unmarked(text: str, *, by: str = OPEN) -> str:
    """A text with each mark replaced: by one sign that is no word, unless told otherwise."""
    return _MARK.sub(by, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """One place where a slot is seen. Stability: internal.

    Attributes:
        part: which part.
        slot: the slot.
        before, after: the visible text beside it, other slots as marks.
    """

    part: Part
    slot: Slot
    before: str
    after: str

    @property
    def sentence(self) -> tuple[str, str]:
        """The rest of its sentence, before and after; a line's end ends a sentence too."""
        start = max((m.end() for m in re.finditer(r"[.!?…](?=\s)|\n", self.before)), default=0)
        end = re.search(r"[.!?…](?=\s|$)|\n", self.after)
        return self.before[start:], self.after[: end.start() if end else None]


class Bones:
    """A skeleton read once, for all rules. Stability: full.

    Args:
        skeleton: the words and slots.
        skeleton_id: as stored.
        filled: values that stand in their places as if the author had written them, by column; see `filling`.
    """

    def __init__(self, skeleton: Skeleton, *, skeleton_id: bytes, filled: Mapping[int, str] | None = None) -> None:
        self.skeleton = skeleton
        self.skeleton_id = skeleton_id
        self.filled = dict(filled or {})
        self.parts: dict[Part, SkeletonPart] = {part.part: part for part in skeleton.parts}

    @cached_property
    def marked(self) -> dict[Part, str]:
        """Each part as written, slots as marks."""
        found = {}
        for name, part in self.parts.items():
            pieces = [part.segments[0]]
            for number, segment in enumerate(part.segments[1:]):
                pieces += (self._shown(number, part.slots[number]), segment)
            found[name] = "".join(pieces)
        return found

    def _shown(self, number: int, slot: Slot) -> str:
        return mark(number) if slot.column not in self.filled else written(slot, self.filled[slot.column])

    @cached_property
    def outlines(self) -> dict[Part, outline.Outline]:
        """The parts that are HTML as the parser writes them out again, slots standing open."""
        return {part: outline.Outline.of(self.marked[part]) for part in self.trees}

    @cached_property
    def filling(self) -> tuple[int, ...]:
        """Columns whose values can change how a part is read, ascending: each distinct value is parsed in its place.

        They are markup, what stands in a style or in an attribute that is neither address nor words, and what an
        unquoted attribute lets out.
        """
        found = {slot.column for _, _, slot in self.slots if slot.kind is SlotKind.MARKUP}
        found |= {slot.column for _, _, slot in self.slots if slot.context is SlotContext.STYLE}
        for name, read in self.trees.items():
            slots = self.parts[name].slots
            found |= {slots[number].column for text in read.steered for number in marks_in(text)}
            found |= {
                slots[number].column for number in outline.loose(self.marked[name], self.outlines[name], slots=slots)
            }
        links = {slot.column for _, _, slot in self.slots if slot.source.startswith(LINKS)}
        return tuple(sorted(found - links - self.filled.keys()))

    def with_values(self, filled: Mapping[int, str]) -> Bones:
        """The same skeleton with more values standing in their places."""
        return Bones(self.skeleton, skeleton_id=self.skeleton_id, filled={**self.filled, **filled})

    @cached_property
    def trees(self) -> dict[Part, tree.Tree]:
        """The parts that are HTML, as a browser reads them."""
        return {
            part: tree.read(text, sought=OPEN)
            for part, text in self.marked.items()
            if part in (Part.HTML, Part.PAYLOAD)
        }

    @cached_property
    def words(self) -> dict[Part, str]:
        """What a reader sees of each part, slots as marks."""
        return {part: self.trees[part].words if part in self.trees else text for part, text in self.marked.items()}

    @cached_property
    def said(self) -> dict[Part, str]:
        """The author's own words of each part: each slot is one sign that is no word."""
        return {part: unmarked(text) for part, text in self.words.items()}

    @cached_property
    def slots(self) -> tuple[tuple[Part, int, Slot], ...]:
        """Every slot with its part and its number there."""
        return tuple(
            (name, number, slot) for name, part in self.parts.items() for number, slot in enumerate(part.slots)
        )

    @cached_property
    def neighbours(self) -> tuple[Neighbours, ...]:
        """Every place where a slot is seen, with the words beside it."""
        found = []
        for part, text in self.words.items():
            for match in _MARK.finditer(text):
                before = text[max(0, match.start() - NEAR) : match.start()]
                after = text[match.end() : match.end() + NEAR]
                slot = self.parts[part].slots[int(match[1])]
                found.append(Neighbours(part=part, slot=slot, before=before, after=after))
        return tuple(found)

    @property
    def body(self) -> Part | None:
        """The part that is HTML, if there is one."""
        return next((part for part in (Part.HTML, Part.PAYLOAD) if part in self.parts), None)

    def columns(self) -> Iterator[tuple[int, tuple[tuple[Part, Slot], ...]]]:
        """Each slot column that messages store, with the slots that read it."""
        found: dict[int, list[tuple[Part, Slot]]] = {}
        for part, _, slot in self.slots:
            if not slot.source.startswith(LINKS):
                found.setdefault(slot.column, []).append((part, slot))
        for column in sorted(found):
            yield column, tuple(found[column])

    def sources(self, start: str, *, leaf: str = "", parts: Sequence[Part] | None = None) -> tuple[Slot, ...]:
        """Slots that read something whose path begins, and ends, so."""
        return tuple(
            slot
            for part, _, slot in self.slots
            if slot.source.startswith(start)
            and (not leaf or slot.source.endswith(f".{leaf}"))
            and (parts is None or part in parts)
        )

    @property
    def facts(self) -> frozenset[str]:
        """Names of all facts behind its slots."""
        return frozenset(fact for _, _, slot in self.slots for fact in slot.facts)

    @property
    def facts_or_items(self) -> bool:
        """Whether it speaks of anything that may differ between customers, the greeting aside."""
        return bool(self.facts or self.sources("items") or self.sources("anchor"))

    def joined(self, part: Part, values: Mapping[int, str]) -> str:
        """A part with some values in their places and a neutral word in the others.

        >>> hello = SkeletonPart(part=Part.TEXT, segments=("Hi ", "."), slots=(
        ...     Slot(column=0, context=SlotContext.PLAIN, source="a", kind=SlotKind.WORDS),))
        >>> whole = Skeleton(content_id="c", content_hash=b"", branch="", parts=(hello,))
        >>> Bones(whole, skeleton_id=b"").joined(Part.TEXT, {})
        'Hi x.'
        """
        width = self.skeleton.width
        filled = [values.get(column, "x") for column in range(width)]
        return join_part(self.parts[part], filled)


def read_skeletons(table: pa.Table) -> dict[bytes, Bones]:
    """The skeletons of a table, by their id.

    Args:
        table: `skeletons`, one row for each part.
    """
    rows: dict[bytes, list[dict[str, Any]]] = {}  # Any: a row of mixed columns
    for row in table.to_pylist():
        rows.setdefault(row["skeleton_id"], []).append(row)
    found = {}
    order = list(Part)
    for skeleton_id, parts in rows.items():
        parts.sort(key=lambda row: order.index(Part(row["part"])))
        unique = {row["part"]: row for row in parts}
        skeleton = Skeleton(
            content_id=parts[0]["content_id"],
            content_hash=parts[0]["content_hash"],
            branch=parts[0]["branch"],
            escaper=parts[0]["escaper"],
            parts=tuple(_part(row) for row in unique.values()),
        )
        found[skeleton_id] = Bones(skeleton, skeleton_id=skeleton_id)
    return found


def _part(row: dict[str, Any]) -> SkeletonPart:  # Any: a row of mixed columns
    slots = tuple(
        Slot(
            column=int(slot["name"].removeprefix("s")),
            context=SlotContext(slot["context"]),
            source=slot["source"],
            kind=SlotKind(slot["kind"]),
            facts=tuple(slot["facts"] or ()),
        )
        for slot in row["slots"] or ()
    )
    return SkeletonPart(part=Part(row["part"]), segments=tuple(row["segments"]), slots=slots)
