"""Chance without a generator: a draw is a hash of who, what for, and the run's salt, so it can be drawn again anywhere.

The draw, in full. All arithmetic is on unsigned 64-bit words and wraps modulo 2^64.

- ``H(text)`` is the first 8 bytes, big-endian, of SHA-256 of the text's UTF-8 bytes (or of the bytes themselves).
- ``mix(z)`` is the finaliser of splitmix64: ``z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27;
  z *= 0x94D049BB133111EB; z ^= z >> 31``.
- The state starts at 0. For each word of (customer_key as its two's complement word, H(point), H(purpose), H(salt)),
  in that order: ``state = mix((state ^ word) + 0x9E3779B97F4A7C15)``.
- The draw is ``state >> 12``: the top 52 bits, an integer in [0, 2^52).

For given other words each step is one-to-one, so two customers never share a state by accident of the mixing. Vectors
are in `tests/vectors/chance.json`; Python, NumPy, SQL and JavaScript all reproduce them.
Reference: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", section 5.
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

BITS: Final = 52
WHOLE: Final = 1 << BITS
"""Probability one, in units of 2^-52; a draw is always below it."""

_WORD: Final = (1 << 64) - 1
_SHA256: Final = hashlib.sha256
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB

SQL: Final = """\
CREATE OR REPLACE MACRO tactful_hash(word) AS ('0x' || substr(sha256(word), 1, 16))::UBIGINT;
CREATE OR REPLACE MACRO tactful_times(z, factor) AS
    ((z::UHUGEINT * factor::UHUGEINT) % 18446744073709551616::UHUGEINT)::UBIGINT;
CREATE OR REPLACE MACRO tactful_shifted(z, bits) AS xor(z::UBIGINT, z::UBIGINT >> bits);
CREATE OR REPLACE MACRO tactful_mix(z) AS tactful_shifted(tactful_times(tactful_shifted(
    tactful_times(tactful_shifted(z, 30), 13787848793156543929), 27), 10723151780598845931), 31);
CREATE OR REPLACE MACRO tactful_step(state, word) AS tactful_mix(
    ((xor(state::UBIGINT, word::UBIGINT)::UHUGEINT + 11400714819323198485::UHUGEINT)
        % 18446744073709551616::UHUGEINT)::UBIGINT);
CREATE OR REPLACE MACRO tactful_word(customer_key) AS
    ((customer_key::HUGEINT + 18446744073709551616::HUGEINT) % 18446744073709551616::HUGEINT)::UBIGINT;
CREATE OR REPLACE MACRO tactful_draw(customer_key, point, purpose, salt) AS (
    SELECT (t.state >> 12)::BIGINT FROM (SELECT tactful_step(c.state, tactful_hash(salt)) AS state
    FROM (SELECT tactful_step(b.state, tactful_hash(purpose)) AS state
    FROM (SELECT tactful_step(a.state, tactful_hash(point)) AS state
    FROM (SELECT tactful_step(0, tactful_word(customer_key)) AS state) AS a) AS b) AS c) AS t);
"""
"""DuckDB macros of the same draw: 64-bit products are taken in 128 bits, so nothing overflows or is rounded."""


def hash_word(text: str | bytes) -> int:
    """The 64-bit word of a text: first 8 bytes, big-endian, of SHA-256.

    Args:
        text: any text that UTF-8 can write, or bytes taken as they are.

    Raises:
        Misuse: the text holds a lone surrogate, which no encoding can write.

    >>> hash_word("") == hash_word(b"")
    True
    >>> hex(hash_word("abc"))
    '0xba7816bf8f01cfea'
    """
    try:
        data = text if isinstance(text, bytes) else text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Misuse.say(
            where="chance", what=f"{text!r} cannot be written as UTF-8", do="remove the lone surrogate where it entered"
        ) from error
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big")


def hash_words(texts: Sequence[bytes]) -> NDArray[np.uint64]:
    """The words of many texts, given as their UTF-8 bytes; shape (n,).

    >>> hash_words([b"abc", b""]).tolist() == [hash_word("abc"), hash_word("")]
    True
    """
    digests = b"".join([_SHA256(text).digest() for text in texts])
    return np.frombuffer(digests, dtype=">u8")[::4].astype(np.uint64)


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * _FIRST) & _WORD
    z = ((z ^ (z >> 27)) * _SECOND) & _WORD
    return z ^ (z >> 31)


def draw(customer_key: int, *, point: str | bytes, purpose: str, salt: str) -> int:
    """One draw, from plain integers: the definition itself.

    Args:
        customer_key: int64, see `tactful.words.ids.customer_key`.
        point: what is being decided; the same for all customers of one occasion, or one per row.
        purpose: what the draw is for (`arm`, `holdout`, ...); draws for different purposes are independent.
        salt: of the run, the year or the program; "" is a salt like any other.

    Returns:
        An integer in [0, 2^52).

    >>> draw(6156624100188162190, point="2011-12-01", purpose="arm", salt="s")
    2996206462904061
    """
    if not -(1 << 63) <= customer_key < 1 << 63:
        raise Misuse.say(where="chance", what=f"customer_key {customer_key} is not an int64", do="see words.ids")
    state = 0
    for word in (customer_key & _WORD, hash_word(point), hash_word(purpose), hash_word(salt)):
        state = _mix(((state ^ word) + _STEP) & _WORD)
    return state >> (64 - BITS)


def _mix_all(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    return z ^ (z >> np.uint64(31))


def draws(
    customer_keys: ArrayLike, *, point: str | bytes | NDArray[np.uint64], purpose: str, salt: str
) -> NDArray[np.int64]:
    """The same draw for many customers at once.

    Args:
        customer_keys: int64; shape (n,).
        point: one point for all rows, or the words `hash_word(point)` of each row; uint64, shape (n,).
        purpose: what the draw is for.
        salt: of the run, the year or the program.

    Returns:
        Integers in [0, 2^52); int64, shape (n,). A row does not depend on the rows beside it.

    >>> draws([6156624100188162190, -1], point="2011-12-01", purpose="arm", salt="s").tolist()
    [2996206462904061, 1127998638875111]
    """
    keys = np.atleast_1d(np.asarray(customer_keys, dtype=np.int64))
    points = point if isinstance(point, np.ndarray) else np.full(1, hash_word(point), dtype=np.uint64)
    state = np.zeros(1, dtype=np.uint64)
    for word in (
        keys.view(np.uint64),
        points.astype(np.uint64, copy=False),
        np.full(1, hash_word(purpose), dtype=np.uint64),
        np.full(1, hash_word(salt), dtype=np.uint64),
    ):
        state = _mix_all((state ^ word) + np.uint64(_STEP))
    return (state >> np.uint64(64 - BITS)).astype(np.int64)


def share_of_draws(share: Fraction | float | str) -> int:
    """The integer below which a given share of all draws falls: `draw < share_of_draws("0.1")` is true for a tenth.

    Args:
        share: in [0, 1], read as the decimal that was written, so that 0.1 is a tenth and not its nearest float.

    Returns:
        floor(share * 2^52).

    >>> share_of_draws("0.5") == 2**51, share_of_draws(0.1)
    (True, 450359962737049)
    """
    exact = share if isinstance(share, Fraction) else Fraction(str(share))
    if not 0 <= exact <= 1:
        raise Misuse.say(where="chance", what=f"share {share} is outside [0, 1]", do="write a tenth as 0.1")
    return exact.numerator * WHOLE // exact.denominator
