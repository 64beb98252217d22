"""Asks one rule about one subject; a rule that raises is named, because it may be somebody else's code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tactful.check.rule import Hit, Rule
from tactful.words.errors import PlugInFailed


def asked(rule: Rule, inspect: Callable[[Any], Iterable[Hit]], *, of: Any) -> list[Hit]:  # Any: its own subject
    """What a rule says.

    Raises:
        PlugInFailed: the rule raised; the message names it.
    """
    try:
        return list(inspect(of))
    except Exception as error:
        raise PlugInFailed.say(
            where=f"rule {rule.id}",
            what=f"raised {type(error).__name__}: {error}",
            do="mend the rule or leave it out; no message passes a gate that is broken",
        ) from error
