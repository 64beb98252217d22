"""Customers, arms and limits as in chapter 4 of the methods: log-normal worth, six in ten eligible, 29 limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.limits import Limits

ARMS = 24
CHANNELS = 4
ELIGIBLE = 0.6
UNIT = 10_000
"""Units of worth in one: the median arm is worth about so many."""
PART = 262_144

Whole = NDArray[np.int64]
Part = tuple[Whole, NDArray[np.bool_]]


def part(number: int, *, rows: int) -> Part:
    """Worth and eligibility of some customers: the same for a number, whichever parts are made beside it."""
    scale = np.exp(np.random.default_rng(4).normal(0, 0.5, ARMS))
    chances = np.random.default_rng([4, number])
    worth = chances.standard_normal((rows, ARMS), dtype=np.float32)
    np.exp(worth, out=worth)
    may = chances.random((rows, ARMS), dtype=np.float32) < ELIGIBLE
    return (worth * (scale * UNIT)).astype(np.int64), may


def parts(customers: int) -> list[Part]:
    """All customers, in parts."""
    return [part(start, rows=min(PART, customers - start)) for start in range(0, customers, PART)]


def limits(made: list[Part]) -> Limits:
    """Stock of each arm, four channels and a budget, most of them short of what customers would take without limits."""
    chances = np.random.default_rng(29)
    wish = np.zeros(ARMS, dtype=np.int64)
    for worth, may in made:
        wish += np.bincount(np.where(may, worth, 0).argmax(axis=1), minlength=ARMS)
    stock = np.floor(wish * chances.uniform(0.4, 1.3, ARMS)).astype(np.int64)
    channel = np.stack([np.arange(ARMS) % CHANNELS == place for place in range(CHANNELS)]).astype(np.int64)
    cost = chances.integers(5, 40, (1, ARMS))
    taken = np.minimum(wish, stock)
    most = np.concatenate([stock, channel @ taken * 9 // 10, cost @ taken * 8 // 10])
    names = (*(f"stock {arm}" for arm in range(ARMS)), *(f"channel {one}" for one in range(CHANNELS)), "budget")
    return Limits.of(np.vstack([np.eye(ARMS, dtype=np.int64), channel, cost]), most=most, names=names)
