"""Touchpoints and their channels: pushed to people, or pulled when they come."""

from enum import Enum

PUSH = "push"
"""The touchpoint word of a decision point at which all push touchpoints compete."""


class Channel(Enum):
    """How a message travels. Stability: full.

    >>> Channel.of("web.home_hero"), Channel.of("email").is_push
    (<Channel.WEB: 'web'>, True)
    """

    EMAIL = "email"
    WEBHOOK = "webhook"
    PRINT = "print"
    AUDIENCE = "audience"
    CALL = "call"
    WEB = "web"
    APP = "app"
    DESK = "desk"

    @classmethod
    def of(cls, touchpoint: str) -> "Channel":
        """The channel of a touchpoint such as `web.home_hero`: the word before the point."""
        return cls(touchpoint.split(".", 1)[0])

    @property
    def is_push(self) -> bool:
        """Push touchpoints compete in one decision per occasion; pull touchpoints are decided when asked."""
        return self in (Channel.EMAIL, Channel.WEBHOOK, Channel.PRINT, Channel.AUDIENCE, Channel.CALL)
