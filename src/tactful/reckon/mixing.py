"""Careful deployment: how far a new rule may be mixed into the old one, and the exact probabilities of the mixture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.reckon.chance import WHOLE
from tactful.words.errors import Misuse

_ROUNDED: Final = 1e-13
"""A variance below this share of the mean square is what rounding left of 0."""
PARTS: Final = 1 << 10
"""Weights of mixtures are whole numbers of 1024ths, so that a product with a probability fits 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Sums of what two rules are worth on the same rows, such as doubly robust scores. Stability: full.

    Attributes:
        count: rows (customers).
        old, new: sum of the rule's value over rows.
        old_old, old_new, new_new: sums of products.
    """

    count: int
    old: float
    new: float
    old_old: float
    old_new: float
    new_new: float

    @classmethod
    def of(cls, old: ArrayLike, new: ArrayLike) -> Compared:
        """From each row's value under both; shapes (n,).

        >>> Compared.of([1, 2], [3, 4]).old_new
        11.0
        """
        a, b = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
        return cls(
            count=a.size, old=float(a.sum()), new=float(b.sum()), old_old=float(a @ a), old_new=float(a @ b),
            new_new=float(b @ b),
        )  # fmt: skip


def feasible(compared: Compared, *, loss: float, z: float = 1.645) -> int:
    """The largest weight of the new rule at which the mixture is not surely worse than the old one less a share.

    The largest w in [0, 1] with ``mean - z sd >= 0`` of ``(old + w (new - old)) - (1 - loss) old``; the bound is
    concave in w, so the weights that hold are an interval and its end is a root of a quadratic.

    Args:
        compared: both rules' values on the same rows.
        loss: share of the old rule's value that may be put at risk, in [0, 1].
        z: how sure: 1.645 is 95 % one-sided.

    Returns:
        Units of 1/1024, rounded down; 0 where no weight holds: the old rule stays.

    Reference: Garcelon et al. (2020), "Improved algorithms for conservative exploration in bandits".

    >>> same = Compared.of([1.0] * 99 + [1.2], [1.0] * 99 + [1.2])
    >>> feasible(same, loss=0.05), feasible(same, loss=0.0)
    (1024, 1024)
    >>> feasible(Compared.of([1.0] * 100, [0.8] * 100), loss=0.05)  # 0.25 of a loss of 20 % is 5 %
    256
    """
    if compared.count < 2 or not 0 <= loss <= 1 or z < 0:
        raise Misuse.say(where="mixing", what="too few rows, or a loss outside [0, 1]", do="compare on logged rows")
    best = 0
    for weight in _candidates(compared, loss=loss, z=z):
        for part in (weight, weight - 1):  # a root on the edge of a unit may fall either way
            if 0 < part <= PARTS and _bound(compared, part / PARTS, loss=loss, z=z) >= 0:
                best = max(best, part)
    return best


def _moments(compared: Compared, *, loss: float) -> tuple[float, float, float, float, float]:
    """Means of loss × old and of new - old, and variances and covariance of those means."""
    n = compared.count
    old, new = compared.old / n, compared.new / n
    vo, vn = compared.old_old / n - old * old, compared.new_new / n - new * new
    c = compared.old_new / n - old * new
    least = _ROUNDED * (compared.old_old + compared.new_new) / n
    both = vn - 2 * c + vo
    vo, both, cab = vo if vo > least else 0.0, both if both > least else 0.0, c - vo
    cab = cab if vo and both else 0.0
    return loss * old, new - old, loss * loss * vo / (n - 1), loss * cab / (n - 1), both / (n - 1)


def _bound(compared: Compared, weight: float, *, loss: float, z: float) -> float:
    a, b, va, cab, vb = _moments(compared, loss=loss)
    sd = math.sqrt(max(0.0, va + 2 * weight * cab + weight * weight * vb))
    slack = 1e-12 * (abs(a) + abs(b))  # what rounding of the sums may take away
    return a + weight * b - z * sd + slack


def _candidates(compared: Compared, *, loss: float, z: float) -> list[int]:
    """All of it, and the roots of ``(a + w b)² = z² var(w)``, in units rounded down."""
    a, b, va, cab, vb = _moments(compared, loss=loss)
    second, first, none = b * b - z * z * vb, 2 * (a * b - z * z * cab), a * a - z * z * va
    roots: list[float] = []
    if second == 0:
        roots = [-none / first] if first else []
    elif (inner := first * first - 4 * second * none) >= -1e-12 * first * first:
        roots = [(-first + sign * math.sqrt(max(inner, 0.0))) / (2 * second) for sign in (1.0, -1.0)]
    return [PARTS, *(math.floor(root * PARTS + 1e-6) for root in roots if 0 < root < 1)]


def mixed(old: ArrayLike, new: ArrayLike, *, weight: int) -> NDArray[np.int64]:
    """Probabilities of the mixture of two rules, exact: drawn from as they stand, a logged propensity is true.

    ``floor(((1024 - w) old + w new) / 1024)``; what rounding leaves (less than one unit per arm) goes to the likeliest
    arm, the first of equals. One hash draw per customer and point then decides, the same in batch, live and replay.

    Args:
        old, new: units of 2^-52, each row adding up to 2^52; shape (n, k).
        weight: of the new rule, in units of 1/1024.

    >>> half = WHOLE // 2
    >>> (mixed([[WHOLE, 0]], [[half, half]], weight=512) / WHOLE).tolist()
    [[0.75, 0.25]]
    """
    a, b = np.asarray(old, dtype=np.int64), np.asarray(new, dtype=np.int64)
    if a.shape != b.shape or a.ndim != 2 or not 0 <= weight <= PARTS:
        raise Misuse.say(where="mixing", what="shapes differ, or a weight outside [0, 1024]", do="give (n, k) twice")
    if a.size and ((a < 0).any() or (b < 0).any() or (a.sum(axis=1) != WHOLE).any() or (b.sum(axis=1) != WHOLE).any()):
        raise Misuse.say(where="mixing", what="a row does not add up to 2^52", do="use weighting.weights")
    found: NDArray[np.int64] = (a * (PARTS - weight) + b * weight) // PARTS
    if found.size:
        found[np.arange(found.shape[0]), found.argmax(axis=1)] += WHOLE - found.sum(axis=1)
    return found


def floored(probabilities: ArrayLike, *, floors: ArrayLike, eligible: ArrayLike, best: ArrayLike) -> NDArray[np.int64]:
    """Probabilities with a least share for the arms that are meant to be explored; the best arm gives it.

    Where the floors of a row's eligible arms are together more than the best arm has, each rises only as far as the
    best arm's share, divided evenly over them, allows; nobody else's probability changes.

    Args:
        probabilities: units of 2^-52, each row adding up to 2^52; shape (n, k).
        floors: least probability of each arm, same units; 0 for arms not meant to be explored; shape (k,).
        eligible: which arms may be chosen; shape (n, k).
        best: each row's best arm; shape (n,).

    >>> found = floored([[WHOLE - 5, 5, 0]], floors=[0, 100, 100], eligible=[[True, True, False]], best=[0])
    >>> (WHOLE - found[0, 0], found[0, 1], found[0, 2])
    (np.int64(100), np.int64(100), np.int64(0))
    """
    p, least = np.asarray(probabilities, dtype=np.int64), np.asarray(floors, dtype=np.int64)
    may, top = np.asarray(eligible, dtype=np.bool_), np.asarray(best, dtype=np.int64)
    if ((least < 0) | (least > WHOLE)).any():
        raise Misuse.say(where="mixing, floors", what="a floor is outside [0, 2^52]", do="use chance.share_of_draws")
    rows = np.arange(p.shape[0])
    lift = np.where(may, np.maximum(least[None, :] - p, 0), 0)
    lift[rows, top] = 0
    arms = np.maximum(np.count_nonzero(lift, axis=1), 1)
    over = lift.sum(axis=1) > p[rows, top]
    lift = np.where(over[:, None], np.minimum(lift, (p[rows, top] // arms)[:, None]), lift)
    found: NDArray[np.int64] = p + lift
    found[rows, top] -= lift.sum(axis=1)
    return found
