"""How easily words are read, by the formula published for their language."""

from __future__ import annotations

import re
from typing import NamedTuple

from tactful.words.estimate import Undefined

LEAST_WORDS = 30
"""Below this many words a formula says nothing."""


class Formula(NamedTuple):
    """base - of_sentence x (words per sentence) - of_word x (syllables per word)."""

    base: float
    of_sentence: float
    of_word: float
    source: str


FORMULAS = {
    "en": Formula(206.835, 1.015, 84.6, "Flesch 1948"),
    "de": Formula(180.0, 1.0, 58.5, "Amstad 1978"),
    "fr": Formula(207.0, 1.015, 73.6, "Kandel and Moles 1958"),
    "es": Formula(206.84, 1.02, 60.0, "Fernández Huerta 1959"),
    "it": Formula(217.0, 1.3, 60.0, "Franchina and Vacca 1986"),
    "nl": Formula(206.84, 0.93, 77.0, "Douma 1960"),
}
_VOWELS = re.compile(r"[aeiouyàáâäæèéêëìíîïòóôöœùúûü]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_END = re.compile(r"[.!?…:]+(?=\s|$)|\n+")


def syllables(word: str, *, language: str) -> int:
    """About how many syllables a word has: groups of vowels, the silent e of English and French aside.

    >>> [syllables(one, language="en") for one in ("stone", "table", "again", "reasonable")]
    [1, 2, 2, 4]
    """
    word = word.casefold()
    count = len(_VOWELS.findall(word))
    if language == "en" and count > 1 and re.search(r"[^aeiouyl]e$", word):
        count -= 1
    if language == "fr" and count > 1 and re.search(r"[^aeiouy]es?$", word):
        count -= 1
    return max(1, count)


def reading_ease(text: str, *, language: str) -> float | Undefined:
    """The reading ease of a text: about 100 is very easy, 60 plain, below 30 hard.

    Args:
        text: plain words; a line's end ends a sentence.
        language: its code; a region is left aside.

    Returns:
        Undefined where no formula is published for the language, or the text is too short for one.

    >>> easy = reading_ease("The cat sat on the mat. It was warm there. " * 5, language="en")
    >>> isinstance(easy, float) and easy > 100
    True
    >>> reading_ease("Short.", language="en")
    Undefined(reason='1 words are too few for a formula; it takes 30')
    """
    short = language.split("-", 1)[0].lower()
    formula = FORMULAS.get(short)
    if formula is None:
        return Undefined(f"no formula is published here for {language}")
    sentences = [words for one in _END.split(text) if (words := _WORD.findall(one))]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < LEAST_WORDS:
        return Undefined(f"{len(words)} words are too few for a formula; it takes {LEAST_WORDS}")
    per_word = sum(syllables(word, language=short) for word in words) / len(words)
    return formula.base - formula.of_sentence * len(words) / len(sentences) - formula.of_word * per_word
