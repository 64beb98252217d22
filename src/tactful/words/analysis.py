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
        selects: whether it chooses words: a branch, a turn of a loop, an entry; a value only kept does neither.
        flow: the names and partials it goes through on its way, such as `assign y (line 12)`.
        levels: the levels to which a branch by `message.level` confines it; None for all.
    """

    path: str
    root: str
    part: str
    line: int
    column: int
    printed: bool
    selects: bool = True
    flow: tuple[str, ...] = ()
    levels: tuple[str, ...] | None = None

    @property
    def way(self) -> str:
        """The path with its way to the reader.

        >>> Spoken(path="facts.a", root="facts", part="html", line=1, column=1, printed=True, flow=("assign y",)).way
        'facts.a → assign y'
        """
        return " → ".join((self.path, *self.flow))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A branch that is chosen by something, and what stands in it. Stability: internal.

    Attributes:
        paths: what chooses.
        literals: the texts it is compared with.
        words: the branch's own words, without markup.
        part: the part of the message.
        line: of the branch in the author's file.
        column: of the branch.
    """

    paths: tuple[str, ...]
    literals: tuple[str, ...]
    words: str
    part: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything a content's templates read. Stability: full."""

    content_id: str
    content_hash: bytes
    spoken: tuple[Spoken, ...]
    filters: tuple[str, ...]
    tags: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    choices: tuple[Choice, ...] = ()
