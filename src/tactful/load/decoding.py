"""From a file of any common encoding to UTF-8 text: first a survey of the whole file, then pieces of bounded size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tactful.load.chunk import Integers
from tactful.load.encodings import KNOWN, SINGLE_BYTE, WIDE, Evidence, Tally, canonical, mark_of, whole
from tactful.load.limits import Limits
from tactful.load.unpacking import Packing, blocks, held, packing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one pass over a file found before anything of it is loaded. Stability: caller.

    Attributes:
        path: the file.
        size: its size in bytes, as it lies there.
        digest: SHA-256 of the file as it lies there, 32 bytes.
        packing: how it is packed.
        plain_bytes: its size unpacked; byte offsets count in these.
        encoding: the encoding it is read in.
        evidence: how that is known.
        mark_bytes: length of the byte order mark.
        characters: number of characters.
        replaced: characters U+FFFD already in the file: text lost before it came to us.
        mojibake: characters that were read as cp1252 once although they were UTF-8.
        undecodable: bytes that are no text in the encoding; their rows are quarantined.
        nuls: NUL characters.
    """

    path: Path
    size: int
    digest: bytes
    packing: Packing
    plain_bytes: int
    encoding: str
    evidence: Evidence
    mark_bytes: int
    characters: int
    replaced: int
    mojibake: int
    undecodable: int
    nuls: int

    @property
    def damaged_share(self) -> float:
        """Damaged characters (U+FFFD and mojibake) as a share of all; 0 for an empty file, which has none."""
        return (self.replaced + self.mojibake) / self.characters if self.characters else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text with the bytes it was read from. Stability: internal.

    Attributes:
        text: UTF-8.
        source: the bytes in the file; the same object as `text` where the file is UTF-8.
    """

    text: bytes
    source: bytes


def survey(path: Path, *, encoding: str | None = None, limits: Limits | None = None) -> Survey:
    """Read a file once and say how it is packed and encoded, and how much of its text is damaged.

    Args:
        path: the file.
        encoding: the declared encoding; None to find it by byte order mark, then by the rule of `Tally.verdict`.
        limits: the bounds of reading.

    Raises:
        SourceHeld: unknown or contradicted encoding, a packing we do not read, a bomb, or more damage than
            `limits.damaged_share`.
    """
    limits = limits or Limits()
    packing = packing_of(path)
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(digest_of, path)
        name, evidence, mark = encoding_told(path, packing=packing, declared=encoding, limits=limits)
        tally, plain = counted(path, packing=packing, encoding=name, limits=limits)
        if name is None and tally.looks_wide:
            what = "a fifth of its bytes or more are NUL, as in UTF-16 without a byte order mark"
            raise held(path, what, do="declare `encoding: utf-16-le` or `utf-16-be`, or save it as UTF-8")
        chosen = name or tally.verdict
        foreign = chosen in SINGLE_BYTE
        found = Survey(
            path=path,
            size=path.stat().st_size,
            digest=digest.result(),
            packing=packing,
            plain_bytes=plain,
            encoding=chosen,
            evidence=evidence,
            mark_bytes=mark,
            characters=tally.characters,
            replaced=0 if foreign else tally.replaced,
            mojibake=tally.valid_wide if foreign else tally.mojibake,
            undecodable=0 if foreign else tally.invalid,
            nuls=tally.nuls,
        )
    refuse_damage(found, limits=limits)
    return found


def refuse_damage(found: Survey, *, limits: Limits) -> None:
    """Hold a file whose text is damaged beyond the limit."""
    if found.damaged_share <= limits.damaged_share:
        return
    what = (
        f"{found.mojibake:,} characters look like text read in the wrong encoding (Ã© for é) and {found.replaced:,} "
        f"are lost (U+FFFD), {found.damaged_share:.2%} of {found.characters:,} characters read as {found.encoding}"
    )
    do = "declare `encoding: utf-8`" if found.encoding in SINGLE_BYTE else "ask for the file again in UTF-8"
    raise held(found.path, what, do=do)


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def encoding_told(
    path: Path, *, packing: Packing, declared: str | None, limits: Limits
) -> tuple[str | None, Evidence, int]:
    """The encoding as declared or told by a byte order mark, the evidence, and the mark's length."""
    first = next(blocks(path, packing=packing, limits=limits.at_a_glance), b"")
    mark = mark_of(first[:4])
    if mark and mark[0] == "utf-32":
        raise held(path, "the file is UTF-32", do="save it as UTF-8")
    if declared is None:
        return (mark[0], Evidence.MARK, mark[1]) if mark else (None, Evidence.DETECTED, 0)
    name = "utf-16" if declared.strip().lower().replace("_", "-") == "utf-16" else canonical(declared)
    if name == "utf-16":
        name = mark[0] if mark else "utf-16-le"
    if name is None:
        raise held(path, f"the declared encoding {declared!r} is not one we read", do=f"use one of {', '.join(KNOWN)}")
    if mark and mark[0] != name:
        what = f"it is declared as {name}, but its byte order mark says {mark[0]}"
        raise held(path, what, do=f"declare `encoding: {mark[0]}` or nothing")
    return name, Evidence.DECLARED, mark[1] if mark else 0


def counted(path: Path, *, packing: Packing, encoding: str | None, limits: Limits) -> tuple[Tally, int]:
    """The tally over the whole file, and its size unpacked."""
    tally, plain, rest = Tally(), 0, b""
    for block in blocks(path, packing=packing, limits=limits.at_a_glance):
        plain += len(block)
        held_back = rest + block
        if encoding in WIDE:
            cut = whole_units(held_back, encoding=encoding)
            tally.add(held_back[:cut].decode(encoding, "replace").encode())
        else:
            cut = whole(held_back)
            tally.add(held_back[:cut])
        rest = held_back[cut:]
    tally.add(rest.decode(encoding, "replace").encode() if encoding in WIDE else rest)
    return tally, plain


def whole_units(block: bytes, *, encoding: str) -> int:
    """How many bytes of UTF-16 end on a whole character.

    >>> whole_units("a😀".encode("utf-16-le")[:4], encoding="utf-16-le")
    2
    """
    cut = len(block) & ~1
    if cut >= 2:
        high = block[cut - 1] if encoding == "utf-16-le" else block[cut - 2]
        if 0xD8 <= high < 0xDC:
            cut -= 2
    return cut


def pieces(found: Survey, *, limits: Limits | None = None) -> Iterator[Piece]:
    """The file's text in pieces, without its byte order mark.

    Raises:
        SourceHeld: the file has another size than when it was surveyed: it is still being written.
    """
    limits = limits or Limits()
    skip, rest, given = found.mark_bytes, b"", 0
    for block in blocks(found.path, packing=found.packing, limits=limits):
        given += len(block)
        block, skip = block[skip:], max(0, skip - len(block))
        if found.encoding == "utf-8":
            yield Piece(text=block, source=block)
            continue
        block = rest + block
        cut = whole_units(block, encoding=found.encoding) if found.encoding in WIDE else len(block)
        yield reencoded(block[:cut], encoding=found.encoding)
        rest = block[cut:]
    if rest:
        yield reencoded(rest, encoding=found.encoding)
    if given != found.plain_bytes:
        what = f"it held {found.plain_bytes:,} bytes when it was surveyed and {given:,} when it was read"
        raise held(found.path, what, do="wait until it is complete, then load it again")


def reencoded(source: bytes, *, encoding: str) -> Piece:
    """A piece in UTF-8; what the encoding cannot explain becomes U+FFFD, one for each unit, so that offsets hold."""
    return Piece(text=source.decode(encoding, "replace").encode(), source=source)


def source_positions(text: bytes, *, positions: Integers, encoding: str) -> Integers:
    """Where places in UTF-8 text stand in the bytes they were read from.

    Args:
        text: UTF-8 that starts on a whole character.
        positions: byte positions in `text`, 0 to its length; shape (n,).
        encoding: the encoding of the source.

    Returns:
        Byte positions in the source; shape (n,).

    >>> source_positions("é,a".encode(), positions=np.array([0, 2, 4]), encoding="cp1252").tolist()
    [0, 1, 3]
    """
    if encoding == "utf-8":
        return positions
    held_bytes = np.frombuffer(text, np.uint8)
    units = ((held_bytes & 0xC0) != 0x80).astype(np.int64)
    if encoding in WIDE:
        units = 2 * (units + (held_bytes >= 0xF0))
    return np.concatenate([[0], np.cumsum(units)])[positions]
