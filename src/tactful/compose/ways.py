"""The ways through a template: its text with one branch of every block taken, every place kept where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tactful.compose.dialects import mask
from tactful.compose.faults import Source
from tactful.compose.tags import CLOSES, MIDDLE, Kind, Piece, pieces


def every(text: str) -> str:
    """A template with all its branches, control tags blank and values masked; as long as it was.

    >>> every("{% if a %}b{% else %}c{% endif %}").split()
    ['b', 'c']
    """
    return "".join(_shown(piece) for piece in pieces(Source.plain(text)))


def first(text: str) -> str:
    """A template with the first branch of every block.

    >>> first("{% if a %}b{% else %}c{% endif %}").split()
    ['b']
    """
    return _taken(text, is_last=False)


def last(text: str) -> str:
    """A template with what is left where no condition holds; loops still run once.

    >>> last("{% if a %}b{% else %}c{% endif %}{% for i in x %}d{% endfor %}").split()
    ['c', 'd']
    """
    return _taken(text, is_last=True)


@dataclass(slots=True, kw_only=True)
class _Open:
    """A block that is open: whether we take the branch we are in, and whether one was taken. Stability: internal."""

    name: str
    takes: bool
    was_taken: bool


def _taken(text: str, *, is_last: bool) -> str:
    out: list[str] = []
    open_: list[_Open] = []
    for piece in pieces(Source.plain(text)):
        if piece.kind is not Kind.CONTROL:
            out.append(_shown(piece) if all(one.takes for one in open_) else blank(piece.text))
            continue
        out.append(blank(piece.text))
        if piece.name in CLOSES:
            _leave(open_, CLOSES[piece.name])
        elif piece.name in MIDDLE and open_:
            _turn(open_[-1], piece.name, is_last=is_last)
        elif piece.name in CLOSES.values():
            takes = piece.name not in {"case", "capture"} and not (is_last and piece.name in {"if", "unless"})
            open_.append(_Open(name=piece.name, takes=takes, was_taken=takes))
    return "".join(out)


def _leave(open_: list[_Open], name: str) -> None:
    if any(one.name == name for one in open_):
        while open_.pop().name != name:
            pass


def _turn(block: _Open, word: str, *, is_last: bool) -> None:
    """The next branch of a block begins."""
    wanted = word == "else" if is_last else block.name == "case"
    block.takes = block.name != "for" and wanted and not block.was_taken
    block.was_taken |= block.takes


def _shown(piece: Piece) -> str:
    if piece.kind is Kind.TEXT:
        return piece.text
    return mask(piece.text) if piece.kind is Kind.OUTPUT else blank(piece.text)


def blank(text: str) -> str:
    """Blanks in place of a text, line ends kept."""
    return re.sub(r"[^\n]", " ", text)
