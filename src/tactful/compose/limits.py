"""Bounds on what a template may do, in work rather than seconds, so that a bomb ends the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any, cast

from tactful.compose.placed import Said
from tactful.words.money import Money

FILTERS = frozenset(
    {
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "concat", "date", "default",
        "divided_by", "downcase", "escape", "escape_once", "find", "find_index", "first", "floor", "has", "join",
        "last", "lstrip", "map", "minus", "modulo", "money", "newline_to_br", "pluralize", "plus", "prepend", "reject",
        "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last", "reverse", "round",
        "rstrip", "size", "slice", "sort", "sort_natural", "split", "squish", "strip", "strip_html", "strip_newlines",
        "sum", "times", "truncate", "truncatewords", "uniq", "upcase", "url_decode", "url_encode", "where",
    }
)  # fmt: skip
"""The filters a template may use. `safe` and the base64 filters are left out: they would unescape what was escaped."""

MOST_SOURCE = 400_000
"""Characters of one template."""
MOST_OUTPUT = 1_000_000
"""Characters that one part may become."""
MOST_TAGS, MOST_TAG = 800, 4_000
"""Liquid tags of one template or partial, and characters of one of them: what takes long to parse is refused before."""
MOST_TAGGED, MOST_BRACKETS = 30_000, 100
"""Characters within all tags of one template or partial together; opening brackets within one of them."""
MOST_WORK = 5_000
"""Steps of one render: an output, a loop's turn, a comparison, ten for a partial, two for a filter and one more for
each 200 characters or 25 entries that are filtered or compared: some fifty milliseconds at the most."""
MOST_TEXT = 50_000
MOST_LIST = 1_000
MOST_PATTERN = 5_000
"""Characters that may go through a filter whose cost is not linear."""
MOST_VALUES = 10_000
"""Entries of all lists and mappings within a value, and within all a message sees, together."""


class TooMuch(Exception):
    """A template does more than any message needs. Stability: internal."""


class Unsuited(TooMuch):
    """A filter was given what it has no answer for. Stability: internal."""


_ACCIDENTS = (KeyError, AttributeError, IndexError, ValueError, ArithmeticError)
"""What python-liquid's filters let out with values nobody thought of."""


class Budget:
    """The work left to one render. Stability: internal."""

    __slots__ = ("at", "left")

    def __init__(self) -> None:
        self.left = MOST_WORK
        self.at: Any = None  # Any: a token of python-liquid, which this file does not know: where the render is

    def spend(self, steps: int) -> None:
        """Count work done.

        Raises:
            TooMuch: more than any message needs.
        """
        self.left -= steps
        if self.left < 0:
            raise TooMuch(f"the template does more than {MOST_WORK:,} steps of work for one message")


def check_size(source: str) -> None:
    """Refuse a template that would take long to parse.

    Raises:
        TooMuch: too many Liquid tags, or one too long.

    >>> check_size("{{ a }}")
    """
    if len(source) > MOST_SOURCE:
        raise TooMuch(f"a template of {len(source):,} characters is more than {MOST_SOURCE:,}")
    tags = source.count("{{") + source.count("{%")
    if tags > MOST_TAGS:
        raise TooMuch(f"a template of {tags:,} Liquid tags is more than {MOST_TAGS:,}")
    tagged = 0
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        start = source.find(opening)
        while start >= 0:
            end = source.find(closing, start)
            end = end if end >= 0 else len(source)
            if end - start > MOST_TAG:
                raise TooMuch(f"a Liquid tag is longer than {MOST_TAG:,} characters")
            if source.count("(", start, end) > MOST_BRACKETS:
                raise TooMuch(f"a Liquid tag has more than {MOST_BRACKETS} brackets")
            tagged += end - start
            start = source.find(opening, start + 2)
    if tagged > MOST_TAGGED:
        raise TooMuch(f"the Liquid tags of a template are longer than {MOST_TAGGED:,} characters together")


def weigh(value: object) -> int:
    """The weight of a value in characters.

    Raises:
        TooMuch: it is larger than anything a message holds.

    >>> weigh("abc"), weigh([1, 2])
    (3, 16)
    """
    kind = type(value)  # an undefined value raises when asked what it is, also by isinstance
    if kind is str and len(cast("str", value)) <= MOST_TEXT:
        return len(cast("str", value))
    if kind is float or value is None:
        return 1
    if issubclass(kind, str):
        size, most, unit = len(cast("str", value)), MOST_TEXT, "characters"
    elif issubclass(kind, list | tuple | range):
        size, most, unit = _length(cast("list[object]", value)), MOST_LIST, "entries"
        if size <= most and kind is not range:
            return entries(value) * 8
    elif issubclass(kind, dict):
        return entries(value) * 8
    elif issubclass(kind, int) and cast("int", value).bit_length() > 256:
        raise TooMuch("a number is longer than 77 digits")
    else:
        return 1
    if size > most:
        raise TooMuch(f"a value of {size:,} {unit} is larger than {most:,}")
    return size if issubclass(kind, str) else size * 8


_HOLDING = (list, tuple, dict)
_FLAT = frozenset({str, int, float, bool, type(None), Decimal, Said})


def entries(value: object) -> int:
    """How many entries a value has, with those of the lists and mappings in it.

    Raises:
        TooMuch: more than anything a message sees.

    >>> entries([1, [2, 3]]), entries({"a": [1]}), entries("abc")
    (4, 2, 0)
    """
    waiting, found = [value], 0
    while waiting:
        one = waiting.pop()
        if not issubclass(type(one), _HOLDING):  # an undefined value raises when isinstance asks what it is
            continue
        found += len(cast("list[object]", one))
        if found > MOST_VALUES:
            raise TooMuch(f"a value holds more than {MOST_VALUES:,} entries")
        inner = cast("dict[str, object]", one).values() if issubclass(type(one), dict) else cast("list[object]", one)
        kinds = set(map(type, inner))
        if not kinds <= _FLAT and any(issubclass(kind, _HOLDING) for kind in kinds):
            waiting += inner
    return found


def _length(value: Sequence[object]) -> int:
    """A length that may be longer than Python's own can say."""
    return max(0, (value.stop - value.start) // value.step) if isinstance(value, range) else len(value)


def bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:  # Any: a filter takes what Liquid gives it
    """A filter whose input, product and result are weighed, so that it ends soon and in little memory."""

    @wraps(function)
    def weighed(left: Any, *args: Any, context: Any, **named: Any) -> Any:
        weights = [weigh(left)]
        for value in args:
            weights.append(weigh(value))  # noqa: PERF401  # the plain loop is the faster one here
        for value in named.values():
            weights.append(weigh(value))  # noqa: PERF401
        if name in _GROWING and args:
            _weigh_product(left, args)
        if name in _SLOW and _written(left) > MOST_PATTERN:
            raise TooMuch(f"{name} takes at most {MOST_PATTERN:,} characters")
        more = weights[0] * _turns(left) // 20_000 if name == "uniq" else DEAR.get(name, 0)
        if name in _BY_MARK:
            mark, unit = _BY_MARK[name]
            more += _text(left).count(mark) // unit
        context.budget.spend(2 + sum(weights) // 200 + more)
        try:
            result = function(left, *args, **named)
        except _ACCIDENTS as fault:
            raise Unsuited(f"{name} cannot be used with this value ({str(fault)[:100]})") from fault
        context.budget.spend(weigh(result) // 200)
        return result

    weighed.with_context = True  # type: ignore[attr-defined]  # how python-liquid asks for the context
    return weighed


DEAR = {"date": 4}
"""Steps that a filter takes beyond those of its kind."""
_BY_MARK = {
    "strip_html": ("<", 1), "escape_once": ("&", 10), "url_decode": ("%", 20), "strip_newlines": ("\n", 200),
    "escapejs": ("", 15),
}  # fmt: skip
"""Filters that cost by how often a mark stands in the text: a step for so many of them."""
_SLOW = {"strip_html", "truncatewords", "squish"}
_GROWING = {"replace", "replace_first", "replace_last", "join", "times"}


def _turns(value: Any) -> int:  # Any: as above
    """What is compared with each other, in characters."""
    return _length(value) * 8 if issubclass(type(value), list | tuple | range) else weigh(value)


def _written(value: object) -> int:
    """How long a value is as text, which is what these filters read also of a list or a mapping."""
    return len(_text(value)) or 1


def _text(value: object) -> str:
    return str(value) if issubclass(type(value), str | list | tuple | dict) else ""


def _weigh_product(left: Any, args: tuple[Any, ...]) -> None:  # Any: as above
    size = _length(left) if issubclass(type(left), str | list | tuple | range) else 1
    longest = max((len(value) for value in args if issubclass(type(value), str)), default=1)
    if (size + 1) * max(1, longest) > MOST_TEXT * 40:
        raise TooMuch(f"the result would be larger than {MOST_TEXT:,} characters")


def shown_money(value: object, currency: str) -> object:
    """An amount as people read it; what is no number comes back unchanged.

    Args:
        value: a number, or a text of one.
        currency: three capital letters.

    Raises:
        ValueError: there is no such currency.

    >>> shown_money(1234.5, "GBP"), shown_money("2.95", "EUR"), shown_money(None, "GBP")
    ('£1,234.50', '€2.95', None)
    """
    if type(value) is float:
        return _money(value, currency)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return value
    return _money(value, currency)


@lru_cache(maxsize=20_000, typed=True)
def _money(value: float | Decimal | str, currency: str) -> object:
    """Amounts repeat, so the last ones are remembered."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return value
    if not amount.is_finite():
        return value
    unit = Money(amount=Decimal(0), currency=currency).unit
    try:
        amount = amount.quantize(unit, rounding=ROUND_HALF_EVEN)
    except InvalidOperation:
        raise TooMuch(f"{amount:.2E} is more than an amount of money can be") from None
    return Money(amount=amount, currency=currency).shown
