"""Where a fact came from, how sensitive it is, what it may be used for and how it may be spoken."""

from enum import Enum


class Provenance(Enum):
    """Where a fact came from. Stability: full.

    The provenance of an aggregate is the weakest of its inputs.

    >>> Provenance.weakest([Provenance.DECLARED, Provenance.OBSERVED])
    <Provenance.OBSERVED: 'observed'>
    """

    DECLARED = "declared"
    """The customer told us."""
    OBSERVED = "observed"
    """We saw it happen with us: an order, a visit."""
    INFERRED = "inferred"
    """A model or a guess says so. May select, never shown."""
    ACQUIRED = "acquired"
    """Bought or brought from elsewhere. Kept with its source, never used."""

    @classmethod
    def weakest(cls, parts: list["Provenance"]) -> "Provenance":
        """The weakest of several; parts must not be empty."""
        order = list(cls)
        return max(parts, key=order.index)


class Sensitivity(Enum):
    """How sensitive a fact is. Stability: full."""

    ORDINARY = "ordinary"
    PERSONAL = "personal"
    """Contact details and the like."""
    SENSITIVE = "sensitive"
    """Health, belief, minors, bereavement, money trouble: never selected by or spoken without the named consent."""


class Speak(Enum):
    """From which level on, and how, a fact may be spoken. Stability: full."""

    NEVER = "never"
    SEGMENT = "segment"
    """As what a segment shares: from `many` on."""
    COARSE = "coarse"
    """In coarse words: from `few` on."""
    EXACT = "exact"
    """As it is: at `one` only."""


class Purpose(Enum):
    """Why a message is sent or a fact is used. Mandatory on every message. Stability: full."""

    MARKETING = "marketing"
    SERVICE = "service"
    TRANSACTIONAL = "transactional"

    @property
    def may_hold_out(self) -> bool:
        """Whether the universal holdout applies: service and transactional mail is never held out."""
        return self is Purpose.MARKETING
