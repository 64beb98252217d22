"""The colours of a document's style sheets: which words and grounds they colour, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Colour = tuple[int, int, int]
Named = tuple[str, frozenset[str]]
"""An element's tag and its classes."""
Step = tuple[bool, str, frozenset[str]]
"""A step of a selector: whether right below the one before, a tag or none, classes."""
_NAMES: dict[str, Colour] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "maroon": (128, 0, 0),
    "navy": (0, 0, 128), "purple": (128, 0, 128), "teal": (0, 128, 128), "olive": (128, 128, 0), "lime": (0, 255, 0),
    "yellow": (255, 255, 0), "orange": (255, 165, 0), "aqua": (0, 255, 255), "fuchsia": (255, 0, 255),
    "pink": (255, 192, 203), "brown": (165, 42, 42), "darkgray": (169, 169, 169), "lightgray": (211, 211, 211),
    "darkgrey": (169, 169, 169), "lightgrey": (211, 211, 211), "whitesmoke": (245, 245, 245),
}  # fmt: skip
_HEX = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-fA-F])")
_RGB = re.compile(r"rgb\(\s*(\d{1,9})[\s,]+(\d{1,9})[\s,]+(\d{1,9})\s*\)")
_SAME = re.compile(r"\b(?:transparent|inherit|initial|unset|none|currentcolor)\b")
_STYLE = re.compile(r"<style\b([^>]*)>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|<!--\[if.*?<!\[endif\]-->|<!--|-->", re.DOTALL)
_COMPOUND = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)?((?:\.[\w-]+)*)")
_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark")


def colour_of(word: str, *, before: Colour | None) -> Colour | None:
    """The colour a declaration names; what was before where it names none, None where it cannot be known.

    >>> colour_of("#fff", before=None), colour_of("url(a.png)", before=(0, 0, 0)), colour_of("red", before=None)
    ((255, 255, 255), None, (255, 0, 0))
    """
    word = word.strip().lower()
    if "url(" in word or "gradient" in word:
        return None
    if found := _HEX.search(word):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
    if found := _RGB.search(word):
        return (int(found[1]), int(found[2]), int(found[3]))
    named = next((_NAMES[one] for one in word.split() if one in _NAMES), None)
    return named or (before if not word or _SAME.search(word) else None)


def declared(style: str) -> dict[str, str]:
    """The colour of words and of the ground that an inline style declares.

    >>> declared("margin:0; background-color:#fff;color: red")
    {'background': '#fff', 'color': 'red'}
    """
    return {name: value for name, value, _ in _declarations(style)}


def _declarations(text: str) -> Iterator[tuple[str, str, bool]]:
    for one in re.split(r";(?![^(]*\))", text):
        name, _, value = one.partition(":")
        name = name.strip().lower()
        if name in {"color", "background", "background-color"} and value.strip():
            plain = re.sub(r"\s*!\s*important\s*$", "", value.strip())
            yield "color" if name == "color" else "background", plain, plain != value.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule of a sheet, for one selector. Stability: internal."""

    steps: tuple[Step, ...]
    weight: tuple[int, int, int]
    said: tuple[tuple[str, str, bool], ...]
    is_dark: bool

    def fits(self, chain: Sequence[Named]) -> bool:
        """Whether it is about the last element of a chain of elements, the outermost first."""
        return bool(chain) and _is(self.steps[-1], chain[-1]) and _fits(self.steps, chain)


def _is(step: Step, named: Named) -> bool:
    return step[1] in {"", named[0]} and step[2] <= named[1]


def _fits(steps: tuple[Step, ...], chain: Sequence[Named]) -> bool:
    """Whether the steps before the last can be found among the elements above the last."""
    if len(steps) == 1:
        return True
    places = range(len(chain) - 2, -1, -1)
    for place in places[:1] if steps[-1][0] else places:
        if _is(steps[-2], chain[place]) and _fits(steps[:-1], chain[: place + 1]):
            return True
    return False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All rules about colours, the weightiest last. Stability: internal."""

    lines: tuple[Line, ...]

    @cached_property
    def keys(self) -> dict[str, list[int]]:
        """Numbers of the lines that can be about an element with this tag or class."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            _, tag, classes = line.steps[-1]
            found.setdefault(f".{min(classes)}" if classes else tag, []).append(number)
        return found

    @property
    def has_dark(self) -> bool:
        """Whether it says how the document looks where the reader's screen is dark."""
        return any(line.is_dark for line in self.lines)

    def says(self, chain: Sequence[Named], *, is_dark: bool) -> tuple[dict[str, str], dict[str, str]]:
        """What it says of an element, and what it insists on."""
        mild: dict[str, str] = {}
        strong: dict[str, str] = {}
        tag, classes = chain[-1]
        keys = {tag, *(f".{one}" for one in classes)} & self.keys.keys()
        for number in sorted({number for key in keys for number in self.keys[key]}):
            line = self.lines[number]
            if (is_dark or not line.is_dark) and line.fits(chain):
                for name, value, insists in line.said:
                    (strong if insists else mild)[name] = value
        return mild, strong


def sheet_of(html: str) -> Sheet:
    """The colours of a document's style blocks; what is said for narrow screens, printers and Outlook is left out."""
    lines: list[Line] = []
    for attributes, text in _STYLE.findall(re.sub(r"<!--\[if.*?<!\[endif\]-->", "", html, flags=re.DOTALL)):
        if "media=" not in attributes:
            lines += _lines(_COMMENT.sub("", text), is_dark=False, begun=len(lines))
    return Sheet(lines=tuple(sorted(lines, key=lambda line: line.weight)))


def _lines(text: str, *, is_dark: bool, begun: int) -> Iterator[Line]:
    for number, (head, body) in enumerate(_blocks(text)):
        if head.startswith("@"):
            if head.startswith("@media") and _DARK.search(head):
                yield from _lines(body, is_dark=True, begun=begun + number)
            continue
        said = tuple(_declarations(body))
        for selector in head.split(",") if said else ():
            if (steps := _steps(selector.strip())) is not None:
                weight = (sum(len(one[2]) for one in steps), sum(bool(one[1]) for one in steps), begun + number)
                yield Line(steps=steps, weight=weight, said=said, is_dark=is_dark)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each head with what stands between its braces."""
    depth, start, head = 0, 0, ""
    for place, sign in enumerate(text):
        if sign == "{":
            depth += 1
            if depth == 1:
                head, start = text[start:place].strip(), place + 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                yield head.rsplit(";", 1)[-1].strip(), text[start:place]
                start = place + 1


def _steps(selector: str) -> tuple[Step, ...] | None:
    """A selector of tags and classes; None for any other."""
    found: list[Step] = []
    is_right_below = False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            is_right_below = True
            continue
        match = _COMPOUND.fullmatch(word)
        if match is None or not match[0]:
            return None
        found.append((is_right_below, match[1] or "", frozenset(one for one in match[2].split(".") if one)))
        is_right_below = False
    return tuple(found) or None
