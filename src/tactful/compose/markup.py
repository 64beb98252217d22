"""Marked-up text cut into comments, tags and text; enough to know where in it something stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<![^>]*>|<(/?)([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL
)
ATTRIBUTE = re.compile(r"([^\s\"'=/]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Bit(NamedTuple):
    """A stretch of marked-up text: its kind is `text`, `comment`, `open`, `close`, `empty` or `other`."""

    kind: str
    text: str
    start: int
    name: str = ""


def bits(text: str) -> Iterator[Bit]:
    """The stretches of a text in order.

    >>> [(b.kind, b.name or b.text) for b in bits('<p class="a">x<br/></p>')]
    [('open', 'p'), ('text', 'x'), ('empty', 'br'), ('close', 'p')]
    """
    here = 0
    for match in TOKEN.finditer(text):
        if match.start() > here:
            yield Bit("text", text[here : match.start()], here)
        here = match.end()
        name = (match[2] or "").lower()
        if match[0].startswith("<!--"):
            kind = "comment"
        elif not name:
            kind = "other"
        elif match[1]:
            kind = "close"
        else:
            kind = "empty" if name in VOID or match[3].endswith("/") else "open"
        yield Bit(kind, match[0], match.start(), name)
    if here < len(text):
        yield Bit("text", text[here:], here)


def attributes(tag: str) -> list[tuple[str, str, int]]:
    """A tag's attributes: name, value, and where the value begins within the tag.

    >>> attributes('<a href="x" hidden>')
    [('href', 'x', 9), ('hidden', '', 19)]
    """
    start = re.match(r"</?[\w:-]+", tag)
    found = []
    for match in ATTRIBUTE.finditer(
        tag, start.end() if start else 0, len(tag.rstrip("/>")) if tag.endswith(">") else len(tag)
    ):
        value, begin = match[2] or "", match.start(2) if match[2] else match.end() + 1
        if value[:1] in "\"'" and value:
            value, begin = value[1:-1], begin + 1
        found.append((match[1].lower(), value, begin))
    return found


def is_outlook(comment: str) -> bool:
    """Whether a comment is a condition that Outlook reads.

    >>> is_outlook("<!--[if mso | IE]><td><![endif]-->"), is_outlook("<!-- a note -->")
    (True, False)
    """
    return comment.startswith(("<!--[if", "<!--<![endif]", "<!--[endif"))


def with_bodies(document: str) -> str:
    """Tables that begin with a row get the `tbody` that HTML5 would give them, before it is given in the wrong place.

    A parser puts a comment that stands before the first row outside the body it then opens, and the comment after the
    last row inside it; a loop around rows would be torn.

    >>> with_bodies("<table><!--a--><tr><td>x</td></tr><!--b--></table>")
    '<table><tbody><!--a--><tr><td>x</td></tr><!--b--></tbody></table>'
    """
    waiting: list[tuple[int, bool | None]] = []
    inserts: list[tuple[int, str]] = []
    for bit in bits(document):
        if bit.name == "table" and bit.kind == "open":
            waiting.append((bit.start + len(bit.text), None))
        elif bit.name == "table" and bit.kind == "close" and waiting:
            start, has_rows = waiting.pop()
            if has_rows:
                inserts += [(start, "<tbody>"), (bit.start, "</tbody>")]
        elif bit.kind == "open" and waiting and waiting[-1][1] is None:
            waiting[-1] = (waiting[-1][0], bit.name == "tr")
    pieces, here = [], 0
    for place, tag in sorted(inserts):
        pieces += [document[here:place], tag]
        here = place
    return "".join([*pieces, document[here:]])
