"""Can everybody read the letter: pictures with words, contrast, language, headings, sizes, links that say something."""

from __future__ import annotations

import re

from tactful.check.letter.colours import contrast
from tactful.check.letter.page import MASK, Element, readable
from tactful.check.letter.sheet import Sheet

_LEAST_WORDS, _FEWEST_WORDS = 20, 5
_ICON, _LOGO = 64, 200
"""Widths in pixels up to which a picture is an icon, or a sender's sign."""
_FILLED = re.compile(r"\{%-?\s*(?:block|include|content|render|yield)\b|\{\{[{>]|<%[-=]\s*(?:yield|include|content)")
"""Tags of other tools by which a page around letters is given its words."""
_SMALLEST = 10
_LOST = 1.6
"""The contrast below which words cannot be read at all."""
_FILE_NAME = re.compile(r"[\w-]+\.(?:png|jpe?g|gif|svg|webp)", re.IGNORECASE)
_NO_WORDS = frozenset("image img picture photo icon spacer untitled logo.png alt alternative alt_text".split()) | {
    "alt text", "alternate text", "alternative text", "image description", "alt_text",
}  # fmt: skip
_EMPTY_PHRASES = frozenset({"click here", "here", "click", "link", "hier", "hier klicken", "cliquez ici"})
_BEACON = re.compile(r"open|track|pixel|beacon|1x1|spacer|blank", re.IGNORECASE)


def inspect(sheet: Sheet) -> None:
    """Everything about access."""
    _pictures(sheet)
    _contrast(sheet)
    _sizes(sheet)
    _headings(sheet)
    _links(sheet)
    _tables(sheet)
    if sheet.is_whole and (sheet.kind != "mjml" or sheet.subject is None):  # a project's own letters are given theirs
        _language(sheet)


def _pictures(sheet: Sheet) -> None:
    pictures = [one for one in sheet.page.of("img") if not one.look.is_hidden]
    for one in pictures:
        alt = one.values.get("alt")
        name = readable(one.values.get("src", "").split("?")[0].rsplit("/", 1)[-1])[:50]
        if alt is None and (_is_beside_its_name(one) or _is_said_otherwise(one)):
            continue
        if alt is None and is_beacon(one):
            sheet.note("image-without-alt", one.at, what="a picture nobody sees has no alt", fix='write alt=""')
        elif alt is None:
            sheet.error(
                "image-without-alt",
                one.at,
                what=f"the picture {name or 'here'} has no alt",
                fix='write what it shows in alt="…", or alt="" where it only decorates',
            )
        elif _FILE_NAME.fullmatch(alt.strip()) or alt.strip().lower() in _NO_WORDS:
            sheet.warn(
                "alt-says-nothing",
                one.at,
                what=f"alt={alt.strip()!r} says nothing of what the picture shows",
                fix="say what it shows, as one would on the telephone",
            )
    _only_pictures(sheet, [one for one in pictures if not is_beacon(one) and _width(one) > _ICON])


def _only_pictures(sheet: Sheet, shown: list[Element]) -> None:
    """A letter whose words are in its pictures."""
    words = len(re.findall(rf"\w+|{MASK}+", sheet.page.words))
    if not (shown and sheet.is_whole) or any(_FILLED.match(tag.text) for tag in sheet.foreign):
        return
    many = f"{len(shown)} pictures" if len(shown) > 1 else "a picture"
    few = f"{words} words" if words != 1 else "one word"
    fix = "write the words as words: many people see no pictures at first"
    if words < _FEWEST_WORDS and any(_width(one) > _LOGO for one in shown):
        sheet.error("only-pictures", shown[0].at, what=f"there are {few} beside {many}", fix=fix)
    elif words < _LEAST_WORDS and len(shown) > 1:
        sheet.warn("only-pictures", shown[0].at, what=f"there are {few} beside {many}", fix=fix)


def _width(picture: Element) -> int:
    """A picture's width as written; as wide as the letter where none is."""
    written = picture.values.get("width", "") or picture.styles.get("width", "")
    digits = re.match(r"[0-9]{1,6}", written)
    return int(digits[0]) if digits and not written.endswith("%") else 600


def _is_said_otherwise(picture: Element) -> bool:
    """Whether a picture is declared to be decoration, or has its words elsewhere."""
    values = picture.values
    is_decoration = values.get("role") in {"presentation", "none"} or values.get("aria-hidden") == "true"
    return is_decoration or bool(values.get("aria-label", "").strip())


def _is_beside_its_name(picture: Element) -> bool:
    """Whether a small picture only decorates the words beside it in its row, as icons of social networks do."""
    if _width(picture) > _ICON:
        return False
    rows, above = 0, picture.above
    while above is not None and rows < 2:
        if above.tag == "tr":
            rows += 1
            if above.text():
                return True
        above = above.above
    return False


def is_beacon(picture: Element) -> bool:
    """Whether a picture is there to be fetched or to take up room, and not to be seen.

    >>> from tactful.check.letter.page import read_page
    >>> is_beacon(read_page('<img width="1" height="1" src="https://a.example/o">').elements[0])
    True
    """
    sides = [picture.values.get(side, picture.styles.get(side, "")).removesuffix("px") for side in ("width", "height")]
    if sides[0] in {"0", "1"} or sides[1] in {"0", "1"}:
        return True
    return bool(_BEACON.search(picture.values.get("src", ""))) and not picture.values.get("alt") and "" in sides


def _contrast(sheet: Sheet) -> None:
    """Words against what lies behind them; where a picture lies there, against what is seen without it."""
    if any(one.values.get("rel", "").lower() == "stylesheet" and not is_font(one) for one in sheet.page.of("link")):
        return
    told: set[tuple[str, str]] = set()
    for one in sheet.page.elements:
        look = one.look
        words = " ".join("".join(one.words).split())
        ground = look.ground or look.spare
        if not one.is_read or ground is None or look.ink is None or not re.search(r"[^\W_]{2}|\ue000", words):
            continue
        ratio = contrast(look.ink, ground)
        if look.ground is None and ratio >= _LOST:
            continue
        is_large = look.pixels >= 24 or (look.is_bold and look.pixels >= 18.5)
        least = 3.0 if is_large else 4.5
        pair = (str(look.ink), str(ground))
        if ratio >= least - 0.05 or pair in told:
            continue
        told.add(pair)
        told_of = f"{readable(words)[:40]!r} in {pair[0]} on {pair[1]}"
        what = f"{told_of} has a contrast of {ratio:.1f}; {least:g} is the least"
        fix = "darken the one or lighten the other"
        if look.ground is None:
            what = f"{told_of} cannot be read while the picture behind is not shown"
            fix = "give what holds the picture a background colour like the picture's"
        sheet.warn("contrast-low", one.at, what=what, fix=fix)


def is_font(link: Element) -> bool:
    """Whether a linked sheet only brings fonts."""
    return bool(re.search(r"fonts?\.|typekit|/fonts?/|fontawesome", link.values.get("href", "")))


def _sizes(sheet: Sheet) -> None:
    small = [
        one
        for one in sheet.page.elements
        if one.is_read and one.look.pixels < _SMALLEST and re.search(r"\w{3}", "".join(one.words))
    ]
    if small:
        least = min(one.look.pixels for one in small)
        sheet.warn(
            "words-too-small",
            small[0].at,
            what=f"words of {least:g} px in {len(small)} places",
            fix="use 12 px at least, 14 for what matters",
        )


def _headings(sheet: Sheet) -> None:
    headings = [one for one in sheet.page.of(*(f"h{n}" for n in range(1, 7))) if one.text()]
    before = 0
    for one in headings:
        level = int(one.tag[1])
        if before and level > before + 1:
            sheet.note(
                "heading-order",
                one.at,
                what=f"a heading of level {level} follows one of level {before}",
                fix="do not skip a level; size is the style's business",
            )
            break
        before = level
    if not headings and sheet.is_whole and len(sheet.page.words.split()) > 120:
        sheet.note(
            "headings-missing",
            None,
            what="a long letter has no heading",
            fix="write its title as <h1> and its parts as <h2>: who listens finds the way by them",
        )


def _links(sheet: Sheet) -> None:
    for one in sheet.page.of("a"):
        if "href" not in one.values or one.look.is_hidden:
            continue
        words = one.text()
        if (
            not words
            and one.values["href"].strip(" #")
            and not one.values.get("aria-label")
            and not one.values.get("title")
        ):
            pictures = [*one.pictures()]
            if any("alt" not in picture.values for picture in pictures):
                continue  # the picture's own finding says it
            where = readable(one.values["href"])[:50]
            sheet.error(
                "link-without-words",
                one.at,
                what=f"the link to {where or 'nowhere'} has no words",
                fix="write words in it, or an alt on its picture",
            )
        elif words.strip(" .!>»›→").lower() in _EMPTY_PHRASES:
            sheet.note(
                "link-says-nothing",
                one.at,
                what=f"a link says only {readable(words)!r}",
                fix="let its words say where it leads",
            )


def _tables(sheet: Sheet) -> None:
    plain = [
        one
        for one in sheet.page.of("table")
        if one.values.get("role") not in {"presentation", "none"} and not _is_data(one)
    ]
    if plain:
        many = f"{len(plain)} tables do not say that they are" if len(plain) > 1 else "a table does not say that it is"
        sheet.note(
            "table-without-role",
            plain[0].at,
            what=f"{many} only for layout",
            fix='write role="presentation" on them, or they are read out cell by cell',
        )


def _is_data(table: Element) -> bool:
    return any(isinstance(one, Element) and (one.tag in {"th", "caption"} or _is_data(one)) for one in table.inside)


def _language(sheet: Sheet) -> None:
    top = next(iter(sheet.page.of("html")), None)
    written = top.values.get("lang", top.values.get("xml:lang", "")) if top else ""
    if not written.strip() or written == "und":
        sheet.warn(
            "html-language",
            top.at if top else None,
            what="the letter does not say its language",
            fix='write lang="en" (or its own) on <mjml>'
            if sheet.kind == "mjml"
            else 'write lang="en" (or its own) on <html>',
        )
    letters = re.findall(r"[^\W\d_]", sheet.page.words)
    right = sum("\u0590" <= letter <= "\u08ff" for letter in letters)
    if letters and right > len(letters) / 2 and (not top or top.values.get("dir", "").lower() != "rtl"):
        sheet.error(
            "html-direction",
            top.at if top else None,
            what="the letter is written from right to left",
            fix='write dir="rtl"',
        )
