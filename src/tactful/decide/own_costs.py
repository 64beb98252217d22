"""Offers that cost something else with each customer: a tenth off a large order costs more than off a small one.

What an offer costs with a customer beyond what its arms say is sealed with their row of `inputs`, and the kernel takes
it off as one more feature, together with the price of the budgets that it uses.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.arms import Arms, offer_cost
from tactful.decide.believed import BY_COST, Prices
from tactful.decide.columns import lists
from tactful.decide.members import Inputs
from tactful.project.declared import Project
from tactful.reckon.exact import FEATURE_LIMIT
from tactful.store import lake
from tactful.words.money import MINOR_DIGITS
from tactful.words.score import UNITS_PER_MINOR

Whole = NDArray[np.int64]

BITS: Final = 24
"""A coefficient of 2^24 is the largest there is."""
_FINE: Final = 12
"""Bits behind the point of a budget's price, where coefficients leave room for them."""


def offers_of(arms: Arms) -> tuple[str, ...]:
    """The offers whose cost differs by customer, in the order of `inputs.offer_costs`."""
    named = {int(place): offer for place, offer in zip(arms.own_cost, arms.offer, strict=True) if place >= 0 and offer}
    return tuple(named[place] for place in sorted(named))


def column(batch: pa.RecordBatch, *, project: Project, arms: Arms) -> pa.Array:
    """`offer_costs` of some profiles: for each such offer what it costs more (or less) with them, in score units.

    Where the fact is not known it is what the arms say: nothing more. Empty where no offer's cost differs.
    """
    offers = offers_of(arms)
    if not offers:
        return pa.nulls(batch.num_rows, pa.list_(pa.int64()))
    return lists(np.stack([_extra(batch, name, project=project) for name in offers], axis=1))


def _extra(batch: pa.RecordBatch, name: str, *, project: Project) -> Whole:
    offer = project.offers[name]
    assert offer.cost_of is not None
    known = batch[offer.cost_of.fact]
    stated = offer_cost(offer, project=project)
    unit = UNITS_PER_MINOR * 10 ** MINOR_DIGITS.get(project.settings.currency, 2)
    share = float(offer.cost_of.share * offer.used) * unit
    amount = pc.fill_null(pc.cast(known, pa.float64(), safe=False), 0.0).to_numpy(zero_copy_only=False)
    cost = np.ceil(np.clip(amount * share, 0, stated + FEATURE_LIMIT)).astype(np.int64)
    extra = np.clip(cost - stated, -FEATURE_LIMIT, FEATURE_LIMIT)
    found: Whole = np.where(pc.is_valid(known).to_numpy(zero_copy_only=False), extra, 0)
    return found


def extra_of(batch: pa.RecordBatch, *, arms: Arms) -> Whole:
    """The same as numbers, from rows of `inputs`; int64, shape (n, offers)."""
    offers = len(offers_of(arms))
    if not offers or batch["offer_costs"].null_count:
        return np.zeros((batch.num_rows, 0), dtype=np.int64)
    found: Whole = batch["offer_costs"].flatten().to_numpy().reshape(batch.num_rows, offers)
    return found


def dearer(inputs: Inputs, *, arms: Arms) -> dict[str, int]:
    """Offer → how much more it costs than its arms say with the customer of the run with whom it costs most."""
    offers = offers_of(arms)
    most = np.zeros(len(offers), dtype=np.int64)
    for batch in lake.batches(inputs["inputs"]) if offers else ():
        if (found := extra_of(batch, arms=arms)).size:
            most = np.maximum(most, found.max(axis=0))
    return dict(zip(offers, most.tolist(), strict=True))


def price_of_more(arms: Arms, *, prices: Prices, bits: int) -> Whole:
    """By arm, what a score unit more of its own cost takes of all budgets' prices, in 2^-bits; shape (k,)."""
    found = np.zeros(len(arms), dtype=np.int64)
    for name, (price, per) in prices.each.items():
        if price and name.split(":", 1)[0] in BY_COST and name in prices.use:
            found += np.where((prices.use[name] > 0) & (arms.own_cost >= 0), (price << bits) // per, 0)
    return found


def with_own(coefficients: Whole, *, shift: Whole, arms: Arms, prices: Prices, kind: Whole) -> tuple[Whole, Whole]:
    """Coefficients and shifts of some arms with one more feature for each offer whose cost differs.

    Shifts of such arms are widened by as much as coefficients allow, so that a budget's price is taken with its
    fractions, or brought to what coefficients can hold.

    Returns:
        Coefficients, shape (k, features + offers); shifts, shape (k,).
    """
    offers = len(offers_of(arms))
    if not offers:
        return coefficients, shift
    moved, shift = coefficients.copy(), shift.copy()
    own = np.zeros((kind.size, offers), dtype=np.int64)
    whole = price_of_more(arms, prices=prices, bits=0)
    for row, arm in enumerate(kind.tolist()):
        if (place := int(arms.own_cost[arm])) >= 0:
            bits, most = int(shift[row]), int(np.abs(moved[row]).max(initial=1))
            room = BITS - max(most, (int(whole[arm]) + 2) << bits).bit_length()
            room = room if room < 0 else min(room, max(0, _FINE - bits))
            shift[row] = bits = bits + room
            moved[row] = moved[row] << room if room >= 0 else moved[row] >> -room
            own[row, place] = -(1 << bits) - int(price_of_more(arms, prices=prices, bits=bits)[arm])
    return np.concatenate([moved, own], axis=1), shift
