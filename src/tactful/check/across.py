"""Patterns that begin in the author's words and end in a value, or the other way round: seen at the junction alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check import patterns
from tactful.check.bones import marks_at, unmarked
from tactful.check.encoded import dense
from tactful.check.patterns import Pattern
from tactful.check.rule import Hit, Junction, Messages
from tactful.check.texts import Numbers, Sign, Texts, texts_of
from tactful.words.message import Part

_REACH = 80
"""How far beside a value a pattern may begin."""
PLAIN = (Part.SUBJECT, Part.PREHEADER, Part.TEXT)


def across(
    pattern: Pattern, *, near: str, parts: tuple[Part, ...] | None = None, wrong: Callable[[str], str]
) -> Callable[[Junction], Iterable[Hit]]:
    """What a junction says of a pattern that neither the words nor the value show by themselves.

    Args:
        pattern: what is looked for.
        near: an expression over the end of the words before, a star, and the beginning of those after; where it does
            not match, no value can complete the pattern.
        parts: where it is looked for; anywhere where left out.
        wrong: what is wrong with what was found; empty where nothing is.
    """
    beside = re.compile(near)

    def look(junction: Junction) -> Iterable[Hit]:
        if parts is not None and junction.at.part not in parts:
            return ()
        before, after = unmarked(junction.at.before)[-_REACH:], unmarked(junction.at.after)[:_REACH]
        if not beside.search(f"{before}\n*\n{after}"):
            return ()

        def found(value: str) -> str:
            start, text = len(before), f"{before}{value}{after}"
            end = start + len(value)
            for left, right in pattern.spans(text):
                if left < start < right or left < end < right:
                    return wrong(text[left:right])
            return ""

        return junction.each(found, only=patterns.among(junction.texts.around(before, after), pattern))

    return look


shouting = across(
    patterns.SHOUT,
    near=r"[^\W\d_a-z]{2}[ ,&'’/-]*\n\*\n|\n\*\n[ ,&'’/-]*[^\W\d_a-z]{2}",
    wrong=lambda text: f"{text!r} is shouted",
)
damaged = across(
    patterns.CONTROL,
    near=r"[Ãâ€Â]\n\*\n|\n\*\n[\x80-\xbf€œ™“˜”¦]",
    wrong=lambda text: f"the words hold damaged characters ({text!r})",
)
markup_in_plain = across(
    patterns.ENTITY,
    near=r"(?s)&[#\w]{0,8}\n\*\n|<[^>]*\n\*\n|\n\*\n[#\w]{0,8};|\n\*\n[^<]*>",
    parts=PLAIN,
    wrong=lambda text: f"{text!r} would be read as it stands",
)


_GAP = 16
"""Values this near each other are read together."""


def together(
    find: Callable[[Messages, str], Iterable[str]], *, touched: Callable[[Messages], Callable[[str], bool]],
    among: Callable[[Messages, Texts], Numbers], near: Callable[[Messages, Texts], Numbers], begins: str = "",
    parts: tuple[Part, ...] | None = None,
) -> Callable[[Messages], Iterable[Hit]]:  # fmt: skip
    """What is wrong with values that stand beside each other and with none of them alone.

    Args:
        find: everything wrong in a text, as it is to be named.
        touched: whether a value can have a share in it; only messages with two such values in a row are looked at.
        among: in which of many texts anything may be wrong.
        near: which of many values can have a share in it, and perhaps more: of no other is `touched` asked.
        begins: how a text ends in which such a thing begins; where none of a row does, nothing is wrong in it.
        parts: where it is looked for; anywhere where left out.
    """

    def look(messages: Messages) -> Iterable[Hit]:
        touches: dict[int, NDArray[np.bool_]] = {}
        could = touched(messages)
        for part, pieces in _runs(messages):
            if parts is not None and part not in parts:
                continue
            numbers = [piece for piece in pieces if isinstance(piece, int)]
            if begins and not _begun(messages, pieces, begins=begins):
                continue
            for number in numbers:
                if number not in touches:
                    texts = texts_of(messages.block.columns[number].values)
                    touches[number] = _touching(texts, look, near=near(messages, texts), could=could)
            share = np.sum([touches[n][messages.block.columns[n].codes] for n in numbers], axis=0, dtype=np.int8)
            rows = np.flatnonzero(share > 1)
            if rows.size:
                rows = _suspect(messages, rows, pieces=pieces, numbers=numbers, among=among)
            if rows.size:
                yield from _looked(messages, rows, pieces=pieces, numbers=numbers, part=part, find=find)

    return look


def _touching(texts: Texts, key: object, *, near: Numbers, could: Callable[[str], bool]) -> NDArray[np.bool_]:
    """For each text whether it can have a share; asked once of each that is near it."""
    if (_touching, key) not in texts.marked:
        found = np.zeros(len(texts) + 1, dtype=bool)
        said = zip(near.tolist(), texts.chosen(near), strict=True)
        found[[number for number, value in said if value and could(value)]] = True
        texts.marked[_touching, key] = found
    return texts.marked[_touching, key]


def _begun(messages: Messages, pieces: list[str | int], *, begins: str) -> bool:
    """Whether any of the words and values of a run ends so."""
    columns = messages.block.columns
    words = re.compile(begins)
    return any(
        texts_of(columns[piece].values).matching(begins).size if isinstance(piece, int) else words.search(piece)
        for piece in pieces
    )


def _suspect(
    messages: Messages, rows: Numbers, *, pieces: list[str | int], numbers: list[int],
    among: Callable[[Messages, Texts], Numbers],
) -> Numbers:  # fmt: skip
    """The rows in whose words and values, as they stand together, anything may be wrong: asked once of like rows."""
    key = np.zeros(len(rows), dtype=np.int64)
    for number in numbers:
        column = messages.block.columns[number]
        key = dense(key * len(column.values) + column.codes[rows])
    first = np.zeros(int(key.max(initial=0)) + 1, dtype=np.int64)
    first[key] = rows
    is_suspect = np.zeros(len(first), dtype=bool)
    is_suspect[among(messages, _joined(messages, first, pieces=pieces))] = True
    return rows[is_suspect[key]]


def _joined(messages: Messages, rows: NDArray[np.int64], *, pieces: list[str | int]) -> Texts:
    """The words and values of a run as they stand in some messages."""
    columns = messages.block.columns
    taken = {n: texts_of(columns[n].values).array.take(pa.array(columns[n].codes[rows])) for n in pieces
             if isinstance(n, int)}  # fmt: skip
    words = [pc.fill_null(taken[piece], "") if isinstance(piece, int) else piece for piece in pieces]
    return Texts(pc.binary_join_element_wise(*words, ""))


def _looked(
    messages: Messages, rows: NDArray[np.int64], *, pieces: list[str | int], numbers: list[int], part: Part,
    find: Callable[[Messages, str], Iterable[str]],
) -> Iterable[Hit]:  # fmt: skip
    columns = messages.block.columns
    codes = np.stack([columns[n].codes[rows] for n in numbers], axis=1)
    distinct, group = np.unique(codes, axis=0, return_inverse=True)
    for place, combination in enumerate(distinct.tolist()):
        values = {n: str(columns[n].values[code] or "") for n, code in zip(numbers, combination, strict=True)}
        text = "".join(values[piece] if isinstance(piece, int) else piece for piece in pieces)
        alone = {one for value in values.values() for one in find(messages, value)}
        if wrong := [one for one in find(messages, text) if one not in alone]:
            yield Hit(what=f"{wrong[0]!r} stands there", rows=rows[group.reshape(-1) == place], place=part.value)


def _runs(messages: Messages) -> Iterator[tuple[Part, list[str | int]]]:
    """Values that stand beside each other, by column, with the words before, between and after them."""
    bones, stored = messages.use.bones, messages.block.columns
    for part, text in bones.words.items():
        run: list[str | int] = []
        end, count = 0, 0
        for number, start, stop in marks_at(text):
            column, between = bones.parts[part].slots[number].column, text[end:start]
            if len(between) > _GAP or column not in stored:
                if count > 1:
                    yield part, [*run, unmarked(between[:_REACH])]
                run, count = [], 0
            if column in stored:
                run += [unmarked(between if count else between[-_REACH:]), column]
                count += 1
            end = stop
        if count > 1:
            yield part, [*run, unmarked(text[end : end + _REACH])]


def _seen(pattern: Pattern) -> Callable[[Messages, str], Iterable[str]]:
    return lambda _, text: pattern.every(text)


def _may(pattern: Pattern) -> Callable[[Messages, Texts], Numbers]:
    return lambda _, texts: patterns.among(texts, pattern)


def _has(expression: str) -> Callable[[Messages], Callable[[str], bool]]:
    compiled = re.compile(expression)
    return lambda _: lambda value: compiled.search(value) is not None


def _with(sign: Sign) -> Callable[[Messages, Texts], Numbers]:
    return lambda _, texts: texts.having(sign)


def _loud(_: Messages, texts: Texts) -> Numbers:
    """Two letters beside each other that are not small ones of ASCII."""
    return texts.matching(r"(?:[A-Z]|[^\x00-\x7f]){2}", needs=Sign.UPPER | Sign.WIDE)


def _never(messages: Messages) -> Callable[[str], bool]:
    words = {word for phrase in messages.scene.never.words for word in phrase.split()}
    return lambda value: not words.isdisjoint(patterns.folded(value).split())


residue_together = together(
    _seen(patterns.RESIDUE), among=_may(patterns.RESIDUE), near=_with(Sign.MARK), touched=_has(r"[{}\[\]<>%*$#|]")
)
shouting_together = together(
    _seen(patterns.SHOUT), among=_may(patterns.SHOUT), near=_loud, touched=_has(r"[^\W\d_a-z]{2}")
)
damaged_together = together(
    _seen(patterns.CONTROL),
    among=_may(patterns.CONTROL),
    near=_with(Sign.WIDE),
    begins="[ÃÂâ€]$",
    touched=_has(r"[^\x00-\x7f]"),
)
markup_together = together(
    _seen(patterns.ENTITY),
    among=_may(patterns.ENTITY),
    near=_with(Sign.TAG),
    begins=r"&[#\w]{0,8}$|<[^>]*$",
    touched=_has(r"[&<>;]"),
    parts=PLAIN,
)
never_together = together(
    lambda messages, text: messages.scene.never.found(text),
    touched=_never,
    near=lambda messages, texts: messages.scene.never.partly(texts),
    among=lambda messages, texts: messages.scene.never.among(texts),
)
