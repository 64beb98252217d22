"""Exact sums by day for 35 days, then by month; discounted only when read, so that a person can be taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tactful.reckon import decay, gram
from tactful.reckon.gram import Gram
from tactful.reckon.uplift import Sums
from tactful.words.errors import Misuse

BY_DAY: Final = 35
"""Days for which each day has sums of its own."""
_MIDDLE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Sums by bucket: a day of the last 35, or the first of an older month for what is older. Stability: full.

    Attributes:
        sums: first day of the bucket → its sums.
        today: the day as of which older days were put together.
    """

    sums: Mapping[date, Gram]
    today: date

    def bucket(self, day: date) -> date:
        """The bucket in which a day's rows lie.

        >>> Dated(sums={}, today=date(2011, 12, 10)).bucket(date(2011, 11, 4)).isoformat()
        '2011-11-01'
        >>> Dated(sums={}, today=date(2011, 12, 10)).bucket(date(2011, 11, 5)).isoformat()
        '2011-11-05'
        """
        return day if self.today - day <= timedelta(days=BY_DAY) else day.replace(day=1)

    def added(self, more: Mapping[date, Gram]) -> Dated:
        """With the sums of more rows, by the day of each.

        Raises:
            Misuse: a sum would pass int64.
        """
        sums = dict(self.sums)
        for day in sorted(more):
            place = self.bucket(day)
            sums[place] = gram.merge(sums[place], more[day]) if place in sums else more[day]
        return Dated(sums=sums, today=self.today)

    def erased(self, gone: Mapping[date, Gram]) -> Dated:
        """As if these rows had never been added; buckets without rows are gone too.

        Raises:
            Misuse: something that was never added.
        """
        sums = dict(self.sums)
        for day in sorted(gone):
            place = self.bucket(day)
            if place not in sums:
                raise Misuse.say(
                    where=f"sums of {place}", what="there are none to erase from", do="erase only what was added"
                )
            sums[place] = gram.erase(sums[place], gone[day])
        return Dated(sums={day: each for day, each in sums.items() if each.count}, today=self.today)

    def at(self, today: date) -> Dated:
        """The same on a later day: what has passed 35 days is put to its month.

        Raises:
            Misuse: the day lies before the sums'.
        """
        if today < self.today:
            raise Misuse.say(where="sums", what=f"{today} lies before {self.today}", do="sums only grow older")
        return Dated(sums={}, today=today).added(self.sums)


def read(dated: Dated, *, half_life: int, scales: NDArray[np.float64], outcome: float = 1.0, width: int) -> Sums:
    """The sums with every row at the weight of its bucket's age, in real units.

    Weights are integers in units of 2^-30 and are applied to the integers, so the order of buckets never matters; only
    at the end is anything rounded. A month counts with the age of its middle.

    Args:
        dated: the sums.
        half_life: days after which a row counts half.
        scales: units of each feature in 1.0; shape (width,).
        outcome: units of the outcome in 1.0.
        width: features, for sums that are empty.

    >>> rows = Dated(sums={date(2011, 12, 1): gram.lift([[1]], [8])}, today=date(2011, 12, 9))
    >>> read(rows, half_life=8, scales=np.ones(1), width=1).xy.tolist()
    [4.0]
    """
    count, xx, xy, yy = 0, np.zeros((width, width), dtype=object), np.zeros(width, dtype=object), 0
    for day, sums in dated.sums.items():
        is_month = dated.today - day > timedelta(days=BY_DAY)
        age = (dated.today - (day + _MIDDLE if is_month else day)).days
        weight = int(decay.weights([max(age, 0)], half_life_days=half_life)[0])
        count, yy = count + weight * sums.count, yy + weight * sums.yy
        xx, xy = xx + sums.xx.astype(object) * weight, xy + sums.xy.astype(object) * weight
    one = float(decay.ONE)
    return Sums(
        count=count / one,
        xx=xx.astype(np.float64) / one / np.outer(scales, scales),
        xy=xy.astype(np.float64) / one / (scales * outcome),
        yy=float(yy) / one / outcome**2,
    )
