"""`rules/*.yaml` and `suppressions/*.yaml`: what a project asks of its messages besides the house, and lets pass."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from tactful.project.shape import Declaration, Name

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class HouseRule(Declaration):
    """One rule of the project: a SELECT that yields the messages it objects to.

    It reads `messages`, `decisions`, `profiles` and `items`. It yields `message_id`, and where it likes `what` (what is
    wrong) and `place` (which part).
    """

    rule: Name
    severity: Literal["error", "warning", "note"]
    place: Sentence = "message"
    why: Sentence = Field(description="one sentence: whom it protects from what")
    fix: Sentence = Field(description="what to do about it")
    sql: Sentence


class Suppression(Declaration):
    """One rule's findings let pass in one place, for a reason and until a day; they are kept and counted."""

    suppression: Name
    rule: Sentence
    program: str | None = Field(default=None, description="only in letters of this program")
    content: str | None = Field(default=None, description="only in letters of this content, such as win-back/range")
    branch: str | None = Field(default=None, description="only in this branch of the content")
    part: Literal["subject", "preheader", "html", "text", "payload"] | None = None
    reason: Sentence
    until: str = Field(description="the last day on which it holds, such as 2012-01-31")

    @field_validator("until")
    @classmethod
    def _is_day(cls, value: str) -> str:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise ValueError(f"{value!r} is no day; write 2012-01-31") from error

    @property
    def last_day(self) -> date:
        """The last day on which it holds."""
        return date.fromisoformat(self.until)

    @property
    def where(self) -> str:
        """Where it holds, in words."""
        named = (("program", self.program), ("content", self.content), ("branch", self.branch), ("part", self.part))
        return ", ".join(f"{kind} {name}" for kind, name in named if name)
