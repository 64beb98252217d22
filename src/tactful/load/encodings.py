"""The encoding of a file: declared, told by its byte order mark, or found by a stated rule and reported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pyarrow as pa

from tactful.load.damage import mojibake_at

SINGLE_BYTE = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "cp437", "cp850"),
    *("iso-8859-1", "iso-8859-2", "iso-8859-15", "mac-roman", "koi8-r"),
)
WIDE = ("utf-16-le", "utf-16-be")
KNOWN = ("utf-8", *WIDE, *SINGLE_BYTE)
ALSO_CALLED = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "latin-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "ansi": "cp1252",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "macroman": "mac-roman",
}
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
LOST = "\ufffd".encode()
UNUSED_IN_CP1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])


class Evidence(Enum):
    """How the encoding is known. Stability: caller."""

    DECLARED = "declared"
    MARK = "byte order mark"
    DETECTED = "detected"


def canonical(name: str) -> str | None:
    """Our one name of an encoding; None for one we do not read.

    >>> canonical("Windows-1252"), canonical("UTF-8"), canonical("ebcdic")
    ('cp1252', 'utf-8', None)
    """
    lowered = name.strip().lower().replace("_", "-")
    lowered = ALSO_CALLED.get(lowered, lowered)
    return lowered if lowered in KNOWN else None


def mark_of(beginning: bytes) -> tuple[str, int] | None:
    """The encoding a byte order mark tells, and the mark's length; None without one.

    >>> mark_of(b"\\xef\\xbb\\xbfid,name"), mark_of(b"id,name")
    (('utf-8', 3), None)
    """
    return next(((name, len(mark)) for mark, name in MARKS if beginning.startswith(mark)), None)


@dataclass(slots=True)
class Tally:
    """What was seen of a stream of bytes that may be UTF-8: counts that only grow. Stability: internal."""

    characters: int = 0
    nuls: int = 0
    valid_wide: int = 0
    invalid: int = 0
    replaced: int = 0
    mojibake: int = 0
    unused_in_cp1252: int = 0

    def add(self, block: bytes) -> None:
        """Count one block that ends on a whole character (see `whole`)."""
        if b"\0" in block:
            self.nuls += block.count(0)
        if block.isascii():
            self.characters += len(block)
            return
        held = np.frombuffer(block, np.uint8)
        self.mojibake += len(mojibake_at(block))
        honest = block.count(LOST) if LOST[:1] in block else 0
        if is_utf8(block):
            # Bytes 80 to BF go on with a character; as signed numbers they are the lowest.
            self.characters += len(block) - int(np.count_nonzero(held.view(np.int8) < -0x40))
            self.valid_wide += int(np.count_nonzero(held >= 0xC0))
            self.replaced += honest
            return
        text = block.decode("utf-8", "replace")
        invalid = text.count("\ufffd") - honest
        self.characters += len(text)
        self.invalid += invalid
        self.replaced += honest
        self.unused_in_cp1252 += sum(block.count(byte) for byte in UNUSED_IN_CP1252)
        narrow = len(block) - len(block.translate(None, bytes(range(128))))
        self.valid_wide += len(text) - narrow - invalid

    @property
    def verdict(self) -> str:
        """utf-8 unless bytes contradict it and cp1252 explains them (ten times more often than UTF-8 would).

        A file in which both occur is read as UTF-8, and the rows that are not go into quarantine.
        """
        explained = self.invalid >= 10 * self.valid_wide and self.unused_in_cp1252 == 0 and self.nuls == 0
        return "cp1252" if self.invalid and explained else "utf-8"

    @property
    def looks_wide(self) -> bool:
        """A fifth of the bytes are NUL: UTF-16 or UTF-32 that does not say so."""
        return self.nuls * 5 > self.characters


def is_utf8(text: bytes, *, length: int | None = None) -> bool:
    """Whether the first bytes, or all, are UTF-8 throughout; Arrow's validation is several times faster than decoding.

    >>> is_utf8("naïve".encode()), is_utf8("naïve".encode("cp1252"))
    (True, False)
    """
    offsets = np.array([0, len(text) if length is None else length], np.int32)
    column = pa.StringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(text))
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def whole(block: bytes) -> int:
    """How many bytes of a block end on a whole UTF-8 character; at most three are left over.

    >>> whole("naïve".encode()[:3]), whole(b"abc")
    (2, 3)
    """
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if needed > back else len(block)
    return len(block)
