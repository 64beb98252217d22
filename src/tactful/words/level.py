"""The ladder of personalization."""

from enum import Enum


class Level(Enum):
    """How personal a message is, from nothing to one to one. Stability: full.

    >>> Level.MANY < Level.ONE, Level.FEW.label
    (True, 'one for few')
    >>> min(Level.ONE, Level.ALL)
    <Level.ALL: 'all'>
    """

    NONE = "none"
    ALL = "all"
    MANY = "many"
    FEW = "few"
    ONE = "one"

    @property
    def rank(self) -> int:
        """0 for none up to 4 for one."""
        return _ORDER.index(self)

    @property
    def label(self) -> str:
        """What people see."""
        return _LABELS[self]

    def __lt__(self, other: "Level") -> bool:
        return self.rank < other.rank

    def __le__(self, other: "Level") -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: "Level") -> bool:
        return self.rank > other.rank

    def __ge__(self, other: "Level") -> bool:
        return self.rank >= other.rank


_ORDER = (Level.NONE, Level.ALL, Level.MANY, Level.FEW, Level.ONE)
_LABELS = {
    Level.NONE: "nothing",
    Level.ALL: "one for all",
    Level.MANY: "one for many",
    Level.FEW: "one for few",
    Level.ONE: "one for you",
}
