"""What one more contact costs a relationship: a value function over fatigue, by value class and channel.

Fatigue f falls by a share each period and rises with every contact. It dampens the response and raises the chance that
a customer opts out for good. For one customer the best policy over time is a dynamic programme in one dimension; what
it says about a contact now is a price, so that customers can be decided one by one while time is coupled exactly
inside each of them (Simester, Sun & Tsitsiklis 2006, "Dynamic Catalog Mailing Policies").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

POINTS: Final = 30
MOST_ROUNDS: Final = 20_000
CLOSE: Final = 1e-9
"""Rounds end when no value moves by more than this share of the largest."""
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """How contacts wear on people and off again. Stability: caller.

    Attributes:
        keep: share of the fatigue that is left after a period, in [0, 1).
        weight: what one contact on each channel adds; shape (k,).
        loss: the response at fatigue f is ``exp(-loss f)`` of what it would be; at least 0.
        base: by channel, the log of the hazard of opting out at a contact without fatigue; shape (k,).
        growth: how much that log rises with each unit of fatigue; at least 0.
        patience: worth today of one unit in the next period, in [0, 1).
    """

    keep: float
    weight: tuple[float, ...]
    loss: float
    base: tuple[float, ...]
    growth: float
    patience: float

    def __post_init__(self) -> None:
        if not (0 <= self.keep < 1 and 0 <= self.patience < 1):
            raise Misuse.say(where="fatigue", what="keep and patience are shares below 1", do="state them so")
        if not self.weight or len(self.base) != len(self.weight) or min(self.weight) <= 0:
            raise Misuse.say(where="fatigue", what="each channel needs a weight above 0 and a base", do="give both")
        if self.loss < 0 or self.growth < 0:
            raise Misuse.say(where="fatigue", what="fatigue neither helps nor calms", do="state 0 or more")

    @property
    def most(self) -> float:
        """Fatigue that no customer can pass: a contact of the heaviest channel every period."""
        return max(self.weight) / (1 - self.keep)

    def response(self, fatigue: ArrayLike) -> Floats:
        """Share of the response that is left.

        >>> wear = Wear(keep=0.5, weight=(1.0,), loss=0.7, base=(-7.0,), growth=0.3, patience=0.9)
        >>> wear.response([0.0, 1.0]).round(3).tolist()
        [1.0, 0.497]
        """
        return np.exp(-self.loss * np.asarray(fatigue, dtype=np.float64))

    def opt_out(self, fatigue: ArrayLike) -> Floats:
        """Chance that a contact at this fatigue is the last, by channel; shape (k, \\*fatigue.shape).

        Complementary log-log: ``1 - exp(-exp(base + growth f))``.

        >>> wear = Wear(keep=0.5, weight=(1.0,), loss=0.7, base=(-7.0,), growth=0.3, patience=0.9)
        >>> wear.opt_out([0.0, 2.0]).round(5).tolist()
        [[0.00091, 0.00166]]
        """
        level = np.asarray(fatigue, dtype=np.float64)
        base = np.asarray(self.base).reshape(-1, *(1 for _ in level.shape))
        return -np.expm1(-np.exp(base + self.growth * level))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What is at stake with customers of each value class. Stability: caller.

    Attributes:
        reward: what a contact brings at no fatigue, its own cost taken off, at equally likely points of its spread;
            shape (classes, channels, points).
        remaining: what an opt-out takes away beside later contacts; shape (classes,).
    """

    reward: Floats
    remaining: Floats

    def __post_init__(self) -> None:
        if self.reward.ndim != 3 or self.remaining.shape != self.reward.shape[:1]:
            raise Misuse.say(where="fatigue", what="rewards are not by class, channel and point", do="shape (c, k, q)")
        if not (np.isfinite(self.reward).all() and np.isfinite(self.remaining).all()):
            raise Misuse.say(where="fatigue", what="a reward does not exist", do="leave such customers out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """The answer of the dynamic programme. Stability: caller.

    Attributes:
        grid: fatigue at each point; shape (g,).
        value: what is still to come, by class; shape (c, g).
        price: what a contact costs the future, by class and channel; shape (c, k, g).
    """

    grid: Floats
    value: Floats
    price: Floats

    def at(self, fatigue: ArrayLike) -> Whole:
        """The nearest point of the grid for each fatigue; shape of `fatigue`.

        >>> worn = Worn(grid=np.array([0.0, 1.0, 2.0]), value=np.zeros((1, 3)), price=np.zeros((1, 1, 3)))
        >>> worn.at([0.4, 9.0]).tolist()
        [0, 2]
        """
        step = self.grid[1] - self.grid[0]
        near: Whole = np.rint(np.asarray(fatigue, dtype=np.float64) / step).astype(np.int64)
        return np.clip(near, 0, self.grid.size - 1)


def worn(wear: Wear, *, classes: Classes, points: int = POINTS) -> Worn:
    """The value of every state and the price of every contact.

    ``V(f) = E max(p V(keep f), R_k e^(-loss f) - h_k(f) C + (1 - h_k(f)) p V(keep f + w_k))`` with p the patience, and
    the price is what makes both sides comparable, ``p (V(keep f) - V(keep f + w_k)) + h_k(f) (C + p V(keep f + w_k))``.
    An opt-out costs the remaining value and everything later contacts would have brought.

    Args:
        wear: how contacts wear.
        classes: what is at stake.
        points: points of the grid, from 0 to the most fatigue there can be.

    Raises:
        Misuse: fewer than 2 points; or no end within `MOST_ROUNDS`, which a smaller patience mends.

    >>> wear = Wear(keep=0.8, weight=(1.0,), loss=0.1, base=(-6.0,), growth=0.2, patience=0.95)
    >>> found = worn(wear, classes=Classes(reward=np.full((1, 1, 1), 1.0), remaining=np.array([20.0])))
    >>> found.price[0, 0, [0, 14, 29]].round(2).tolist()
    [0.48, 0.5, 0.57]
    """
    if points < 2:
        raise Misuse.say(where="fatigue", what=f"{points} points are no grid", do=f"use {POINTS}")
    grid = np.linspace(0.0, wear.most, points)
    rests, tired = _between(wear.keep * grid, grid), [_between(wear.keep * grid + w, grid) for w in wear.weight]
    gone, gain = wear.opt_out(grid), classes.reward[:, :, :, None] * wear.response(grid)
    value = np.zeros((len(classes.remaining), points))
    price = np.zeros((len(classes.remaining), len(wear.weight), points))
    for _ in range(MOST_ROUNDS):
        rested = wear.patience * _read(value, rests)
        for channel, after in enumerate(tired):
            later = wear.patience * _read(value, after)
            price[:, channel] = rested - later + gone[channel] * (classes.remaining[:, None] + later)
        now = rested + np.maximum((gain - price[:, :, None, :]).max(axis=1), 0).mean(axis=1)
        moved, value = float(np.abs(now - value).max(initial=0)), now
        if moved <= CLOSE * max(1e-300, float(np.abs(value).max(initial=0))):
            return Worn(grid=grid, value=value, price=np.maximum(price, 0))
    raise Misuse.say(where="fatigue", what="the value over time does not settle", do="state a smaller patience")


Between = tuple[Whole, Floats]
"""For each place between grid points, the point below it and its share of the way to the next."""


def _between(places: Floats, grid: Floats) -> Between:
    step = grid[1] - grid[0]
    below = np.clip(np.floor(places / step).astype(np.int64), 0, grid.size - 2)
    return below, np.clip((places - grid[below]) / step, 0.0, 1.0)


def _read(value: Floats, between: Between) -> Floats:
    below, share = between
    return value[:, below] * (1 - share) + value[:, below + 1] * share


def followed(wear: Wear, *, classes: Classes, price: Floats) -> Worn:
    """What is still to come where contacts are made by these prices, whether they are the best or not.

    Args:
        wear: how contacts wear.
        classes: what is at stake.
        price: on an even grid from 0 to the most fatigue; shape (c, k, g).

    Returns:
        The value of that policy; its `price` is the one given.
    """
    points = price.shape[2]
    grid = np.linspace(0.0, wear.most, points)
    rests, tired = _between(wear.keep * grid, grid), [_between(wear.keep * grid + w, grid) for w in wear.weight]
    gone, gain = wear.opt_out(grid), classes.reward[:, :, :, None] * wear.response(grid)
    net = gain - price[:, :, None, :]
    best, speaks = net.argmax(axis=1), net.max(axis=1) > 0
    share = np.stack([(speaks & (best == k)).mean(axis=1) for k in range(price.shape[1])], axis=1)
    brings = np.where(speaks, np.take_along_axis(gain, best[:, None], axis=1)[:, 0], 0).mean(axis=1)
    brings -= (share * gone * classes.remaining[:, None, None]).sum(axis=1)
    value = np.zeros((len(classes.remaining), points))
    for _ in range(MOST_ROUNDS):
        now = brings + (1 - share.sum(axis=1)) * wear.patience * _read(value, rests)
        for channel, after in enumerate(tired):
            now = now + share[:, channel] * (1 - gone[channel]) * wear.patience * _read(value, after)
        moved, value = float(np.abs(now - value).max(initial=0)), now
        if moved <= CLOSE * max(1e-300, float(np.abs(value).max(initial=0))):
            break
    return Worn(grid=grid, value=value, price=price)
