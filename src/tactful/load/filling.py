"""How one canonical column is filled by its declaration: every cell is typed, absent, or named as failed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.load.chunk import Integers
from tactful.load.columns import Checks, among, by_distinct, read_kind, with_nulls, within
from tactful.load.conditions import instant_of
from tactful.load.kinds import Boolean, Column, Day, Decimal, Email, Identifier, Instant, Integer, Kind, Text
from tactful.load.notations import is_plain, plain
from tactful.load.numbers import Flags, marked, text_bytes
from tactful.load.rules import Rule
from tactful.project.sources import SourceColumn
from tactful.store.table import TYPES
from tactful.words.consent import ConsentState
from tactful.words.level import Level

IDS = frozenset({"customer_id", "anonymous_id", "household_id", "order_id", "item_id", "event_id"})
CLOSED = {
    "kind": ("sale", "return", "cancel"),
    "state": tuple(state.value for state in ConsentState),
    "dial": tuple(level.value for level in Level),
    "device": ("phone", "tablet", "desktop"),
}
"""Words that a canonical column admits, whatever a source declares."""
ISO = ("iso", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
MARKS: dict[str, tuple[str, str | None]] = {
    "1,234.50": (".", ","),
    "1.234,50": (",", "."),
    "1234.50": (".", None),
    "1234,50": (",", None),
    "1 234,50": (",", " "),
    "1 234.50": (".", " "),
    "1'234.50": (".", "'"),
}
MOST_MONEY = "99999999999999.9999"
SPACE, NOT_ASCII = 0x20, 0x80
BETWEEN_WORDS = r"\s*[,;|]\s*"
POINT_ZERO = r"\.0+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """One canonical column and how it is filled. Stability: internal.

    Attributes:
        name: the canonical column.
        header: the file's column, as the file writes it; None for a constant.
        declared: the declaration.
        kind: what the text must be.
        target: the type of the canonical column.
        closed: the canonical words it admits; empty for any.
        earliest: instants before this are refused.
    """

    name: str
    header: str | None
    declared: SourceColumn
    kind: Kind
    target: pa.DataType
    closed: tuple[str, ...] = ()
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filled:
    """A column after reading. Stability: internal.

    Attributes:
        values: of the canonical type; absent and failed cells are null.
        absent: which cells say nothing.
        broken: for each rule that was broken, the rows.
    """

    values: pa.Array
    absent: Flags
    broken: tuple[tuple[Rule, Integers], ...]


def filling_of(name: str, declared: SourceColumn, *, header: str | None, target: pa.DataType, zone: str) -> Filling:
    """The filling of one canonical column.

    Raises:
        ValueError: the declared type does not fill the column, or a format, pattern or bound cannot be used.
    """
    if declared.pattern is not None:
        try:
            marked(pa.array([""]), pattern=declared.pattern)
        except pa.ArrowInvalid as error:
            raise ValueError(f"the pattern {declared.pattern!r} cannot be used ({error})") from error
    closed = tuple(declared.one_of)
    if name in CLOSED:
        closed = tuple(word for word in CLOSED[name] if not closed or word in closed)
    return Filling(
        name=name,
        header=header,
        declared=declared,
        kind=kind_of(name, declared, target=target, zone=zone),
        target=target,
        closed=closed,
        earliest=instant_of(declared.earliest, zone=zone) if declared.earliest else None,
    )


def kind_of(name: str, declared: SourceColumn, *, target: pa.DataType, zone: str) -> Kind:
    """What a column's text must be, by its declared type and the canonical type it fills.

    >>> kind_of("quantity", SourceColumn(value="1", type="integer", least=0), target=pa.int64(), zone="UTC")
    Integer(low=0, high=None, group=None)
    """
    mark, group = MARKS[declared.decimal]
    low, high = declared.least, declared.most
    match declared.type:
        case "text" if target == TYPES["id"]:
            return Identifier(pattern="[0-9a-fA-F]{32}")
        case "text" if target == TYPES["text"]:
            return Identifier(pattern=declared.pattern) if name in IDS else Text()
        case "email" if target == TYPES["text"]:
            return Email()
        case "integer" if target in (TYPES["whole"], TYPES["text"]):
            return Integer(
                low=None if low is None else math.ceil(low),
                high=None if high is None else math.floor(high),
                group=group,
            )
        case "decimal" | "integer" if target == TYPES["money"]:
            lowest, highest = (None if bound is None else f"{bound:f}" for bound in (low, high))
            return Decimal(mark=mark, group=group, places=4, low=lowest, high=highest)
        case "flag" if target == TYPES["flag"]:
            return Boolean(yes=declared.true_words, no=declared.false_words)
        case "instant" | "day" if target == TYPES["time"]:
            return Instant(formats=declared.format or (ISO if declared.type == "instant" else ("%Y-%m-%d",)), zone=zone)
        case "day" if target == TYPES["day"]:
            return Day(formats=declared.format or ("%Y-%m-%d",))
        case "words" if target == TYPES["words"]:
            return Text()
        case _:
            meant = next(kind for kind, fills in NATURAL if fills == target)
            raise ValueError(f"{name} does not hold {declared.type}; write type: {meant}")


NATURAL = tuple(
    (kind, TYPES[holds])
    for kind, holds in (
        ("integer", "whole"),
        ("decimal", "money"),
        ("flag", "flag"),
        ("instant", "time"),
        ("day", "day"),
        ("words", "words"),
        ("text", "text"),
        ("text", "id"),
    )
)
"""The declared type that fills each canonical type."""


def fill(text: pa.Array, *, how: Filling) -> Filled:
    """Read a column of text.

    >>> column = SourceColumn(value="", type="flag", true_words=("yes",), false_words=("no",))
    >>> how = filling_of("sellable", column, header="sellable", target=pa.bool_(), zone="UTC")
    >>> read = fill(pa.array(["yes", "no", "", "YES"]), how=how)
    >>> read.values.to_pylist(), [(rule.value, rows.tolist()) for rule, rows in read.broken]
    ([True, False, None, None], [('not_a_boolean', [3])])
    """
    declared, checks = how.declared, []
    present = with_nulls(tidied(text, how=how), null_words=declared.null_words)
    if declared.upper:
        present = pc.utf8_upper(present)
    if declared.sentence:
        present = in_sentences(present)
    if declared.type == "flag" and ANY_WORD in declared.true_words:
        present = yes_or_no(present, declared=declared)
    there = np.asarray(present.is_valid())
    if declared.pattern is not None and not isinstance(how.kind, Identifier):
        pattern = declared.pattern
        checks.append((Rule.NOT_THE_PATTERN, by_distinct(present, test=lambda some: marked(some, pattern=pattern))))
    if declared.words:
        present, known = translated(present, words=declared.words)
        checks.append((Rule.NOT_IN_LIST, known))
    if how.closed:
        checks.append((Rule.NOT_IN_LIST, among(present, words=how.closed)))
    if how.name == "currency":
        checks.append((Rule.NOT_A_CURRENCY, by_distinct(present, test=lambda some: marked(some, pattern="[A-Z]{3}"))))
    values, more = read_kind(present, column=Column(name=how.name, kind=how.kind))
    checks += more
    if isinstance(how.kind, Decimal) and (pc.max(pc.binary_length(present)).as_py() or 0) >= len(MOST_MONEY) - 4:
        checks += within(values, low=f"-{MOST_MONEY}", high=MOST_MONEY)
    if how.earliest is not None:
        late = pc.greater_equal(values, pa.scalar(how.earliest, values.type))
        checks.append((Rule.TOO_EARLY, np.asarray(pc.fill_null(late, fill_value=False))))
    return judged(values, there=there, checks=checks, target=how.target)


def in_sentences(text: pa.Array) -> pa.Array:
    """Text that is all capitals in sentence case; other text as it is. A letter before a hyphen keeps its capital.

    >>> in_sentences(pa.array(["WHITE T-LIGHT HOLDER", "Poppy's Playhouse", "UK MAP", None])).to_pylist()
    ['White T-light holder', "Poppy's Playhouse", 'UK map', None]
    """
    kept = pc.dictionary_encode(text)
    return pa.array([_sentence(word) for word in kept.dictionary.to_pylist()], pa.string()).take(kept.indices)


def _sentence(text: str) -> str:
    if text != text.upper() or sum(letter.isalpha() for letter in text) < 3:
        return text
    words = [word if word in ABBREVIATIONS else word.lower() for word in text.split(" ")]
    lowered = re.sub(r"(?<![^\W_])([a-z])(?=-[a-z])", lambda found: found[1].upper(), " ".join(words))
    return lowered[:1].upper() + lowered[1:]


ABBREVIATIONS = frozenset(
    {"UK", "USA", "EU", "LED", "USB", "CD", "DVD", "TV", "XL", "XXL", "BBQ", "DIY", "A4", "A5", "A6"}
)
"""Words that stay in capitals when shouted text is calmed."""
ANY_WORD = "*"
"""Among a flag's words: every word that stands in the other list no place."""


def yes_or_no(text: pa.Array, *, declared: SourceColumn) -> pa.Array:
    """A flag's text with every word that does not mean no replaced by one that means yes."""
    no = pc.is_in(text, value_set=pa.array(declared.false_words, pa.string()))
    return pc.if_else(pc.or_(no, pc.is_null(text)), text, pa.scalar(ANY_WORD))


def judged(values: pa.Array, *, there: Flags, checks: Checks, target: pa.DataType) -> Filled:
    """The values that keep every rule, in the canonical type; of the others, the first rule they break."""
    left, broken = there, []
    for rule, good in checks:
        wrong = np.flatnonzero(left & ~good)
        if len(wrong):
            broken.append((rule, wrong))
            left = left & good
    if broken:
        values = pc.if_else(pa.array(left), values, pa.scalar(None, values.type))
    return Filled(values=canonical(values, target=target), absent=~there, broken=tuple(broken))


def tidied(text: pa.Array, *, how: Filling) -> pa.Array:
    """The text without spaces around it; words of closed lists are matched exactly unless `trim` is written."""
    declared = how.declared
    is_closed = bool(declared.words or how.closed) or isinstance(how.kind, Boolean)
    if declared.trim and (not is_closed or "trim" in declared.model_fields_set) and has_loose_ends(text):
        text = pc.utf8_trim_whitespace(text)
    if isinstance(how.kind, Integer | Decimal) and not is_plain(declared):
        text = plain(text, declared=declared)
    if declared.whole and b"." in text_bytes(text).tobytes():
        text = pc.replace_substring_regex(text, POINT_ZERO, "")
    return text


def has_loose_ends(text: pa.Array) -> bool:
    """Whether any text begins or ends with what may be a space.

    >>> has_loose_ends(pa.array(["a b", ""])), has_loose_ends(pa.array(["a b", "c "]))
    (False, True)
    """
    data = text_bytes(text)
    if len(data) == 0:
        return False
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    ends = offsets - offsets[0]
    begin, end = ends[:-1], ends[1:]
    some = end > begin
    edges = np.concatenate([data[begin[some]], data[end[some] - 1]])
    return bool(edges.min() <= SPACE or edges.max() >= NOT_ASCII)


def translated(text: pa.Array, *, words: dict[str, str]) -> tuple[pa.Array, Flags]:
    """Words of the file as the canonical words they mean, and which texts are among them."""
    encoded = pc.dictionary_encode(text)
    meant = pa.array([words.get(word) for word in encoded.dictionary.to_pylist()], pa.string())
    found = meant.take(encoded.indices)
    return found, np.asarray(found.is_valid())


def canonical(values: pa.Array, *, target: pa.DataType) -> pa.Array:
    """Typed values in the type of the canonical column."""
    if values.type == target:
        return values
    if target == TYPES["words"]:
        return words_of(values)
    if target == TYPES["id"]:
        ids = [None if v is None else bytes.fromhex(v) for v in values.to_pylist()]
        return pa.array(ids, target)
    return values.cast(target)


def words_of(values: pa.Array) -> pa.Array:
    """Lists of words separated by commas, semicolons or bars; words may hold spaces.

    >>> words_of(pa.array(["candles and lights; garden", None])).to_pylist()
    [['candles and lights', 'garden'], None]
    """
    listed = [None if text is None else _words(text) for text in values.to_pylist()]
    return pa.array(listed, TYPES["words"])


def _words(text: str) -> list[str]:
    """The words of one cell; a list in JSON keeps its own."""
    if text.startswith("["):
        try:
            return msgspec.json.decode(text, type=list[str])
        except msgspec.MsgspecError:
            pass
    return [word for word in re.split(BETWEEN_WORDS, text) if word]
