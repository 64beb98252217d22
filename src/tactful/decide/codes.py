"""The published numbers of reasons in `inputs.why_not`, and how far along the way each one stops a customer."""

from typing import Final

from tactful.words.outcome import OutcomeKind, Reason

ELIGIBLE: Final = 0
"""The code of an arm that may be chosen."""

PUBLISHED: Final[tuple[Reason, ...]] = (
    Reason.NO_CONSENT,
    Reason.WITHDRAWN,
    Reason.SUPPRESSED,
    Reason.NO_ADDRESS,
    Reason.SHARED_ADDRESS,
    Reason.UNKNOWN_AGE,
    Reason.OVER_CAP,
    Reason.QUIET_HOURS,
    Reason.HELD_OUT,
    Reason.NOT_IN_AUDIENCE,
    Reason.CEILING_FAMILIARITY,
    Reason.CEILING_KNOWLEDGE,
    Reason.CEILING_DIAL,
    Reason.CEILING_CONSENT,
    Reason.CEILING_SMALL_CELL,
    Reason.MISSING_FACT,
    Reason.SENSITIVE_TOPIC,
    Reason.INFERRED_NOT_SPOKEN,
    Reason.OUT_OF_STOCK,
    Reason.TOO_FEW_ITEMS,
    Reason.ALREADY_BOUGHT,
    Reason.RETURNED,
    Reason.OFFER_EXPIRED,
    Reason.OFFER_USED,
    Reason.OFFER_NOT_HERE,
    Reason.BUDGET,
    Reason.CAPACITY,
    Reason.EXCLUDED_BY,
    Reason.SILENCE_WON,
    Reason.EXPLORED,
    Reason.BEST,
    Reason.RESTING,
    Reason.DEFAULT_EXPERIENCE,
    Reason.STALE_FACT,
    Reason.QUARANTINED,
    Reason.TOPIC_OFF,
    Reason.TOO_YOUNG,
    Reason.OUT_OF_SEQUENCE,
    Reason.VARIANT_CLOSED,
    Reason.KEEPS_PROMISE,
)
"""Position + 1 is the code. New reasons are added at the end; a position is never used again for another reason."""

CODE: Final[dict[Reason, int]] = {reason: number for number, reason in enumerate(PUBLISHED, start=1)}

WAY: Final[tuple[tuple[str, tuple[Reason, ...]], ...]] = (
    ("not in the audience", (Reason.NOT_IN_AUDIENCE,)),
    ("no consent", (Reason.NO_CONSENT, Reason.WITHDRAWN)),
    (
        "suppressed or no usable address",
        (Reason.SUPPRESSED, Reason.NO_ADDRESS, Reason.SHARED_ADDRESS),
    ),
    ("age", (Reason.UNKNOWN_AGE, Reason.TOO_YOUNG)),
    ("caps, rest and quiet hours", (Reason.RESTING, Reason.OUT_OF_SEQUENCE, Reason.OVER_CAP, Reason.QUIET_HOURS)),
    ("topics", (Reason.SENSITIVE_TOPIC, Reason.TOPIC_OFF)),
    (
        "ceiling",
        (
            Reason.CEILING_CONSENT,
            Reason.CEILING_DIAL,
            Reason.CEILING_FAMILIARITY,
            Reason.CEILING_KNOWLEDGE,
            Reason.CEILING_SMALL_CELL,
            Reason.VARIANT_CLOSED,
        ),
    ),
    (
        "nothing fitting to say",
        (
            Reason.INFERRED_NOT_SPOKEN,
            Reason.MISSING_FACT,
            Reason.STALE_FACT,
            Reason.TOO_FEW_ITEMS,
            Reason.ALREADY_BOUGHT,
            Reason.RETURNED,
        ),
    ),
    (
        "offer not possible",
        (Reason.OFFER_EXPIRED, Reason.OFFER_USED, Reason.OFFER_NOT_HERE, Reason.OUT_OF_STOCK),
    ),
    ("another program goes first", (Reason.EXCLUDED_BY, Reason.KEEPS_PROMISE)),
    ("held out", (Reason.HELD_OUT,)),
)
"""The way of a customer towards a message, in the order in which `eligibility` looks, and what may stop each step."""

STEP: Final[tuple[int, ...]] = (
    len(WAY),
    *(next((step for step, (_, reasons) in enumerate(WAY) if reason in reasons), -1) for reason in PUBLISHED),
)
"""Step of the way at which each code stops a customer; an eligible arm has come all the way, -1 never stops anyone."""

_KINDS: Final[dict[str, OutcomeKind]] = {
    "suppressed or no usable address": OutcomeKind.SUPPRESSED,
    "caps, rest and quiet hours": OutcomeKind.CAPPED,
    "held out": OutcomeKind.HELD_OUT,
}


def kind_of(code: int) -> OutcomeKind:
    """What came of a decision point whose furthest arm was stopped by this code.

    >>> kind_of(CODE[Reason.OVER_CAP]), kind_of(CODE[Reason.NO_CONSENT])
    (<OutcomeKind.CAPPED: 'capped'>, <OutcomeKind.INELIGIBLE: 'ineligible'>)
    """
    return _KINDS.get(WAY[STEP[code]][0], OutcomeKind.INELIGIBLE)


def reason_of(code: int) -> Reason:
    """The reason of a code other than `ELIGIBLE`.

    >>> reason_of(1)
    <Reason.NO_CONSENT: 'no_consent'>
    """
    if not 1 <= code <= len(PUBLISHED):
        raise ValueError(f"{code} is no code of a reason; codes go from 1 to {len(PUBLISHED)}")
    return PUBLISHED[code - 1]
