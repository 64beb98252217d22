"""What all programs share in a day: channels, hands that check and write, complaints; and who uses how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.members import Inputs
from tactful.decide.standing import Contacts
from tactful.project.declared import Project
from tactful.project.policy import HandCapacity, SendCapacity
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.outcome import OutcomeKind
from tactful.words.touchpoint import Channel

MILLIONTHS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One capacity. Stability: caller.

    Attributes:
        resource: its name in `prices`.
        most: how much there is in a day.
        unit: of `most` and `use`.
        use: what one decision for each arm takes; int64, shape (k,).
    """

    resource: str
    most: int
    unit: str
    use: NDArray[np.int64]


def shared(project: Project, arms: Arms) -> tuple[Shared, ...]:
    """The capacities that `policy.yaml` declares, in order of name; the smallest where one is declared twice."""
    found: dict[str, Shared] = {}
    for one in _declared(project, arms):
        if one.resource not in found or one.most < found[one.resource].most:
            found[one.resource] = one
    return tuple(found[name] for name in sorted(found))


def _declared(project: Project, arms: Arms) -> Iterator[Shared]:
    capacity = project.policy.capacity
    push = np.array([p is not None and not arms.preview[arm] for arm, p in enumerate(arms.program)])
    channel, level = np.array(arms.channel, dtype=object), np.array([one.value for one in arms.level], dtype=object)
    spoken = np.array([p is not None for p in arms.program])
    for send in capacity.sends:
        use = (spoken & (channel == send.channel)).astype(np.int64)
        most = send.most * (_open_hours(project, send) if send.per == "hour" else 1)
        yield Shared(resource=f"channel:{send.channel}", most=most, unit="messages", use=use)
    hands: tuple[tuple[str, HandCapacity | None], ...] = (
        ("checking", capacity.checking),
        ("creative", capacity.creative),
    )
    for name, hand in hands:
        if hand is not None:
            use = (push & np.isin(level, [one.value for one in hand.levels])).astype(np.int64)
            yield Shared(resource=name, most=hand.most, unit="messages", use=use)
    for quota in capacity.complaints:
        rate = {one.value: int(share * MILLIONTHS) for one, share in quota.expected.items()}
        each = np.array([rate.get(one, 0) for one in level.tolist()], dtype=np.int64)
        use = np.where(push & (channel == quota.channel), each, 0)
        most = int(quota.most * MILLIONTHS)
        yield Shared(resource=f"complaints:{quota.channel}", most=most, unit="millionths of a complaint", use=use)


def _open_hours(project: Project, send: SendCapacity) -> int:
    """Hours of a day in which the channel is not quiet, begun ones not counted; people come when they like."""
    if not Channel.of(send.channel).is_push:
        return 24
    quiet = 0
    for hours in project.policy.quiet_hours:
        if hours.channel in (send.channel, "any"):
            start, end = ((int(text[:2]) * 60 + int(text[3:])) for text in (hours.start, hours.end))
            quiet = max(quiet, (end - start) % (24 * 60))
    return (24 * 60 - quiet) // 60


def used_today(inputs: Inputs, *, project: Project, arms: Arms, occasion: str, clock: Clock) -> dict[str, int]:
    """Capacity → how much of today's is gone to other occasions.

    A channel's messages are counted from contacts, whoever made them; what is known by the level alone is counted from
    the decisions of other occasions of today.

    Args:
        inputs: `contact` and `past_decisions`, where there are any.
        project: its policy declares the capacities.
        arms: what there is to say now.
        occasion: the one about to be decided.
        clock: now.
    """
    capacities = shared(project, arms)
    if not capacities:
        return {}
    contacts = Contacts.of(inputs, occasion=occasion)
    today = contacts.channel[contacts.happened_at >= int(clock.midnight.timestamp()) * 1_000_000]
    taken = _decided_today(inputs, arms=arms, occasion=occasion, clock=clock)
    shown = shown_today(inputs, clock=clock)
    found: dict[str, int] = {}
    for one in capacities:
        kind, channel = one.resource.split(":", 1) if ":" in one.resource else (one.resource, "")
        counted = int(np.count_nonzero(today == channel)) + shown[channel]
        found[one.resource] = counted if kind == "channel" else int((one.use * taken).sum())
    return found


def shown_today(inputs: Inputs, *, clock: Clock) -> Counter[str]:
    """How much was shown today on each channel that people come to, from `live_decision`."""
    if "live_decision" not in inputs:
        return Counter()
    rows = lake.read(inputs["live_decision"])
    rows = rows.filter(pc.equal(rows["outcome_kind"], OutcomeKind.CHOSEN.value))
    rows = rows.filter(pc.greater_equal(rows["decided_at"], clock.midnight))
    return Counter(rows["channel"].to_pylist())


def _decided_today(inputs: Inputs, *, arms: Arms, occasion: str, clock: Clock) -> NDArray[np.int64]:
    """How many decisions of today and of other occasions chose each arm; shape (k,)."""
    count = np.zeros(len(arms), dtype=np.int64)
    if "past_decisions" not in inputs:
        return count
    columns = ["decision_id", "occasion", "arm_id", "outcome_kind", "decided_at"]
    rows = lake.read(inputs["past_decisions"], columns=columns)
    rows = rows.filter(pc.equal(rows["outcome_kind"], OutcomeKind.CHOSEN.value))
    rows = rows.filter(pc.not_equal(rows["occasion"], occasion))
    rows = rows.filter(pc.greater_equal(rows["decided_at"], clock.midnight))
    rows = rows.group_by(["decision_id", "arm_id"]).aggregate([])
    place = {arm_id: arm for arm, arm_id in enumerate(arms.batch["arm_id"].to_pylist())}
    for arm_id in rows["arm_id"].to_pylist():
        if arm_id in place:
            count[place[arm_id]] += 1
    return count
