"""A letter's elements with what they inherit: colours, sizes, whether they can be seen, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from tactful.check.letter.colours import Colour, colour, colour_in, laid_on

PLACE = "data-tactful-at"
MASK = "\ue000"
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
WHITE, BLACK, LINK = Colour(255, 255, 255), Colour(0, 0, 0), Colour(0, 0, 238)
_UNSEEN = frozenset("head style script title noscript template svg".split())
_HEADINGS = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_BOLD = frozenset("b strong th h1 h2 h3 h4 h5 h6".split())
_CLOSED_BY = {
    "td": frozenset({"td", "th", "tr"}), "th": frozenset({"td", "th", "tr"}), "tr": frozenset({"tr"}),
    "li": frozenset({"li"}), "option": frozenset({"option"}),
}  # fmt: skip
_SIZES = {"small": 13.0, "x-small": 10.0, "xx-small": 9.0, "medium": 16.0, "large": 18.0, "x-large": 24.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What an element hands down to what stands in it. Stability: internal.

    Attributes:
        ink: colour of words; None where it is filled in.
        ground: colour behind them; None where a picture lies there, or it is filled in.
        spare: colour behind them where pictures are not shown; None where it is filled in.
        pixels: size of words.
    """

    ink: Colour | None = BLACK
    ground: Colour | None = WHITE
    spare: Colour | None = WHITE
    pixels: float = 16.0
    is_bold: bool = False
    is_hidden: bool = False
    is_struck: bool = False


@dataclass(slots=True, kw_only=True)
class Element:
    """One element. Stability: internal.

    Attributes:
        at: where it stands in the letter.
        styles: what its `style` declares.
        words: the words directly in it; signs in place of what is filled in.
        above: the element it stands in.
    """

    tag: str
    values: Mapping[str, str]
    at: int
    styles: Mapping[str, str]
    look: Look
    above: Element | None = None
    words: list[str] = field(default_factory=list)
    inside: list[Element | str] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        """Whether its own words can be seen: neither hidden nor of no size, as the gaps between columns are."""
        return not self.look.is_hidden and self.look.pixels >= 2

    def text(self) -> str:
        """All words in it that can be seen, those of its pictures included."""
        return " ".join(" ".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        """Its words and those of its pictures, in order."""
        if self.tag == "img":
            yield self.values.get("alt", "")
        for one in self.inside:
            if isinstance(one, str):
                yield one
            elif not one.look.is_hidden:
                yield from one.texts()

    def pictures(self) -> Iterator[Element]:
        """The pictures in it."""
        for one in self.inside:
            if isinstance(one, Element):
                yield from [one] if one.tag == "img" else one.pictures()


@dataclass(slots=True, kw_only=True)
class Page:
    """A letter, read once. Stability: internal."""

    elements: list[Element] = field(default_factory=list)
    sheets: list[tuple[str, int]] = field(default_factory=list)
    runs: list[tuple[str, Element]] = field(default_factory=list)
    title: str = ""
    has_doctype: bool = False

    def of(self, *tags: str) -> list[Element]:
        """Its elements of these names."""
        return [one for one in self.elements if one.tag in tags]

    @property
    def words(self) -> str:
        """What a reader sees, pictures' words left out."""
        seen = (words for words, one in self.runs if one.is_read)
        return " ".join(" ".join(seen).split())


def read_page(styled: str) -> Page:
    """Reads a letter whose styles stand on its elements.

    Args:
        styled: HTML; an element's place is in its attribute `data-tactful-at`.

    >>> page = read_page('<p style="color:#777" data-tactful-at="7">a <b>b</b></p>')
    >>> [(one.tag, one.at, str(one.look.ink), one.look.is_bold) for one in page.elements]
    [('p', 7, '#777777', False), ('b', 7, '#777777', True)]
    """
    reader = _Reader()
    reader.feed(styled)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """The walk over one letter. Stability: internal."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[Element] = []

    def handle_decl(self, decl: str) -> None:
        self.page.has_doctype |= decl.lower().startswith("doctype")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while self.open and self.open[-1].tag in _CLOSED_BY.get(tag, ()):
            self.open.pop()
        values = {name: value or "" for name, value in attrs}
        above = self.open[-1] if self.open else None
        styles = declared(values.get("style", ""))
        at = values.get(PLACE, "")
        element = Element(
            tag=tag,
            values=values,
            at=int(at) if re.fullmatch(r"[0-9]{1,9}", at) else above.at if above else 0,
            styles=styles,
            look=_look(tag, values, styles=styles, above=above.look if above else Look()),
            above=above,
        )
        self.page.elements.append(element)
        if above:
            above.inside.append(element)
        if tag not in VOID and len(self.open) < 400:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.open:
            if not data.strip():
                return
            self.open.append(Element(tag="body", values={}, at=0, styles={}, look=Look()))
            self.page.elements.append(self.open[-1])
        here = self.open[-1]
        if here.tag == "style":
            self.page.sheets.append((data, here.at))
        elif here.tag == "title" and not self.page.title:
            self.page.title = data.strip()
        elif here.tag not in _UNSEEN:
            here.words.append(data)
            self.page.runs.append((data, here))
            here.inside.append(data)


def declared(style: str) -> dict[str, str]:
    """The declarations of a `style`; later ones win, as they do in browsers.

    >>> declared("color: RED; Color:#fff !important")
    {'color': '#fff'}
    """
    found: dict[str, str] = {}
    for part in re.split(r";(?![^(]*\))", style):
        name, _, value = part.partition(":")
        if value.strip():
            found[name.strip().lower()] = value.replace("!important", "").strip().lower()
    return found


def _look(tag: str, values: Mapping[str, str], *, styles: Mapping[str, str], above: Look) -> Look:
    pixels = _pixels(tag, styles=styles, above=above.pixels)
    weight = styles.get("font-weight", "")
    bold = above.is_bold or tag in _BOLD if not weight else weight in {"bold", "bolder", "600", "700", "800", "900"}
    look = replace(above, pixels=pixels, is_bold=bold)
    ground = _ground(values, styles=styles, above=above.ground)
    spare = _plain_ground(values, styles=styles, above=above.spare)
    link = tag == "a" and "href" in values
    own = colour(styles.get("color", "") or (values.get("color", "") if tag == "font" else ""))
    ink = own or (LINK if link else above.ink)
    if MASK in styles.get("color", ""):
        ink = None
    elif own and own.solid < 1 and ground:
        ink = laid_on(own, ground)
    hidden = above.is_hidden or tag in _UNSEEN or is_hidden(values, styles=styles)
    struck = above.is_struck or tag in {"s", "del", "strike"}
    return replace(look, ink=ink, ground=ground, spare=spare, is_hidden=hidden, is_struck=struck)


def is_hidden(values: Mapping[str, str], *, styles: Mapping[str, str]) -> bool:
    """Whether an element and what is in it cannot be seen, as the lines are that only the inbox shows.

    What only Outlook hides (`mso-hide:all`, beside a button drawn for it) is seen by all others.
    """
    zero = {styles.get("max-height", ""), styles.get("max-width", ""), styles.get("height", "")} & {"0", "0px"}
    return (
        styles.get("display") == "none"
        or styles.get("visibility") == "hidden"
        or styles.get("opacity") in {"0", "0.0"}
        or "hidden" in values
        or bool(zero and styles.get("overflow") == "hidden")
        or styles.get("color") == "transparent"
    )


def _ground(values: Mapping[str, str], *, styles: Mapping[str, str], above: Colour | None) -> Colour | None:
    written = styles.get("background", "")
    picture = "url(" in written or "gradient(" in written or values.get("background", "").strip()
    if picture or "url(" in styles.get("background-image", "") or "gradient(" in styles.get("background-image", ""):
        return None
    return _plain_ground(values, styles=styles, above=above)


def _plain_ground(values: Mapping[str, str], *, styles: Mapping[str, str], above: Colour | None) -> Colour | None:
    """The colour behind an element's words, whatever picture lies on it."""
    written = styles.get("background", "")
    if MASK in written + styles.get("background-color", "") + values.get("bgcolor", ""):
        return None
    own = colour(styles.get("background-color", "")) or colour_in(written) or colour(values.get("bgcolor", ""))
    if own is None:
        return above
    return own if own.solid == 1 else laid_on(own, above) if above else None


def _pixels(tag: str, *, styles: Mapping[str, str], above: float) -> float:
    short = re.search(r"([\d.]+)(?:px|pt|em|%)", styles.get("font", ""))
    written = styles.get("font-size", "") or (short[0] if short else "")
    match = re.fullmatch(r"([\d.]+)\s*(px|pt|em|rem|%)?", written)
    if not match:
        return _SIZES.get(written, _HEADINGS[tag] * 16 if tag in _HEADINGS else above)
    try:
        number = float(match[1])
    except ValueError:
        return above
    if not match[2] and number:
        return above
    scale = {"pt": 4 / 3, "em": above, "rem": 16.0, "%": above / 100}
    return number * scale.get(match[2] or "px", 1.0)


def readable(words: str) -> str:
    """Words as a finding quotes them: a sign for what is filled in.

    >>> readable("Hi \ue000\ue000,  there")
    'Hi …, there'
    """
    return " ".join(re.sub(f"{MASK}+", "…", words).split())
