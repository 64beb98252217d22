"""From a content and a frame of rows to skeletons and slot columns, without writing one message after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from tactful.compose.columnar import Walked
from tactful.compose.contents import CompiledContent
from tactful.compose.joining import refused, texts
from tactful.compose.liquid import CachingDictLoader, Limited
from tactful.compose.recorded import Speech
from tactful.compose.skeletons import Composer, without_gaps
from tactful.compose.sweeping import SweptParsed, sweep, sweeping
from tactful.compose.values import Codes, Column, Rows
from tactful.words.message import Part, Skeleton, SlotKind

Assigned = tuple[Rows, tuple[int, ...], tuple[Column, ...]]
_SWEPT: WeakKeyDictionary[Limited, Limited] = WeakKeyDictionary()
_PARSED: WeakKeyDictionary[object, SweptParsed] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that share a skeleton, and their slot columns. Stability: internal.

    Attributes:
        rows: of the frame, ascending.
        columns: one for each slot column, s0 first.
        is_link: for each column whether it is a link of the message, stored as NULL.
    """

    rows: Rows
    skeleton: Skeleton
    skeleton_id: bytes
    columns: tuple[Column, ...]
    is_link: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What the columns gave: groups, and the rows left to other paths, with the reasons. Stability: internal."""

    groups: tuple[Group, ...]
    left: Rows
    reasons: dict[str, int]


def columnar_environment(env: Limited) -> Limited:
    """The environment over the same partials whose templates are walked in columns."""
    if env not in _SWEPT:
        partials = env.loader.templates if isinstance(env.loader, CachingDictLoader) else {}
        loader = CachingDictLoader(dict(partials), auto_reload=False)
        kind = sweeping(type(env))  # type: ignore[arg-type]  # a class is hashable
        _SWEPT[env] = kind(loader=loader, undefined=env.undefined, autoescape=env.autoescape)
    return _SWEPT[env]


def compose(composer: Composer, roots: Mapping[str, object], *, rows: int) -> Composed:
    """One content for many rows.

    Args:
        composer: of the content; it keeps the skeletons.
        roots: what the templates see, as `frames` builds it.
        rows: how many rows the frame has.
    """
    every = np.arange(rows)
    signature = np.zeros(rows, np.int64)
    is_left = np.zeros(rows, bool)
    reasons: dict[str, int] = {}
    ways = {}
    for part, template in swept_templates(composer.content).items():
        swept = sweep(template, roots, rows=every)
        for lost in swept.left:
            is_left[lost] = True
        for why, count in swept.reasons.items():
            reasons[why] = reasons.get(why, 0) + count
        ways[part] = [replace(way, made=without_gaps(way.made)) if part is Part.TEXT else way for way in swept.ways]
        signature *= max(1, len(swept.ways))
        for number, way in enumerate(swept.ways):
            signature[way.rows] += number
        signature = np.unique(signature, return_inverse=True)[1]
    taken = {part: _taken(found, rows) for part, found in ways.items()}
    groups: list[Group] = []
    for shared in _shares(signature, every[~is_left]):
        first = shared[0]
        parts = {part: ways[part][taken[part][first]] for part in ways}
        speeches = [
            (speech, column)
            for way in parts.values()
            for speech, column in zip(way.made.speeches, way.columns, strict=True)
        ]
        for group_rows, numbers, columns in _columns(speeches, shared):
            known = composer.known_skeleton({part: way.made for part, way in parts.items()}, numbers)
            bad = refused(known.skeleton, columns, rows=group_rows)
            if bad.any():
                is_left[group_rows[bad]] = True
                reasons["a value is refused where it stands"] = int(bad.sum())
            if not bad.all():
                groups.append(
                    Group(
                        rows=group_rows[~bad],
                        skeleton=known.skeleton,
                        skeleton_id=known.skeleton_id,
                        columns=columns,
                        is_link=known.is_link,
                    )
                )
    return Composed(groups=tuple(groups), left=every[is_left], reasons=reasons)


def swept_templates(content: CompiledContent) -> dict[Part, SweptParsed]:
    """The templates of a content's parts, parsed for columns once."""
    found = {}
    for part, template in content.templates.items():
        if template.parsed not in _PARSED:
            env = columnar_environment(cast("Limited", template.parsed.env))
            _PARSED[template.parsed] = cast("SweptParsed", env.from_string(template.text))
        found[part] = _PARSED[template.parsed]
    return found


def _taken(ways: list[Walked], rows: int) -> Codes:
    """For each row the number of its way."""
    found = np.full(rows, -1, np.int64)
    for number, way in enumerate(ways):
        found[way.rows] = number
    return found


def _shares(signature: Codes, rows: Rows) -> list[Rows]:
    """The rows of each signature, ascending."""
    if not len(rows):
        return []
    own = signature[rows]
    order = np.argsort(own, kind="stable")
    cuts = np.flatnonzero(np.diff(own[order])) + 1
    return np.split(rows[order], cuts)


def _columns(
    speeches: list[tuple[Speech, Column]], rows: Rows
) -> list[tuple[Rows, tuple[int, ...], tuple[Column, ...]]]:
    """Which slot column each speech reads: those of one source that say the same share one, and rows part by that."""
    waiting = [rows]
    found = []
    while waiting:
        share = waiting.pop()
        numbers: list[int] = []
        columns: list[Column] = []
        kept: dict[tuple[str, bool], list[int]] = {}
        for speech, column in speeches:
            known = kept.setdefault((speech.source, speech.kind is SlotKind.MARKUP), [])
            number = None
            for one in known:
                same = _same(columns[one], column, rows=share)
                if same is True:
                    number = one
                    break
                if same is not False:
                    waiting += [share[same], share[~same]]
                    numbers = []
                    break
            else:
                number = len(columns)
                columns.append(column)
                known.append(number)
            if number is None:
                break
            numbers.append(number)
        else:
            found.append((share, tuple(numbers), tuple(columns)))
    return found


def _same(one: Column, other: Column, *, rows: Rows) -> bool | npt.NDArray[np.bool_]:
    """Whether two columns say the same in these rows: in all, in none, or in which."""
    if one.distinct is other.distinct and one.codes is other.codes:
        return True
    same = pc.equal(texts(one, rows), texts(other, rows)).to_numpy(zero_copy_only=False)
    if same.all():
        return True
    return same if same.any() else False
