"""What there is to see in a run's messages: branches, levels, offers, languages, risky slots, extremes and findings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.bones import Bones
from tactful.check.encoded import Encoded
from tactful.check.gate import RUN, SKELETON
from tactful.check.proof_cover import Feature, Rows
from tactful.check.reading import read_price
from tactful.words.message import Part, Slot, SlotKind
from tactful.words.money import Money

Seen = tuple[Feature, Rows]
DECIDED = ("decision_id", "program", "level", "offer_id", "touchpoint")
"""Columns of `decisions` that are looked at."""


def decided(decisions: pa.Table, *, languages: pa.ChunkedArray) -> Iterator[Seen]:
    """What decisions and languages differ in.

    Args:
        decisions: of each message, row by row.
        languages: of each message.
    """
    program, level = pc.fill_null(decisions["program"], "no program"), decisions["level"]
    for kind, form, column in (
        ("level", "program {}", pc.binary_join_element_wise(program, level, " at level ")),
        ("offer", "offer {}", pc.fill_null(decisions["offer_id"], "none")),
        ("language", "written in {}", languages),
        ("touchpoint", "seen on {}", decisions["touchpoint"]),
    ):
        made = Encoded.of(column)
        for number, value in enumerate(made.values):
            yield Feature(kind=kind, words=form.format(value)), made.rows([number])


def branch_names(bones: dict[bytes, Bones], *, present: tuple[bytes, ...]) -> dict[bytes, str]:
    """A name for each skeleton: its content, and which of the content's branches it is."""
    of_content: dict[str, list[bytes]] = {}
    for skeleton_id in sorted(one for one in present if one in bones):
        of_content.setdefault(bones[skeleton_id].skeleton.content_id, []).append(skeleton_id)
    return {
        skeleton_id: f"{content}, branch {number} of {len(ids)}" if len(ids) > 1 else f"{content}, its only branch"
        for content, ids in of_content.items()
        for number, skeleton_id in enumerate(ids, start=1)
    }


class Measured:
    """Lengths and prices of every message, filled in skeleton by skeleton."""

    def __init__(self, rows: int) -> None:
        self.length: NDArray[np.int64] = np.zeros(rows, dtype=np.int64)
        self.subject: NDArray[np.int64] = np.zeros(rows, dtype=np.int64)
        self.dearest: NDArray[np.int64] = np.full(rows, -1, dtype=np.int64)
        self.group: NDArray[np.int64] = np.full(rows, -1, dtype=np.int64)

    def extremes(self, groups: list[str]) -> Iterator[Seen]:
        """The longest, emptiest and dearest of all, and of each group; every message that ties will do.

        Args:
            groups: names of the groups by number, such as `win-back/range in de`.
        """
        everybody = np.flatnonzero(self.group >= 0)
        for words, rows in self._of(everybody):
            yield Feature(kind="extreme", words=f"{words} of all"), rows
        order = everybody[np.argsort(self.group[everybody], kind="stable")]
        starts = np.flatnonzero(np.diff(self.group[order], prepend=-1))
        for mine in np.split(order, starts[1:]) if order.size else ():
            for words, rows in self._of(mine):
                yield Feature(kind="corner", words=f"{words} of {groups[int(self.group[mine[0]])]}"), rows

    def _of(self, rows: Rows) -> Iterator[tuple[str, Rows]]:
        for words, values, least in (
            ("the longest letter", self.length[rows], 0),
            ("the emptiest letter", -self.length[rows], None),
            ("the longest subject", self.subject[rows], 0),
            ("the most expensive item", self.dearest[rows], 0),
        ):
            if rows.size and (least is None or values.max() >= least):
                yield words, rows[values == values.max()]


def written(messages: pa.Table, bones: dict[bytes, Bones]) -> Iterator[Seen]:
    """Branches, risky slots, and the extremes of what was written.

    Args:
        messages: rows of `messages` with their slot columns.
        bones: their skeletons.
    """
    made, languages = Encoded.of(messages["skeleton_id"]), Encoded.of(messages["language"])
    names = branch_names(bones, present=tuple(made.values))
    measured = Measured(messages.num_rows)
    groups: dict[str, int] = {}
    risks: dict[Feature, list[Rows]] = {}
    for number, skeleton_id in enumerate(made.values):
        rows, mine = made.rows([number]), bones.get(skeleton_id)
        if mine is None:
            continue
        yield Feature(kind="branch", words=names[skeleton_id]), rows
        columns = {
            column: Encoded.of(messages[f"s{column}"].take(pa.array(rows))) for column in _stored(mine, messages)
        }
        _measure(measured, mine, columns=columns, rows=rows)
        for code in np.unique(languages.codes[rows]).tolist():
            name = f"{mine.skeleton.content_id} in {languages.values[code]}"
            measured.group[rows[languages.codes[rows] == code]] = groups.setdefault(name, len(groups))
        for words, some in _risks(mine, columns=columns, rows=rows):
            risks.setdefault(Feature(kind="risk", words=words), []).append(some)
    for feature, parts in risks.items():
        yield feature, np.unique(np.concatenate(parts))
    yield from _longest_words(messages, bones, made=made)
    yield from measured.extremes(list(groups))


def _stored(bones: Bones, messages: pa.Table) -> list[int]:
    return [column for column, _ in bones.columns() if f"s{column}" in messages.column_names]


def _measure(measured: Measured, bones: Bones, *, columns: dict[int, Encoded], rows: Rows) -> None:
    sizes = {
        column: np.array([len(value or "") for value in one.values], dtype=np.int64)[one.codes]
        for column, one in columns.items()
    }
    for name, shape in bones.parts.items():
        total = np.full(rows.size, sum(len(segment) for segment in shape.segments), dtype=np.int64)
        for slot in shape.slots:
            total += sizes.get(slot.column, 0)
        measured.length[rows] += total
        if name is Part.SUBJECT:
            measured.subject[rows] = total
    for column, slots in bones.columns():
        if column in columns and slots[0][1].kind is SlotKind.PRICE:
            measured.dearest[rows] = np.maximum(measured.dearest[rows], _amounts(columns[column]))


def _amounts(column: Encoded) -> NDArray[np.int64]:
    read = [read_price(value) if value else None for value in column.values]
    return np.array([price.minor if isinstance(price, Money) else -1 for price in read], dtype=np.int64)[column.codes]


def _risks(bones: Bones, *, columns: dict[int, Encoded], rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Slots in which something can go wrong: facts, names, markup, and values that are not there."""
    content = bones.skeleton.content_id
    for fact in sorted(bones.facts):
        yield f"{content} speaks {fact}", rows
    for column, slots in bones.columns():
        if column not in columns:
            continue
        values, slot = columns[column], slots[0][1]
        if slot.kind is SlotKind.MARKUP:
            yield f"markup reached {slot.source} of {content}", rows
        if slot.kind is SlotKind.NAME:
            yield from _names(values, rows=rows)
        empty = values.rows(n for n, value in enumerate(values.values) if not value)
        if empty.size:
            yield f"{_plain(slot)} is empty in {content}", rows[empty]


def _plain(slot: Slot) -> str:
    """`items[2].note` as `items.note`: which of the items does not matter."""
    head, _, rest = slot.source.partition("[")
    return f"{head}.{rest.partition('].')[2]}" if rest else slot.source


def _names(values: Encoded, *, rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Names in letters of other scripts and directions."""
    for words, fits in (
        ("a name beyond plain letters", lambda text: not text.isascii()),
        ("a name in another script", lambda text: any(c.isalpha() and not _is_latin(c) for c in text)),
        ("a name written from right to left", _is_right_to_left),
    ):
        some = values.rows(n for n, value in enumerate(values.values) if value and fits(value))
        if some.size:
            yield words, rows[some]


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)


def _longest_words(messages: pa.Table, bones: dict[bytes, Bones], *, made: Encoded) -> Iterator[Seen]:
    """The longest and the shortest greeting, and of each fact that is spoken, over all skeletons."""
    lengths: dict[str, tuple[list[Rows], list[Rows]]] = {}
    for number, skeleton_id in enumerate(made.values):
        mine = bones.get(skeleton_id)
        rows = made.rows([number])
        for column, slots in mine.columns() if mine is not None else ():
            slot = slots[0][1]
            words = "greeting" if slot.kind is SlotKind.NAME else " and ".join(sorted(slot.facts))
            if not words or f"s{column}" not in messages.column_names:
                continue
            values = Encoded.of(messages[f"s{column}"].take(pa.array(rows)))
            sizes = np.array([len(value or "") for value in values.values], dtype=np.int64)[values.codes]
            places, found = lengths.setdefault(words, ([], []))
            places.append(rows)
            found.append(sizes)
    for words, (places, found) in sorted(lengths.items()):
        rows, sizes = np.concatenate(places), np.concatenate(found)
        yield Feature(kind="risk", words=f"the longest {words}"), np.unique(rows[sizes == sizes.max()])
        if sizes.min() < sizes.max():
            yield Feature(kind="risk", words=f"the shortest {words}"), np.unique(rows[sizes == sizes.min()])


def found(messages: pa.Table, findings: pa.Table) -> Iterator[Seen]:
    """A message for every rule that spoke, and the one with most findings.

    Args:
        messages: rows of `messages`.
        findings: what the gate said of messages and skeletons.
    """
    ids = messages["message_id"].combine_chunks()
    of_skeleton = Encoded.of(messages["skeleton_id"])
    skeletons = {value: number for number, value in enumerate(of_skeleton.values)}
    subjects = findings["subject"].to_pylist()
    own = [None if s == RUN or s.startswith(SKELETON) else bytes.fromhex(s) for s in subjects]
    places = pc.index_in(pa.array(own, ids.type), value_set=ids, skip_nulls=True).to_pylist()
    rows_of: dict[Feature, list[Rows]] = {}
    counts = np.zeros(messages.num_rows, dtype=np.int64)
    said = zip(subjects, findings["rule"].to_pylist(), findings["severity"].to_pylist(), places, strict=True)
    for subject, rule, severity, place in said:
        rows = np.array([place] if place is not None else [], dtype=np.int64)
        if subject.startswith(SKELETON):
            number = skeletons.get(bytes.fromhex(subject.removeprefix(SKELETON)))
            rows = of_skeleton.rows([number]) if number is not None else rows
        counts[rows] += 1
        rows_of.setdefault(Feature(kind="finding", words=f"{severity}: {rule}"), []).append(rows)
    for feature, parts in sorted(rows_of.items()):
        yield feature, np.unique(np.concatenate(parts))
    if counts.size and counts.max() > 0:
        yield Feature(kind="extreme", words="the most findings"), np.flatnonzero(counts == counts.max())
