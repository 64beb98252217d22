"""`sources/*.yaml`: a file becomes rows of canonical tables, each under a contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from tactful.project.shape import Days, Declaration, Growth, Name, Names, Share, Signed

ColumnType = Literal["text", "integer", "decimal", "flag", "instant", "day", "email", "words"]


class SourceColumn(Declaration):
    """How one canonical column is filled, and what its values must be.

    Either `from` names the file's column, or `value` gives a constant. A cell that breaks a rule quarantines its row.
    """

    from_: str | None = Field(
        default=None, alias="from", description="column of the file, by its header; of JSON also a path: line.item"
    )
    value: str | None = Field(default=None, description="a constant for every row, instead of `from`")
    type: ColumnType = "text"
    may_be_empty: bool = False
    pattern: str | None = Field(default=None, description="regular expression the whole text must match")
    least: Signed | None = None
    most: Signed | None = None
    one_of: tuple[str, ...] = ()
    words: dict[str, str] = Field(
        default={}, description="words of the file and the canonical words they mean; others are refused"
    )
    null_words: tuple[str, ...] = Field(default=(), description="words that mean nothing is known, such as N/A")
    format: Names = Field(
        default=(),
        description="how instants and days are written, by strptime's parts; `unix` counts seconds; ISO when left out",
    )
    decimal: Literal["1,234.50", "1.234,50", "1234.50", "1234,50", "1 234,50", "1 234.50", "1'234.50"] = "1234.50"
    units: tuple[str, ...] = Field(
        default=(), description="signs and words before or behind a number that are no part of it, such as £ or GBP"
    )
    accounting: bool = Field(default=False, description="(3.50) and 3.50- are minus 3.50")
    true_words: tuple[str, ...] = Field(default=("true",), description="words that mean yes; `*` is every other word")
    false_words: tuple[str, ...] = ("false",)
    earliest: str | None = Field(default=None, description="instants before this are quarantined")
    trim: bool = True
    whole: bool = Field(
        default=False, description="17850.0, as spreadsheets and float columns write ids and counts, reads as 17850"
    )
    upper: bool = Field(default=False, description="store in capitals: for codes that differ only by case")
    sentence: bool = Field(
        default=False, description="text that is all capitals is stored in sentence case: for titles that shout"
    )


class KindRule(Declaration):
    """The first rule that fits says what kind of transaction a line is."""

    kind: Literal["sale", "return", "cancel"]
    when: str = Field(description="condition on canonical columns, such as quantity < 0; `otherwise` fits all")


class Mapping(Declaration):
    """How rows of the file become rows of one canonical table."""

    columns: dict[str, SourceColumn]
    one_per: Names = Field(default=(), description="keep one row per these columns: the last one in the file's order")
    only_when: str | None = Field(default=None, description="rows for which this does not hold feed other tables only")
    kinds: tuple[KindRule, ...] = ()
    refuse_when: dict[str, str] = Field(
        default={}, description="rule name → condition on canonical columns; such rows are quarantined"
    )


class SourceLimits(Declaration):
    """When a file is held whole."""

    quarantined: Share = Field(default=Decimal("0.05"), description="held when a larger share of rows is bad")
    fewer: Share = Field(
        default=Decimal("0.5"), description="held when it has fewer rows than the last load by more than this share"
    )
    more: Growth = Field(
        default=Decimal("1.0"), description="held when it has more rows than the last load by more than this share"
    )
    garbled: Share = Field(
        default=Decimal("0.001"), description="held when a larger share of rows has garbled characters"
    )
    suspicious_row_counts: tuple[int, ...] = Field(
        default=(65535, 1048575), description="row counts at which spreadsheets cut"
    )


class Source(Declaration):
    """One source: files of one shape."""

    source: Name
    title: str = ""
    files: Names = Field(description="paths or globs within the project")
    format: Literal["csv", "parquet", "json_lines"] | None = Field(
        default=None,
        description="by each file's ending when left out: .parquet, .pq, .jsonl, .ndjson, .json (also .gz), else csv",
    )
    encoding: str | None = Field(
        default=None, description="declared encoding; detected from the byte order mark or UTF-8 when left out"
    )
    delimiter: str | None = None
    header: Names = Field(default=(), description="names of the columns of a delimited file that has no header row")
    skip: int = Field(default=0, ge=0, description="lines of a delimited file before its header or first row")
    zone: str | None = Field(default=None, description="zone of instants that say none; the project's when left out")
    snapshot: bool = Field(
        default=True, description="each file holds everything (counts are compared with the last load)"
    )
    unused: Names = Field(default=(), description="columns of the file that are known and not used")
    new_columns: Literal["ignore", "hold"] = "ignore"
    tables: dict[str, Mapping]
    end_marker: str | None = Field(
        default=None, description="a file beside it, such as {name}.sha256, that must exist and match"
    )
    limits: SourceLimits = SourceLimits()
    licence: str = ""
    attribution: str = ""
    stays: Days = 1100
