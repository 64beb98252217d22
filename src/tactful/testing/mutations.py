"""The contract of mutation operators: what one is and what it is given.

An operator is a name, what it acts on, and a function that puts one fault into some messages of a run. It knows nothing
of the rules. `("wrong-price", "slots", change)` is one; so is `Operator(name=…, acts_on=…, change=…)`.

`change(rows, rng)` is given a few messages of one skeleton and a seeded `random.Random`, and returns the rows with one
fault in them; it may change them in place. Where it finds nothing to spoil it returns them as they are: rows that give
the same bytes to the same people count for nothing.

Rows of `slots`:

- `message_id`, `decision_id`, `skeleton_id` (bytes), `customer_id`, `program`, `level`, `language`
- `slots`: the values, by what they read: `{"items[0].price": "£2.95", "customer.salutation": "Hello Anna,"}`; where
  two columns read the same, the second is `items[0].price#2`. None is no value.
- `kinds`: of each value: words, name, price, url, date, number, markup
- `words`: the author's own words by part (subject, preheader, html, text), a list cut where a value goes; one text
  instead of the list stands before all values

An operator may change `message_id`, `decision_id`, `language`, `slots` and `words`, leave rows out or repeat them. The
fault is made *before* the seal: hashes and skeleton ids are made anew, so that no checksum gives it away.

Rows of `bytes`:

- `message_id`, `customer_id`, `recipient`
- `parts`: the finished words by part, values in their places; a part may be deleted
- `mail`: the finished mail, headers and all

Change either; a mail is made of changed parts as any other.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Callable, Iterable
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from tactful.words.errors import Misuse, PlugInFailed

Row = dict[str, Any]  # Any: values of a message
Change = Callable[[list[Row], random.Random], list[Row]]


class Layer(Enum):
    """What an operator acts on. Stability: full."""

    SLOTS = "slots"
    BYTES = "bytes"


class Operator(NamedTuple):
    """One way in which a message goes wrong. Stability: full."""

    name: str
    acts_on: str
    change: Change

    @property
    def layer(self) -> Layer:
        """What it acts on, as a word of a closed set."""
        return Layer(self.acts_on)

    def applied(self, rows: list[Row], rng: random.Random) -> list[Row]:
        """The rows with its fault in them.

        Raises:
            PlugInFailed: it raised; the message names it.
        """
        try:
            return list(self.change(rows, rng))
        except Exception as error:
            what = f"raised {type(error).__name__}: {error}"
            raise PlugInFailed.say(where=f"operator {self.name}", what=what, do="mend the operator") from error


def operators_at(place: str) -> tuple[Operator, ...]:
    """A stranger's operators, from `module:attribute`; the present folder is looked into as well.

    Args:
        place: the attribute holds operators, or is a function that gives them.

    Raises:
        Misuse: there is no such place, or what stands there is no operator.
    """
    module, _, attribute = place.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute or "OPERATORS")
    except (ImportError, AttributeError) as error:
        raise Misuse.say(where="--operators", what=str(error), do="write MODULE:ATTRIBUTE") from error
    return tuple(checked(found() if callable(found) else found))


def checked(given: Iterable[Any]) -> Iterable[Operator]:  # Any: whatever a stranger wrote
    """Operators from triples or from anything with the same three attributes.

    >>> [one.name for one in checked([("same", "slots", lambda rows, rng: rows)])]
    ['same']
    """
    known: set[str] = set()
    for one in given:
        try:
            made = one if isinstance(one, Operator) else Operator(*(_triple(one)))
            made.layer  # noqa: B018  # asked so that an unknown word is refused here
        except (TypeError, ValueError, AttributeError) as error:
            what = f"{one!r} is no operator: {error}"
            raise Misuse.say(
                where="--operators", what=what, do='give ("name", "slots" or "bytes", function)'
            ) from error
        if made.name in known:
            raise Misuse.say(where="--operators", what=f"two are called {made.name}", do="name each differently")
        known.add(made.name)
        yield made


def _triple(one: Any) -> tuple[Any, ...]:  # Any: whatever a stranger wrote
    return tuple(one) if isinstance(one, tuple | list) else (one.name, one.acts_on, one.change)
