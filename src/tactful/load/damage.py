"""How much of a text was already damaged before it came to us: mojibake and U+FFFD, counted in UTF-8 bytes."""

from __future__ import annotations

import re

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
# Letters U+00C2 to U+00F4 begin with C3 in UTF-8; what follows must not be ASCII.
LEADS = re.compile(rb"\xc3(?=[\x82-\xff][\xc2-\xff])")
LONGEST = 14  # bytes: one two-byte letter, then up to three signs of at most three bytes, then one to see the end


def mojibake_at(text: bytes) -> NDArray[np.int64]:
    """Where UTF-8 text looks as if it had been read as cp1252 once before.

    Args:
        text: UTF-8 bytes; may begin or end inside a character.

    Returns:
        Byte positions of the first letter of each misread character, ascending.

    >>> mojibake_at("José, JosÃ©, don’t, donâ€™t".encode()).tolist()
    [10, 28]
    """
    leads = [match.start() for match in LEADS.finditer(text)]
    found = [at for at in leads if MISREAD.match(text[at : at + LONGEST].decode("utf-8", "replace"))]
    return np.array(found, np.int64)
