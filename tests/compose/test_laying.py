"""Laid and hashed in columns, messages have the bytes and hashes that joining them one by one gives."""

from __future__ import annotations

import hashlib
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.compose.hashing import digests, steps
from tactful.compose.joining import hashes, joined
from tactful.compose.laying import Laid, Piece, lengths, numbers, static, told
from tactful.compose.values import Column, Distinct
from tactful.words.message import Part, Skeleton, SkeletonPart, Slot, SlotContext, SlotKind, bytes_hash, join

VALUES = ["", "Ann", "O'Hara & Söhne", "<b>", "x" * 40, '"', "日本", "a" * 3_000]


def slots(chance: random.Random, *, width: int) -> tuple[Slot, ...]:
    contexts = [SlotContext.TEXT, SlotContext.ATTRIBUTE, SlotContext.URL, SlotContext.PLAIN]
    return tuple(
        Slot(
            column=chance.randrange(width),
            context=chance.choice(contexts),
            source="facts.a",
            kind=chance.choice([SlotKind.WORDS, SlotKind.WORDS, SlotKind.MARKUP]),
        )
        for _ in range(chance.randrange(7))
    )


def skeleton(chance: random.Random, *, width: int) -> Skeleton:
    parts = []
    for part in chance.sample(list(Part), 3):
        inside = (
            *slots(chance, width=width),
            Slot(column=width - 1, context=SlotContext.PLAIN, source="z", kind=SlotKind.WORDS),
        )
        segments = tuple(chance.choice(["", " ", "<p>", "é" * 9, "s" * 2_500]) for _ in range(len(inside) + 1))
        parts.append(SkeletonPart(part=part, segments=segments, slots=inside))
    ordered = tuple(sorted(parts, key=lambda one: list(Part).index(one.part)))
    return Skeleton(content_id="c", content_hash=bytes(16), branch="", parts=ordered)


def columns(chance: random.Random, *, rows: int, width: int) -> tuple[Column, ...]:
    """Columns of few and of many values, some of which share their codes, and one that is the same for all."""
    shared = np.array([chance.randrange(5) for _ in range(rows)])
    found = []
    for number in range(width):
        kind = chance.randrange(4)
        if kind == 0:
            found.append(Column(Distinct([chance.choice(VALUES)]), None))
        elif kind == 1:
            found.append(Column(Distinct([f"{chance.choice(VALUES)}{number}.{n}" for n in range(5)]), shared))
        elif kind == 2:
            found.append(Column(Distinct([f"own {n}" for n in range(rows)]), np.arange(rows)))
        else:
            codes = np.array([chance.randrange(len(VALUES)) for _ in range(rows)])
            found.append(Column(Distinct(VALUES), codes))
    return tuple(found)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 7, 33, 150, 400]))
def test_any_skeleton_and_values_join_and_hash_as_one_by_one(seed: int, rows: int) -> None:
    chance = random.Random(seed)
    width = chance.randrange(1, 6)
    made, cells = skeleton(chance, width=width), columns(chance, rows=rows, width=width)
    some = np.array(sorted(chance.sample(range(rows), max(1, rows // 2))))
    values = [[str(one.distinct.objects[int(one.of(some)[n])]) for one in cells] for n in range(len(some))]
    expected = [join(made, one) for one in values]
    found = [
        dict(zip(share, texts, strict=True))
        for share in joined(made, cells, rows=some)
        for texts in zip(*(column.to_pylist() for column in share.values()), strict=True)
    ]
    assert found == expected
    assert hashes(made, cells, rows=some).to_pylist() == [bytes_hash(one) for one in expected]


@pytest.mark.parametrize("rows", [1, 40, 500])
def test_a_beginning_that_many_share_is_hashed_once_and_says_the_same(rows: int) -> None:
    few = np.arange(rows) % 3
    own = pa.array([f"row {n}" for n in range(rows)], pa.binary())
    pieces = [
        numbers(few + 7),
        told(pa.array([b"a", b"b", b"cc"], pa.binary()), few),
        static(b"s" * 5_000),
        Piece(own, np.arange(rows)),
    ]
    expected = [
        hashlib.sha256(
            (int(n % 3) + 7).to_bytes(8, "big") + [b"a", b"b", b"cc"][n % 3] + b"s" * 5_000 + f"row {n}".encode()
        )
        for n in range(rows)
    ]
    assert digests(pieces, rows=rows).to_pylist() == [one.digest()[:16] for one in expected]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("rows", [33, 400, 3_000])
def test_rows_that_part_one_after_another_go_on_from_where_they_parted(rows: int, *, own: bool) -> None:
    chance = np.random.default_rng(rows)
    many = chance.integers(0, rows // 3, rows)
    words = [
        [b"head" * 1_500] * rows,
        [b"segment %d " % (n % 4) * 300 for n in range(rows)],
        [b"item %d " % (many[n] % 20) * 200 for n in range(rows)],
        [b"read %d " % many[n] * 400 for n in range(rows)],
        [b"foot"] * rows,
        [b"own %d" % n if own else b"" for n in range(rows)],
    ]
    pieces = []
    for column in words:
        distinct = sorted(set(column))
        codes = np.array([distinct.index(one) for one in column]) if len(distinct) > 1 else None
        pieces.append(told(pa.array(distinct, pa.binary()), codes))
    kinds = [one.kinds for one in steps(pieces, rows=rows)]
    assert kinds == sorted(kinds)
    assert kinds[:2] == [1, 4] or rows < 100
    expected = [hashlib.sha256(b"".join(row)).digest()[:16] for row in zip(*words, strict=True)]
    assert digests(pieces, rows=rows).to_pylist() == expected


def test_where_every_row_is_its_own_nothing_is_hashed_ahead() -> None:
    every = told(pa.array([f"own {n}" * 500 for n in range(300)], pa.binary()), np.arange(300))
    assert steps([every, static(b"s" * 5_000)], rows=300) == []
    assert [one.kinds for one in steps([static(b"s" * 5_000), every], rows=300)] == [1]


def test_neighbours_are_laid_together_only_where_the_dictionary_stays_small() -> None:
    rows = 1_000
    codes = np.arange(rows) % 10
    title, price = (told(pa.array([f"{word}{n}" for n in range(10)]), codes) for word in ("title", "price"))
    card = Laid([static(b"<b>"), title, static(b"</b><i>"), price, static(b"</i>")], rows=rows)
    assert len(card.pieces) == 1
    assert len(card.pieces[0].words) == 10
    own = told(pa.array([f"own {n}" for n in range(rows)]), np.arange(rows))
    assert len(Laid([static(b"a"), own, static(b"b")], rows=rows).pieces) == 3
    assert lengths([static(b"four"), title], rows=rows).tolist() == [4 + 6] * rows
