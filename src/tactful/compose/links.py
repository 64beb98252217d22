"""The links of one message: made from its id when it is joined, never stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tactful.project.brand import Brand
from tactful.words.token import LETTERS, letters_of, make_token

PATHS = {"unsubscribe": "u", "preferences": "p", "why": "w", "skip": "s"}
"""Purpose of a link and its path under the brand's `public_url`."""


def message_links(message_id: bytes, *, brand: Brand, key: bytes) -> dict[str, str]:
    """The four links of a message, and the shop.

    Args:
        message_id: 16 bytes.
        brand: where pages are served.
        key: the token key, at least 32 bytes.
    """
    made = {purpose: _root(brand, purpose) + make_token(message_id, purpose=purpose, key=key) for purpose in PATHS}
    return {**made, "shop": brand.site}


def links_of(message_ids: Sequence[bytes], *, purpose: str, brand: Brand, key: bytes) -> pa.Array:
    """One link of many messages each, the same as `message_links` gives.

    Args:
        message_ids: 16 bytes each.
        purpose: one of `PATHS`.
        brand: where pages are served.
        key: the token key, at least 32 bytes.
    """
    count, root = len(message_ids), np.frombuffer(_root(brand, purpose).encode(), np.uint8)
    letters = np.frombuffer(letters_of(message_ids, purpose=purpose, key=key), np.uint8)
    made = np.empty((count, len(root) + LETTERS), np.uint8)
    made[:, : len(root)] = root
    made[:, len(root) :] = letters.reshape(count, LETTERS + 1)[:, :LETTERS]
    ends = np.arange(0, made.size + 1, made.shape[1], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(made)])


def _root(brand: Brand, purpose: str) -> str:
    return f"{brand.public_url.rstrip('/')}/{PATHS[purpose]}/"
