"""A letter that stands alone as its rules see it, and how they say what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tactful.check.letter.page import Page, read_page
from tactful.words.analysis import Spoken
from tactful.words.finding import Finding, Place, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of another tool's. Stability: caller."""

    place: Place
    text: str
    tool: str
    ours: str
    is_logic: bool


@dataclass(kw_only=True, eq=False)
class Sheet:
    """One letter and where its places stand in its author's file. Stability: caller.

    Attributes:
        path: the file.
        kind: `mjml`, `html`, `liquid` or `eml`.
        is_whole: whether it is a whole letter and not a fragment of one.
        is_rough: whether it could not be compiled, so that its styles and its structure are not known.
        html: with every branch in it, signs where something is filled in.
        ways: the same with one branch of every block.
        styled: `html` with styles on its elements.
        text: the text part; of a mail, its own.
        subject, preheader: None where the file has no place for them.
        headers: of a mail, by small names; None of other files.
        spoken: what its Liquid reads.
        foreign: tags of other tools.
        place: where a place of `html` stands in the file.
        line: the file's line at a place.
        ours: what we would write instead of a name; empty where there is no good guess.
    """

    path: str
    kind: str
    is_whole: bool
    html: str
    ways: tuple[str, ...]
    styled: str
    text: str
    subject: str | None
    preheader: str | None
    headers: Mapping[str, str] | None
    spoken: tuple[Spoken, ...]
    foreign: tuple[Tag, ...]
    place: Callable[[int], Place]
    line: Callable[[Place], str]
    ours: Callable[[str], str]
    is_rough: bool = False
    found: list[Finding] = field(default_factory=list)

    @cached_property
    def page(self) -> Page:
        """The letter's elements."""
        return read_page(self.styled)

    @property
    def size(self) -> int:
        """Bytes of the longest way through it; what is filled in counts as long as its tag."""
        return max((len(way.replace("\ue000", "x").encode("utf-8", "replace")) for way in self.ways), default=0)

    def error(self, rule: str, at: int | Place | None, *, what: str, fix: str) -> None:
        """Something a reader would stumble over."""
        self._say(Severity.ERROR, rule, at=at, what=what, fix=fix)

    def warn(self, rule: str, at: int | Place | None, *, what: str, fix: str) -> None:
        """Something to look at, or that a file alone cannot know."""
        self._say(Severity.WARNING, rule, at=at, what=what, fix=fix)

    def note(self, rule: str, at: int | Place | None, *, what: str, fix: str) -> None:
        """Something worth knowing."""
        self._say(Severity.NOTE, rule, at=at, what=what, fix=fix)

    def _say(self, severity: Severity, rule: str, *, at: int | Place | None, what: str, fix: str) -> None:
        place = at if isinstance(at, Place) else self.place(at) if at is not None else Place(file=self.path)
        source = self.line(place) if severity is Severity.ERROR else ""
        shown = source if len(source) < 140 and "\t" not in source else ""
        self.found.append(
            Finding(rule=rule, severity=severity, subject=self.path, what=what, place=place, fix=fix, source=shown)
        )
