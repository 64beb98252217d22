"""How sure a given name is of a gender, by births in the United States; never more than a reason for caution.

It serves one purpose: to leave a gendered form of address out wherever it might be wrong. The table is the Social
Security Administration's (public domain): names with at least 100 births in all; the counts are of births in the United
States and say little of names elsewhere.
"""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Final

from tactful.reckon.intervals import proportion
from tactful.words.estimate import Estimate, Undefined

CERTAIN: Final = 0.98
"""Lower end of the share's 95% interval at and above which a name counts as certain."""


class Gender(Enum):
    """As the table has it, and no more. Stability: full."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """The more frequent gender of a name, and how sure that is. Stability: full.

    Attributes:
        gender: the more frequent one.
        share: of births with this gender, in [0.5, 1], with its 95% interval.
    """

    gender: Gender
    share: Estimate

    @property
    def births(self) -> int:
        """Births the share rests on."""
        return int(self.share.effective_n)

    @property
    def is_certain(self) -> bool:
        """Whether even the lower end of the interval is at `CERTAIN` or above."""
        return self.share.low >= CERTAIN


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[int, int]]:
    """Female and male births by name in small letters; read at the first question."""
    packed = files("tactful.reckon").joinpath("data", "given_names.csv.gz").read_bytes()
    lines = gzip.decompress(packed).decode("ascii").splitlines()[1:]
    rows = (line.split(",") for line in lines)
    return {name.lower(): (int(female), int(male)) for name, female, male in rows}


def gender_certainty(name: str) -> Certainty | Undefined:
    """How sure a given name is of a gender.

    Args:
        name: one given name, in any capitals; the greeting of a `Name`.

    Returns:
        The more frequent gender with its share, or `Undefined` where the table does not know the name.

    >>> loren = gender_certainty("Loren")
    >>> loren.gender.value, round(loren.share.value, 3), loren.births, loren.is_certain
    ('male', 0.785, 59099, False)
    >>> gender_certainty("Siobhan").is_certain
    True
    >>> gender_certainty("Wojciechina")
    Undefined(reason='the table does not know the name')
    """
    found = _table().get(name.strip().casefold())
    if found is None:
        return Undefined("the table does not know the name")
    female, male = found
    share = proportion(max(female, male), female + male)
    if isinstance(share, Undefined):
        return share
    return Certainty(gender=Gender.FEMALE if female >= male else Gender.MALE, share=share)


def gender_certainties(names: Iterable[str | None]) -> list[Certainty | Undefined]:
    """The same for a column; each distinct name is looked up once, and no name is `Undefined`.

    >>> [isinstance(found, Certainty) for found in gender_certainties(["Anna", None, "Anna"])]
    [True, False, True]
    """
    known: dict[str | None, Certainty | Undefined] = {None: Undefined("no name is given")}
    found = []
    for name in names:
        if name not in known:
            known[name] = gender_certainty(name or "")
        found.append(known[name])
    return found
