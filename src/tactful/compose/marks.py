"""Liquid tags become markers that MJML and CSS tools leave alone, and come back afterwards.

What prints, and everything in attributes and styles, becomes a word; control tags between elements become comments,
which may stand where no word may (between rows of a table). Between the sections of an `mj-wrapper` a comment would end
the conditional comment MJML writes there, so a word in `mj-raw` is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.homes import Found, find, torn
from tactful.compose.markup import VOID, Bit, bits, is_outlook
from tactful.compose.opaque import CLOSED_BY, HOLDS_HTML, OPTIONAL
from tactful.compose.tags import Block, Kind, Piece, blocks, pieces

_MARK = re.compile(r"tqz(\d+)zqt")
_COMMENT = re.compile(r"<!--tqz(\d+)zqt-->")
_PLAIN_TEXT = frozenset("mj-style style script mj-title title mj-preview textarea".split())
_LASTING = frozenset("assign capture increment decrement cycle abort_message".split())
"""Tags whose work is seen elsewhere as well."""


@dataclass(slots=True, kw_only=True)
class Marked:
    """A text with its Liquid replaced by markers. Stability: internal.

    Attributes:
        text: the marked text.
        tags: the Liquid tag of each marker, by number.
        origins: where places of the marked text stand in the author's.
        defaults: markers that may vanish: in `mj-attributes`, where no element uses a default, and in authors' notes.
    """

    source: Source
    text: str = ""
    tags: list[Piece] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    origins: Origins = field(default_factory=Origins)
    defaults: set[int] = field(default_factory=set)

    def fault(self, place: int, *, rule: str, what: str, fix: str = "") -> ContentFault:
        """A fault at a place of the marked text, told at the author's."""
        return ContentFault.at(self.source, self.origins.of(place), rule=rule, what=what, fix=fix)

    def fault_at(self, place: int, *, rule: str, what: str, fix: str = "") -> ContentFault:
        """A fault at a place of the author's own text."""
        return ContentFault.at(self.source, place, rule=rule, what=what, fix=fix)

    def check(self, compiled: str) -> None:
        """Every marker survived, and every block is whole.

        Raises:
            ContentFault: where one is not.
        """
        found: dict[int, list[Found]] = {}
        for one in find(compiled, _MARK):
            found.setdefault(one.number, []).append(one)
        for number, tag in enumerate(self.tags):
            if number not in found and number not in self.defaults:
                raise self._lost(tag)
        for block in self.blocks:
            if self.defaults.issuperset(block.tags) and not found.keys() & set(block.tags):
                continue
            if (torn_at := torn(block.tags, found)) is not None:
                what = f"'{self.tags[torn_at].name}' ends up in another element than its '{block.name}'"
                fix = "let the whole block stand inside one element, or around whole elements"
                raise ContentFault.at(self.source, self.tags[torn_at].start, rule="liquid-torn", what=what, fix=fix)

    def silence(self, comment: Bit) -> None:
        """An author's note with Liquid in it is not sent, like any other.

        Raises:
            ContentFault: what stands in it would be missed elsewhere.
        """
        inside = {int(number) for number in _MARK.findall(comment.text)}
        torn_block = any(inside & set(block.tags) and not inside.issuperset(block.tags) for block in self.blocks)
        if torn_block or any(self.tags[number].name in _LASTING for number in inside):
            what = "Liquid stands in an HTML comment, and is missed elsewhere"
            fix = "write {% comment %} … {% endcomment %}, or take it out of the comment"
            raise self.fault(comment.start, rule="liquid-in-comment", what=what, fix=fix)
        self.defaults |= inside

    def _lost(self, tag: Piece) -> ContentFault:
        what = f"{tag.text[:40]!r} does not survive where it stands"
        fix = "move it into the text of an element or into an attribute that takes words"
        return ContentFault.at(self.source, tag.start, rule="liquid-lost", what=what, fix=fix)

    def restore(self, compiled: str) -> tuple[str, Origins]:
        """The Liquid back in its places, and where each stands in the author's text."""
        out: list[str] = []
        starts, places, spans = [0], [0], [0]
        here = length = 0
        for match in re.finditer(rf"{_COMMENT.pattern}|{_MARK.pattern}", compiled):
            tag = self.tags[int(match[1] or match[2])]
            out += [compiled[here : match.start()], tag.text]
            length += match.start() - here
            starts.append(length)
            places.append(tag.start)
            spans.append(len(tag.text))
            length += len(tag.text)
            here = match.end()
        out.append(compiled[here:])
        return "".join(out), Origins(starts=tuple(starts), places=tuple(places), spans=tuple(spans))


def mark(source: Source) -> Marked:
    """An author's MJML with its Liquid replaced by markers.

    Raises:
        ContentFault: Liquid or elements that are never closed; Liquid in an HTML comment that is missed elsewhere.

    >>> mark(Source.plain("<mj-text>{{ a }}</mj-text>")).text
    '<mj-text>tqz0zqt</mj-text>'
    """
    if found := _MARK.search(source.text):
        raise ContentFault.at(
            source, found.start(), rule="liquid-marker", what=f"{found[0]!r} is a word we keep for ourselves"
        )
    marked = Marked(source=source)
    worded, origins = _words(marked)
    marked.origins = origins
    marked.blocks = blocks(source, marked.tags)
    out: list[str] = []
    starts, places, length = [0], [0], 0
    open_: list[Bit] = []
    for bit in bits(worded):
        _follow(marked, bit, open_=open_)
        if bit.kind in {"open", "empty"} and any(one.name == "mj-attributes" for one in open_):
            marked.defaults |= {int(number) for number in _MARK.findall(bit.text)}
        text = _placed(marked, bit, open_=open_)
        starts.append(length)
        places.append(origins.of(bit.start))
        out.append(text)
        length += len(text)
    if open_:
        raise marked.fault(open_[-1].start, rule="mjml-syntax", what=f"<{open_[-1].name}> is never closed")
    marked.text, marked.origins = "".join(out), Origins(starts=tuple(starts), places=tuple(places))
    return marked


def _words(marked: Marked) -> tuple[str, Origins]:
    """Every tag as a word."""
    out: list[str] = []
    starts, places, length = [0], [0], 0
    for piece in pieces(marked.source):
        if piece.kind is Kind.SILENT:
            continue
        text = piece.text
        if piece.kind is not Kind.TEXT:
            text = f"tqz{len(marked.tags)}zqt"
            marked.tags.append(piece)
        starts.append(length)
        places.append(piece.start)
        out.append(text)
        length += len(text)
    return "".join(out), Origins(starts=tuple(starts), places=tuple(places))


def _follow(marked: Marked, bit: Bit, *, open_: list[Bit]) -> None:
    """Which elements are open; those that HTML need not close are closed by what follows."""
    if bit.kind == "open":
        while open_ and open_[-1].name in CLOSED_BY.get(bit.name, ()):
            open_.pop()
        open_.append(bit)
    elif bit.kind == "close" and bit.name not in VOID:
        names = [one.name for one in open_]
        if bit.name not in names and bit.name in OPTIONAL:
            return
        while bit.name in names and open_[-1].name != bit.name and open_[-1].name in OPTIONAL:
            open_.pop()
        if not open_ or open_[-1].name != bit.name:
            inner = f"; <{open_[-1].name}> is still open" if open_ else ""
            raise marked.fault(bit.start, rule="mjml-syntax", what=f"</{bit.name}> closes nothing here{inner}")
        open_.pop()


def _placed(marked: Marked, bit: Bit, *, open_: list[Bit]) -> str:
    """A stretch with its words turned into comments where a comment is needed."""
    if bit.kind == "comment" and not is_outlook(bit.text):
        inner = bit.text[4:-3]
        if not _MARK.search(inner):
            return ""
        if _MARK.sub("", inner).strip():
            marked.silence(bit)
            return ""
        bit = Bit("text", inner, bit.start)
    if bit.kind != "text" or not open_ or any(one.name in _PLAIN_TEXT for one in open_):
        return bit.text
    is_structure = not any(one.name in HOLDS_HTML for one in open_) and open_[-1].name.startswith("mj")
    needs_word = is_structure and open_[-1].name == "mj-wrapper"
    return _MARK.sub(lambda found: _form(found, marked, is_structure=is_structure, needs_word=needs_word), bit.text)


def _form(found: re.Match[str], marked: Marked, *, is_structure: bool, needs_word: bool) -> str:
    prints = marked.tags[int(found[1])].kind is Kind.OUTPUT
    if is_structure and (prints or needs_word):
        return f"<mj-raw>{found[0]}</mj-raw>"
    return found[0] if prints else f"<!--{found[0]}-->"
