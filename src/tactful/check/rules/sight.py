"""Rules about what can be seen: words that stand out, in light and dark, and pictures that show and say something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from tactful.check.addresses import parts_of
from tactful.check.bones import unmarked
from tactful.check.colours import Faint, faint
from tactful.check.rule import Column, Hit, Rule, Use
from tactful.words.finding import Severity

UNSEEN = 2.0
"""Below this ratio words cannot be told from their ground."""
SHOWN = frozenset({"png", "jpg", "jpeg", "gif"})
"""Kinds of pictures that every large mail program shows."""
MOST_ALT = 150
_FILE = re.compile(
    r"(?i)^\W*[\w-]+\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?)\W*$|^\W*(?:image|img|picture|bild|photo)[\W\d]*$"
)


def _faint(use: Use) -> tuple[Faint, ...]:
    """What does not stand out in the body."""
    return faint(use.bones.marked[use.bones.body]) if use.bones.body is not None else ()


def _where(one: Faint) -> str:
    words = unmarked(one.words, by="…")[:40]
    return f"{words!r} stands out {one.ratio:.1f} to 1{' on a dark screen' if one.is_dark else ''}"


def _low(use: Use) -> Iterable[Hit]:
    for one in _faint(use):
        if one.ratio >= UNSEEN:
            yield Hit(what=f"{_where(one)}; {one.least} is the least (WCAG AA)", place=_place(use))


def _none(use: Use) -> Iterable[Hit]:
    for one in _faint(use):
        if one.ratio < UNSEEN:
            yield Hit(what=_where(one), place=_place(use))


def _place(use: Use) -> str:
    return use.bones.body.value if use.bones.body is not None else "html"


def _pictures(use: Use) -> Iterator[tuple[str, str, str]]:
    """Part, address and words of every picture."""
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            if anchor.tag == "img":
                yield part.value, anchor.url, anchor.words


def _alt_is_file(use: Use) -> Iterable[Hit]:
    for part, _, words in _pictures(use):
        if _FILE.match(words):
            yield Hit(what=f"{words!r} says nothing of the picture", place=part)
        elif len(words) > MOST_ALT:
            yield Hit(what=f"{len(words)} characters stand for a picture; {MOST_ALT} is the most", place=part)


def _kind(url: str) -> str:
    parts = parts_of(url)
    name = unquote(parts.path).rsplit("/", 1)[-1] if parts else ""
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def _not_shown(use: Use) -> Iterable[Hit]:
    for part, url, _ in _pictures(use):
        if url.startswith(("data:", "cid:")):
            yield Hit(what=f"{url[:30]} is left out by many mail programs", place=part)
        elif (kind := _kind(unmarked(url, by="x"))) and kind not in SHOWN:
            yield Hit(what=f"a picture of kind {kind} is not shown everywhere", place=part)


def _not_shown_value(column: Column) -> Iterable[Hit]:
    if not column.slot.source.endswith(".image"):
        return ()

    def wrong(value: str) -> str:
        kind = _kind(value)
        return f"a picture of kind {kind} is not shown everywhere" if kind and kind not in SHOWN else ""

    plain = rf"^https://[a-z0-9.-]+/[A-Za-z0-9/_-]*\.(?:{'|'.join(sorted(SHOWN))})$"
    return column.each(wrong, only=column.texts.asking(_not_shown_value, wrong, unless=plain))


def _too_many(use: Use) -> Iterable[Hit]:
    most = use.scene.project.brand.most_pictures
    count = sum(1 for _ in _pictures(use))
    if most is not None and count > most:
        yield Hit(what=f"{count} pictures; the brand shows {most} at most")


def _rule(id_: str, severity: Severity, *, place: str = "html", **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "contrast-none",
        Severity.ERROR,
        why="Words in the colour of their ground are a secret to everybody, and a sign of spam to filters.",
        fix="choose another colour for the words or for the ground",
        skeleton=_none,
    ),
    _rule(
        "contrast-low",
        Severity.WARNING,
        why="Many people cannot read faint words, and in the sun nobody can.",
        fix="make the words darker, or on a dark ground lighter, until they stand out 4.5 to 1, large ones 3 to 1",
        skeleton=_low,
    ),
    _rule(
        "alt-says-nothing",
        Severity.WARNING,
        why="Who listens to a letter hears the words of a picture, not its file's name.",
        fix='say in a few words what it shows, or alt="" where it only decorates',
        skeleton=_alt_is_file,
    ),
    _rule(
        "picture-not-shown",
        Severity.WARNING,
        why="A picture that a mail program cannot show leaves a hole.",
        fix="use png, jpg or gif, from an https address",
        skeleton=_not_shown,
        slot=_not_shown_value,
    ),
    _rule(
        "too-many-pictures",
        Severity.WARNING,
        why="The brand has said how many pictures a letter of its kind bears.",
        fix="leave some out, or raise the brand's `most_pictures` knowingly",
        skeleton=_too_many,
    ),
)
