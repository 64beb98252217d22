"""What a template says about itself before anyone is chosen: compose hands it to check."""

from dataclasses import dataclass

from tactful.words.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One thing a template reads, and where. Stability: full.

    Attributes:
        path: what is read, such as `facts.favourite_range` or `items[].price`.
        root: its first word: `facts`, `items`, `offer`, `customer`, …
        part: the part of the message: subject, preheader, html, text.
        line: line in the author's file, from 1.
        column: column, from 1.
        printed: whether the value can reach the reader's eyes; False where it only selects a branch.
    """

    path: str
    root: str
    part: str
    line: int
    column: int
    printed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything a content's templates read. Stability: full."""

    content_id: str
    content_hash: bytes
    spoken: tuple[Spoken, ...]
    filters: tuple[str, ...]
    tags: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
