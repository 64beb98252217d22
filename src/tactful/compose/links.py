"""The links of one message: made from its id when it is joined, never stored."""

from __future__ import annotations

from tactful.project.brand import Brand
from tactful.words.token import make_token

PATHS = {"unsubscribe": "u", "preferences": "p", "why": "w", "skip": "s"}
"""Purpose of a link and its path under the brand's `public_url`."""


def message_links(message_id: bytes, *, brand: Brand, key: bytes) -> dict[str, str]:
    """The four links of a message, and the shop.

    Args:
        message_id: 16 bytes.
        brand: where pages are served.
        key: the token key, at least 32 bytes.
    """
    root = brand.public_url.rstrip("/")
    made = {
        purpose: f"{root}/{path}/{make_token(message_id, purpose=purpose, key=key)}" for purpose, path in PATHS.items()
    }
    return {**made, "shop": brand.site}
