"""`brand.yaml`: who speaks, in which words, and the lines the law asks for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tactful.project.shape import Declaration, Names, Share


class Greeting(Declaration):
    """The two lines of a greeting in another language."""

    named: str
    neutral: str


class Salutation(Declaration):
    """A setting of its own, the same across levels under test."""

    style: Literal["none", "neutral", "given_name"] = "given_name"
    named: str = "Hello {name},"
    neutral: str = "Hello,"
    languages: dict[str, Greeting] = Field(
        default={}, description="the same lines in other languages; a letter greets in its own language or not at all"
    )

    def says(self, language: str, *, first: str) -> Greeting | None:
        """The lines in a language, or in the language it is a kind of (de for de-CH); None where it has none.

        Args:
            language: of the letter.
            first: the project's first language, which `named` and `neutral` are written in.

        >>> german = Greeting(named="Hallo {name},", neutral="Guten Tag,")
        >>> Salutation(languages={"de": german}).says("de-CH", first="en").neutral
        'Guten Tag,'
        """
        base = language.split("-", 1)[0]
        if found := self.languages.get(language) or self.languages.get(base):
            return found
        return Greeting(named=self.named, neutral=self.neutral) if base == first.split("-", 1)[0] else None


class Brand(Declaration):
    """The whole of `brand.yaml`."""

    brand: str
    from_name: str
    from_address: str
    reply_to: str | None = None
    contact_name: str = Field(default="", description="the person a customer can write to")
    postal_address: str
    site: str = Field(description="https URL of the shop")
    public_url: str = Field(description="https URL under which unsubscribe and preference pages are served")
    hosts: Names = Field(description="hosts that links may point to")
    salutation: Salutation = Salutation()
    legal_lines: Names = ()
    never: Names = Field(default=(), description="words that never appear")
    always: Names = Field(default=(), description="words that every letter says, in both parts")
    near_name: Names = Field(
        default=("cheap", "below market", "reduced"), description="words that never stand beside a first name"
    )
    exclamation_marks: int = Field(default=0, ge=0)
    most_discount: Share | None = None
    reading_ease: int | None = Field(
        default=None, description="the least reading ease of a letter, by the formula of its language; 60 is plain"
    )
    most_pictures: int | None = Field(default=None, ge=0, description="how many pictures a letter shows at most")
    colours: dict[str, str] = Field(default={})
    fonts: str = "Georgia, 'Times New Roman', serif"
    claims: dict[str, str] = Field(default={}, description="a claim and the footnote it needs")
