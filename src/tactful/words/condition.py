"""Conditions on facts and columns, as a small tree: written by people, read the same by every engine.

`days_since_order > 90 and favourite_range is known and country in ('United Kingdom', 'EIRE')`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Value = str | int | Decimal | bool
Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a name with a value. Unknown compares as not true. Stability: full."""

    name: str
    sign: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a name's value is one of several. Stability: full."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Whether a name has a value at all. Stability: full."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite. Stability: full."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Every one of several; true where there are none. Stability: full."""

    inner: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of several. Stability: full."""

    inner: tuple[Condition, ...]


Condition = Compare | Among | Known | Not | All | Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign><=|>=|!=|=|<|>)"
    r"|(?P<mark>[(),])|(?P<word>[a-z_][a-z0-9_]*))",
    re.IGNORECASE,
)
_KEYWORDS = {"and", "or", "not", "in", "is", "known", "unknown", "true", "false"}


def read_condition(text: str) -> Condition:
    """The tree of a written condition.

    Raises:
        ValueError: says what was read, at which column, and what could stand there.

    >>> read_condition("kind = 'sale' and quantity >= 1")
    All(inner=(Compare(name='kind', sign='=', value='sale'), Compare(name='quantity', sign='>=', value=1)))
    >>> read_condition("order_count >")
    Traceback (most recent call last):
        ...
    ValueError: condition ends at column 14 where a value was expected: text in 'quotes', a number, true or false
    """
    reader = _Reader(text)
    tree = reader.either()
    reader.end()
    return tree


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at = text, [], 0
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if not match:
                raise ValueError(f"cannot read {text[position:].strip()[:12]!r} at column {position + 1} of {text!r}")
            kind = match.lastgroup or ""
            word, column = match[kind], match.start(kind) + 1
            if kind == "word" and word.lower() in _KEYWORDS:
                kind, word = "keyword", word.lower()
            self.tokens.append((kind, word, column))
            position = match.end()

    tokens: list[tuple[str, str, int]]

    def peek(self, word: str) -> bool:
        """Whether the next token is this keyword or mark."""
        return self.at < len(self.tokens) and self.tokens[self.at][1] == word and self.tokens[self.at][0] != "text"

    def take(self, word: str) -> bool:
        """Takes the next token if it is this keyword or mark."""
        if self.peek(word):
            self.at += 1
            return True
        return False

    def want(self, kind: str, meaning: str) -> str:
        """The next token's text, which must be of this kind."""
        if self.at >= len(self.tokens):
            raise ValueError(f"condition ends at column {len(self.text) + 1} where {meaning}")
        found, word, column = self.tokens[self.at]
        if found != kind:
            raise ValueError(f"found {word!r} at column {column} of {self.text!r} where {meaning}")
        self.at += 1
        return word

    def end(self) -> None:
        """Nothing may follow."""
        if self.at < len(self.tokens):
            _, word, column = self.tokens[self.at]
            raise ValueError(
                f"found {word!r} at column {column} of {self.text!r} where 'and', 'or' or the end was expected"
            )

    def either(self) -> Condition:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self) -> Condition:
        parts = [self.one()]
        while self.take("and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def one(self) -> Condition:
        if self.take("not"):
            return Not(self.one())
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                self.want("closing", "')' was expected")
            return inner
        name = self.want("word", "the name of a fact or column was expected")
        if self.take("is"):
            if self.take("unknown"):
                return Not(Known(name))
            if not self.take("known"):
                self.want("closing", "'known' or 'unknown' was expected")
            return Known(name)
        if self.take("not"):
            if not self.take("in"):
                self.want("closing", "'in' was expected")
            return Not(Among(name, self.values()))
        if self.take("in"):
            return Among(name, self.values())
        sign = self.want("sign", "one of = != < <= > >= in is was expected")
        return Compare(name, sign, self.value())  # type: ignore[arg-type]  # the pattern admits the six signs only

    def values(self) -> tuple[Value, ...]:
        if not self.take("("):
            self.want("closing", "'(' was expected")
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        if not self.take(")"):
            self.want("closing", "')' was expected")
        return tuple(found)

    def value(self) -> Value:
        if self.take("true"):
            return True
        if self.take("false"):
            return False
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "number":
            word = self.want("number", "")
            return Decimal(word) if "." in word else int(word)
        text = self.want("text", "a value was expected: text in 'quotes', a number, true or false")
        return text[1:-1].replace("''", "'")


def names_in(condition: Condition) -> frozenset[str]:
    """Every name a condition reads.

    >>> sorted(names_in(read_condition("a = 1 or (b is known and not c in ('x'))")))
    ['a', 'b', 'c']
    """
    match condition:
        case Compare(name) | Among(name) | Known(name):
            return frozenset({name})
        case Not(inner):
            return names_in(inner)
        case All(parts) | Any(parts):
            return frozenset().union(*(names_in(part) for part in parts))


def holds(condition: Condition, row: Mapping[str, Value | None]) -> bool:
    """Whether a condition holds for one row; a missing or empty value makes a comparison false.

    >>> holds(read_condition("stage = 'active' and orders > 2"), {"stage": "active", "orders": 3})
    True
    >>> holds(read_condition("orders != 2"), {"orders": None})
    False
    """
    match condition:
        case Known(name):
            return row.get(name) is not None
        case Among(name, values):
            return row.get(name) in values
        case Not(inner):
            return _is_decidable(inner, row) and not holds(inner, row)
        case All(parts):
            return all(holds(part, row) for part in parts)
        case Any(parts):
            return any(holds(part, row) for part in parts)
        case Compare(name, sign, value):
            found = row.get(name)
            return found is not None and _compare(found, sign, value=value)


def _is_decidable(condition: Condition, row: Mapping[str, Value | None]) -> bool:
    """Whether every name compared has a value, so that its opposite means something."""
    match condition:
        case Known():
            return True
        case Compare(name) | Among(name):
            return row.get(name) is not None
        case Not(inner):
            return _is_decidable(inner, row)
        case All(parts):
            return all(_is_decidable(p, row) for p in parts) or any(
                _is_decidable(p, row) and not holds(p, row) for p in parts
            )
        case Any(parts):
            return all(_is_decidable(p, row) for p in parts) or any(holds(p, row) for p in parts)


def _compare(found: Value, sign: Comparison, *, value: Value) -> bool:
    if isinstance(found, str) != isinstance(value, str):
        raise TypeError(f"cannot compare {found!r} with {value!r}: one is text, the other a number")
    match sign:
        case "=":
            return found == value
        case "!=":
            return found != value
        case "<":
            return found < value  # type: ignore[operator]  # both are text or both are numbers
        case "<=":
            return found <= value  # type: ignore[operator]
        case ">":
            return found > value  # type: ignore[operator]
        case ">=":
            return found >= value  # type: ignore[operator]
