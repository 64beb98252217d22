"""The text part, derived from the compiled HTML: the same control flow, the same values, read without pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from tactful.compose.faults import ContentFault, Source
from tactful.compose.marks import Marked, mark
from tactful.compose.tags import Kind

_MARK = re.compile(r"tqz(\d+)zqt")
_BLOCKS = frozenset(
    "address article blockquote div dl footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr ul".split()
)
_APART = frozenset("h1 h2 h3 h4 p table tr ul ol".split())
_BETWEEN = frozenset("·|•–/")
"""Signs that part one link from the next; in a text each link has its own line."""
_UNSEEN = frozenset("head style title script noscript".split())
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


class _Reader(HTMLParser):
    """Reads a marked document and writes its words; markers stay among them. Stability: internal."""

    def __init__(self, marks: Marked) -> None:
        super().__init__(convert_charrefs=True)
        self.marks = marks
        self.out: list[str] = []
        self.pending = 0
        self.ended = 2
        self.hidden: list[str] = []
        self.links: list[tuple[str, int]] = []
        self.linked = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self.hidden or tag in _UNSEEN or "display:none" in values.get("style", "").replace(" ", ""):
            if tag not in _VOID:
                self.hidden.append(tag)
            return
        if tag == "br":
            self._break(1)
        elif tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)
        if tag == "li":
            self._write("- ")
        if tag == "a":
            self.links.append((values.get("href", ""), len(self.out)))
        if tag == "img" and values.get("alt", "").strip():
            self._write(values["alt"].strip())

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            if tag in self.hidden:
                while self.hidden.pop() != tag:
                    pass
            return
        if tag == "a" and self.links:
            self._link(*self.links.pop())
        if tag in _BLOCKS:
            self._break(2 if tag in _APART else 1)
        elif tag in {"td", "th"}:
            self._break(1)

    def _link(self, address: str, start: int) -> None:
        words = "".join(self.out[start:]).strip()
        shown = address.removeprefix("mailto:")
        if not shown or shown.startswith("#") or words == shown:
            return
        joint = " " if words.endswith(("?", ":", ".", "!")) else ": "
        self._write(f"{joint}{shown}" if words else shown)
        self.linked = True

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        words = re.sub(r"[\s\u200b\u200c\u00ad\ufeff]+", " ", data)
        if self.linked and words.strip() in _BETWEEN:
            self._break(1)
            return
        if not words.strip():
            if not self.ended and not self.pending and not self.out[-1].endswith(" "):
                self.out.append(" ")
            return
        if self.ended or self.pending or self.out[-1].endswith(" "):
            words = words.lstrip(" ")
        self._write(words)

    def handle_comment(self, data: str) -> None:
        """Control markers, those within Outlook's comments included; nothing else of a comment is read."""
        if self.hidden:
            return
        if data.startswith("[if"):
            data = re.sub(r"<[^>]*>", "", data)
        for match in _MARK.finditer(data):
            if self.marks.tags[int(match[1])].kind is Kind.CONTROL:
                self._flush()
                self.out.append(match[0])

    def _break(self, lines: int) -> None:
        self.pending = max(self.pending, lines - self.ended)

    def _flush(self) -> None:
        """Line ends come before what follows a block, control tags included, so that an untaken branch leaves none."""
        if self.pending > 0:
            self.out.append("\n" * self.pending)
            self.ended += self.pending
        self.pending = 0

    def _write(self, words: str) -> None:
        self._flush()
        self.out.append(words)
        self.ended = 0
        self.linked = False


def derive(document: str, marks: Marked) -> str:
    """A Liquid template for the text part.

    Links become `words: address`, list entries begin with a dash, pictures speak by their `alt`, what is hidden (the
    preheader) is left out, and what only Outlook sees as well.

    Args:
        document: compiled HTML with markers.
        marks: what the markers stand for.
    """
    reader = _Reader(marks)
    reader.feed(document)
    reader.close()
    words = re.sub(r" +\n", "\n", "".join(reader.out)).strip() + "\n"
    return _MARK.sub(lambda match: marks.tags[int(match[1])].text, words)


def plain_partials(partials: Mapping[str, str]) -> dict[str, str]:
    """Partials as the text part sees them: `text-footer` for `footer` where there is one, else read from its HTML.

    >>> plain_partials({"a": "<p>Hello {{ x }}</p>", "b": "<b>x</b>", "text-b": "plain"})["a"].strip()
    'Hello {{ x }}'
    """
    return {name: partials.get(f"text-{name}") or _plain(name, words) for name, words in partials.items()}


def _plain(name: str, words: str) -> str:
    if not re.search(r"<[a-zA-Z/!]", words):
        return words
    try:
        marks = mark(Source(text=words, path=f"content/_partials/{name}"))
    except ContentFault:
        return words  # a fragment of a tag; where it is used in HTML its fault is told there
    return derive(marks.text, marks)
