"""Familiarity: how much relationship is still to come, times how often the customer answers; in parts one can read."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tactful.words.errors import Misuse

PRIOR_ANSWERED: Final = 1.0
PRIOR_UNANSWERED: Final = 1.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Familiarity:
    """Familiarity of each customer, and what it is made of. Stability: full.

    Attributes:
        value: relationship × reciprocity, in [0, 1]; shape (n,).
        relationship: expected interactions / (1 + the same), in [0, 1); shape (n,).
        reciprocity: (alpha + answered) / (alpha + beta + contacts), at most 1; shape (n,).
        expected: interactions expected in the next 12 months; shape (n,).
        answered: visits, replies, declared preferences and purchases the customer began; opens never count; shape (n,).
        contacts: how often we wrote or called; shape (n,).
    """

    value: Floats
    relationship: Floats
    reciprocity: Floats
    expected: Floats
    answered: NDArray[np.int64]
    contacts: NDArray[np.int64]


def familiarity(
    expected: ArrayLike,
    *,
    answered: ArrayLike,
    contacts: ArrayLike,
    alpha: float = PRIOR_ANSWERED,
    beta: float = PRIOR_UNANSWERED,
) -> Familiarity:
    """Familiarity of each customer.

    Reciprocity is cut at 1: a customer who comes more often than we write answers always, not more than always.

    Args:
        expected: interactions expected in the next 12 months, see `relationship`; at least 0; shape (n,).
        answered: interactions the customer began, counted; shape (n,).
        contacts: contacts made, counted; shape (n,).
        alpha: prior answers.
        beta: prior contacts without an answer.

    >>> known = familiarity([3.0, 0.0], answered=[2, 0], contacts=[4, 0])
    >>> known.relationship.tolist(), known.reciprocity.tolist(), known.value.tolist()  # 3/4, (1+2)/(2+4)
    ([0.75, 0.0], [0.5, 0.5], [0.375, 0.0])
    """
    coming = np.atleast_1d(np.asarray(expected, dtype=np.float64))
    answers, writes = (np.atleast_1d(np.asarray(part, dtype=np.int64)) for part in (answered, contacts))
    if not coming.shape == answers.shape == writes.shape:
        raise Misuse.say(where="familiarity", what="the columns differ in length", do="give one row per customer")
    if not (np.isfinite(coming) & (coming >= 0)).all() or (answers < 0).any() or (writes < 0).any():
        raise Misuse.say(where="familiarity", what="a count is negative or missing", do="leave such customers out")
    if alpha <= 0 or beta <= 0:
        raise Misuse.say(where="familiarity", what=f"prior {alpha} and {beta}", do="both priors are above 0")
    relationship = coming / (1.0 + coming)
    reciprocity = np.minimum(1.0, (alpha + answers) / (alpha + beta + writes))
    return Familiarity(
        value=relationship * reciprocity,
        relationship=relationship,
        reciprocity=reciprocity,
        expected=coming,
        answered=answers,
        contacts=writes,
    )
