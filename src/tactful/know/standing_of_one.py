"""What one customer has said as it stands now, worked out from their own few rows: the live side of `standing`.

The rules are those of `know.consents_at` and `know.preferences_at`, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tactful.words.consent import ANY_CHANNEL, ConsentState
from tactful.words.touchpoint import Channel

Row = Mapping[str, Any]  # Any: one row of the ledger

_PLAINER: Final = {"none": 4, "all": 3, "many": 2, "few": 1}


@dataclass(slots=True, kw_only=True)
class _Said:
    """The last of each kind of word for one purpose and channel."""

    yes: datetime | None = None
    proven_yes: datetime | None = None
    no: datetime | None = None
    taken_back: datetime | None = None

    def hear(self, row: Row, *, instant: datetime) -> None:
        at, state = row["happened_at"], row["state"]
        if state == ConsentState.GRANTED.value:
            if at <= instant:
                self.yes = _later(self.yes, at)
                self.proven_yes = self.proven_yes if row["wording_hash"] is None else _later(self.proven_yes, at)
            return
        self.no = _later(self.no, at)
        if state == ConsentState.WITHDRAWN.value:
            self.taken_back = _later(self.taken_back, at)


def consents_of(rows: Iterable[Row], *, instant: datetime, channels: Sequence[Channel]) -> dict[str, list[str]]:
    """One customer's standing consents, as `standing.consents_at` gives everybody's.

    Args:
        rows: their rows of the ledger's `consent`.
        instant: as of when.
        channels: channels to answer for.

    Returns:
        consents and withdrawn: lists of `purpose:channel`, in order.
    """
    said: dict[str, dict[str, _Said]] = {}
    for row in rows:
        if row["recorded_at"] <= instant:
            said.setdefault(row["purpose"], {}).setdefault(row["channel"], _Said()).hear(row, instant=instant)
    consents: list[str] = []
    withdrawn: list[str] = []
    for purpose, words in said.items():
        everywhere = words.get(ANY_CHANNEL, _Said())
        granted, back = [], []
        for channel in channels:
            own = words.get(channel.value, _Said())
            granted.append(_granted(own, everywhere))
            back.append(own.taken_back is not None or everywhere.taken_back is not None)
            if granted[-1] or back[-1]:
                (consents if granted[-1] else withdrawn).append(f"{purpose}:{channel.value}")
        if channels and all(granted):
            consents.append(f"{purpose}:{ANY_CHANNEL}")
        if any(back) and not any(granted):
            withdrawn.append(f"{purpose}:{ANY_CHANNEL}")
    return {"consents": sorted(consents), "withdrawn": sorted(withdrawn)}


def _granted(own: _Said, everywhere: _Said) -> bool:
    """Whether a channel has a yes that no no outlives, of its own or for every channel."""
    nos = [one for one in (own.no, everywhere.no) if one is not None]
    by_own = own.yes is not None if not nos else own.proven_yes is not None and own.proven_yes > max(nos)
    if by_own or own.no is not None:
        return by_own
    if everywhere.no is None:
        return everywhere.yes is not None
    return everywhere.proven_yes is not None and everywhere.proven_yes > everywhere.no


def wishes_of(rows: Iterable[Row], *, instant: datetime) -> dict[str, str | None] | None:
    """One customer's own wishes, as `standing.preferences_at` gives everybody's; None where they said nothing.

    Args:
        rows: their rows of the ledger's `preference`.
        instant: as of when.
    """
    known = [row for row in rows if row["recorded_at"] <= instant and row["happened_at"] <= instant]
    if not known:
        return None
    dials = [
        (row["happened_at"], _PLAINER.get(row["dial"], 0), row["dial"]) for row in known if row["dial"] is not None
    ]
    return {
        "dial": max(dials)[-1] if dials else None,
        **{name: _last(known, name) for name in ("topics_off", "occasions_off", "frequency")},
    }


def _last(rows: Sequence[Row], name: str) -> str | None:
    """The latest of one wish; an empty text says nothing, but of `frequency`."""
    said = [(row["happened_at"], row[name]) for row in rows if row[name] is not None]
    if name != "frequency":
        said = [one for one in said if one[1] != ""]
    return max(said)[-1] if said else None


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
