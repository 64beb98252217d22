"""One message read again from its joined bytes: values found in their places, structure as the parser sees it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tactful.check import tree
from tactful.check.bones import Bones, marks_in
from tactful.check.outline import CLOSE, OPEN, Around, shown, written
from tactful.check.tree import Anchor, Tree
from tactful.words.message import Part, SkeletonPart, SlotContext, SlotKind

_ADDRESS = re.compile(r"[^\s\"'<>]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read from one message's bytes. Stability: internal.

    Attributes:
        bones: its skeleton with the structure that was read; marks stand where values of the right words were found.
        values: of each slot column, as they were found; columns whose place could not be found are missing.
        words: what a reader sees of each part, values and all.
        is_same: whether every part is its skeleton's with values in their places, and nothing else.
    """

    bones: Bones
    values: Mapping[int, str]
    words: Mapping[Part, str]
    is_same: bool


def read_again(
    bones: Bones, *, parts: Mapping[Part, str], stored: Mapping[int, str | None], is_walked: bool = False
) -> Reading:
    """Reads a message's bytes by the HTML5 rules and finds its values in them.

    Two ways lead to the same reading. The quick one compares the document that the parser writes out again with the
    skeleton's; where they differ, or where `is_walked` asks for it, every element is visited and compared.

    Args:
        bones: the skeleton it was made of.
        parts: its joined parts.
        stored: its stored slot columns; links are not among them.
        is_walked: takes the long way always.
    """
    found = {name: _found(part, parts.get(name, ""), stored=stored) for name, part in bones.parts.items()}
    same = frozenset(
        name
        for name, values in found.items()
        if values is not None and _is_same(bones, name, parts=parts, values=values)
    )
    read = Reread(bones, parts=parts, found=found, same=frozenset() if is_walked else same)
    is_same = len(same) == len(bones.parts)
    if is_walked:
        is_same = read.marked == bones.marked and read.trees == bones.trees
    values = {
        slot.column: found[name][number]  # type: ignore[index]  # of those found
        for name, part in bones.parts.items()
        if found[name] is not None
        for number, slot in enumerate(part.slots)
    }
    return Reading(bones=read, values=values, words=read.whole_words, is_same=is_same)


def _found(part: SkeletonPart, text: str, *, stored: Mapping[int, str | None]) -> tuple[str, ...] | None:
    """The value in each slot's place; None where the text is not these segments around these values."""
    if not text.startswith(part.segments[0]):
        return None
    values, end = [], len(part.segments[0])
    for slot, segment in zip(part.slots, part.segments[1:], strict=True):
        if slot.column in stored:
            piece = written(slot, stored[slot.column] or "")
        else:
            near = _ADDRESS.match(text, end)
            stop = text.find(segment, end) if segment else (near.end() if near else end)
            piece = text[end:stop]
        if not text.startswith(piece + segment, end):
            return None
        end += len(piece) + len(segment)
        is_plain = slot.context is SlotContext.PLAIN or slot.kind is SlotKind.MARKUP
        values.append(piece if is_plain else html.unescape(piece))
    return tuple(values) if end == len(text) else None


def _is_same(bones: Bones, name: Part, *, parts: Mapping[Part, str], values: tuple[str, ...]) -> bool:
    """Whether the parser reads a part as its skeleton with these values in their places."""
    if name not in bones.outlines:
        return True
    slots = bones.parts[name].slots

    def value(number: int, around: Around) -> str:
        return shown(slots[number], values[number], around=around)

    return tree.serial(parts[name]) == bones.outlines[name].filled(value)


class Reread(Bones):
    """A skeleton whose structure was read from one message's bytes. Stability: internal.

    Args:
        bones: the skeleton it was made of.
        parts: the bytes.
        found: the values found in each part, or None.
        same: parts whose document is known to be the skeleton's.
    """

    def __init__(
        self,
        bones: Bones,
        *,
        parts: Mapping[Part, str],
        found: Mapping[Part, tuple[str, ...] | None],
        same: frozenset[Part],
    ) -> None:
        super().__init__(bones.skeleton, skeleton_id=bones.skeleton_id, filled=bones.filled)
        self.of, self.joined_parts, self.found, self.same = bones, parts, found, same

    @cached_property
    def marked(self) -> dict[Part, str]:
        """Each part as it left, with marks where its values were found."""
        return {
            name: self.of.marked[name] if self.found[name] is not None else self.joined_parts.get(name, "")
            for name in self.parts
        }

    @cached_property
    def real(self) -> dict[Part, Tree]:
        """The documents of the parts that are not known to be the skeleton's."""
        return {name: tree.read(self.joined_parts.get(name, "")) for name in self.of.trees if name not in self.same}

    @cached_property
    def trees(self) -> dict[Part, Tree]:
        """The documents that were read, with marks where values of the right words were found."""
        return {
            name: self._merged(name, real=self.real[name]) if name in self.real else read
            for name, read in self.of.trees.items()
        }

    @cached_property
    def whole_words(self) -> dict[Part, str]:
        """What a reader sees of each part, values and all."""
        return {
            name: self.real[name].words
            if name in self.real
            else (self._filled(name, self.of.words[name]) if name in self.of.trees else self.joined_parts.get(name, ""))
            for name in self.parts
        }

    def _filled(self, name: Part, text: str) -> str:
        values = self.found[name] or ()
        for number in marks_in(text):
            text = text.replace(f"{OPEN}{number}{CLOSE}", values[number])
        return text

    def _merged(self, name: Part, *, real: Tree) -> Tree:
        """What was read, with the skeleton's marks wherever its words with the values are the words that were read."""
        if self.found[name] is None:
            return real
        marked = self.of.trees[name]

        def kept(one: str, read: str) -> str:
            return one if _squeezed(self._filled(name, one)) == _squeezed(read) else read

        anchors = real.anchors
        if len(anchors) == len(marked.anchors):
            anchors = tuple(_anchor(one, read, kept=kept) for one, read in zip(marked.anchors, anchors, strict=True))
        return replace(real, words=kept(marked.words, real.words), anchors=anchors, steered=marked.steered)


def _anchor(marked: Anchor, read: Anchor, *, kept: Callable[[str, str], str]) -> Anchor:
    return replace(read, url=kept(marked.url, read.url), words=kept(marked.words, read.words))


def _squeezed(text: str) -> str:
    """Words as they are compared: blanks count as one, and what a parser drops is dropped."""
    return " ".join(text.replace("\0", "").replace("\ufffd", "").split())
