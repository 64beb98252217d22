"""The price of a contact: what one more costs the future of this customer, in score units, looked up in a table.

The table (value class × channel × fatigue) is the answer of `reckon.fatigue` to what the policy declares and to what
messages usually bring; a customer's fatigue is summed from their contacts in whole numbers. In the kernel the price is
one more feature per channel with a coefficient of its own, so that it is subtracted exactly.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms, units
from tactful.decide.believed import Beliefs
from tactful.decide.columns import lists
from tactful.decide.members import Inputs, Keys, among
from tactful.decide.people import push_channels
from tactful.decide.standing import Contacts
from tactful.project.declared import Project
from tactful.project.wear import Fatigue
from tactful.reckon.distinct import distinct
from tactful.reckon.exact import FEATURE_LIMIT
from tactful.reckon.fatigue import POINTS, Classes, Wear, worn
from tactful.reckon.hazard import Hazard
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.fact import Purpose

EVERYBODY: Final = "everybody"
"""The value class of those who are in no declared one."""
UNIT: Final = 1 << 20
"""Units in a fatigue of 1."""
OLDEST: Final = 800
"""Contacts older than so many days are felt no more."""
MOST_SHIFT: Final = 24
"""A coefficient of 2^24 is the largest there is."""
_DAY: Final = 86_400_000_000
Whole = NDArray[np.int64]


def table(project: Project, arms: Arms, *, beliefs: Beliefs, hazard: Hazard | None = None) -> pa.RecordBatch:
    """The `fatigue` rows of a project; none where its policy declares no fatigue.

    What a contact usually brings is taken from the best message of each marketing program on a channel, its cost taken
    off, each as likely as the others. The risk of an opt-out is the learned one where there is one, else as declared.
    """
    declared, channels = project.policy.fatigue, push_channels(arms)
    schema = contracts.table("fatigue").schema
    brings = {channel: _usual(arms, channel=channel, beliefs=beliefs) for channel in channels}
    channels = tuple(channel for channel in channels if brings[channel])
    if declared is None or not channels:
        return pa.RecordBatch.from_pylist([], schema=schema)
    points = max(len(brings[channel]) for channel in channels)
    reward = np.array([np.resize(np.array(brings[channel], dtype=np.float64), points) for channel in channels])
    names = [*(one.segment for one in declared.classes), EVERYBODY]
    amounts = [*(one.remaining for one in declared.classes), declared.remaining]
    remaining = np.array([units(amount, project=project) for amount in amounts], dtype=np.float64)
    found = worn(
        wear_of(declared, channels=channels, hazard=hazard),
        classes=Classes(reward=np.repeat(reward[None], len(names), axis=0), remaining=remaining),
    )
    price = np.minimum(np.rint(found.price), FEATURE_LIMIT).astype(np.int64)
    rows = [
        {"class": name, "channel": channel, "contacts": point, "price": int(price[c, k, point])}
        for c, name in enumerate(names)
        for k, channel in enumerate(channels)
        for point in range(POINTS)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def wear_of(declared: Fatigue, *, channels: tuple[str, ...], hazard: Hazard | None = None) -> Wear:
    """What a policy declares, or the log has shown, as the dynamic programme asks for it."""
    stated = log(-log(1 - min(max(float(declared.opt_out), 1e-9), 0.999)))
    learned = hazard.base if hazard is not None else {}
    return Wear(
        keep=float(0.5 ** (declared.every / declared.half_life)),
        weight=tuple(float(declared.weight.get(channel, 1)) for channel in channels),
        loss=-log(max(1e-9, 1 - float(declared.loss))),
        base=tuple(learned.get(channel, stated) for channel in channels),
        growth=float(declared.growth) if hazard is None else hazard.growth,
        patience=min(float(declared.patience), 0.9999),
    )


def _usual(arms: Arms, *, channel: str, beliefs: Beliefs) -> list[int]:
    """What the best message of each marketing program brings on a channel, in score units and in order."""
    best: dict[str, int] = {}
    for arm, program in enumerate(arms.program):
        if program and arms.channel[arm] == channel and not arms.preview[arm] and is_priced(arms, arm):
            net = int(beliefs.mean[arm] - arms.cost[arm] - arms.offer_cost[arm])
            best[program] = max(best.get(program, net), net)
    return sorted(best.values())


def is_priced(arms: Arms, arm: int) -> bool:
    """Whether a message of this arm is one that people tire of: what carries out an order or serves is not."""
    return arms.purpose[arm] == Purpose.MARKETING.value


@dataclass(frozen=True, kw_only=True)
class ContactPrices:
    """The table in memory, with everybody's class and contacts. Stability: internal.

    Attributes:
        channels: the push channels, in the order of `inputs.contact_price`.
        price: by channel, class and point of fatigue; None where the project has no table.
        classes: keys of the members of each declared class, sorted, in the order of the classes.
        felt: how much a contact on a channel is still felt by its age in days, in units of 2^-20.
        most: the most fatigue there can be, in the same units.
    """

    channels: tuple[str, ...]
    price: Whole | None
    classes: tuple[Keys, ...]
    felt: Mapping[str, Whole]
    most: int

    @classmethod
    def of(cls, inputs: Inputs, *, project: Project, arms: Arms) -> ContactPrices:
        """From `fatigue`, where it has rows; of nobody's class yet."""
        declared, channels = project.policy.fatigue, push_channels(arms)
        rows = lake.read(inputs["fatigue"]).to_pylist() if "fatigue" in inputs else []
        if declared is None or not rows:
            return cls(channels=channels, price=None, classes=(), felt={}, most=1)
        names = [*(one.segment for one in declared.classes), EVERYBODY]
        price = np.zeros((len(channels), len(names), POINTS), dtype=np.int64)
        for row in rows:
            price[channels.index(row["channel"]), names.index(row["class"]), row["contacts"]] = row["price"]
        wear = wear_of(declared, channels=tuple(dict.fromkeys(row["channel"] for row in rows)))
        ages = np.maximum(np.arange(OLDEST) - declared.every, 0)
        fades = np.rint(0.5 ** (ages / declared.half_life) * UNIT)
        return cls(
            channels=channels,
            price=price,
            classes=(),
            felt={c: np.rint(fades * float(declared.weight.get(c, 1))).astype(np.int64) for c in channels},
            most=round(wear.most * UNIT),
        )

    def with_classes(self, inputs: Inputs, *, project: Project) -> ContactPrices:
        """The same with the members of each declared class: from `segments`."""
        declared = project.policy.fatigue
        if self.price is None or declared is None:
            return self
        segments = lake.read(inputs["segments"], columns=["segment", "customer_key"])
        members = (segments.filter(pc.equal(segments["segment"], one.segment)) for one in declared.classes)
        return dataclasses.replace(self, classes=tuple(distinct(one["customer_key"].to_numpy()) for one in members))

    def column(self, keys: Keys, *, contacts: Contacts, clock: Clock) -> pa.Array:
        """`contact_price` of some customers: a price for each push channel; empty where there is no table."""
        if self.price is None:
            return pa.nulls(keys.size, pa.list_(pa.int64()))
        point, which = self._points(keys, contacts=contacts, clock=clock), np.full(keys.size, len(self.classes))
        for number in reversed(range(len(self.classes))):
            which = np.where(among(keys, self.classes[number]), number, which)
        return lists(np.stack([price[which, point] for price in self.price], axis=1))

    def _points(self, keys: Keys, *, contacts: Contacts, clock: Clock) -> Whole:
        """The point of the grid that each customer's fatigue is nearest to."""
        age = (int(clock.now.timestamp()) * 1_000_000 - contacts.happened_at) // _DAY
        felt = np.zeros(contacts.key.size, dtype=np.int64)
        for channel, fades in self.felt.items():
            mine = (contacts.channel == channel) & (age >= 0) & (age < OLDEST)
            felt[mine] = fades[age[mine]]
        total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(felt)])
        first, last = (np.searchsorted(contacts.key, keys, side=side) for side in ("left", "right"))
        fatigue = total[last] - total[first]
        steps = POINTS - 1
        found: Whole = np.minimum((fatigue * steps + self.most // 2) // self.most, steps)
        return found


def priced_channels(batch: pa.RecordBatch, *, arms: Arms, kind: Whole) -> tuple[str, ...]:
    """The channels whose contacts have a price in these rows; none at a pull touchpoint or without a table."""
    there = "contact_price" in batch.schema.names and batch["contact_price"].null_count < batch.num_rows
    return push_channels(arms) if there and not arms.preview[kind].any() else ()


def with_contacts(arms: Arms, *, beliefs: Beliefs, kind: Whole, channels: tuple[str, ...]) -> tuple[Whole, Whole]:
    """Coefficients and shifts of some arms with one more feature for each priced channel, which it takes off exactly.

    A shift beyond 24 bits is brought to it, since no coefficient passes 2^24; what that rounds is below one unit for
    each feature.

    Returns:
        Coefficients, shape (k, features + channels); shifts, shape (k,).
    """
    coefficients, shift = beliefs.coefficients[kind], beliefs.shift[kind]
    if not channels:
        return coefficients, shift
    over = np.maximum(shift - MOST_SHIFT, 0)
    priced = np.array([[is_priced(arms, arm) and arms.channel[arm] == c for c in channels] for arm in kind.tolist()])
    shift = shift - over
    return np.concatenate([coefficients >> over[:, None], -priced.astype(np.int64) << shift[:, None]], axis=1), shift
