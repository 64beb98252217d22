"""Who a row is about: words that are no customer, customers who were erased, and the keys of the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.numbers import Flags
from tactful.words.ids import customer_key

BLOCKED = frozenset(
    "null undefined none nil nan n/a na unknown anonymous anon guest true false -1 - (null) (none) #ref! #n/a".split()
) | {"[object object]"}
"""Words that stand where a customer's id should, in small letters; nobody's rows are glued together by them."""
ZEROS = re.compile(r"\{?0+(?:-0+)*\}?")


def is_blocked(customer_id: str) -> bool:
    """Whether a text is no customer's id: null, guest, [object Object], a UUID of zeros and their like.

    >>> [is_blocked(text) for text in ("NULL", "[object Object]", "00000000-0000-0000-0000-000000000000", "17850")]
    [True, True, True, False]
    """
    return customer_id.strip().casefold() in BLOCKED or bool(ZEROS.fullmatch(customer_id.strip()))


@lru_cache(maxsize=1 << 17)
def key_of(customer_id: str) -> int | None:
    """The key of a customer; None for a word that is no customer's id."""
    return None if is_blocked(customer_id) else customer_key(customer_id)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Customers:
    """Who the rows of a stretch are about. Stability: internal.

    Attributes:
        ids: the customers; absent where there is none, or a blocked word stood.
        keys: their keys, absent likewise.
        blocked: rows where a blocked word stood.
        erased: rows of customers who were erased.
    """

    ids: pa.Array
    keys: pa.Array
    blocked: Flags
    erased: Flags


def customers_of(ids: pa.Array, *, is_erased: Callable[[str], bool]) -> Customers:
    """Look each distinct id up once.

    >>> found = customers_of(pa.array(["12347", "guest", None]), is_erased=lambda customer: False)
    >>> found.ids.to_pylist(), found.keys.to_pylist(), found.blocked.tolist()
    (['12347', None, None], [6156624100188162190, None, None], [False, True, False])
    """
    encoded = pc.dictionary_encode(ids)
    words = encoded.dictionary.to_pylist()
    looked_up = [key_of(word) for word in words]
    blocked = [key is None for key in looked_up]
    erased = [is_erased(word) for word in words]
    keys = pa.array(looked_up, pa.int64())
    mask = _of_rows(blocked, encoded)
    if mask.any():
        ids = pc.if_else(pa.array(mask), pa.scalar(None, pa.string()), ids)
    return Customers(ids=ids, keys=keys.take(encoded.indices), blocked=mask, erased=_of_rows(erased, encoded))


def _of_rows(answers: list[bool], encoded: pa.DictionaryArray) -> Flags:
    if not any(answers):
        return np.zeros(len(encoded), np.bool_)
    return np.asarray(pc.fill_null(pa.array(answers, pa.bool_()).take(encoded.indices), fill_value=False))
