"""Sends what was approved: queued in one transaction, checked once more at the claim, delivered at most once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import finished, verdict
from tactful.check.leaving import LastScan
from tactful.compose import mail
from tactful.compose.join import Joined
from tactful.decide import incentives
from tactful.deliver import apart, outbox
from tactful.deliver.channels.file import FileChannel
from tactful.deliver.hourly import Hour
from tactful.deliver.outbox import Lease, Result
from tactful.flow.approving import approval_of
from tactful.flow.claiming import EMAIL, Claiming
from tactful.flow.learning import REHEARSAL, SENT
from tactful.flow.letters import Letters, verify_run
from tactful.flow.manifest import Run, empty, end_run, known_runs
from tactful.flow.progress import Progress
from tactful.flow.stopping import refuse_if_stopped
from tactful.flow.workspace import Workspace
from tactful.project.policy import Policy
from tactful.store import lake, ledger
from tactful.words.errors import Refused, RunStopped, TryLater
from tactful.words.fact import Purpose
from tactful.words.message import Part
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.ports import DeliveryChannel, Parcel
from tactful.words.sealed import Sealed

BATCH = 500
"""How many messages are claimed, and their answers written, at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a send did. Stability: caller.

    Attributes:
        queued: messages that were new in the outbox.
        scanned: letters whose joined bytes were searched in this call; those that broke a rule were held back.
        states: rows of the run by state, with the reason where there is one.
        elsewhere: messages that wait under other runs, by run.
        folder: where the mails are, for the file channel.
    """

    run: str
    queued: int
    accepted: int
    scanned: int = 0
    states: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    folder: str = ""


def send(space: Workspace, run: Run, *, progress: Progress, batch: int = BATCH) -> Sent:
    """Delivers a run's approved messages; the caller holds the project alone.

    A second call sends nothing twice; a call after a crash goes on where the ledger says.

    Args:
        batch: how many messages are in hand at a time; a stop takes effect between two batches.

    Raises:
        NotApproved: no approval covers exactly this run.
        RunStopped: a stop is in force.
        StoreFaulty: a sealed file is not what was sealed.
    """
    approval_of(space, run)
    sealed = verify_run(space, run)
    with space.ledger.reading() as tx:
        refuse_if_stopped(tx, run_name=run.name)
    channel = FileChannel(folder=_folder(space))
    queued = _enqueue(space, run, sealed=sealed, channel=channel)
    total = _waiting(space, run)
    with progress.step("send", says="hand messages over", total=total) as report:
        scanned = _drain(space, run, sealed=sealed, channel=channel, report=report, batch=batch)
    return _ended(space, run, queued=queued, scanned=scanned, folder=channel.folder)


def ready(sealed: dict[str, Sealed], *, policy: Policy, rehearsal: tuple[str, ...] | None = None) -> pa.Table:
    """The messages that may leave: chosen, written, without an error finding, with an address.

    Args:
        sealed: the run's handles.
        policy: says when findings hold a message back.
        rehearsal: in test mode, the only addresses that may be reached.

    Returns:
        Columns decision_id, message_id, customer_id, channel, purpose, recipient, bytes_hash, offer_id,
        program, due_at, valid_until.
    """
    decisions = lake.read(sealed["decisions"]).filter(
        pc.equal(lake.read(sealed["decisions"], columns=["outcome_kind"])["outcome_kind"], OutcomeKind.CHOSEN.value)
    )
    if "messages" not in sealed:
        return decisions.slice(0, 0)
    messages = lake.read(sealed["messages"]).select(["decision_id", "message_id", "skeleton_id", "bytes_hash"])
    found = lake.read(sealed["findings"]) if "findings" in sealed else empty("findings")
    judged = verdict.judge(found, messages=messages, policy=policy)
    good = messages.filter(pc.is_in(messages["message_id"], value_set=pa.array(judged.good, pa.binary(16))))
    good = good.drop_columns(["skeleton_id"])
    wanted = ["decision_id", "customer_id", "channel", "purpose", "offer_id", "program", "due_at", "valid_until"]
    people = lake.read(sealed["profiles"], columns=["customer_id", "email"]).rename_columns(
        ["customer_id", "recipient"]
    )
    rows = good.join(decisions.select(wanted), keys="decision_id", join_type="inner")
    rows = rows.join(people, keys="customer_id", join_type="inner")
    rows = rows.filter(pc.is_valid(rows["recipient"]))
    if rehearsal is not None:
        seeds = pa.array([seed.strip().casefold() for seed in rehearsal], pa.string())
        rows = rows.filter(pc.is_in(pc.utf8_lower(rows["recipient"]), value_set=seeds))
    return rows.sort_by("decision_id")


def _enqueue(space: Workspace, run: Run, *, sealed: dict[str, Sealed], channel: DeliveryChannel) -> int:
    """Reservation, incentive and outbox row in one transaction; nothing leaves before it is committed."""
    test = space.project.settings.mode == "test"
    rows = ready(sealed, policy=space.project.policy, rehearsal=space.project.settings.seeds if test else None)
    with space.ledger.transaction() as tx:
        refuse_if_stopped(tx, run_name=run.name)
        outbox.recover(tx, run_id=run.run_id, repeats_safely=channel.repeats_safely)
        in_time = pc.greater_equal(rows["valid_until"], pa.scalar(space.clock.now, rows["valid_until"].type))
        promised = _promised(sealed, rows.filter(in_time))
        incentives.reserve(promised, project=space.project, clock=space.clock, tx=tx)
        unkept = pa.array(incentives.missing(promised, tx=tx), pa.binary(16))
        kept = rows.filter(pc.invert(pc.is_in(rows["decision_id"], value_set=unkept)))
        planned = _planned(kept, run_id=run.run_id, now=space.clock.now)
        caps = space.project.policy.caps
        queued = outbox.enqueue(tx, planned, caps=caps, run_id=run.run_id, occasion=run.occasion, clock=space.clock)
        apart.hold(tx, space.project.programs, run_id=run.run_id, clock=space.clock)
        apart.hold_channels(tx, space.project.policy, run_id=run.run_id, clock=space.clock)
        late = rows.filter(pc.invert(in_time))["decision_id"].to_pylist()
        outbox.expire(tx, late, run_id=run.run_id, now=space.wall.now)
    return queued


def _planned(rows: pa.Table, *, run_id: bytes, now: datetime) -> pa.Table:
    """Rows for the outbox: due when the decision says, which is now where it says nothing."""
    instant = pa.scalar(now, pa.timestamp("us", tz="UTC"))
    said = pc.coalesce(rows["due_at"], instant)
    due = pc.if_else(pc.less(said, instant), instant, said)
    planned = rows.drop_columns(["offer_id", "due_at", "valid_until"]).append_column("due_at", due)
    planned = planned.append_column("run_id", pa.array([run_id] * rows.num_rows, pa.binary(16)))
    return planned.append_column("planned_at", pa.array([now] * rows.num_rows, pa.timestamp("us", tz="UTC")))


def _promised(sealed: dict[str, Sealed], rows: pa.Table) -> pa.Table:
    """The decisions behind messages that may leave."""
    decisions = lake.read(sealed["decisions"])
    return decisions.filter(pc.is_in(decisions["decision_id"], value_set=rows["decision_id"].combine_chunks()))


def _drain(
    space: Workspace,
    run: Run,
    *,
    sealed: dict[str, Sealed],
    channel: DeliveryChannel,
    report: Callable[[int], None],
    batch: int,
) -> int:
    """Claims, checks once more, hands over and writes the answers, until nothing waits; how many were scanned."""
    last, scanned = LastScan(space.project, today=space.clock.today), 0
    known = Claiming.of(space, run, sealed=sealed)
    letters = Letters.of(space, run)
    while True:
        with space.ledger.transaction() as tx:
            refuse_if_stopped(tx, run_name=run.name)
            lease = _claim(tx, known, run=run, batch=batch)
        if not lease.rows and not lease.cancelled and not lease.postponed:
            return scanned
        words = list(letters.joined([row["decision_id"] for row in lease.rows]))
        scanned += len(words)
        results = _hand_over(space, lease, words=words, guilty=_guilty(lease, words, letters=letters, last=last),
                             channel=channel)  # fmt: skip
        with space.ledger.transaction() as tx:
            outbox.settle(tx, lease=lease, results=results, now=space.wall.now)
        report(len(results) + lease.cancelled + lease.postponed)
        waits = next((result.why for result in results if result.state == "deferred"), None)
        if waits is not None:
            raise RunStopped.say(
                where=f"run {run.name}",
                what=f"the channel asks to wait: {waits}",
                do="run `tactful send` again later",
            )


def _claim(tx: ledger.Transaction, known: Claiming, *, run: Run, batch: int) -> Lease:
    """The next rows to be handed over: no more than are left of the hour, where the channel has a capacity by hours."""
    space = known.space
    due = known.clock.now
    hour = Hour.of(space.project.policy, channel=EMAIL, now=due)
    room = batch if hour is None else min(batch, hour.left(tx))
    if hour is not None and not room:
        hour.put_off(tx, run_id=run.run_id)
    lease = outbox.claim(tx, run_id=run.run_id, most=max(1, room), barred=known.barred(tx), due=due, now=space.wall.now)
    if hour is not None:
        hour.count(tx, rows=lease.rows)
    return lease


def _guilty(lease: Lease, words: Sequence[Joined], *, letters: Letters, last: LastScan) -> dict[bytes, tuple[str, ...]]:
    """The rules that joined letters break, by message: every byte is searched before any leaves."""
    programs = {row["decision_id"]: row["program"] or "" for row in lease.rows}
    return last.guilty([letters.leaving(one, program=programs[one.decision_id]) for one in words])


def _hand_over(
    space: Workspace,
    lease: Lease,
    *,
    words: Sequence[Joined],
    guilty: Mapping[bytes, tuple[str, ...]],
    channel: DeliveryChannel,
) -> list[Result]:
    """One answer per claimed row; what breaks a rule or cannot be built is held back, and the rest go on.

    An answer counts once the channel has made what it took durable; where it cannot, all it took waits.
    """
    rows = {row["decision_id"]: row for row in lease.rows}
    results = []
    for joined in words:
        row, rules = rows.pop(joined.decision_id), guilty.get(joined.message_id)
        results.append(_held(joined, rules) if rules else _one(space, row, joined=joined, channel=channel))
    why = "the run holds no message for this decision"
    results += [Result(decision_id=decision_id, state="rejected", why=why) for decision_id in sorted(rows)]
    try:
        channel.flush()
    except TryLater as error:
        waits = [Result(decision_id=one.decision_id, state="deferred", why=str(error)) for one in results]
        return [wait if one.state == "accepted" else one for one, wait in zip(results, waits, strict=True)]
    return results


def _held(joined: Joined, rules: tuple[str, ...]) -> Result:
    """The answer for a letter whose bytes hold what may never leave: nothing of it was handed over."""
    why = f"{Reason.QUARANTINED.value}:{','.join(rules)}"
    return Result(decision_id=joined.decision_id, state="cancelled", why=why)


def _one(space: Workspace, row: dict[str, Any], *, joined: Joined, channel: DeliveryChannel) -> Result:  # Any: a row
    purpose = Purpose(row["purpose"])
    letter = mail.Letter(
        message_id=joined.message_id,
        recipient=row["recipient"],
        purpose=purpose,
        parts={part: words for part, words in joined.parts.items() if part is not Part.PAYLOAD},
        links=joined.links,
    )
    try:
        payload = mail.build(letter, brand=space.project.brand, clock=space.clock)
        _look_once_more(space, letter, payload=payload)
        receipt = channel.hand_over(Parcel(message_id=joined.message_id, recipient=row["recipient"], payload=payload))
    except TryLater as error:
        return Result(decision_id=joined.decision_id, state="deferred", why=str(error))
    except Refused as error:
        return Result(decision_id=joined.decision_id, state="rejected", why=str(error))
    return Result(decision_id=joined.decision_id, state="accepted", reference=receipt.reference)


def _look_once_more(space: Workspace, letter: mail.Letter, *, payload: bytes) -> None:
    """What leaves is what was checked, to the byte.

    Raises:
        Refused: it is not.
    """
    headers = mail.planned(letter, brand=space.project.brand, clock=space.clock)
    for found in finished.inspect(payload, words=letter.parts, headers=headers, subject=letter.message_id.hex()):
        raise Refused.say(where=f"mail {found.subject}", what=f"{found.what} ({found.rule})", do=found.fix)


def _waiting(space: Workspace, run: Run) -> int:
    with space.ledger.reading() as tx:
        return sum(row["rows"] for row in outbox.counts(tx, run_id=run.run_id) if row["state"] == "queued")


def _ended(space: Workspace, run: Run, *, queued: int, scanned: int, folder: Path) -> Sent:
    with space.ledger.transaction() as tx:
        states = _states(outbox.counts(tx, run_id=run.run_id))
        told = {"sent": states} | ({REHEARSAL: True} if space.project.settings.mode == "test" else {})
        end_run(tx, run, state=SENT, summary={**run.summary, **told}, at=space.wall.now)
        elsewhere = {
            other.name: waiting
            for other in known_runs(tx)
            if other.run_id != run.run_id
            and (waiting := _states(outbox.counts(tx, run_id=other.run_id)).get("queued", 0))
        }
    return Sent(
        run=run.name,
        queued=queued,
        scanned=scanned,
        accepted=states.get("accepted", 0),
        states=states,
        elsewhere=elsewhere,
        folder=str(folder),
    )


def _states(rows: list[dict[str, Any]]) -> dict[str, int]:  # Any: ledger rows
    """Messages by state; a cancellation says why, a provider's own words (which may name a person) are left out."""
    found: Counter[str] = Counter()
    for row in rows:
        why = f" ({row['why']})" if row["state"] == "cancelled" and row["why"] else ""
        found[row["state"] + why] += row["rows"]
    return dict(sorted(found.items()))


def _folder(space: Workspace) -> Path:
    return space.out / ("rehearsal" if space.project.settings.mode == "test" else "mail")
