"""What may leave a channel within an hour, where its capacity says so: the rest waits for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tactful.project.policy import Policy
from tactful.store import ledger
from tactful.store.sql import named


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour of a channel. Stability: caller.

    Attributes:
        channel: such as `email`.
        most: how many messages may leave in it, of all runs together.
        start: of the hour, in UTC.
    """

    channel: str
    most: int
    start: datetime

    @classmethod
    def of(cls, policy: Policy, *, channel: str, now: datetime) -> Hour | None:
        """The hour of an instant; None where the channel has no capacity by the hour.

        Args:
            policy: the project's.
            channel: whose.
            now: by the project's clock.
        """
        said = [one.most for one in policy.capacity.sends if one.channel == channel and one.per == "hour"]
        start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return cls(channel=channel, most=min(said), start=start) if said else None

    @property
    def end(self) -> datetime:
        """When the next begins."""
        return self.start + timedelta(hours=1)

    def left(self, tx: ledger.Transaction) -> int:
        """How many more may leave in this hour; what other runs sent, or have in hand, counts."""
        values = {"channel": self.channel, "since": self.start, "until": self.end}
        return max(0, self.most - int(ledger.ask(tx, named("ledger.deliver.gone_in_hour"), values)[0]["rows"]))

    def put_off(self, tx: ledger.Transaction, *, run_id: bytes) -> int:
        """What of a run is due in this hour waits for the next, and its contact counts there; how many that are."""
        values = {"run_id": run_id, "channel": self.channel, "until": self.end}
        waiting = ledger.act(tx, named("ledger.deliver.put_off"), values)
        ledger.act(tx, named("ledger.deliver.move_contacts"), values)
        return waiting

    def count(self, tx: ledger.Transaction, *, rows: Sequence[dict[str, Any]]) -> None:  # Any: ledger rows
        """Rows that leave now and were due before count in this hour, not in the one that they waited through."""
        late = [{"decision_id": row["decision_id"], "due_at": self.start} for row in rows if row["due_at"] < self.start]
        ledger.act_many(tx, named("ledger.deliver.move_contact"), late)
