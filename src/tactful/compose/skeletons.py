"""From rendered parts to one skeleton and its slot columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from tactful.compose.contents import ESCAPED, CompiledContent
from tactful.compose.homes import CONDITION
from tactful.compose.markup import Bit, attributes, bits
from tactful.compose.placed import place
from tactful.compose.recorded import LINKS, Recorded, Unwritten
from tactful.compose.rowwise import ByRow, Joint, Taken, by_row, columns_of
from tactful.words.message import Part, Skeleton, SkeletonPart, Slot, SlotContext

FIRST = 4
"""From which message on compiled functions write: fewer are not worth compiling them."""
_SLOT = "\ue000"
_GAPS = re.compile(r"\n[ \t]*\n\s*\n")
_ADDRESSES = frozenset("href src action background cite formaction longdesc poster srcset xlink:href".split())


def contexts(segments: tuple[str, ...]) -> tuple[SlotContext, ...]:
    """The context of each slot between the segments of an HTML part.

    >>> [c.value for c in contexts(('<a href="', '">', '</a><p style="color:', '">'))]
    ['url', 'text', 'style']
    """
    found: list[SlotContext] = []
    in_style = False
    for bit in bits(_SLOT.join(segment.replace(_SLOT, " ") for segment in segments)):
        if bit.name == "style":
            in_style = bit.kind == "open"
        match = CONDITION.match(bit.text) if bit.kind == "comment" else None
        for inner in bits(match[2]) if match else (bit,):
            found += _in_bit(inner, in_style=in_style)
    return tuple(found)


def _in_bit(bit: Bit, *, in_style: bool) -> list[SlotContext]:
    count = bit.text.count(_SLOT)
    if bit.kind not in {"open", "empty"}:
        return [SlotContext.STYLE if in_style else SlotContext.TEXT] * count
    found: list[SlotContext] = []
    for name, value, _ in attributes(bit.text):
        known = (
            SlotContext.URL if name in _ADDRESSES else SlotContext.STYLE if name == "style" else SlotContext.ATTRIBUTE
        )
        found += [known] * value.count(_SLOT) + [SlotContext.ATTRIBUTE] * name.count(_SLOT)
    return found + [SlotContext.ATTRIBUTE] * (count - len(found))


def without_gaps(made: Recorded) -> Recorded:
    """A text part whose untaken branches leave no more than one empty line behind; only static words change."""
    return replace(made, segments=tuple(_GAPS.sub("\n\n", segment) for segment in made.segments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message as skeleton and slot values. Stability: full.

    Attributes:
        skeleton: static text and slots.
        skeleton_id: its id, computed once.
        values: one for each slot column; links as they were when rendered.
        is_link: for each column whether its value is a link of the message, stored as NULL.
    """

    skeleton: Skeleton
    skeleton_id: bytes
    values: tuple[str, ...]
    is_link: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A skeleton with what is asked of it for every message. Stability: internal."""

    skeleton: Skeleton
    skeleton_id: bytes
    is_link: tuple[bool, ...]


class Composer:
    """Writes one content for many messages, each skeleton built once. Stability: full.

    The first messages are written by the reference, those that follow by compiled functions where the content allows.
    """

    def __init__(self, content: CompiledContent) -> None:
        self.content = content
        self.known: dict[tuple[object, ...], Known] = {}
        self.joined: dict[tuple[Joint, tuple[int, ...]], Known] = {}
        self.asked = 0
        self.rows: ByRow | None = None

    def write(self, data: Mapping[str, object]) -> Written | Unwritten:
        """One message, or why there is none.

        Args:
            data: the context, as `Sight.context` builds it, with constants and links.
        """
        self.asked += 1
        if self.asked == FIRST:
            self.rows = by_row(self.content.templates, finish={Part.TEXT: without_gaps})
        rows = self.rows
        taken = rows.take(data) if rows else None
        if rows is None or taken is None:
            return self.by_reference(data)
        if isinstance(taken, Unwritten):
            return taken
        found = rows.joint(taken)
        if found is None:
            return self.by_reference(data, taken=taken)
        joint, spoken = found
        columns, values = joint.place(spoken)
        known = self.joined.get((joint, columns))
        if known is None:
            parts = {part: shape.made for part, shape in zip(taken, joint.shapes, strict=True)}
            known = self.joined[joint, columns] = self.known_skeleton(parts, columns)
        return Written(skeleton=known.skeleton, skeleton_id=known.skeleton_id, values=values, is_link=known.is_link)

    def by_reference(
        self, data: Mapping[str, object], *, taken: Mapping[Part, Taken] | None = None
    ) -> Written | Unwritten:
        """By python-liquid; what it makes of a way is kept."""
        parts: dict[Part, Recorded] = {}
        raw: dict[Part, Recorded] = {}
        placed = cast("Mapping[str, object]", place(data))
        for part, template in self.content.templates.items():
            made = template.render(placed)
            if isinstance(made, Unwritten):
                return made
            raw[part] = made
            parts[part] = without_gaps(made) if part is Part.TEXT else made
        if taken is not None and self.rows is not None:
            self.rows.learn(taken, raw)
        spoken = [value for made in parts.values() for value in made.values]
        columns, firsts = columns_of([speech for made in parts.values() for speech in made.speeches], spoken)
        values = tuple([spoken[place] for place in firsts])
        known = self.known_skeleton(parts, columns)
        return Written(skeleton=known.skeleton, skeleton_id=known.skeleton_id, values=values, is_link=known.is_link)

    def known_skeleton(self, parts: dict[Part, Recorded], columns: tuple[int, ...]) -> Known:
        """The skeleton of what parts rendered to, built once.

        Args:
            parts: what each part rendered to; their values do not matter.
            columns: which slot column each slot reads, part after part.
        """
        key = (columns, *((part, made.segments, made.speeches, made.branch) for part, made in parts.items()))
        if key not in self.known:
            self.known[key] = self._build(parts, columns)
        return self.known[key]

    def _build(self, parts: dict[Part, Recorded], columns: tuple[int, ...]) -> Known:
        waiting = iter(columns)
        built = []
        links: dict[int, bool] = {}
        for part, made in parts.items():
            places = contexts(made.segments) if part in ESCAPED else (SlotContext.PLAIN,) * len(made.speeches)
            slots = []
            for speech, context in zip(made.speeches, places, strict=True):
                column = next(waiting)
                links[column] = speech.source.startswith(LINKS)
                slots.append(
                    Slot(column=column, context=context, source=speech.source, kind=speech.kind, facts=speech.facts)
                )
            built.append(SkeletonPart(part=part, segments=made.segments, slots=tuple(slots)))
        file = self.content.file
        skeleton = Skeleton(
            content_id=file.content_id, content_hash=file.content_hash, branch=self._branch(parts), parts=tuple(built)
        )
        is_link = tuple(links[column] for column in sorted(links))
        return Known(skeleton=skeleton, skeleton_id=skeleton.skeleton_id, is_link=is_link)

    def _branch(self, parts: dict[Part, Recorded]) -> str:
        """The lines of the blocks that control flow entered, with how often: `12 18x4 30`."""
        part = next((one for one in (Part.HTML, Part.PAYLOAD, Part.TEXT) if one in parts), Part.SUBJECT)
        template = self.content.templates[part]
        taken: dict[str, int] = {}
        for mark in parts[part].branch:
            name, _, index = mark.partition("@")
            line = name or str(template.source.place(template.origins.of(int(index))).line)
            taken[line] = taken.get(line, 0) + 1
        return " ".join(line if times == 1 else f"{line}x{times}" for line, times in taken.items())


_MOST_KNOWN = 500
"""Skeletons of a content, and contents, that are kept from one run or preview to the next."""
_COMPOSERS: dict[int, Composer] = {}


def composer_of(content: CompiledContent) -> Composer:
    """The composer of a compiled content: what it knows of skeletons serves all who ask in this process."""
    found = _COMPOSERS.get(id(content))
    if found is None or found.content is not content:
        if len(_COMPOSERS) > _MOST_KNOWN:
            _COMPOSERS.clear()
        found = _COMPOSERS[id(content)] = Composer(content)
    if len(found.known) > _MOST_KNOWN:
        found.known.clear()
        found.joined.clear()
    return found
