"""A shop whose customers wear out: what every policy of contacts brings there is known, day by day.

Every customer has a segment, a response of their own and a remaining value. A contact brings more or less by segment,
message and day, less the more tired they are; some contacts are the last. The same chance falls for every policy, so
that policies differ by what they do and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.fatigue import Wear
from tactful.words.errors import Misuse

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The customers; every column of shape (n,). Stability: caller.

    Attributes:
        segment: number of each one's segment.
        response: how much more or less than their segment they answer.
        remaining: what is lost when they opt out, beside what later contacts would bring.
    """

    segment: Whole
    response: Floats
    remaining: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a policy may see of a day. Stability: caller.

    Attributes:
        number: from 0.
        crowd: the customers.
        worth: what each message would bring each customer today if they were rested, before its cost; shape (n, arms).
        fatigue: of each customer; shape (n,).
        lately: contacts of each in the seven days before; shape (n,).
        reachable: who has not opted out; shape (n,).
    """

    number: int
    crowd: Crowd
    worth: Floats
    fatigue: Floats
    lately: Whole
    reachable: Flags


Policy = Callable[[Day], Whole]
"""The message for each customer on a day, -1 for none; shape (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What came of a policy, by day; every column of shape (days,). Stability: caller.

    Attributes:
        contacts: messages sent.
        earned: what they brought, before their cost.
        spend: what they cost.
        opt_outs: customers who left for good.
        complaints: those of them who complained.
        lost: remaining value of those who left.
        reachable: customers who could still be written to in the evening.
    """

    contacts: Whole
    earned: Floats
    spend: Floats
    opt_outs: Whole
    complaints: Whole
    lost: Floats
    reachable: Whole

    @property
    def value(self) -> Floats:
        """What each day added: earned, less spent, less what left with the customers."""
        return self.earned - self.spend - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class WearingWorld:
    """The shop. Stability: caller.

    Attributes:
        worth: what a contact brings a rested customer on average, by segment and message; shape (segments, arms).
        share: of the customers in each segment; shape (segments,).
        cost: of a contact with each message; shape (arms,).
        remaining: median remaining value of a customer who answers like their segment; shape (segments,).
        spread: of the log of each one's own response, and of their remaining value beside it.
        complaining: share of those who opt out that complain.
        budget: most that may be spent in a day; None for no limit.
        wear: how contacts wear, a period being a day; one channel.
    """

    worth: tuple[tuple[float, ...], ...] = ((0.9, 0.5, 0.6), (0.5, 1.0, 0.7), (0.35, 0.3, 0.55))
    share: tuple[float, ...] = (0.3, 0.3, 0.4)
    cost: tuple[float, ...] = (0.02, 0.02, 0.02)
    remaining: tuple[float, ...] = (60.0, 30.0, 12.0)
    spread: float = 0.5
    complaining: float = 0.05
    budget: float | None = None
    wear: Wear = field(default=Wear(keep=0.93, weight=(1.0,), loss=0.12, base=(-7.0,), growth=0.35, patience=0.9985))

    def __post_init__(self) -> None:
        segments, arms = len(self.share), len(self.cost)
        if len(self.worth) != segments or len(self.remaining) != segments or any(len(w) != arms for w in self.worth):
            raise Misuse.say(where="wearing world", what="segments and messages do not meet", do="give one worth each")
        if len(self.wear.weight) != 1:
            raise Misuse.say(where="wearing world", what="it has one channel", do="give one weight")

    def crowd(self, people: int, *, seed: int) -> Crowd:
        """Customers of this shop.

        >>> WearingWorld().crowd(3, seed=1).segment.shape
        (3,)
        """
        rng = np.random.default_rng([seed, 0])
        segment = rng.choice(len(self.share), size=people, p=self.share).astype(np.int64)
        response = np.exp(self.spread * rng.normal(size=people))
        beside = np.exp(self.spread * rng.normal(size=people))
        return Crowd(
            segment=segment, response=response, remaining=np.array(self.remaining)[segment] * response * beside
        )

    def lived(self, policy: Policy, *, people: int, days: int, seed: int) -> Diary:
        """What comes of a policy.

        A day's own worth of a message is exponentially spread around its average. Where the budget would be passed,
        those who bring least go without.

        >>> WearingWorld().lived(lambda day: np.full(day.fatigue.size, -1), people=9, days=3, seed=1).contacts.tolist()
        [0, 0, 0]
        """
        crowd, wear = self.crowd(people, seed=seed), self.wear
        mean, cost = np.array(self.worth)[crowd.segment] * crowd.response[:, None], np.array(self.cost)
        fatigue, past = np.zeros(people), np.zeros((WEEK, people), dtype=np.int64)
        reachable, rows, found = np.ones(people, dtype=np.bool_), np.arange(people), []
        for number in range(days):
            rng = np.random.default_rng([seed, 1, number])
            worth = mean * rng.exponential(size=mean.shape)
            luck, mood = rng.random(people), rng.random(people)
            day = Day(number=number, crowd=crowd, worth=worth, fatigue=fatigue, lately=past.sum(axis=0),
                      reachable=reachable)  # fmt: skip
            arm = np.where(reachable, policy(day), -1)
            gains = np.where(arm >= 0, worth[rows, arm], 0) * wear.response(fatigue)
            arm = self._within_budget(arm, gains=gains)
            said = arm >= 0
            leaves = said & (luck < wear.opt_out(fatigue)[0])
            found.append(
                (
                    said.sum(),
                    gains[said].sum(),
                    cost[arm[said]].sum(),
                    leaves.sum(),
                    (leaves & (mood < self.complaining)).sum(),
                    crowd.remaining[leaves].sum(),
                    (reachable & ~leaves).sum(),
                )
            )
            reachable = reachable & ~leaves
            past[number % WEEK] = said
            fatigue = wear.keep * fatigue + wear.weight[0] * said
        return _diary(found)

    def expected(self, policy: Policy, *, people: int, days: int, seed: int) -> float:
        """What a policy is expected to bring, each chance of leaving counted by its share instead of being drawn.

        The same days as those of `lived`, and far less left to luck; the budget is not asked.
        """
        crowd, wear = self.crowd(people, seed=seed), self.wear
        mean, cost = np.array(self.worth)[crowd.segment] * crowd.response[:, None], np.array(self.cost)
        fatigue, past, here = np.zeros(people), np.zeros((WEEK, people), dtype=np.int64), np.ones(people)
        total, rows, everybody = 0.0, np.arange(people), np.ones(people, dtype=np.bool_)
        for number in range(days):
            worth = mean * np.random.default_rng([seed, 1, number]).exponential(size=mean.shape)
            day = Day(number=number, crowd=crowd, worth=worth, fatigue=fatigue, lately=past.sum(axis=0),
                      reachable=everybody)  # fmt: skip
            arm = policy(day)
            said, gone = arm >= 0, wear.opt_out(fatigue)[0]
            brings = worth[rows, arm] * wear.response(fatigue) - cost[arm] - gone * crowd.remaining
            total += float((here * np.where(said, brings, 0)).sum())
            here = here * np.where(said, 1 - gone, 1)
            past[number % WEEK] = said
            fatigue = wear.keep * fatigue + wear.weight[0] * said
        return total

    def _within_budget(self, arm: Whole, *, gains: Floats) -> Whole:
        if self.budget is None:
            return arm
        cost = np.where(arm >= 0, np.array(self.cost)[arm], 0)
        order = np.argsort(-(gains - cost), kind="stable")
        order = order[arm[order] >= 0]
        over = np.cumsum(cost[order]) > self.budget + 1e-9
        kept = arm.copy()
        kept[order[over]] = -1
        return kept


def _diary(found: Sequence[tuple[float, ...]]) -> Diary:
    columns = list(zip(*found, strict=True)) if found else [()] * 7
    whole = [np.array(columns[n], dtype=np.int64) for n in (0, 3, 4, 6)]
    earned, spend, lost = (np.array(columns[n], dtype=np.float64) for n in (1, 2, 5))
    return Diary(
        contacts=whole[0], earned=earned, spend=spend, opt_outs=whole[1], complaints=whole[2], lost=lost,
        reachable=whole[3],
    )  # fmt: skip


WORLDS: dict[str, WearingWorld] = {
    "shop": WearingWorld(),
    "tight": WearingWorld(budget=2.0),
    "touchy": WearingWorld(
        wear=Wear(keep=0.95, weight=(1.0,), loss=0.2, base=(-6.0,), growth=0.5, patience=0.9985), complaining=0.15
    ),
}
"""Worlds to try policies in: a shop, the same where little may be spent in a day, and one whose customers tire soon."""
