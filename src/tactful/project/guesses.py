"""What was probably meant, when a word is not one of the words that may stand there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, *, among: Iterable[str], closeness: float = 0.6) -> str | None:
    """The word that was probably meant; None where none is near.

    >>> nearest("pourpose", among=["purpose", "program"]), nearest("x", among=["purpose"])
    ('purpose', None)
    """
    words = {other.lower(): other for other in among}
    folded = word.lower().replace("_", "-")
    for other in words:
        if other.replace("_", "-") == folded:
            return words[other]
    found = get_close_matches(word.lower(), words, n=1, cutoff=closeness)
    return words[found[0]] if found else None


def guess(word: str, *, among: Iterable[str], called: str = "") -> str:
    """A sentence for a finding: the nearest word, or what there is to choose from.

    Args:
        word: what was written.
        among: what may stand there.
        called: what these words are, such as `facts`, for when there are none.

    >>> guess("emial", among=["email", "web"])
    "did you mean 'email'?"
    >>> guess("fax", among=["email", "web"])
    'write email or web'
    >>> guess("x", among=[], called="segments")
    'there are no segments yet'
    """
    words = sorted(among)
    if meant := nearest(word, among=words):
        return f"did you mean {meant!r}?"
    if not words:
        return f"there are no {called} yet" if called else ""
    shown = words if len(words) <= 12 else [*words[:11], f"one of {len(words) - 11} more"]
    return f"write {_either(shown)}"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
