"""The file channel: a Maildir of `.eml` files named by message id, so that writing twice is writing once."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from tactful.words.errors import TryLater
from tactful.words.ports import Parcel, Receipt

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChannel:
    """A Maildir folder. Stability: full.

    Attributes:
        folder: the Maildir; `new`, `cur` and `tmp` are made in it.
    """

    folder: Path
    name: str = "file"
    repeats_safely: bool = True

    def __post_init__(self) -> None:
        for part in ("new", "cur", "tmp"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)

    def hand_over(self, parcel: Parcel) -> Receipt:
        """Writes one message; complete under its final name or not at all.

        Raises:
            TryLater: the disk is full.
        """
        name = f"{parcel.message_id.hex()}.eml"
        target = self.folder / "new" / name
        temporary = self.folder / "tmp" / name
        try:
            with temporary.open("wb") as file:
                file.write(parcel.payload)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if error.errno in _FULL:
                raise TryLater.say(
                    where=str(self.folder), what="the disk is full", do="make room; the message waits"
                ) from error
            raise
        return Receipt(message_id=parcel.message_id, reference=f"new/{name}")
