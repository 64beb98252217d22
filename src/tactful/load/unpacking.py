"""From a file to its plain bytes, block by block: gzip and single-member zip by their first bytes, bombs refused."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from tactful.load.limits import Limits
from tactful.words.errors import SourceHeld


class Packing(Enum):
    """How a file is packed, told by its first bytes and never by its name. Stability: caller."""

    NONE = "none"
    GZIP = "gzip"
    ZIP = "zip"


REFUSED = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf": "7-zip",
    b"\xd0\xcf\x11\xe0": "old Excel",
    b"%PDF": "PDF",
}


def packing_of(path: Path) -> Packing:
    """How a file is packed.

    Raises:
        SourceHeld: the first bytes are those of a format we do not read.
    """
    with path.open("rb") as file:
        beginning = file.read(8)
    if beginning.startswith(b"\x1f\x8b"):
        return Packing.GZIP
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Packing.ZIP
    for mark, name in REFUSED.items():
        if beginning.startswith(mark):
            raise held(path, f"this is a {name} file", do="save it as CSV, JSON lines or Parquet, plain or with gzip")
    return Packing.NONE


def held(path: Path, what: str, *, do: str = "") -> SourceHeld:
    """The error that holds a whole file, with its name in front."""
    return cast("SourceHeld", SourceHeld.say(where=path.name, what=what, do=do))


def blocks(path: Path, *, packing: Packing, limits: Limits) -> Iterator[bytes]:
    """The plain bytes of a file, in blocks of at most `limits.chunk_bytes`.

    Raises:
        SourceHeld: the file unpacks to more than `limits.expansion` times its size, is cut short or broken.
    """
    size = path.stat().st_size
    allowed = max(size * limits.expansion, limits.expansion_floor_bytes)
    given = 0
    with opened(path, packing=packing) as file:
        while block := read(path, file=file, bytes_wanted=limits.chunk_bytes):
            given += len(block)
            if packing is not Packing.NONE and given > allowed:
                what = f"{size:,} bytes unpack to more than {limits.expansion} times as much; this is how a bomb looks"
                raise held(path, what, do="unpack it yourself if you trust it")
            yield block


def read(path: Path, *, file: BinaryIO, bytes_wanted: int) -> bytes:
    """The next block; whatever the unpacker says about a broken file becomes `SourceHeld`."""
    try:
        return file.read(bytes_wanted)
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise held(path, f"the packed file is cut short or broken ({error})", do="ask for it again") from error


@contextmanager
def opened(path: Path, *, packing: Packing) -> Iterator[BinaryIO]:
    """The file open for reading plain bytes."""
    match packing:
        case Packing.NONE:
            with path.open("rb") as file:
                yield file
        case Packing.GZIP:
            with gzip.open(path, "rb") as unpacked:
                yield cast("BinaryIO", unpacked)
        case Packing.ZIP:
            with archive(path) as zipped, zipped.open(only_member(path, zipped=zipped)) as member:
                yield cast("BinaryIO", member)


def archive(path: Path) -> zipfile.ZipFile:
    """The zip archive, or `SourceHeld` where it is none."""
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise held(path, f"the zip archive is broken ({error})", do="ask for it again") from error


def only_member(path: Path, *, zipped: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in an archive.

    Raises:
        SourceHeld: there is not exactly one, its name leads out of the folder, it is encrypted, or a workbook.
    """
    members = [info for info in zipped.infolist() if not info.is_dir()]
    names = [info.filename for info in members]
    if "[Content_Types].xml" in names:
        raise held(path, "this is an Excel or other office file", do="save the sheet as CSV")
    for name in names:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts:
            raise held(path, f"the archive holds a file named {name!r}, which leads out of its folder")
    if len(members) != 1:
        raise held(path, f"the archive holds {len(members)} files", do="load one file at a time")
    if members[0].flag_bits & 1:
        raise held(path, "the archive is encrypted", do="unpack it first")
    return members[0]
