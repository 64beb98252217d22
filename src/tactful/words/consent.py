"""Consent words: what a customer has said, per purpose and channel."""

from enum import Enum


class ConsentState(Enum):
    """What a customer has said. Missing means no. Stability: full."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


PERSONALIZATION = "personalization"
"""The consent purpose that allows anything above one-for-all."""
ANY_CHANNEL = "any"
"""The channel word of a consent that covers every channel: a no here is a no everywhere."""
