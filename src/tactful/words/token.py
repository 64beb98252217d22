"""Tokens in links: an HMAC of a message's id for one purpose, hard to forge, saying nothing about the person."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

PURPOSES = ("unsubscribe", "preferences", "why", "skip", "click")
"""What a token may be for; a token for one purpose fails in all others."""

_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
"""The two pads of HMAC, over every byte."""
LETTERS = 51
"""Letters of a token."""
_BODY = 39
"""Bytes of which they are made, and one of padding."""


def key_id(key: bytes) -> str:
    """Eight letters that name a key without telling it.

    >>> len(key_id(b"k" * 32))
    8
    """
    return hashlib.sha256(b"tactful token key" + key).hexdigest()[:8]


def make_token(message_id: bytes, *, purpose: str, key: bytes) -> str:
    """The token of a message: key id, message id and a 128-bit HMAC-SHA-256, in letters safe in a URL.

    Args:
        message_id: 16 bytes.
        purpose: one of `PURPOSES`.
        key: at least 32 bytes.

    Raises:
        ValueError: unknown purpose, or a key that is too short.

    >>> token = make_token(b"m" * 16, purpose="unsubscribe", key=b"k" * 32)
    >>> read_token(token, purpose="unsubscribe", keys=[b"k" * 32]) == b"m" * 16
    True
    >>> read_token(token, purpose="preferences", keys=[b"k" * 32]) is None
    True
    """
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose!r} is no purpose of a token; write one of {', '.join(PURPOSES)}")
    if len(key) < 32:
        raise ValueError(f"the token key has {len(key)} bytes; at least 32 are needed")
    proof = _proof(message_id, purpose=purpose, key=key)
    return key_id(key) + base64.urlsafe_b64encode(message_id + proof).decode().rstrip("=")


def make_tokens(message_ids: Sequence[bytes], *, purpose: str, key: bytes) -> list[str]:
    """The tokens of many messages: as `make_token` gives them one by one, several times as fast.

    Args:
        message_ids: 16 bytes each.
        purpose: one of `PURPOSES`.
        key: at least 32 bytes.

    Raises:
        ValueError: as for one token.

    >>> ids = [b"m" * 16, b"n" * 16]
    >>> one_by_one = [make_token(i, purpose="why", key=b"k" * 32) for i in ids]
    >>> make_tokens(ids, purpose="why", key=b"k" * 32) == one_by_one
    True
    >>> long = b"k" * 100
    >>> make_tokens(ids, purpose="why", key=long) == [make_token(i, purpose="why", key=long) for i in ids]
    True
    """
    letters = letters_of(message_ids, purpose=purpose, key=key).decode()
    return [letters[start : start + LETTERS] for start in range(0, len(letters), LETTERS + 1)]


def letters_of(message_ids: Sequence[bytes], *, purpose: str, key: bytes) -> bytes:
    """The letters of many tokens end to end, with one behind each that does not belong to it.

    Args:
        message_ids: 16 bytes each.
        purpose: one of `PURPOSES`.
        key: at least 32 bytes.

    Raises:
        ValueError: as for one token.

    >>> letters = letters_of([b"m" * 16, b"n" * 16], purpose="why", key=b"k" * 32)
    >>> letters[LETTERS + 1 : -1].decode() == make_token(b"n" * 16, purpose="why", key=b"k" * 32)
    True
    """
    make_token(bytes(16), purpose=purpose, key=key)  # refuses a wrong purpose or key
    # HMAC by its definition (RFC 2104): what does not depend on the message is hashed once and then copied.
    block = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\x00")
    within = hashlib.sha256(block.translate(_INNER) + purpose.encode() + b"\x00").copy
    without = hashlib.sha256(block.translate(_OUTER)).copy
    proofs: list[bytes] = []
    for one in message_ids:
        inner, outer = within(), without()
        inner.update(one)
        outer.update(inner.digest())
        proofs.append(outer.digest())
    # The key's id is made of letters that 6 bytes give: with 32 of the message and one of padding they are 52 letters.
    head, bodies = base64.urlsafe_b64decode(key_id(key)), bytearray(_BODY * len(message_ids))
    for place, byte in enumerate(head):
        bodies[place::_BODY] = bytes([byte]) * len(message_ids)
    told, proven = b"".join(message_ids), b"".join(proofs)
    for place in range(16):
        bodies[len(head) + place :: _BODY] = told[place::16]
        bodies[len(head) + 16 + place :: _BODY] = proven[place::32]
    return base64.urlsafe_b64encode(bodies)


def read_token(token: str, *, purpose: str, keys: list[bytes]) -> bytes | None:
    """The message id a token stands for, or None where it is not one of ours for this purpose.

    Args:
        token: as it stood in the link.
        purpose: what it must be for.
        keys: the present key and any retired ones: tokens never expire.
    """
    for key in keys:
        if token[:8] != key_id(key):
            continue
        try:
            body = base64.urlsafe_b64decode(token[8:] + "=" * (-len(token[8:]) % 4))
        except ValueError:
            return None
        if len(body) != 32 or base64.urlsafe_b64encode(body).decode().rstrip("=") != token[8:]:
            return None
        if hmac.compare_digest(body[16:], _proof(body[:16], purpose=purpose, key=key)):
            return body[:16]
    return None


def _proof(message_id: bytes, *, purpose: str, key: bytes) -> bytes:
    return hmac.new(key, purpose.encode() + b"\x00" + message_id, hashlib.sha256).digest()[:16]
