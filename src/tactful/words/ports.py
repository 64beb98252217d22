"""The ports: what a plug-in fills. Each has a public battery in `tactful.testing`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message ready to leave: bytes, and what is needed to deliver them. Stability: full.

    Attributes:
        message_id: 16 bytes; the same over every retry.
        recipient: address on the channel.
        payload: the final bytes.
    """

    message_id: bytes
    recipient: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A provider's yes. Stability: full."""

    message_id: bytes
    reference: str


class DeliveryChannel(Protocol):
    """Where parcels leave. Stability: full.

    `hand_over` must be safe to repeat with the same message_id where `repeats_safely` is True: the file channel writes
    the same file again, an SMTP server would send twice. A receipt counts once `flush` has returned after it: a channel
    may make many parcels durable at once.
    """

    @property
    def name(self) -> str:
        """What `deliver:` in the project's settings calls it."""
        ...

    @property
    def repeats_safely(self) -> bool:
        """Whether handing the same parcel over twice delivers it once."""
        ...

    def hand_over(self, parcel: Parcel) -> Receipt:
        """Hand one parcel over.

        Raises:
            Refused: final.
            TryLater: passing.
        """
        ...

    def flush(self) -> None:
        """Make everything that was handed over so far durable; nothing to do where `hand_over` has done it.

        Raises:
            TryLater: none of it counts; all of it may be handed over again.
        """
        ...


@runtime_checkable
class ValueModel(Protocol):
    """A model of what people are worth, of any make: its answer enters as one feature among others. Stability: full.

    It must answer a row the same alone and among others, and the same for as long as its version stays: the version is
    part of the name under which outcomes are summed.
    """

    @property
    def name(self) -> str:
        """What `value:` in the project's policy calls it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever an answer would."""
        ...

    def predict(self, rows: Any) -> Any:  # Any: an Arrow table in, an array of numbers out; words know neither
        """One number for each row of facts; not a number where it has nothing to say."""
        ...
