"""How much of a text was already damaged before it came to us: mojibake and U+FFFD, counted in UTF-8 bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def image(byte: int) -> str:
    """What cp1252 shows for a byte; the five bytes it leaves open show their own code point."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


FOLLOWING = "".join(re.escape(image(byte)) for byte in range(0x80, 0xC0))
# Text that cp1252 would write as one valid UTF-8 character: the mark of UTF-8 once read as cp1252.
MISREAD = re.compile(
    f"[\u00c2-\u00df][{FOLLOWING}]|[\u00e0-\u00ef][{FOLLOWING}]{{2}}|[\u00f0-\u00f4][{FOLLOWING}]{{3}}"
)
LEAD = b"\xc3"
LONGEST = 14  # bytes: one two-byte letter, then up to three signs of at most three bytes, then one to see the end


def leads(text: bytes) -> Iterator[int]:
    """Where a letter from U+00C2 to U+00F4 stands before something that is not ASCII; both begin with C3 in UTF-8."""
    at = text.find(LEAD)
    while 0 <= at < len(text) - 2:
        if text[at + 1] >= 0x82 and text[at + 2] >= 0xC2:
            yield at
        at = text.find(LEAD, at + 1)


def mojibake_at(text: bytes) -> NDArray[np.int64]:
    """Where UTF-8 text looks as if it had been read as cp1252 once before.

    Args:
        text: UTF-8 bytes; may begin or end inside a character.

    Returns:
        Byte positions of the first letter of each misread character, ascending.

    >>> mojibake_at("José, JosÃ©, don’t, donâ€™t".encode()).tolist()
    [10, 28]
    """
    found = [at for at in leads(text) if MISREAD.match(text[at : at + LONGEST].decode("utf-8", "replace"))]
    return np.array(found, np.int64)
