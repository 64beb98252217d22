"""A few proofs for a person's fifteen minutes, chosen to show every branch, level, offer, extreme and risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.block import Encoded
from tactful.check.bones import Bones, read_skeletons
from tactful.check.gate import RUN, SKELETON
from tactful.check.reading import read_price
from tactful.store import lake
from tactful.words.message import Part, SlotKind
from tactful.words.money import Money
from tactful.words.sealed import Sealed

WEIGHTS = {"risk": 5, "branch": 4, "offer": 3, "language": 3, "extreme": 3, "finding": 3, "program": 2}
"""How much covering one feature of a kind counts; riskier kinds are covered first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One message a person should look at. Stability: full.

    Attributes:
        message_id: 16 bytes.
        why: what it stands for that no proof before it did, in plain words.
    """

    message_id: bytes
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """The proofs of a run. Stability: full.

    Attributes:
        chosen: in the order in which they were chosen: the one that covers most comes first.
        features: how many features the messages have.
        uncovered: features that no proof shows, where there are more than `most` proofs could show.
    """

    chosen: tuple[Proof, ...]
    features: int
    uncovered: tuple[str, ...]


Feature = tuple[str, str]
"""A kind and plain words."""


def choose(inputs: Mapping[str, Sealed | pa.Table], *, most: int = 40) -> Proofs:
    """A small set of messages that shows everything that differs: greedy set cover, the same for the same messages.

    Covered are every skeleton, program with level, offer and language; the longest and emptiest message, the most
    expensive item, the longest subject; every rule that warned and the message with most findings; names greeted and
    not, and slots that markup reached. Ties go to the smaller message id.

    Args:
        inputs: `messages`, `skeletons`, `decisions`, and `findings` where there are any.
        most: as many as a person will look at with care.

    Raises:
        ValueError: `most` is less than one.
    """
    if most < 1:
        raise ValueError(f"{most} proofs are none; ask for one at least")
    messages, decisions = lake.read(inputs["messages"]), lake.read(inputs["decisions"])
    places = pc.index_in(messages["decision_id"], value_set=decisions["decision_id"].combine_chunks())
    messages, decisions = messages.filter(pc.is_valid(places)), decisions.take(places.filter(pc.is_valid(places)))
    if messages.num_rows == 0:
        return Proofs(chosen=(), features=0, uncovered=())
    order = pc.sort_indices(messages["message_id"].cast(pa.binary()))
    messages, decisions = messages.take(order), decisions.take(order)
    skeletons = read_skeletons(lake.read(inputs["skeletons"]))
    features = list(_shared(messages, decisions)) + list(_written(messages, skeletons))
    if "findings" in inputs:
        features += list(_found(messages, lake.read(inputs["findings"])))
    return _cover(messages["message_id"].to_pylist(), features=features, most=most)


def _cover(ids: list[bytes], *, features: list[tuple[Feature, NDArray[np.int64]]], most: int) -> Proofs:
    """Greedy: again and again the message that shows most of what is not yet shown."""
    merged: dict[Feature, NDArray[np.int64]] = {}
    for feature, rows in features:
        if rows.size and feature not in merged:
            merged[feature] = rows
    gain = np.zeros(len(ids), dtype=np.int64)
    for (kind, _), rows in merged.items():
        gain[rows] += WEIGHTS[kind]
    left = dict(merged)
    chosen: list[Proof] = []
    while left and len(chosen) < most:
        row = int(gain.argmax())
        shown = [feature for feature, rows in left.items() if rows[np.searchsorted(rows, row) % rows.size] == row]
        for feature in shown:
            gain[left.pop(feature)] -= WEIGHTS[feature[0]]
        chosen.append(Proof(message_id=ids[row], why=tuple(words for _, words in shown)))
    return Proofs(chosen=tuple(chosen), features=len(merged), uncovered=tuple(words for _, words in left))


def _shared(messages: pa.Table, decisions: pa.Table) -> Iterator[tuple[Feature, NDArray[np.int64]]]:
    """What decisions and languages differ in."""
    program, level = decisions["program"], decisions["level"]
    pairs = pc.binary_join_element_wise(pc.fill_null(program, "no program"), level, " at level ")
    offers = pc.fill_null(decisions["offer_id"], "none")
    touchpoint = decisions["touchpoint"]
    for kind, form, column in (
        ("program", "program {}", pairs),
        ("offer", "offer {}", offers),
        ("language", "written in {}", messages["language"]),
        ("program", "seen on {}", touchpoint),
    ):
        made = Encoded.of(column)
        for number, value in enumerate(made.values):
            yield (kind, form.format(value)), made.rows([number])


def _written(messages: pa.Table, skeletons: dict[bytes, Bones]) -> Iterator[tuple[Feature, NDArray[np.int64]]]:
    """Branches, risky slots, and the extremes of what was written."""
    made = Encoded.of(messages["skeleton_id"])
    length = np.zeros(messages.num_rows, dtype=np.int64)
    subject = np.zeros(messages.num_rows, dtype=np.int64)
    dearest = np.full(messages.num_rows, -1, dtype=np.int64)
    names = _branches(made, skeletons)
    for number, skeleton_id in enumerate(made.values):
        rows, bones = made.rows([number]), skeletons.get(skeleton_id)
        if bones is None:
            continue
        yield ("branch", names[skeleton_id]), rows
        mine = {
            column: Encoded.of(messages[f"s{column}"].take(pa.array(rows))) for column, _ in _stored(bones, messages)
        }
        length[rows], subject[rows] = _lengths(bones, mine, part=None), _lengths(bones, mine, part=Part.SUBJECT)
        for column, kind in _stored(bones, messages):
            if kind is SlotKind.PRICE:
                dearest[rows] = np.maximum(dearest[rows], _amounts(mine[column]))
            elif kind is SlotKind.NAME:
                yield from _greetings(mine[column], rows)
            elif kind is SlotKind.MARKUP:
                yield ("risk", f"markup reached a slot of {bones.skeleton.content_id}"), rows
        if facts := sorted(bones.facts):
            yield ("risk", f"speaks {', '.join(facts)}"), rows
    for words, values in (("the longest", length), ("the emptiest", -length), ("the longest subject", subject)):
        yield ("extreme", words), np.flatnonzero(values == values.max())[:1]
    if dearest.max() >= 0:
        yield ("extreme", "the most expensive item"), np.flatnonzero(dearest == dearest.max())[:1]


def _branches(made: Encoded, skeletons: dict[bytes, Bones]) -> dict[bytes, str]:
    """A name for each skeleton: its content, and which of the content's branches it is."""
    of_content: dict[str, list[bytes]] = {}
    for skeleton_id in sorted(one for one in made.values if one in skeletons):
        of_content.setdefault(skeletons[skeleton_id].skeleton.content_id, []).append(skeleton_id)
    return {
        skeleton_id: f"{content}, branch {number} of {len(ids)}" if len(ids) > 1 else content
        for content, ids in of_content.items()
        for number, skeleton_id in enumerate(ids, start=1)
    }


def _stored(bones: Bones, messages: pa.Table) -> list[tuple[int, SlotKind]]:
    return [(column, slots[0][1].kind) for column, slots in bones.columns() if f"s{column}" in messages.column_names]


def _lengths(bones: Bones, columns: dict[int, Encoded], *, part: Part | None) -> NDArray[np.int64]:
    count = len(next(iter(columns.values())).codes) if columns else 1
    total = np.zeros(count, dtype=np.int64)
    for name, shape in bones.parts.items():
        if part is None or name is part:
            total += sum(len(segment) for segment in shape.segments)
            for slot in shape.slots:
                if slot.column in columns:
                    column = columns[slot.column]
                    total += np.array([len(value or "") for value in column.values], dtype=np.int64)[column.codes]
    return total


def _amounts(column: Encoded) -> NDArray[np.int64]:
    read = [read_price(value) if value else None for value in column.values]
    return np.array([price.minor if isinstance(price, Money) else -1 for price in read], dtype=np.int64)[column.codes]


def _greetings(column: Encoded, rows: NDArray[np.int64]) -> Iterator[tuple[Feature, NDArray[np.int64]]]:
    """The longest greeting, one in letters of another script, and the shortest, which is the neutral line."""
    lengths = np.array([len(value or "") for value in column.values])
    yield ("risk", "the longest greeting"), rows[column.rows([int(lengths.argmax())])][:1]
    yield ("risk", "the shortest greeting"), rows[column.rows([int(lengths.argmin())])][:1]
    foreign = [number for number, value in enumerate(column.values) if value and not value.isascii()]
    yield ("risk", "a name beyond plain letters"), rows[column.rows(foreign)]


def _found(messages: pa.Table, findings: pa.Table) -> Iterator[tuple[Feature, NDArray[np.int64]]]:
    """A message for every rule that spoke, and the one with most findings."""
    ids = {one: row for row, one in enumerate(messages["message_id"].to_pylist())}
    of_skeleton = Encoded.of(messages["skeleton_id"])
    skeletons: dict[Any, int] = {value: number for number, value in enumerate(of_skeleton.values)}  # Any: an id
    rows_of: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
    counts = np.zeros(messages.num_rows, dtype=np.int64)
    columns = (findings[name].to_pylist() for name in ("subject", "rule", "severity"))
    for subject, rule, severity in zip(*columns, strict=True):
        if subject == RUN:
            continue
        if subject.startswith(SKELETON):
            number = skeletons.get(bytes.fromhex(subject.removeprefix(SKELETON)))
            rows = of_skeleton.rows([number]) if number is not None else np.empty(0, np.int64)
        else:
            row = ids.get(bytes.fromhex(subject))
            rows = np.array([row] if row is not None else [], dtype=np.int64)
        counts[rows] += 1
        rows_of.setdefault((rule, severity), []).append(rows)
    for (rule, severity), parts in sorted(rows_of.items()):
        yield ("finding", f"{severity}: {rule}"), np.unique(np.concatenate(parts))
    if counts.max() > 0:
        yield ("extreme", "the most findings"), np.flatnonzero(counts == counts.max())[:1]
