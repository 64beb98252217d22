"""A file's rows as a history, cut as it was asked; and how the training data are cut once more in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.recommend.history import Bools, History, Ints
from tactful.decide.recommend.splits import (
    Split,
    after,
    age_of_share,
    asked_ones,
    by_popularity,
    drawn,
    last_left_out,
    latest_left_out,
)
from tactful.flow.interactions import DAY, Interactions
from tactful.reckon import title_words
from tactful.words.errors import Misuse

CutAgain: TypeAlias = Callable[[Split, bool], Split]
"""Cuts the training data of a split once more, where customers repeat themselves or where they do not."""
LATEST_SHARE: Final = 0.2
"""The share of all choices, the latest, that a split by time asks for."""
ORDERLY: Final = 0.95
"""Where of so many customers the test is later than the training data, it is taken for a test of what comes next."""
FEWEST_ASKED: Final = 1_000
MOST_ASKED: Final = 6_000
"""So many customers of the training data at least, and at most, have something held out; in between a fifth of them."""
MOST_UNITS: Final = 2_000
"""Ages are counted in units of which a history has at most about so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be evaluated, and how. Stability: caller.

    Attributes:
        split: `time`, `leave-one-out` or `given`.
        test: with `given`, the file of what is asked for.
        titles: a file with what items are called.
        seen: `auto`, `include` or `exclude`: whether what a customer chose before is shown again.
        target: with `time`, `all` that is chosen later, or the `next` occasion alone.
        share: with `time`, the share of all choices that lies after the cut.
    """

    file: Path
    customer: str
    item: str
    time: str | None = None
    split: str = "leave-one-out"
    test: Path | None = None
    titles: Path | None = None
    seen: str = "auto"
    target: str = "all"
    share: float = LATEST_SHARE

    def __post_init__(self) -> None:
        where = "tactful suggest"
        if (self.split == "given") != (self.test is not None):
            raise Misuse.say(where=where, what="--split given and --test FILE belong together", do="give both or none")
        if self.split == "time" and self.time is None:
            raise Misuse.say(where=where, what="--split time needs to know when", do="name the column with --time")
        if not 0 < self.share < 1:
            raise Misuse.say(where=where, what=f"a share of {self.share} leaves nothing", do="give one such as 0.2")


def history_of(
    rows: Interactions, test: Interactions | None, *, words: Mapping[str, str]
) -> tuple[History, Bools | None, str, tuple[str, ...]]:
    """Rows as numbers in the order of customer and time; which of them the test file gave; the unit of ages; notes.

    What one customer chose twice at one instant counts once: it is one choice, told twice.
    """
    parts = [rows] if test is None else [rows, test]
    who, customers = _numbered([one.customer for one in parts])
    what, items = _numbered([one.item for one in parts])
    is_test = np.repeat([False, True][: len(parts)], [len(one.customer) for one in parts])
    content = title_words.weights([title_words.words_of(words.get(one, "")) for one in items]) if words else None
    moments = None if any(one.time is None for one in parts) else np.concatenate([one.time for one in parts])
    keys = (np.arange(who.size), who) if moments is None else (np.arange(who.size), moments, who)
    order = np.lexsort(keys)
    if moments is not None:
        order = order[_first_told(who[order], what=what[order], when=moments[order], is_test=is_test[order])]
    told = who.size - order.size
    notes = (f"{told:,} of {who.size:,} rows tell the same choice again and count once",) if told else ()
    age, unit = (None, "none") if moments is None else _ages(moments, is_clock=rows.is_clock)
    history = History(
        customers=len(customers), items=len(items), customer=who[order], item=what[order], content=content,
        age=None if age is None else age[order], occasion=None if moments is None else moments[order],
        ordered=moments is not None,
    )  # fmt: skip
    return history, None if test is None else is_test[order], unit, notes


def _first_told(who: Ints, *, what: Ints, when: Ints, is_test: Bools) -> Ints:
    """The places of rows that no earlier one says word for word, rising; rows stand by customer and time."""
    begins = np.ones(who.size, bool)
    begins[1:] = (np.diff(who) != 0) | (np.diff(when) != 0)
    instant = np.cumsum(begins) * 2 + is_test
    keys = instant * (int(what.max(initial=0)) + 1) + what
    kept = np.sort(np.unique(keys, return_index=True)[1])
    return np.asarray(kept, dtype=np.int64)


def _numbered(parts: Iterable[pa.Array]) -> tuple[Ints, list[str]]:
    """Texts as their places among all of them in order."""
    names = pa.concat_arrays([one.cast(pa.string()) for one in parts])
    distinct = pc.unique(names)
    distinct = distinct.take(pc.sort_indices(distinct))
    codes = pc.index_in(names, distinct)
    return codes.to_numpy(zero_copy_only=False).astype(np.int64), distinct.to_pylist()


def _ages(moments: Ints, *, is_clock: bool) -> tuple[Ints, str]:
    """Ages before the last moment: in days, or in a finer or coarser unit where the data span few or very many."""
    span = int(moments.max() - moments.min())
    unit = max(1, -(-span // MOST_UNITS))
    if is_clock and 30 * DAY <= span <= MOST_UNITS * DAY:
        unit = DAY
    elif is_clock and unit < DAY:
        unit = max(60, unit // 60 * 60)
    said = f"{unit / DAY:g} days" if is_clock else f"{unit} steps"
    return (int(moments.max()) - moments) // unit, said


def split_of(history: History, later: Bools | None, *, asked: Asked) -> tuple[Split, CutAgain]:
    """The split asked for, and how the training data are cut once more in the same way."""
    if later is not None:
        train, truth = history.rows(~later), history.rows(later)
        if not truth.item.size or not train.item.size:
            raise Misuse.say(where=str(asked.test), what="one of the two files has no rows", do="give both some")
        split = by_popularity(Split(train=_since(train), truth=truth.chosen()))
        asked_of = int(np.isin(train.customer, truth.customer).sum())
        way, share = _way(train, truth), truth.item.size / (truth.item.size + max(asked_of, 1))
        return split, lambda one, repeats: _inner_of_given(one, way=way, share=share, repeats=repeats)
    if asked.split == "leave-one-out":
        ordered = replace(history, ordered=True)
        return by_popularity(last_left_out(ordered)), lambda one, _: last_left_out(
            one.train, among=_asked_of(one.train)
        )
    age = age_of_share(history, share=asked.share)
    only_next = asked.target == "next"
    split = by_popularity(after(history, age=age, only_next=only_next))
    if not split.train.item.size or not split.truth.nnz:
        raise Misuse.say(where=str(asked.file), what="all times are alike, or nearly: there is no before and after",
                         do="try --split leave-one-out, or another --share")  # fmt: skip
    return split, lambda one, _: after(one.train, age=_window(one.train, age=age), only_next=only_next)


def _since(train: History) -> History:
    """Ages from the last moment of the training data on."""
    return train if train.age is None else replace(train, age=train.age - int(train.age.min()))


def _way(train: History, truth: History) -> str:
    """How a given test seems to have been cut: after a `time`, each customer's `last`, their `latest`, or by `lot`."""
    if train.age is None or truth.age is None:
        return "lot"
    if int(truth.age.max()) <= int(train.age.min()):
        return "time"
    newest, oldest = np.full(train.customers, np.iinfo(np.int64).max), np.full(train.customers, -1)
    np.minimum.at(newest, train.customer, train.age)
    np.maximum.at(oldest, truth.customer, truth.age)
    both = (oldest >= 0) & (newest < np.iinfo(np.int64).max)
    if not both.any() or (oldest[both] <= newest[both]).mean() < ORDERLY:
        return "lot"
    return "last" if truth.item.size == np.unique(truth.customer).size else "latest"


def _window(train: History, *, age: int) -> int:
    """As long a time again, where the training data are more than twice as long; else their latest fifth."""
    assert train.age is not None
    return age if int(train.age.max()) > 2 * age else age_of_share(train, share=LATEST_SHARE)


def _inner_of_given(split: Split, *, way: str, share: float, repeats: bool) -> Split:
    """The training data cut as the test seems to have been."""
    match way:
        case "time":
            return after(split.train, age=age_of_share(split.train, share=share))
        case "last":
            return last_left_out(split.train, among=_asked_of(split.train))
        case "latest":
            return latest_left_out(split.train, share=share, among=_asked_of(split.train))
        case _:
            share = min(max(share, 0.05), 0.3)
            return drawn(split.train, share=share, repeats=repeats, among=_asked_of(split.train))


def _asked_of(train: History) -> Bools:
    """Of whom something is held out: enough to choose by, and few enough that hardly less is learned from."""
    many = int(np.count_nonzero(np.diff(train.bounds)))
    return asked_ones(train, most=min(max(many // 5, FEWEST_ASKED), MOST_ASKED))
