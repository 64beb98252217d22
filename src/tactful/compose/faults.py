"""A fault in content, told at the author's own file, line and column."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from tactful.words.errors import ProjectFaulty
from tactful.words.finding import Finding, Place, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Which place of the author's text each place of a compiled template came from. Stability: internal.

    Attributes:
        starts: places in the compiled template at which a stretch begins, ascending.
        places: the author's place of each.
        spans: how far each runs in the author's text: 0 where what was put in stands for one place; all of it when left
            out.
    """

    starts: tuple[int, ...] = (0,)
    places: tuple[int, ...] = (0,)
    spans: tuple[int, ...] = ()

    def of(self, index: int) -> int:
        """The author's place of a place in the compiled template: exact within a Liquid tag, near elsewhere.

        >>> Origins(starts=(0, 10), places=(100, 50)).of(12)
        52
        """
        number = max(0, bisect_right(self.starts, index) - 1)
        offset = index - self.starts[number]
        return self.places[number] + (min(offset, self.spans[number]) if self.spans else offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text that an author wrote, and where it begins in its file. Stability: internal.

    Attributes:
        text: the text itself.
        path: its file.
        line: the line of the file at which it begins, from 1.
        indent: columns before its first line: a one-line value such as `subject: …` does not begin at the margin.
        made_of: the text this one was made from, where an author wrote it only in part (partials put in).
        origins: where its places stand in that text.
    """

    text: str
    path: str
    line: int = 1
    indent: int = 0
    made_of: Source | None = None
    origins: Origins = Origins()

    @classmethod
    def plain(cls, text: str) -> Source:
        """A text that is in no file.

        >>> str(Source.plain("a").place(0))
        'text:1:1'
        """
        return cls(text=text, path="text")

    def place(self, index: int) -> Place:
        """File, line and column of a character.

        >>> str(Source(text="a\\nbc", path="x.mjml", line=7).place(3))
        'x.mjml:8:2'
        """
        if self.made_of:
            return self.made_of.place(self.origins.of(index))
        index = max(0, min(index, len(self.text)))
        before = self.text.rfind("\n", 0, index) + 1
        line = self.text.count("\n", 0, index)
        column = index - before + 1 + (self.indent if line == 0 else 0)
        return Place(file=self.path, line=self.line + line, column=column)

    def line_at(self, index: int) -> str:
        """The line of a character, as written."""
        if self.made_of:
            return self.made_of.line_at(self.origins.of(index))
        index = max(0, min(index, len(self.text)))
        start, end = self.text.rfind("\n", 0, index) + 1, self.text.find("\n", index)
        line = self.text[start : end if end >= 0 else None]
        return " " * self.indent + line if self.indent and "\n" not in self.text[:start] else line


class ContentFault(ProjectFaulty):
    """A content file is wrong; its finding says where. Stability: internal."""

    @property
    def finding(self) -> Finding:
        """The one finding."""
        return self.findings[0]

    @classmethod
    def at(cls, source: Source, index: int, *, rule: str, what: str, fix: str = "") -> ContentFault:
        """A fault at a character of an author's text.

        >>> print(ContentFault.at(Source(text="{{ a", path="a.mjml"), 0, rule="liquid-syntax", what="never closed"))
        a.mjml:1:1: never closed (liquid-syntax)
            {{ a
            ^
        """
        return cls(
            [
                Finding(
                    rule=rule,
                    severity=Severity.ERROR,
                    subject=source.path,
                    what=what,
                    place=source.place(index),
                    fix=fix,
                    source=source.line_at(index),
                )
            ]
        )
