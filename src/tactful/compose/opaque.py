"""What stands in elements that hold HTML is kept from MJML's strict reader and put back: it may be HTML as it is."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from tactful.compose.markup import Bit, bits

HOLDS_HTML = frozenset(
    "mj-text mj-button mj-table mj-raw mj-navbar-link mj-social-element mj-accordion-title mj-accordion-text".split()
)
"""Elements of MJML in which HTML stands, which MJML does not read."""
OPTIONAL = frozenset("p li td th tr dt dd option thead tbody tfoot colgroup".split())
"""Elements of HTML that need not be closed."""
CLOSED_BY = {
    "p": frozenset({"p"}), "li": frozenset({"li"}), "option": frozenset({"option"}), "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}), "td": frozenset({"td", "th"}), "th": frozenset({"td", "th"}),
    "tr": frozenset({"td", "th", "tr"}),
}  # fmt: skip
"""Which of them an opening tag closes."""
_IN_LINE = frozenset(
    "a abbr b big cite code del em font i img ins kbd mark q s small span strike strong sub sup time u var".split()
)
"""Elements that stand in a line of words, so that a blank beside them is one between words."""
_STYLE = re.compile(r"(<(mj-style|style)\b[^>]*>)(.*?)(?=</\2\s*>)", re.DOTALL)
_CSS_NOTE = re.compile(r"/\*.*?\*/", re.DOTALL)
_PROLOGUE = re.compile(r"\A\s*(?:<\?xml[^>]*\?>\s*|<!doctype[^>]*>\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """A text whose held HTML is words. Stability: internal.

    Attributes:
        text: the text with one word for each stretch of HTML.
        bodies: the HTML by its word.
        starts, places: where stretches of `text` begin in it, and in what was given.
    """

    text: str
    bodies: dict[str, str]
    starts: tuple[int, ...]
    places: tuple[int, ...]

    def of(self, place: int) -> int:
        """Where a place of `text` stands in what was given."""
        turn = max(bisect_right(self.starts, place) - 1, 0)
        end = self.places[turn + 1] if turn + 1 < len(self.places) else place + self.places[turn]
        return min(self.places[turn] + place - self.starts[turn], end)

    def restored(self, html: str) -> str:
        """HTML with the stretches back in their places."""
        if not self.bodies:
            return html
        words = re.compile("|".join(sorted(self.bodies, key=len, reverse=True)))
        return words.sub(lambda found: self.bodies[found[0]], html)


def opaque(text: str) -> Opaque:
    """A text whose held HTML is words.

    >>> made = opaque("<mj-text><p>One<BR>two</mj-text>")
    >>> made.text, made.restored(made.text)
    ('<mj-text>tqb0bqt</mj-text>', '<mj-text><p>One<BR>two</mj-text>')

    What only indents the source is left out, as MJML's reader does; but not between elements in a line of words.

    >>> list(opaque("<mj-text>\\n  <p><a>x</a>\\n  <a>y</a></p>\\n</mj-text>").bodies.values())
    ['<p><a>x</a> <a>y</a></p>']
    """
    word = "tqb"
    while word in text:
        word += "b"
    bodies: dict[str, str] = {}
    out: list[str] = []
    starts, places, here, length = [0], [0], 0, 0
    for start, end in _held(text):
        name = f"{word}{len(bodies)}bqt"
        bodies[name] = _unindented(text[start:end])
        out += [text[here:start], name]
        length += start - here
        starts += [length, length + len(name)]
        places += [start, end]
        length += len(name)
        here = end
    out.append(text[here:])
    return Opaque(text="".join(out), bodies=bodies, starts=tuple(starts), places=tuple(places))


def _unindented(body: str) -> str:
    """HTML without line ends and blanks that stand between its elements."""
    pieces = [*bits(body)]
    own = [number for number, bit in enumerate(pieces) if bit.kind != "comment" and not _is_indent(bit)]
    kept = [bit.text for bit in pieces]
    for number, bit in enumerate(pieces):
        if _is_indent(bit):
            turn = bisect_right(own, number)
            beside = [pieces[one] for one in (*own[max(turn - 1, 0) : turn], *own[turn : turn + 1])]
            kept[number] = " " if len(beside) == 2 and all(map(_is_in_line, beside)) else ""
    return "".join(kept)


def _is_indent(bit: Bit) -> bool:
    return bit.kind == "text" and "\n" in bit.text and not bit.text.strip()


def _is_in_line(bit: Bit) -> bool:
    """Whether words go on around an element, or are words."""
    return bit.kind == "text" or bit.name in _IN_LINE


def _held(text: str) -> list[tuple[int, int]]:
    """Where HTML begins and ends that stands in an element that holds some."""
    found: list[tuple[int, int]] = []
    holder, start = "", 0
    for bit in bits(text):
        if not holder and bit.kind == "open" and bit.name in HOLDS_HTML:
            holder, start = bit.name, bit.start + len(bit.text)
        elif holder and bit.kind == "close" and bit.name == holder:
            if "<" in text[start : bit.start]:
                found.append((start, bit.start))
            holder = ""
    return found


def quiet(text: str) -> str:
    """A text without what XML says of itself, and without notes in styles that speak of elements; as long as it was.

    >>> quiet("<mj-style>/* for <p> */ p{}</mj-style>")
    '<mj-style>              p{}</mj-style>'
    """
    text = _PROLOGUE.sub(lambda found: _blank(found[0]), text)
    return _STYLE.sub(lambda found: found[1] + _CSS_NOTE.sub(_note, found[3]), text)


def _note(found: re.Match[str]) -> str:
    is_plain = "<" not in found[0] or "{{" in found[0] or "{%" in found[0]
    return found[0] if is_plain else _blank(found[0])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
