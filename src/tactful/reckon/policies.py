"""Policies for a shop whose customers wear out: the engine's price of a contact, fixed caps, one message for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tactful.reckon.fatigue import Classes, Floats, Worn, worn
from tactful.reckon.wearing import Crowd, Day, Policy, WearingWorld, Whole

POINTS: Final = 12
"""Equally likely points at which the spread of a day's worth is looked at."""


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The engine: the best message of the day, where it brings more than its cost and the price of the contact.

    Stability: caller.

    Attributes:
        world: whose wear and costs are known, or were learned.
        usual: what a contact usually brings each customer: the unit of their prices; shape (n,).
        classes: number of each customer's value class; shape (n,).
        table: prices by class and fatigue, in units of what a contact usually brings.
    """

    world: WearingWorld
    usual: Floats
    classes: Whole
    table: Worn

    def __call__(self, day: Day) -> Whole:
        """The message for each, -1 for none."""
        net = day.worth * self.world.wear.response(day.fatigue)[:, None] - np.array(self.world.cost)
        best = net.argmax(axis=1)
        price = self.usual * self.table.price[self.classes, 0, self.table.at(day.fatigue)]
        return np.where(net[np.arange(best.size), best] > price, best, -1)


def stakes(world: WearingWorld, *, crowd: Crowd, points: int = POINTS) -> Classes:
    """What is at stake with each single customer, as if each were a class of their own."""
    mean = np.array(world.worth)[crowd.segment] * crowd.response[:, None]
    rng = np.random.default_rng(0)
    draws = np.sort((mean[:, None, :] * rng.exponential(size=(1, points * 25, mean.shape[1]))
                     - np.array(world.cost)).max(axis=2), axis=1)  # fmt: skip
    reward = draws.reshape(len(mean), points, 25).mean(axis=2)
    return Classes(reward=reward[:, None, :], remaining=crowd.remaining)


def grouped(at_stake: Classes, *, groups: int) -> tuple[Whole, Floats, Classes]:
    """Value classes: customers of whom an opt-out takes about as many times what a contact usually brings.

    Prices scale with both, so that a class for each proportion is enough, in units of what a contact usually brings.

    Returns:
        The class of each customer and what a contact usually brings them, both of shape (n,); and what is at stake in
        each class.
    """
    usual = at_stake.reward.mean(axis=(1, 2))
    times = np.log(at_stake.remaining / usual)
    low, high = np.quantile(times, [0.01, 0.99])
    known, classes = np.unique(np.searchsorted(np.linspace(low, high, groups - 1), times), return_inverse=True)
    scaled = at_stake.reward / usual[:, None, None]
    reward = np.stack([scaled[classes == g].mean(axis=0) for g in range(known.size)])
    remaining = np.array([np.exp(times[classes == g].mean()) for g in range(known.size)])
    return classes, usual, Classes(reward=reward, remaining=remaining)


def engine(world: WearingWorld, *, crowd: Crowd, groups: int = 12) -> Priced:
    """The engine's policy for a crowd: one table for all its value classes."""
    classes, usual, at_stake = grouped(stakes(world, crowd=crowd), groups=groups)
    return Priced(world=world, usual=usual, classes=classes, table=worn(world.wear, classes=at_stake))


def alone(world: WearingWorld, *, crowd: Crowd, points: int = 121) -> Priced:
    """The exact policy: a dynamic programme for every single customer, on a fine grid."""
    at_stake = stakes(world, crowd=crowd)
    n = len(at_stake.remaining)
    table = worn(world.wear, classes=at_stake, points=points)
    return Priced(world=world, usual=np.ones(n), classes=np.arange(n), table=table)


def capped(world: WearingWorld, *, most: int, hurdle: float = 0.0) -> Policy:
    """The best message of the day for everybody who had fewer than so many in a week, where it brings its cost.

    Args:
        world: the shop.
        most: contacts in seven days.
        hurdle: what it must bring beyond its cost, the same for everybody.
    """
    cost = np.array(world.cost)

    def choose(day: Day) -> Whole:
        net = day.worth * world.wear.response(day.fatigue)[:, None] - cost
        best = net.argmax(axis=1)
        return np.where((day.lately < most) & (net[np.arange(best.size), best] > hurdle), best, -1)

    return choose


def one_for_all(world: WearingWorld, *, every: int = 7) -> Policy:
    """The message that is best on average, for everybody, every so many days."""
    best = int((np.array(world.share) @ np.array(world.worth) - np.array(world.cost)).argmax())
    return lambda day: np.full(day.fatigue.size, best if day.number % every == 0 else -1, dtype=np.int64)


def nothing(day: Day) -> Whole:
    """Silence."""
    return np.full(day.fatigue.size, -1, dtype=np.int64)
