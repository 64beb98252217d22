"""Colours as style sheets write them, and how well one can be read on another."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAMED = {
    "black": "000000", "white": "ffffff", "red": "ff0000", "green": "008000", "blue": "0000ff", "gray": "808080",
    "grey": "808080", "silver": "c0c0c0", "maroon": "800000", "navy": "000080", "teal": "008080", "olive": "808000",
    "purple": "800080", "orange": "ffa500", "yellow": "ffff00", "lime": "00ff00", "aqua": "00ffff", "cyan": "00ffff",
    "fuchsia": "ff00ff", "magenta": "ff00ff", "pink": "ffc0cb", "brown": "a52a2a", "gold": "ffd700",
    "lightgray": "d3d3d3", "lightgrey": "d3d3d3", "darkgray": "a9a9a9", "darkgrey": "a9a9a9", "dimgray": "696969",
    "whitesmoke": "f5f5f5", "gainsboro": "dcdcdc", "tomato": "ff6347", "crimson": "dc143c", "coral": "ff7f50",
    "salmon": "fa8072", "beige": "f5f5dc", "ivory": "fffff0", "indigo": "4b0082", "skyblue": "87ceeb",
    "lightblue": "add8e6", "darkblue": "00008b", "darkgreen": "006400", "darkred": "8b0000", "steelblue": "4682b4",
    "royalblue": "4169e1", "slategray": "708090", "tan": "d2b48c", "khaki": "f0e68c", "turquoise": "40e0d0",
}  # fmt: skip
_PART = r"((?:\d+\.?\d*|\.\d+)%?)"
_FUNCTION = re.compile(rf"rgba?\(\s*{_PART}[\s,]+{_PART}[\s,]+{_PART}(?:[\s,/]+{_PART})?\s*\)")
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)|\b[a-z]{3,20}\b")


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255; how solid it is from 0 to 1."""

    red: float
    green: float
    blue: float
    solid: float = 1.0

    def __str__(self) -> str:
        return f"#{round(self.red):02x}{round(self.green):02x}{round(self.blue):02x}"


def colour(text: str) -> Colour | None:
    """A colour; None where it is none, inherited, or of a kind that is not read here.

    >>> str(colour("#abc")), str(colour("rgb(1, 2, 3)")), str(colour("White")), colour("transparent")
    ('#aabbcc', '#010203', '#ffffff', None)
    """
    text = text.replace("!important", "").strip().lower()
    digits = _NAMED.get(text, text.lstrip("#"))
    if re.fullmatch(r"[0-9a-f]{3,4}", digits) and (text.startswith("#") or text in _NAMED or len(digits) == 3):
        digits = "".join(2 * digit for digit in digits)
    if re.fullmatch(r"[0-9a-f]{6}(?:[0-9a-f]{2})?", digits):
        parts = [int(digits[n : n + 2], 16) for n in range(0, len(digits), 2)]
        return _solid(Colour(parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) == 4 else 1.0))
    if match := _FUNCTION.fullmatch(text):
        red, green, blue = (_part(value, whole=255) for value in match.groups()[:3])
        return _solid(Colour(red, green, blue, _part(match[4], whole=1) if match[4] else 1.0))
    return None


def _solid(made: Colour) -> Colour | None:
    return made if made.solid > 0 else None


def _part(text: str, *, whole: float) -> float:
    value = float(text[:-1]) / 100 * whole if text.endswith("%") else float(text)
    return min(max(value, 0), whole)


def colour_in(text: str) -> Colour | None:
    """The colour among the words of a `background`.

    >>> str(colour_in("url(a.png) no-repeat #fff"))
    '#ffffff'
    """
    words = re.sub(r"url\([^)]*\)", " ", text.lower())
    return next((made for word in _COLOUR.findall(words) if (made := colour(word))), None)


def laid_on(top: Colour, ground: Colour) -> Colour:
    """A colour that is not quite solid, as seen on another.

    >>> str(laid_on(Colour(0, 0, 0, 0.5), Colour(255, 255, 255)))
    '#808080'
    """
    mixed = (a * top.solid + b * (1 - top.solid) for a, b in zip(top[:3], ground[:3], strict=True))
    return Colour(*mixed)


def contrast(one: Colour, other: Colour) -> float:
    """The contrast between two colours, from 1 to 21. Reference: WCAG 2.2, relative luminance and contrast ratio.

    >>> contrast(Colour(0, 0, 0), Colour(255, 255, 255))
    21.0
    >>> round(contrast(Colour(119, 119, 119), Colour(255, 255, 255)), 2)
    4.48
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(shown: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in shown[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
