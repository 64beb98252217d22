"""The attributes that the elements of MJML have; any other is dropped by MJML without a word, so it is told here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tactful.compose.marks import Marked
from tactful.compose.markup import Bit, attributes, bits
from tactful.project.guesses import nearest
from tactful.words.finding import Finding, Severity

_SIDES = ("", "-top", "-right", "-bottom", "-left")
_PADDING = " ".join(f"padding{side}" for side in _SIDES)
_INNER_PADDING = " ".join(f"inner-padding{side}" for side in _SIDES)
_BORDER = " ".join(f"border{side}" for side in _SIDES) + " border-radius"
_INNER_BORDER = " ".join(f"inner-border{side}" for side in _SIDES) + " inner-border-radius"
_FONT = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"
_LINK = "href rel target title name"
_GROUND = (
    "background-color background-url background-repeat background-size background-position background-position-x"
    f" background-position-y direction full-width gap text-align text-padding {_BORDER} {_PADDING}"
)
_ICONS = (
    "icon-align icon-height icon-position icon-unwrapped-alt icon-unwrapped-url icon-width icon-wrapped-alt"
    " icon-wrapped-url"
)
_KNOWN = {
    "mjml": "lang dir owa version xmlns",
    "mj-body": "background-color width id",
    "mj-head": "", "mj-title": "", "mj-preview": "", "mj-attributes": "",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-style": "inline type",
    "mj-raw": "position",
    "mj-section": _GROUND, "mj-wrapper": _GROUND,
    "mj-column": f"background-color direction inner-background-color vertical-align width {_BORDER} {_INNER_BORDER}"
    f" {_PADDING}",
    "mj-group": "background-color direction vertical-align width",
    "mj-hero": f"background-color background-height background-position background-url background-width border-radius"
    f" container-background-color height inner-background-color mode vertical-align width {_PADDING} {_INNER_PADDING}",
    "mj-text": f"align background-color container-background-color height vertical-align {_FONT} {_PADDING}",
    "mj-button": f"align background-color container-background-color height inner-padding text-align vertical-align"
    f" width {_FONT} {_LINK} {_BORDER} {_PADDING}",
    "mj-image": f"align alt container-background-color fluid-on-mobile font-size height max-height sizes src srcset"
    f" usemap width {_LINK} {_BORDER} {_PADDING}",
    "mj-divider": f"align border-color border-style border-width container-background-color width {_PADDING}",
    "mj-spacer": f"container-background-color height vertical-align width {_BORDER} {_PADDING}",
    "mj-table": f"align border cellpadding cellspacing container-background-color role table-layout vertical-align"
    f" width {_FONT} {_PADDING}",
    "mj-accordion": f"border container-background-color font-family {_ICONS} {_PADDING}",
    "mj-accordion-element": f"background-color border font-family {_ICONS}",
    "mj-accordion-title": f"background-color {_FONT} {_PADDING}",
    "mj-accordion-text": f"background-color {_FONT} {_PADDING}",
    "mj-carousel": f"align background-color border-radius container-background-color icon-width left-icon right-icon"
    f" tb-border tb-border-radius tb-hover-border-color tb-selected-border-color tb-width thumbnails {_PADDING}",
    "mj-carousel-image": f"alt border-radius src tb-border tb-border-radius thumbnails-src {_LINK}",
    "mj-navbar": f"align base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size ico-line-height"
    f" ico-open ico-padding ico-padding-top ico-padding-right ico-padding-bottom ico-padding-left ico-text-decoration"
    f" ico-text-transform {_PADDING}",
    "mj-navbar-link": f"{_FONT} {_LINK} {_PADDING}",
    "mj-social": f"align border-radius container-background-color icon-height icon-padding icon-size inner-padding mode"
    f" table-layout text-padding vertical-align {_FONT} {_PADDING}",
    "mj-social-element": f"align alt background-color border-radius icon-height icon-padding icon-position icon-size"
    f" sizes src srcset text-padding vertical-align {_FONT} {_LINK} {_PADDING}",
}  # fmt: skip
_ATTRIBUTES = {name: frozenset(f"{words} css-class mj-class".split()) for name, words in _KNOWN.items()}


def unknown(marks: Marked) -> tuple[Finding, ...]:
    """A warning for every attribute that its element does not have, with what was probably meant.

    Args:
        marks: MJML with its Liquid replaced by markers.
    """
    found = []
    for bit in bits(marks.text):
        known = _ATTRIBUTES.get(bit.name) if bit.kind in {"open", "empty"} else None
        for name, place in _written(bit) if known is not None else ():
            if known is None or name in known or name.startswith(("xmlns", "tqz")):
                continue
            meant = nearest(name, among=known, closeness=0.75)
            what = f"<{bit.name}> has no attribute {name!r}: MJML drops it"
            fix = f"did you mean {meant!r}?" if meant else "put it into a style sheet by a css-class, or take it out"
            fault = marks.fault(bit.start + place, rule="mjml-attribute", what=what, fix=fix).finding
            found.append(replace(fault, severity=Severity.WARNING))
    return tuple(found)


def _written(bit: Bit) -> Iterator[tuple[str, int]]:
    """The names of a tag's attributes, and where each stands in the tag."""
    here = 0
    for name, _, value in attributes(bit.text):
        place = bit.text.lower().find(name, here)
        yield name, max(place, 0)
        here = value
