"""What came of a decision point, and the reasons, each with one plain sentence."""

from enum import Enum


class OutcomeKind(Enum):
    """What came of a decision point. Stability: full."""

    CHOSEN = "chosen"
    NONE = "none"
    """Silence won."""
    HELD_OUT = "held_out"
    SUPPRESSED = "suppressed"
    CAPPED = "capped"
    INELIGIBLE = "ineligible"


class DrawnBy(Enum):
    """How the arm came about, so that a logged propensity is always true of the rule as deployed. Stability: full."""

    DRAW = "draw"
    TIE = "tie"
    REPAIR = "repair"
    EXACT = "exact"
    FALLBACK = "fallback"


class Reason(Enum):
    """Why an arm was possible, impossible or chosen. Stability: full.

    >>> Reason.OVER_CAP.sentence
    'They have heard from us as often as the limit allows.'
    """

    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    SHARED_ADDRESS = "shared_address"
    UNKNOWN_AGE = "unknown_age"
    OVER_CAP = "over_cap"
    QUIET_HOURS = "quiet_hours"
    HELD_OUT = "held_out"
    NOT_IN_AUDIENCE = "not_in_audience"
    CEILING_FAMILIARITY = "ceiling_familiarity"
    CEILING_KNOWLEDGE = "ceiling_knowledge"
    CEILING_DIAL = "ceiling_dial"
    CEILING_CONSENT = "ceiling_consent"
    CEILING_SMALL_CELL = "ceiling_small_cell"
    MISSING_FACT = "missing_fact"
    SENSITIVE_TOPIC = "sensitive_topic"
    INFERRED_NOT_SPOKEN = "inferred_not_spoken"
    OUT_OF_STOCK = "out_of_stock"
    TOO_FEW_ITEMS = "too_few_items"
    ALREADY_BOUGHT = "already_bought"
    RETURNED = "returned"
    OFFER_EXPIRED = "offer_expired"
    OFFER_USED = "offer_used"
    OFFER_NOT_HERE = "offer_not_here"
    BUDGET = "budget"
    CAPACITY = "capacity"
    EXCLUDED_BY = "excluded_by"
    SILENCE_WON = "silence_won"
    EXPLORED = "explored"
    BEST = "best"
    RESTING = "resting"
    DEFAULT_EXPERIENCE = "default_experience"
    STALE_FACT = "stale_fact"
    QUARANTINED = "quarantined"
    TOPIC_OFF = "topic_off"
    TOO_YOUNG = "too_young"
    OUT_OF_SEQUENCE = "out_of_sequence"
    VARIANT_CLOSED = "variant_closed"
    KEEPS_PROMISE = "keeps_promise"

    @property
    def sentence(self) -> str:
        """The reason in plain words, as the desk would say it."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NO_CONSENT: "They have not said yes to this purpose on this channel.",
    Reason.WITHDRAWN: "They said yes once and took it back.",
    Reason.SUPPRESSED: "Their address is on the suppression list.",
    Reason.NO_ADDRESS: "We have no usable address for this channel.",
    Reason.SHARED_ADDRESS: "Another customer shares this address, and the other one was chosen for it.",
    Reason.UNKNOWN_AGE: "Age matters here and we do not know theirs.",
    Reason.OVER_CAP: "They have heard from us as often as the limit allows.",
    Reason.QUIET_HOURS: "It is quiet hours where they live.",
    Reason.HELD_OUT: "They are in a holdout, so that the effect can be measured.",
    Reason.NOT_IN_AUDIENCE: "They are not in this program's audience.",
    Reason.CEILING_FAMILIARITY: "We do not know each other well enough for this level.",
    Reason.CEILING_KNOWLEDGE: "What we know does not predict enough for this level.",
    Reason.CEILING_DIAL: "They asked for messages less personal than this.",
    Reason.CEILING_CONSENT: "They have not agreed to personalization.",
    Reason.CEILING_SMALL_CELL: "Too few people share these words.",
    Reason.MISSING_FACT: "A fact this level needs is missing.",
    Reason.SENSITIVE_TOPIC: "The topic is sensitive and they have not asked for it.",
    Reason.INFERRED_NOT_SPOKEN: "The words would speak a guess.",
    Reason.OUT_OF_STOCK: "What it would show is out of stock.",
    Reason.TOO_FEW_ITEMS: "There are too few fitting items to show.",
    Reason.ALREADY_BOUGHT: "They bought it already.",
    Reason.RETURNED: "They returned it.",
    Reason.OFFER_EXPIRED: "The offer ends too soon.",
    Reason.OFFER_USED: "They have used this offer.",
    Reason.OFFER_NOT_HERE: "The offer is not valid for them.",
    Reason.BUDGET: "The budget is spent.",
    Reason.CAPACITY: "There is no capacity left to send it.",
    Reason.EXCLUDED_BY: "Another program excludes this one.",
    Reason.SILENCE_WON: "Saying nothing was expected to be worth more.",
    Reason.EXPLORED: "Chosen by chance, so that we learn whether it is better than we think.",
    Reason.BEST: "Expected to be worth the most.",
    Reason.RESTING: "The program rests until they act.",
    Reason.DEFAULT_EXPERIENCE: "We know little, so they get the default we designed for that.",
    Reason.STALE_FACT: "A fact was too old to be used.",
    Reason.QUARANTINED: "The message did not pass the gate.",
    Reason.TOPIC_OFF: "They asked not to hear about this topic.",
    Reason.TOO_YOUNG: "They are too young for this.",
    Reason.OUT_OF_SEQUENCE: "It is not the turn of this step: the one before it was not sent, or not long enough ago.",
    Reason.VARIANT_CLOSED: "Words of their own would not bring what making and keeping them costs.",
    Reason.KEEPS_PROMISE: "It shows what a message promised them, for as long as the promise holds.",
}
