"""Texts of a run by what they are, each looked at once however many letters and places it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.texts import ANY, Numbers, Sign, Texts


class Shared(Texts):
    """Texts that stand in a vocabulary, which knows what was found in them before. Stability: internal.

    Args:
        array: the texts.
        within: a vocabulary in which all of them stand.
        place: of each text its number there.

    >>> known = Vocabulary(pa.array(["a", "b1", "c2"]))
    >>> Shared(pa.array(["c2", "a"]), within=known, place=np.array([2, 0])).matching(r"\\d").tolist()
    [0]
    """

    __slots__ = ("place", "within")

    def __init__(self, array: pa.Array, *, within: Vocabulary, place: Numbers) -> None:
        super().__init__(array)
        self.within, self.place = within, place

    def _here(self, found: NDArray[np.bool_] | None) -> Numbers:
        """Numbers here of what was found in the vocabulary; None where that is nothing."""
        return _NOTHING if found is None else np.flatnonzero(found[self.place])

    @property
    def signs(self) -> NDArray[np.uint16]:
        """For each text the signs in it, joined."""
        if self._signs is None:
            self._signs = self.within.signs()[self.place]
        return self._signs

    def matching(self, pattern: str, *, needs: Sign = ANY) -> Numbers:
        """Numbers of the texts in which a pattern matches."""
        key = (pattern, needs)
        if key not in self._known:
            self._known[key] = self._here(self.within.matching(pattern, needs=needs))
        return self._known[key]

    def asking(self, key: object, wrong: Callable[[str], str], *, unless: str = "") -> Numbers:
        """Numbers of the texts of which a function has something to say."""
        return self._here(self.within.asking(key, wrong, unless=unless))

    def taken(self, numbers: Numbers) -> Texts:
        """Some of the texts, of which the same is known."""
        return Shared(self.array.take(pa.array(numbers)), within=self.within, place=self.place[numbers])

    def around(self, before: str, after: str) -> Texts:
        """Each text with the same words before and after it."""
        if not before and not after:
            return self
        if (before, after) not in self._around:
            joined = pc.binary_join_element_wise(before, self.array, after, "")
            within = self.within.around(before, after)
            self._around[before, after] = Shared(joined, within=within, place=self.place)
        return self._around[before, after]


_NOTHING = np.zeros(0, dtype=np.int64)


class Vocabulary:
    """Texts that become more, each asked about once; None is said where nothing was found. Stability: internal.

    >>> known = Vocabulary(pa.array(["a"]))
    >>> known.add(pa.array(["b1"]))
    >>> known.matching(r"\\d").tolist(), known.matching("z") is None
    ([False, True], True)
    """

    __slots__ = ("_around", "_found", "_signs", "array")

    def __init__(self, array: pa.Array) -> None:
        self.array = array
        self._found: dict[object, tuple[int, NDArray[np.bool_] | None]] = {}
        self._signs = np.zeros(0, dtype=np.uint16)
        self._around: dict[tuple[str, str], Vocabulary] = {}

    def __len__(self) -> int:
        return len(self.array)

    def add(self, more: pa.Array) -> None:
        """Further texts, behind the others."""
        self.array = pa.concat_arrays([self.array, more])

    def signs(self) -> NDArray[np.uint16]:
        """For each text the signs in it, joined."""
        done = len(self._signs)
        if done < len(self):
            self._signs = np.append(self._signs, Texts(self.array.slice(done)).signs)
        return self._signs

    def matching(self, pattern: str, *, needs: Sign = ANY) -> NDArray[np.bool_] | None:
        """For each text whether a pattern matches; None where it matches in none."""

        def found(start: int) -> Numbers:
            more = Texts(self.array.slice(start), signs=self.signs()[start:] if needs else None)
            return more.matching(pattern, needs=needs)

        return self._grown((pattern, needs), found)

    def asking(self, key: object, wrong: Callable[[str], str], *, unless: str = "") -> NDArray[np.bool_] | None:
        """For each text whether a function has something to say of it; None where it has of none."""

        def found(start: int) -> Numbers:
            more = np.arange(start, len(self))
            if unless and (fine := self.matching(unless)) is not None:
                more = more[~fine[start:]]
            return more[Texts(self.array.take(pa.array(more))).asking(key, wrong)] - start

        return self._grown(key, found)

    def around(self, before: str, after: str) -> Vocabulary:
        """The texts with the same words before and after them."""
        made = self._around.get((before, after))
        done = len(made) if made else 0
        if made is None or done < len(self):
            more = pc.binary_join_element_wise(before, self.array.slice(done), after, "")
            if made is None:
                made = self._around[before, after] = Vocabulary(more)
            else:
                made.add(more)
        return made

    def _grown(self, key: object, found: Callable[[int], Numbers]) -> NDArray[np.bool_] | None:
        """What is known of every text; of those that came since it was asked last, it is asked now."""
        done, known = self._found.get(key, (0, None))
        if done < len(self):
            more = found(done)
            if known is not None or more.size:
                grown = np.zeros(len(self), dtype=bool)
                grown[:done] = False if known is None else known
                grown[done + more] = True
                known = grown
            self._found[key] = (len(self), known)
        return known


class Lexicon:
    """The texts of a run that were looked at, by what they are: items stand in many letters. Stability: internal."""

    MANY, MOST = 1_000, 50_000
    """Texts that a vocabulary may have; what a customer has alone soon has more, and is looked at where it stands."""

    def __init__(self) -> None:
        self._known: dict[str, Vocabulary] = {}

    def of(self, source: str, texts: Texts, *, rows: int) -> Texts:
        """Texts of a source with what is known of them.

        Args:
            source: what they are; the place in a list counts for nothing.
            texts: distinct.
            rows: how many have one: what nearly everybody has alone is looked at where it stands.
        """
        if len(texts) > self.MANY and 2 * len(texts) > rows:
            return texts
        kind = re.sub(r"\d+", "", source)
        known = self._known.setdefault(kind, Vocabulary(texts.array.slice(0, 0)))
        if len(texts) > self.MOST:
            return texts
        place = Texts(known.array).numbers(texts)
        apart = np.flatnonzero(place < 0)
        if len(known) + len(apart) > self.MOST:
            return texts
        if apart.size:
            place[apart] = len(known) + np.arange(len(apart))
            known.add(texts.array.take(pa.array(apart)))
        return Shared(texts.array, within=known, place=place)
