"""Variants that differ by one word: they cost as much as two and say one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_TOKEN = re.compile(r"[\ue000-\uf8ff\d]*[\ue000-\uf8ff]|\w+")
LEAST_WORDS = 12
"""Texts below this length are alike by nature."""


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, capitals aside.

    >>> tokens("Four pieces, One idea")
    ('four', 'pieces', 'one', 'idea')
    """
    return tuple(_TOKEN.findall(text.casefold()))


def alike(texts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Pairs of texts that differ by exactly one word, added, left out or changed, and how.

    Args:
        texts: plain words by name.

    Yields:
        Both names, the first in order first, and the two words.

    >>> base = "we chose four pieces for a quiet table and say of each of them why"
    >>> list(alike({"a": base, "b": base.replace("table", "garden"), "c": base + " and more"}))
    [('a', 'b', 'table / garden')]
    """
    known: dict[int, list[tuple[str, int]]] = {}  # by hash; what is found there is compared
    words = {name: tokens(texts[name]) for name in sorted(texts)}
    told: set[tuple[str, str]] = set()
    for name, own in words.items():
        if len(own) < LEAST_WORDS:
            continue
        for key, at in (*((hash(own[:at] + own[at + 1 :]), at) for at in range(len(own))), (hash(own), len(own))):
            for other, there in known.get(key, ()):
                pair = (other, name)
                if other == name or pair in told or words[other] == own:
                    continue
                left, right = words[other], own
                if abs(len(left) - len(right)) > 1 or not _by_one(left, right):
                    continue
                told.add(pair)
                yield other, name, f"{_at(left, there)} / {_at(right, at)}"
            known.setdefault(key, []).append((name, at))


def _at(words: tuple[str, ...], place: int) -> str:
    return words[place] if place < len(words) else "(nothing)"


def _by_one(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether one word added, left out or changed makes one of the other."""
    start = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    return max(len(left), len(right)) - start - end == 1
