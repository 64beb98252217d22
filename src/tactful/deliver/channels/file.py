"""The file channel: a Maildir of `.eml` files named by message id, so that writing twice is writing once."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tactful.words.errors import TryLater
from tactful.words.ports import Parcel, Receipt

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChannel:
    """A Maildir folder, to which one sender at a time writes. Stability: full.

    Mails are written to `tmp` as they come and made durable together: their bytes, then their final names, then the
    folder that holds the names. What a sender that died left in `tmp` counts for nothing and is swept away.

    Attributes:
        folder: the Maildir; `new`, `cur` and `tmp` are made in it.
    """

    folder: Path
    name: str = "file"
    repeats_safely: bool = True
    _written: list[str] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        for part in ("new", "cur", "tmp"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self._sweep()

    def hand_over(self, parcel: Parcel) -> Receipt:
        """Writes one message; it is there under its final name, complete, once `flush` has returned.

        Raises:
            TryLater: the disk is full.
        """
        name = f"{parcel.message_id.hex()}.eml"
        temporary = self.folder / "tmp" / name
        with self._room():
            try:
                temporary.write_bytes(parcel.payload)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        self._written.append(name)
        return Receipt(message_id=parcel.message_id, reference=f"new/{name}")

    def flush(self) -> None:
        """Makes all that was written durable under its final names.

        Raises:
            TryLater: the disk is full.
        """
        names = list(dict.fromkeys(self._written))
        self._written.clear()
        with self._room():
            try:
                for name in names:
                    _to_disk(self.folder / "tmp" / name)
                for name in names:
                    (self.folder / "tmp" / name).replace(self.folder / "new" / name)
                if names:
                    _to_disk(self.folder / "new")
            except OSError:
                self._sweep()
                raise

    def _sweep(self) -> None:
        for path in (self.folder / "tmp").iterdir():
            path.unlink()

    @contextlib.contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _FULL:
                raise
            do = "make room; the message waits"
            raise TryLater.say(where=str(self.folder), what="the disk is full", do=do) from error


def _to_disk(path: Path) -> None:
    """Waits until a file, or the names in a folder, would survive a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
