"""Words of titles as numbers: how much each word says about an item, from how rare it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy import sparse

from tactful.reckon.pair_counts import Sparse

_WORD: Final = re.compile(r"\w+")
LEAST_ITEMS: Final = 2
"""A word of one item alone says nothing about others."""
MOST_SHARE: Final = 0.5
"""A word of more than half the items says nothing either."""


def words_of(text: str) -> list[str]:
    """The words of a text, folded: letters and digits of any script.

    >>> words_of("White T-Light Holder, 2 pcs")
    ['white', 't', 'light', 'holder', '2', 'pcs']
    """
    return _WORD.findall(text.casefold())


def weights(texts: Sequence[Sequence[str]]) -> Sparse:
    """TF-IDF: each item's words, weighted by log(items / items with the word), its length brought to one.

    Args:
        texts: the words of each item; an item without words has a row of zeros.

    Returns:
        float32, sparse, shape (items, words); words in the order in which they are first seen.

    >>> made = weights([["red", "cup"], ["red", "plate"], ["blue", "cup"], ["green"]])
    >>> made.toarray().astype(float).round(3).tolist()
    [[0.707, 0.707], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    """
    numbers: dict[str, int] = {}
    places = [[numbers.setdefault(word, len(numbers)) for word in words] for words in texts]
    sizes = np.array([len(one) for one in places], dtype=np.int64)
    row = np.repeat(np.arange(len(places)), sizes)
    column = np.array([number for one in places for number in one], dtype=np.int64)
    counts = sparse.coo_array((np.ones(column.size), (row, column)), shape=(len(places), len(numbers))).tocsr()
    counts.sum_duplicates()
    items_with = np.bincount(counts.indices, minlength=len(numbers))
    telling = (items_with >= LEAST_ITEMS) & (items_with <= max(LEAST_ITEMS, MOST_SHARE * len(places)))
    rarity = np.log(len(places) / np.maximum(items_with[telling], 1))
    said = counts[:, np.flatnonzero(telling)] @ sparse.diags_array(rarity)
    lengths = np.sqrt(np.asarray(said.multiply(said).sum(axis=1)))
    return (sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ said).tocsr().astype(np.float32)
