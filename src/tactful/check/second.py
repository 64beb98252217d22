"""Rules about words, said a second time over whole messages: what a part and its neighbours hide, the whole shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tactful.check import patterns, tree
from tactful.check.rule import Hit, Whole
from tactful.check.whole import Reread
from tactful.words.message import Part

SecondLook = Callable[[Whole], Iterable[Hit]]
_PLAIN = (Part.SUBJECT, Part.PREHEADER, Part.TEXT)


def _residue(whole: Whole) -> Iterable[Hit]:
    return whole.each(patterns.RESIDUE.first)


def _damaged(whole: Whole) -> Iterable[Hit]:
    return whole.each(patterns.CONTROL.first)


def _markup_in_plain(whole: Whole) -> Iterable[Hit]:
    for part in _PLAIN:
        if found := patterns.ENTITY.first(whole.words.get(part, "")):
            yield Hit(what=found, place=part.value)


def _never(whole: Whole) -> Iterable[Hit]:
    return whole.each(lambda text: ", ".join(whole.use.scene.never.found(text)))


def _shouting(whole: Whole) -> Iterable[Hit]:
    return whole.each(patterns.SHOUT.first)


def _breaks_header(whole: Whole) -> Iterable[Hit]:
    for part in (Part.SUBJECT, Part.PREHEADER):
        if found := patterns.LINE_BREAK.first(whole.words.get(part, "")):
            yield Hit(what=found, place=part.value)


def _long_subject(whole: Whole) -> Iterable[Hit]:
    if len(whole.words.get(Part.SUBJECT, "")) > whole.use.scene.project.policy.risk.subject_characters:
        yield Hit(what="the subject is too long", place=Part.SUBJECT.value)


def _exclamations(whole: Whole) -> Iterable[Hit]:
    marks = {part: text.count("!") for part, text in whole.words.items()}
    body = max(marks.get(part, 0) for part in (Part.HTML, Part.TEXT, Part.PAYLOAD))
    count = body + marks.get(Part.SUBJECT, 0) + marks.get(Part.PREHEADER, 0)
    if count > whole.use.scene.project.brand.exclamation_marks:
        yield Hit(what=f"{count} exclamation marks")


def _moved(whole: Whole) -> Iterable[Hit]:
    """Where the document is the skeleton's with escaped values, no value wrote an element: what moves is known."""
    bones = whole.use.bones
    body = bones.body if not (isinstance(bones, Reread) and bones.body in bones.same) else None
    if body is not None and (what := tree.moved(whole.parts.get(body, ""))):
        yield Hit(what=what, place=body.value)


SECOND: dict[str, SecondLook] = {
    "placeholder-residue": _residue,
    "damaged-text": _damaged,
    "markup-in-plain-text": _markup_in_plain,
    "never-words": _never,
    "shouting": _shouting,
    "header-injection": _breaks_header,
    "subject-too-long": _long_subject,
    "exclamation-marks": _exclamations,
    "html-moved": _moved,
}
"""By the rule's id; a rule of a plug-in brings its own as `whole`."""
