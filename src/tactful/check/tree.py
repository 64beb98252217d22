"""HTML as a browser reads it: elements in order, links, pictures and visible words. The only file that parses HTML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from selectolax.lexbor import LexborHTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_IMPLIED = frozenset("html head body tbody colgroup".split())
_BLOCKS = frozenset(
    "address article blockquote br div dl dt dd footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section"
    " table td th tr ul".split()
)
_UNSEEN = frozenset("head style script title noscript template".split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HARMLESS = frozenset("href src alt title aria-label".split())
"""Attributes that hold an address or words: their value changes nothing else."""
_OPTIONAL = frozenset("p li td th tr dt dd option thead tbody tfoot".split())
Chain = tuple[str, ...]
MOST_DEEP = 200
"""Elements inside each other beyond which a document is not read further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One address in a document. Stability: internal.

    Attributes:
        tag: `a`, `img`, `link`, ….
        url: as written in its attribute, entities decoded.
        words: what a reader sees of a link: its text, or the `alt` of its pictures.
        is_visible: whether it stands in what a reader sees.
    """

    tag: str
    url: str
    words: str
    is_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A document as a browser reads it. Stability: internal.

    Attributes:
        chains: each element with its ancestors, in document order; implied elements left out.
        words: what a reader sees, blocks on lines of their own.
        anchors: links, pictures and remote sheets.
        unlabelled: number of pictures without an `alt` attribute.
        headings: levels in order.
        styles: sizes of the style blocks, in characters.
        active: names of elements and attributes that could act.
        plain_tables: number of tables that do not say they are for layout.
        steered: styles, and attributes that hold neither address nor words, in which what was sought stands.
        language, direction, title: as the document says; empty where it does not.
    """

    chains: tuple[Chain, ...]
    words: str
    anchors: tuple[Anchor, ...]
    unlabelled: int
    headings: tuple[int, ...]
    styles: tuple[int, ...]
    active: tuple[str, ...]
    plain_tables: int
    language: str
    direction: str
    title: str
    steered: tuple[str, ...] = ()


def serial(html: str) -> str:
    """A document as the HTML5 rules read it, written out again: two that read alike are written alike.

    >>> serial("<p title='a'>1 &#60; 2")
    '<html><head></head><body><p title="a">1 &lt; 2</p></body></html>'
    """
    return str(LexborHTMLParser(html).html or "")


def read(html: str, *, sought: str = "") -> Tree:
    """Reads a document or fragment by the HTML5 rules.

    Args:
        html: the document.
        sought: a sign looked for where a value could change how the document is read; see `Tree.steered`.

    >>> read('<html lang="en"><p>One<br>two <a href="/x">here</a>').words
    'One\\ntwo here'
    """
    parser = LexborHTMLParser(html)
    reader = _Reading(sought)
    root: Any = parser.root  # Any: the driver's node
    reader.visit(root, (), is_visible=True)
    top = root.attributes if root.tag == "html" else {}
    return Tree(
        chains=tuple(reader.chains),
        words=_tidy("".join(reader.words)),
        anchors=tuple(reader.anchors),
        unlabelled=reader.unlabelled,
        headings=tuple(reader.headings),
        styles=tuple(reader.styles),
        active=tuple(reader.active),
        plain_tables=reader.plain_tables,
        language=top.get("lang") or "",
        direction=top.get("dir") or "",
        title=reader.title,
        steered=tuple(reader.steered),
    )


class _Reading:
    """The walk over one document. Stability: internal."""

    def __init__(self, sought: str) -> None:
        self.sought = sought
        self.steered: list[str] = []
        self.chains: list[Chain] = []
        self.words: list[str] = []
        self.anchors: list[Anchor] = []
        self.headings: list[int] = []
        self.styles: list[int] = []
        self.active: list[str] = []
        self.unlabelled = self.plain_tables = 0
        self.title = ""

    def visit(self, node: Any, above: Chain, *, is_visible: bool) -> None:  # Any: the driver's node
        """One element and what is in it. Documents nested beyond reason end in the driver's own limit."""
        tag = node.tag or ""
        here = above if tag in _IMPLIED else (tag, *above)
        if tag not in _IMPLIED:
            self.chains.append(here)
        values = node.attributes
        is_visible = is_visible and tag not in _UNSEEN and not _HIDDEN.search(values.get("style") or "")
        self._note(node, values, is_visible=is_visible)
        if is_visible and tag in _BLOCKS:
            self.words.append("\n")
        child = node.first_child
        if len(above) > MOST_DEEP:
            self.active.append("elements nested too deeply")
            return
        while child is not None:
            if child.is_text_node:
                if is_visible:
                    self.words.append(re.sub(r"\s+", " ", child.text_content or ""))
            elif child.is_element_node:
                self.visit(child, here, is_visible=is_visible)
            child = child.next
        if is_visible and tag in _BLOCKS:
            self.words.append("\n")

    def _note(self, node: Any, values: dict[str, str | None], *, is_visible: bool) -> None:  # Any: the driver's node
        tag = node.tag or ""
        if self.sought:
            self._seek(node, values)
        if tag == "img":
            self.unlabelled += "alt" not in values
            if is_visible and values.get("alt"):
                self.words.append(f" {' '.join(str(values['alt']).split())} ")
        if tag in {"a", "img", "link", "area"}:
            url = values.get("src" if tag == "img" else "href")
            if url is not None or tag == "img":
                words = _tidy(_label(node)) if tag == "a" else values.get("alt") or ""
                self.anchors.append(Anchor(tag=tag, url=(url or "").strip(), words=words, is_visible=is_visible))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "style":
            self.styles.append(len(node.text() or ""))
        if tag == "title" and not self.title:
            self.title = (node.text() or "").strip()
        if tag == "table":
            self.plain_tables += values.get("role") not in {"presentation", "none"}
        if tag in {"script", "iframe", "object", "embed", "form", "applet", "base"}:
            self.active.append(f"<{tag}>")
        self.active += [f"{name}=" for name in values if name.startswith("on") and name.isalpha()]

    def _seek(self, node: Any, values: dict[str, str | None]) -> None:  # Any: the driver's node
        said = [value for name, value in values.items() if value and name not in _HARMLESS]
        said += [name for name in values if self.sought in name]
        if node.tag in {"style", "script"}:
            said.append(node.text() or "")
        self.steered += [value for value in said if self.sought in value]


def _label(node: Any) -> str:  # Any: the driver's node
    """What is seen of a link: its words and the `alt` of its pictures; what is hidden in it is not."""
    words, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if one.is_text_node:
            words.append(one.text_content or "")
        elif one is node or not _HIDDEN.search(one.attributes.get("style") or ""):
            words += [f" {one.attributes.get('alt') or ''} "] if one.tag == "img" else []
            waiting += reversed([*one.iter(include_text=True)])
    return "".join(words)


def _tidy(words: str) -> str:
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in words.split("\n"))
    return "\n".join(line for line in lines if line)


class _Written(HTMLParser):
    """Elements in the order and nesting in which they were written. Stability: internal."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.chains: list[Chain] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its signature
        if tag in _IMPLIED:
            return
        self.chains.append((tag, *reversed(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _IMPLIED or tag in VOID:
            return
        if tag not in self.open:
            self.faults.append(f"</{tag}> closes nothing")
            return
        while (inner := self.open.pop()) != tag:
            if inner not in _OPTIONAL:
                self.faults.append(f"<{inner}> is never closed")


def moved(html: str) -> str:
    """What of a document does not stand where its author wrote it; empty where everything does.

    The elements as written are compared with those a browser makes: what stands between cells of a table is moved out
    of it, what is never closed swallows what follows.

    >>> moved("<table><tr><td>a</td></tr></table>"), moved("<div><b>a</div>")
    ('', '<b> is never closed')
    >>> moved("<table><tbody><div>x</div><tr><td>a</td></tr></tbody></table>")
    '<div> in <table> is moved elsewhere'
    """
    written = _Written()
    written.feed(html)
    written.close()
    if written.faults:
        return written.faults[0]
    left = [tag for tag in written.open if tag not in _OPTIONAL]
    if left:
        return f"<{left[-1]}> is never closed"
    return next(_differences(written.chains, list(read(html).chains)), "")


def _differences(written: list[Chain], made: list[Chain]) -> Iterator[str]:
    if written == made:
        return
    lost = Counter(written) - Counter(made)
    for own in (chain for chain in written if chain in lost):
        inside = f" in <{own[1]}>" if len(own) > 1 else ""
        yield f"<{own[0]}>{inside} is moved elsewhere"
    yield f"{len(written)} elements are written and {len(made)} are read, in another order"
