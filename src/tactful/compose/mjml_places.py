"""Where the elements of MJML may stand, and where words may: what stands elsewhere is lost or moved without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tactful.compose.marks import Marked
from tactful.compose.markup import Bit, attributes, bits
from tactful.words.finding import Finding, Severity

_BLOCKS = frozenset(
    "mj-accordion mj-button mj-carousel mj-divider mj-image mj-navbar mj-raw mj-social mj-spacer mj-table"
    " mj-text".split()
)
HOLDS = {
    "mj-body": frozenset("mj-section mj-wrapper mj-hero mj-raw".split()),
    "mj-wrapper": frozenset("mj-section mj-hero mj-raw".split()),
    "mj-section": frozenset("mj-column mj-group mj-raw".split()),
    "mj-group": frozenset("mj-column mj-raw".split()),
    "mj-column": _BLOCKS,
    "mj-hero": _BLOCKS,
    "mj-social": frozenset("mj-social-element mj-raw".split()),
    "mj-navbar": frozenset("mj-navbar-link mj-raw".split()),
    "mj-carousel": frozenset({"mj-carousel-image"}),
    "mj-accordion": frozenset("mj-accordion-element mj-raw".split()),
    "mj-accordion-element": frozenset("mj-accordion-title mj-accordion-text mj-raw".split()),
}
"""What may stand directly in each element; words may stand in none of them."""
_LENGTHS = re.compile(
    r"(?:inner-)?(?:padding|border-radius)(?:-top|-right|-bottom|-left)?|font-size|icon-size|icon-height"
    r"|border-width|letter-spacing|text-padding"
)
_BARE = re.compile(r"[1-9]\d*(?:\.\d+)?")
_MARK = re.compile(r"tqz\d+zqt")


def misplaced(marks: Marked) -> tuple[Finding, ...]:
    """A warning for elements where they may not stand, words outside of elements that hold some, lengths without units.

    Args:
        marks: MJML with its Liquid replaced by markers.
    """
    found = [marks.fault(at, rule=rule, what=what, fix=fix).finding for at, rule, what, fix in _told(marks.text)]
    return tuple(replace(one, severity=Severity.WARNING) for one in found)


def _told(text: str) -> Iterator[tuple[int, str, str, str]]:
    open_: list[str] = []
    for bit in bits(text):
        above = open_[-1] if open_ else ""
        if bit.kind == "text" and above in HOLDS and (words := _MARK.sub("", bit.text).strip()):
            at = bit.start + bit.text.find(words.split()[0])
            what = f"{' '.join(words.split())[:40]!r} stands directly in <{above}>, where no words may stand"
            yield at, "mjml-place", what, "put them into <mj-text>, or take them out"
        if bit.kind in {"open", "empty"}:
            yield from _element(bit, above=above)
        if bit.kind == "open":
            open_.append(bit.name)
        elif bit.kind == "close" and bit.name in open_:
            while open_.pop() != bit.name:
                pass


def _element(bit: Bit, *, above: str) -> Iterator[tuple[int, str, str, str]]:
    if bit.name.startswith("mj-") and above in HOLDS and bit.name not in HOLDS[above]:
        homes = " or ".join(f"<{name}>" for name, held in HOLDS.items() if bit.name in held)
        what = f"<{bit.name}> may not stand directly in <{above}>"
        yield bit.start, "mjml-place", what, f"put it into {homes}" if homes else "take it out"
    for name, value, begin in attributes(bit.text) if bit.name.startswith("mj-") else ():
        if _LENGTHS.fullmatch(name) and any(_BARE.fullmatch(word) for word in value.split()):
            what = f'{name}="{value}" has no unit, so mail programs ignore it'
            fix = f"write {' '.join(f'{word}px' if _BARE.fullmatch(word) else word for word in value.split())}"
            yield bit.start + begin, "mjml-unit", what, fix
