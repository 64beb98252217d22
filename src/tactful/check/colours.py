"""How well words stand out from what is behind them, in light and in dark: WCAG's ratio from the colours as written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import NamedTuple

from tactful.check.sheet import Colour, Named, Sheet, colour_of, declared, sheet_of

LEAST, LEAST_LARGE = 4.5, 3.0
"""WCAG 2.2, success criterion 1.4.3 (AA): words, and large words."""
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNSEEN = frozenset("head style script title noscript template".split())
_BOLD = frozenset("h1 h2 h3 h4 h5 h6 b strong th".split())
_LINK: Colour = (0, 0, 238)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|max-height\s*:\s*0(?![.\d])")
_SIZE = re.compile(r"(?:^|;)\s*font-size\s*:\s*(\d+\.?\d*|\.\d+)\s*(px|pt)")
_WEIGHT = re.compile(r"(?:^|;)\s*font-weight\s*:\s*(\w+)")


def ratio(one: Colour, other: Colour) -> float:
    """How far two colours stand apart, from 1 to 21 (WCAG 2.2, contrast ratio).

    >>> ratio((255, 255, 255), (0, 0, 0)), round(ratio((118, 118, 118), (255, 255, 255)), 2)
    (21.0, 4.54)
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    """The relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2).

    >>> luminance((255, 255, 255)), luminance((0, 0, 0))
    (1.0, 0.0)
    """
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faint:
    """Words that do not stand out enough. Stability: internal.

    Attributes:
        words: the first of them.
        ratio: how far they stand out.
        least: how far they should.
        is_dark: whether only where the reader's screen is dark.
    """

    words: str
    ratio: float
    least: float
    is_dark: bool


@lru_cache(maxsize=64)
def faint(html: str) -> tuple[Faint, ...]:
    """Words of a document that do not stand out enough, in light, and in dark where it says how it looks there.

    Colours come from attributes, inline styles and the document's own sheets; what stands before a picture, and
    what is hidden, is left out.

    >>> [round(one.ratio, 1) for one in faint('<p style="color:#999">Hello</p><p>There</p>')]
    [2.8]
    """
    sheet, steps = sheet_of(html), _steps_of(html)
    found = [*_walk(steps, sheet, is_dark=False)]
    if sheet.has_dark:
        found += _walk(steps, sheet, is_dark=True)
    return tuple(found)


def _steps_of(html: str) -> list[_Step]:
    """A document's elements and words in their order, read once."""
    read = _Steps()
    read.feed(html)
    read.close()
    return read.found


def _walk(steps: Sequence[_Step], sheet: Sheet, *, is_dark: bool) -> Iterator[Faint]:
    walk = _Walk(sheet, is_dark=is_dark)
    for step in steps:
        walk.take(step)
    seen: set[tuple[Colour, Colour]] = set()
    for words, look in walk.said:
        if look.behind is None or look.colour is None or (look.colour, look.behind) in seen:
            continue
        large = look.size >= 24 or (look.is_bold and look.size >= 18.66)
        least, found = LEAST_LARGE if large else LEAST, ratio(look.colour, look.behind)
        if found < least:
            seen.add((look.colour, look.behind))
            yield Faint(words=words, ratio=found, least=least, is_dark=is_dark)


class _Step(NamedTuple):
    """Where an element begins, or ends, or words stand. Stability: internal."""

    tag: str = ""
    values: dict[str, str] | None = None
    words: str = ""


class _Steps(HTMLParser):
    """Elements and words in their order. Stability: internal."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Step] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.found.append(_Step(tag=tag, values={name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(_Step(tag=tag))

    def handle_data(self, data: str) -> None:
        words = " ".join(data.replace("\u00a0", " ").split())
        if any(c.isalnum() or "\ue000" <= c <= "\uf8ff" for c in words):
            self.found.append(_Step(words=words))


class _Look(NamedTuple):
    """How words look at a place; None for a colour that cannot be known. Stability: internal."""

    named: Named
    colour: Colour | None = (0, 0, 0)
    behind: Colour | None = (255, 255, 255)
    size: float = 16
    is_bold: bool = False
    is_seen: bool = True


class _Styled(NamedTuple):
    """What an inline style says; None where it says nothing of that. Stability: internal."""

    is_hidden: bool
    size: float | None
    is_bold: bool | None
    said: dict[str, str]


@lru_cache(maxsize=4_096)
def _styled(style: str) -> _Styled:
    size, weight = _SIZE.search(style), _WEIGHT.search(style)
    return _Styled(
        is_hidden=_HIDDEN.search(style) is not None,
        size=float(size[1]) * (4 / 3 if size[2] == "pt" else 1) if size else None,
        is_bold=weight[1] in {"bold", "bolder", "600", "700", "800", "900"} if weight else None,
        said=declared(style),
    )


class _Walk:
    """Elements in their order, each with its look. Stability: internal."""

    def __init__(self, sheet: Sheet, *, is_dark: bool) -> None:
        self.sheet, self.is_dark = sheet, is_dark
        self.open: list[_Look] = [_Look(named=("", frozenset()))]
        self.said: list[tuple[str, _Look]] = []

    def take(self, step: _Step) -> None:
        """One step further."""
        tag, values, words = step
        if words:
            look = self.open[-1]
            if look.is_seen and look.size > 1:
                self.said.append((words, look))
        elif values is not None:
            self.open.append(self._look(tag, values))
        else:
            places = [place for place, look in enumerate(self.open) if look.named[0] == tag]
            if places:
                del self.open[places[-1] :]

    def _look(self, tag: str, values: dict[str, str]) -> _Look:
        above, style = self.open[-1], _styled(values.get("style", ""))
        look = _Look(
            named=(tag, frozenset(values.get("class", "").split())),
            colour=_LINK if tag == "a" and "href" in values else above.colour,
            behind=above.behind,
            size=above.size if style.size is None else style.size,
            is_bold=(above.is_bold or tag in _BOLD) if style.is_bold is None else style.is_bold,
            is_seen=above.is_seen and not (tag in _UNSEEN or "hidden" in values or style.is_hidden),
        )
        return self._coloured(look, values, style=style)

    def _coloured(self, look: _Look, values: dict[str, str], *, style: _Styled) -> _Look:
        """Attributes, then the sheet, then the inline style, then what the sheet insists on."""
        chain: Sequence[Named] = [one.named for one in self.open[1:]] + [look.named]
        said = {"background": values.get("bgcolor", ""), "color": values.get("color", values.get("text", ""))}
        mild, strong = self.sheet.says(chain, is_dark=self.is_dark)
        said |= {**mild, **style.said, **strong}
        if word := said["color"]:
            look = look._replace(colour=colour_of(word, before=look.colour))
        if word := said["background"]:
            look = look._replace(behind=colour_of(word, before=look.behind))
        return look
