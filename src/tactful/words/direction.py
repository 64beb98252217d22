"""A name that runs the other way than its line, set apart so that the line keeps its own direction.

The pair of signs does in any text, a subject included, what `<bdi>` does in HTML (Unicode Standard Annex 9).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ISOLATE: Final = "\u2068"
END: Final = "\u2069"
RIGHT_TO_LEFT: Final = frozenset("ar arc ckb dv fa he ks ps sd ug ur yi".split())
"""Languages whose lines run from right to left."""
_PAIR: Final = re.compile(f"{ISOLATE}([^\u2066-\u2069\u202a-\u202e]*){END}")


def isolated(name: str, *, language: str) -> str:
    """A name as it stands in a line of a language: set apart where any of it runs the other way.

    Args:
        name: without signs of direction of its own.
        language: of the line, such as `en` or `he-IL`.

    >>> isolated("Anna", language="en"), isolated("Anna", language="he") == "\\u2068Anna\\u2069"
    ('Anna', True)
    >>> isolated("נועה", language="en") == "\\u2068נועה\\u2069", isolated("נועה", language="he-IL") == "נועה"
    (True, True)
    """
    if name.isascii() and not _runs_left(language):
        return name
    against = {"L"} if _runs_left(language) else {"R", "AL"}
    if any(unicodedata.bidirectional(letter) in against for letter in name):
        return f"{ISOLATE}{name}{END}"
    return name


def bare(text: str) -> str:
    """A text without the signs that set a name apart; other signs of direction stay.

    >>> bare("Hello \\u2068נועה\\u2069,") == "Hello נועה,", bare("\\u2068a\\u202eb\\u2069") == "\\u2068a\\u202eb\\u2069"
    (True, True)
    """
    return _PAIR.sub(r"\1", text) if ISOLATE in text else text


def _runs_left(language: str) -> bool:
    return language.split("-")[0].lower() in RIGHT_TO_LEFT
