"""Where Liquid stands in an author's text: a linear scan, so that no unclosed tag costs more than its length."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from tactful.compose.faults import ContentFault, Source
from tactful.compose.limits import TooMuch, check_size

PRINTING = frozenset({"echo", "cycle", "increment", "decrement", "render", "include"})
"""Tags that print where they stand."""
CLOSES = {
    "endif": "if",
    "endunless": "unless",
    "endcase": "case",
    "endfor": "for",
    "endtablerow": "tablerow",
    "endcapture": "capture",
}
"""Closing tags and what each closes."""
MIDDLE = {
    "else": frozenset({"if", "unless", "case", "for"}),
    "elsif": frozenset({"if", "unless"}),
    "when": frozenset({"case"}),
}
"""Tags within a block, and the blocks they may stand in."""
_VERBATIM = {"raw": "endraw", "comment": "endcomment", "doc": "enddoc"}
_NAME = re.compile(r"-?\s*(#|\w+)")


class Kind(Enum):
    """What a piece of a template is. Stability: internal."""

    TEXT = "text"
    OUTPUT = "output"
    CONTROL = "control"
    SILENT = "silent"
    """A comment: it leaves nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a template: text, or one Liquid tag as written. Stability: internal."""

    kind: Kind
    text: str
    start: int
    name: str = ""


def pieces(source: Source) -> list[Piece]:
    """The template cut into text and Liquid tags, in order; joined they are the template again.

    Raises:
        ContentFault: a tag or a verbatim block is never closed, or there is more than may be parsed.

    >>> [p.text for p in pieces(Source.plain("a{{ b }}{% if c %}d{% endif %}"))]
    ['a', '{{ b }}', '{% if c %}', 'd', '{% endif %}']
    """
    try:
        check_size(source.text)
    except TooMuch as fault:
        raise ContentFault.at(source, 0, rule="liquid-limits", what=str(fault)) from fault
    found: list[Piece] = []
    text, here = source.text, 0
    openings = {"{{": -1, "{%": -1}
    while (start := _next(text, here, openings=openings)) < len(text):
        if start > here:
            found.append(Piece(kind=Kind.TEXT, text=text[here:start], start=here))
        piece = _piece(source, start)
        found.append(piece)
        here = start + len(piece.text)
    if here < len(text):
        found.append(Piece(kind=Kind.TEXT, text=text[here:], start=here))
    return found


def _next(text: str, here: int, *, openings: dict[str, int]) -> int:
    """Where the next tag opens, the end where none does; nothing is looked through twice."""
    for opening, known in openings.items():
        if known < here:
            found = text.find(opening, here)
            openings[opening] = found if found >= 0 else len(text)
    return min(openings.values())


def _piece(source: Source, start: int) -> Piece:
    text = source.text
    if text.startswith("{{", start):
        end = _close(source, start, mark="}}")
        return Piece(kind=Kind.OUTPUT, text=text[start:end], start=start)
    end = _close(source, start, mark="%}")
    match = _NAME.match(text, start + 2)
    name = match[1] if match else ""
    if name in _VERBATIM:
        closing = re.compile(r"\{%-?\s*" + _VERBATIM[name] + r"\s*-?%\}").search(text, end)
        if not closing:
            raise ContentFault.at(source, start, rule="liquid-syntax", what=f"{{% {name} %}} is never closed")
        kind = Kind.OUTPUT if name == "raw" else Kind.SILENT
        return Piece(kind=kind, text=text[start : closing.end()], start=start, name=name)
    kind = Kind.SILENT if name == "#" else Kind.CONTROL
    return Piece(kind=kind, text=text[start:end], start=start, name=name)


def _close(source: Source, start: int, *, mark: str) -> int:
    end = source.text.find(mark, start + 2)
    if end < 0:
        opening = source.text[start : start + 2]
        raise ContentFault.at(
            source, start, rule="liquid-syntax", what=f"'{opening}' is never closed", fix=f"write '{mark}' after it"
        )
    return end + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The tags of one block, by their numbers in order: `if`, `elsif` …, `endif`. Stability: internal."""

    name: str
    tags: tuple[int, ...]


def blocks(source: Source, tags: list[Piece]) -> list[Block]:
    """The blocks that control tags form, checked: every one closed, every closing tag at home.

    Raises:
        ContentFault: a closing or middle tag without its block, or a block that is never closed.
    """
    open_: list[tuple[str, list[int]]] = []
    done: list[Block] = []
    for number, tag in enumerate(tags):
        if tag.kind is not Kind.CONTROL:
            continue
        if tag.name in CLOSES:
            if not open_ or open_[-1][0] != CLOSES[tag.name]:
                meant = f"'end{open_[-1][0]}'" if open_ else ""
                raise ContentFault.at(
                    source,
                    tag.start,
                    rule="liquid-syntax",
                    what=f"'{tag.name}' closes no '{CLOSES[tag.name]}'",
                    fix=f"did you mean {meant}?" if meant else "remove it",
                )
            name, numbers = open_.pop()
            done.append(Block(name=name, tags=(*numbers, number)))
        elif tag.name in MIDDLE:
            if not open_ or open_[-1][0] not in MIDDLE[tag.name]:
                raise ContentFault.at(source, tag.start, rule="liquid-syntax", what=f"'{tag.name}' stands in no block")
            open_[-1][1].append(number)
        elif tag.name in CLOSES.values():
            open_.append((tag.name, [number]))
    if open_:
        name, numbers = open_[-1]
        raise ContentFault.at(
            source,
            tags[numbers[0]].start,
            rule="liquid-syntax",
            what=f"'{name}' is never closed",
            fix=f"write 'end{name}'",
        )
    return done
