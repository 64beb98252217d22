"""Rules about form: HTML that browsers read as written, small enough, readable by everybody, and able to do nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tactful.check import tree
from tactful.check.bones import unmarked
from tactful.check.rule import Column, Hit, Messages, Rule, Use
from tactful.check.texts import texts_of
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotContext, SlotKind

MOST_BYTES = 102 * 1024
"""Beyond this the largest mailbox provider clips a letter, and the way out with it."""
MOST_STYLE = 8192
"""Characters of one style block beyond which some readers drop it whole."""
_RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur", "yi"})
_LEAST_WORDS = 20


def _moved(use: Use) -> Iterable[Hit]:
    body = use.bones.body
    if body is not None and (what := tree.moved(use.bones.marked[body])):
        yield Hit(what=what, place=body.value)


def _moved_by_value(column: Column) -> Iterable[Hit]:
    """Only markup can move anything: every other value is escaped where it stands."""
    body = use_body = column.use.bones.body
    if body is None or not any(part is use_body and slot.kind is SlotKind.MARKUP for part, slot in column.slots):
        return ()
    return column.each(lambda value: tree.moved(column.use.bones.joined(body, {column.number: value})))


def _active(use: Use) -> Iterable[Hit]:
    for part, read in use.bones.trees.items():
        for found in dict.fromkeys(read.active):
            yield Hit(what=f"{found} may not stand in a message", place=part.value)


def _active_value(column: Column) -> Iterable[Hit]:
    if column.slot.kind is not SlotKind.MARKUP:
        return ()

    def wrong(value: str) -> str:
        found = tree.read(value).active
        return f"{found[0]} may not stand in a message" if found else ""

    return column.each(wrong)


def _too_large(messages: Messages) -> Iterable[Hit]:
    part = messages.use.bones.parts.get(Part.HTML)
    if part is None:
        return
    size = np.full(len(messages.block), sum(len(segment.encode()) for segment in part.segments), dtype=np.int64)
    for slot in part.slots:
        column = messages.block.columns.get(slot.column)
        if column is None:
            size += len(messages.scene.project.brand.public_url) + 80
            continue
        texts = texts_of(column.values)
        is_plain = slot.kind is SlotKind.MARKUP or slot.context is SlotContext.STYLE
        size += (texts.lengths if is_plain else texts.escaped_lengths)[column.codes]
    if (rows := np.flatnonzero(size > MOST_BYTES)).size:
        yield Hit(what=f"the HTML is up to {int(size.max()) // 1024} KB; it is clipped above 102 KB", rows=rows)


def _language(use: Use) -> Iterable[Hit]:
    read = use.bones.trees.get(Part.HTML)
    if read is None:
        return
    said = read.language.split("-")[0].lower()
    if not said:
        yield Hit(what="the document does not say its language")
    elif said != use.language.split("-")[0].lower():
        yield Hit(what=f"the document says it is in {read.language} and is written in {use.language}")


def _direction(use: Use) -> Iterable[Hit]:
    read = use.bones.trees.get(Part.HTML)
    if read is None:
        return
    is_right = use.language.split("-")[0].lower() in _RIGHT_TO_LEFT
    if not read.direction:
        yield Hit(what="the document does not say in which direction it is read")
    elif is_right and read.direction == "ltr":
        yield Hit(what=f"{use.language} is read from right to left")


def _no_alt(use: Use) -> Iterable[Hit]:
    for part, read in use.bones.trees.items():
        if read.unlabelled:
            yield Hit(what=f"{read.unlabelled} pictures have no alt", place=part.value)


def _only_pictures(use: Use) -> Iterable[Hit]:
    read = use.bones.trees.get(Part.HTML)
    if read is None:
        return
    pictures = [anchor for anchor in read.anchors if anchor.tag == "img"]
    alts = sum(len(anchor.words.split()) for anchor in pictures)
    words = len(unmarked(read.words).split()) - alts
    if pictures and words < _LEAST_WORDS:
        yield Hit(what=f"{words} words beside {len(pictures)} pictures")


def _no_text(use: Use) -> Iterable[Hit]:
    if use.is_mail and not unmarked(use.bones.marked.get(Part.TEXT, ""), by="").strip():
        yield Hit(what="the text part is missing or empty")


def _no_body(use: Use) -> Iterable[Hit]:
    if use.is_mail and Part.HTML in use.bones.parts and not use.bones.words[Part.HTML].strip():
        yield Hit(what="nothing can be read in the HTML part")


def _headings(use: Use) -> Iterable[Hit]:
    for part, read in use.bones.trees.items():
        for before, after in zip((0, *read.headings), read.headings, strict=False):
            if after > before + 1:
                yield Hit(what=f"a heading of level {after} follows one of level {before or 'none'}", place=part.value)
                break


def _title(use: Use) -> Iterable[Hit]:
    read = use.bones.trees.get(Part.HTML)
    if read is not None and not read.title:
        yield Hit(what="the document has no title")


def _big_style(use: Use) -> Iterable[Hit]:
    for part, read in use.bones.trees.items():
        if read.styles and max(read.styles) > MOST_STYLE:
            yield Hit(what=f"a style block of {max(read.styles):,} characters; some readers drop it", place=part.value)


def _tables(use: Use) -> Iterable[Hit]:
    for part, read in use.bones.trees.items():
        if read.plain_tables:
            yield Hit(what=f"{read.plain_tables} tables do not say that they are for layout", place=part.value)


def _rule(id_: str, severity: Severity, *, place: str = "html", **more: Any) -> Rule:  # Any: the rule's own fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "html-moved",
        Severity.ERROR,
        why="What is never closed, or stands where it may not, is shown elsewhere than its author saw it.",
        fix="close it, or put it inside a cell",
        skeleton=_moved,
        slot=_moved_by_value,
    ),
    _rule(
        "active-content",
        Severity.ERROR,
        why="A letter is read; it never acts.",
        fix="take it out",
        skeleton=_active,
        slot=_active_value,
    ),
    _rule(
        "html-too-large",
        Severity.ERROR,
        why="A clipped letter loses its end, and with it the way to unsubscribe.",
        fix="show fewer items, or shorten the styles",
        message=_too_large,
    ),
    _rule(
        "html-language",
        Severity.ERROR,
        why="Who listens to a letter hears it in the language it says it has.",
        fix='write <mjml lang="…"> as the file\'s language',
        skeleton=_language,
    ),
    _rule(
        "html-direction",
        Severity.WARNING,
        why="A name in another script can turn a line around where no direction is said.",
        fix='write <mjml dir="ltr">, or rtl',
        skeleton=_direction,
    ),
    _rule(
        "image-without-alt",
        Severity.ERROR,
        why="A picture without words is silence to some readers and a hole to others.",
        fix='write alt="…", or alt="" where it only decorates',
        skeleton=_no_alt,
    ),
    _rule(
        "only-pictures",
        Severity.ERROR,
        why="A letter made of pictures is empty where pictures are off.",
        fix="write the words as words",
        skeleton=_only_pictures,
    ),
    _rule(
        "text-part-missing",
        Severity.ERROR,
        place="text",
        why="Some people read the plain text, and filters distrust mail without it.",
        fix="write a text part, or leave `text:` out so that it is derived",
        skeleton=_no_text,
    ),
    _rule(
        "html-empty",
        Severity.ERROR,
        why="An empty letter is worse than none.",
        fix="look at the branch that leaves nothing",
        skeleton=_no_body,
    ),
    _rule(
        "heading-order",
        Severity.NOTE,
        why="Who listens to a letter finds the way by its headings.",
        fix="do not skip a level",
        skeleton=_headings,
    ),
    _rule(
        "title-missing",
        Severity.NOTE,
        why="A title names the letter where it is opened in a browser.",
        fix="write <mj-title>",
        skeleton=_title,
    ),
    _rule(
        "style-too-large",
        Severity.WARNING,
        why="A style block beyond what readers keep leaves the letter bare.",
        fix="shorten it, or inline it",
        skeleton=_big_style,
    ),
    _rule(
        "table-without-role",
        Severity.NOTE,
        why="A layout table that does not say so is read out cell by cell.",
        fix='write role="presentation"',
        skeleton=_tables,
    ),
)
