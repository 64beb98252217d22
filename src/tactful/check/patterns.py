"""Patterns every message is searched for, in time linear in the text. The only file that uses their drivers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import re2
from ahocorasick_rs import AhoCorasick, MatchKind


class Pattern:
    """A pattern that takes time linear in the text. Stability: internal.

    >>> RESIDUE.first("Hello {{ name }}")
    '{{ name }}'
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled: Any = re2.compile(text)  # Any: the driver publishes no types

    def first(self, text: str) -> str:
        """The first match, or an empty text."""
        found = self._compiled.search(_valid(text))
        return str(found[0]) if found else ""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches."""
        for found in self._compiled.finditer(_valid(text)):
            yield found.span()

    def every(self, text: str) -> list[str]:
        """All matches."""
        return [str(found[0]) for found in self._compiled.finditer(_valid(text))]


def _valid(text: str) -> str:
    """Text the driver can encode: half a character stands as the sign for damage."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


RESIDUE: Final = Pattern(
    r"\{\{[^{}]{0,80}\}?\}?|\}\}|\{%|%\}|\{#|\$\{[^}]{0,80}\}?|<%=?|%>|%%[^\s%]{1,60}%%|%[A-Z][A-Z_]{2,40}%"
    r"|\*\|[^|*]{1,60}\|\*|\*\|[A-Z]|#\{[^}]{1,80}\}|\{[A-Za-z_]+=[A-Za-z_]{1,60}\}|\[\[[^\]]{1,60}\]\]"
    r"|\[(?:First|Last|Full|Customer|Company|Your|Insert)[ _-]?[A-Za-z ]{0,30}\]"
    r"|(?i:\[f?name\]|\[vorname\]|\[nachname\])"
    r"|(?i:lorem ipsum)|\b(?:TODO|FIXME|XXXX+)\b|tqz\d+zqt|#(?:REF|N/A|VALUE|NAME|DIV/0)[!?]?"
)
"""What is left when a template was not filled in: the marks of every dialect we know."""
NOTHING: Final = Pattern(
    r"(?i)^\s*(?:none|null|nil|nan|undefined|n/a|n\.a\.|\\n|\[object object\]|<na>|nat|true|false|[-?])\s*$"
)
"""A value that says only that there is none."""
PRICE_IN_WORDS: Final = Pattern(r"[£€$¥]\s?\d|\b\d+(?:[.,]\d{2})?\s?(?:GBP|EUR|USD|CHF|€|£)")
PERCENT_OFF: Final = Pattern(
    r"(?i)\b\d{1,3}(?:[.,]\d+)?\s?%\s?(?:off|nachlass|rabatt|discount|weniger|de remise|reduc\w*)"
)
OFFER_WORDS: Final = Pattern(
    r"(?i)\b\d{1,3}\s?%\s?(?:off|nachlass|rabatt)|\bfree (?:delivery|shipping)\b|\b(?:voucher|coupon|promo) code\b"
    r"|\bversandkostenfrei\b|\bgutschein"
)
CLOCK_TIME: Final = Pattern(r"\b(?:[01]?\d|2[0-3])[:.h][0-5]\d(?::[0-5]\d)?\s?(?:am|pm|Uhr)?\b|\dT\d\d:")
FULL_DATE: Final = Pattern(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|(?i)\b\d{1,2}(?:st|nd|rd|th|\.)? "
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?(?: \d{4})?\b"
)
BARE_NUMBER: Final = Pattern(r"^\s*[+-]?\d[\d.,  ]*\s*$")
ZERO: Final = Pattern(
    r"(?i)^\s*(?:[£€$¥]\s?)?-?0+(?:[.,]0+)?\s*(?:[£€$¥]|GBP|EUR|USD|points?|punkte|credits?|stars?|%)?\s*$"
)
ZERO_BALANCE: Final = Pattern(
    r"(?i)(?:^|[^\d.,])(?:[£€$]\s?)?0(?:[.,]00?)?\s?(?:points?|punkte|credits?|rewards?|stars?)\b"
)
SHOUT: Final = Pattern(r"\b\p{Lu}{3,}(?:[ ,&'’/-]+\p{Lu}{2,}){2,}\b")
"""Three words or more in capitals; one or two may be initials."""
URGENCY: Final = Pattern(
    r"(?i)\b(?:hurry|last chance|act now|today only|only today|final (?:notice|reminder|call)|before it'?s too late"
    r"|ends tonight|don'?t miss|limited time|letzte chance|nur heute|jetzt zuschlagen)\b"
)
CONDOLENCE: Final = Pattern(
    r"(?i)\b(?:condolences?|sorry for your loss|your loss|bereave\w*|passed away|in loving memory|with sympathy|funeral"
    r"|beileid|trauer\w*|verstorben\w*|anteilnahme)\b"
)
CHEER: Final = Pattern(
    r"(?i)\b(?:celebrat\w*|part(?:y|ies)|congratulat\w*|hooray|hurrah|enjoy|treat|fun|happy|cheers|sale|% off"
    r"|delight\w*"
    r"|feier\w*|herzlichen glückwunsch|spaß|freude)\b|!"
)
FLOWS: Final = Pattern(
    r"(?i)\b(?:you(?:'ve|’ve| have)? (?:ordered|bought|chose|told us|asked|picked|saved|said|kept)"
    r"|ordered (?:before|again|with)"
    r"|things you|your (?:orders?|last order|choices?|wish ?list)|for ordering|thank you for|"
    r"sie (?:haben )?(?:[\wäöüß ]{0,40})(?:bestellt|gekauft|gewählt|gesagt)"
    r"|ihre[nrm]? (?:letzte[nrs]? )?bestellung(?:en)?"
    r"|vous avez (?:commandé|choisi|dit))"
)
"""Phrases that name a flow a customer accepts: what they ordered, chose or told us."""
FALSE_REPLY: Final = Pattern(r"(?i)^\s*(?:re|fw|fwd|aw|wg)\s*:")
ENTITY: Final = Pattern(
    r"&(?:amp|lt|gt|quot|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,5});|</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>"
)
ADDRESS: Final = Pattern(r"[\w.+-]+@[\w-]+\.[\w.-]+")
LONG_NUMBER: Final = Pattern(r"(?:\+?\d[ -]?){9,}")
HOST_IN_WORDS: Final = Pattern(
    r"(?i)(?:https?://)?\b(?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+(?:com|net|org|co|uk|de|fr|eu|us|shop|store|example|io|app"
    r"|info|biz|test|xn--[a-z0-9]+|ru|cn|ch|at|it|es|nl)\b"
)
GENDERED: Final = Pattern(
    r"(?:^|[\s,(])(Mr\.?|Mister|Sir|Herr|Herrn|Lieber|Monsieur|M\.|Señor|Mrs\.?|Ms\.?|Miss|Madam|Ma'am|Frau|Liebe|Madame"
    r"|Mme|Mlle|Señora|Sehr geehrter|Sehr geehrte)\s*$"
)
"""A form of address that names a gender, at the end of what stands before a name."""
INVISIBLE: Final = Pattern(
    r"[\x{202A}-\x{202E}\x{2066}-\x{2069}\x{200B}\x{200E}\x{200F}\x{2060}-\x{2064}\x{FEFF}\x{00AD}]"
)
CONTROL: Final = Pattern(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{FFFD}]|Ã[\x{80}-\x{BF}©¤¶¼]|â€[œ™“˜”¦]|Â[£©®°]"
)
LINE_BREAK: Final = Pattern(r"[\r\n\x{0B}\x{0C}\x{85}\x{2028}\x{2029}]|=\?[A-Za-z0-9-]+\?[QqBb]\?")
SENTENCE_END: Final = Pattern(r"[.!?…](?:\s|$)|\n")


class Words:
    """Many words searched for at once, whole words only, capitals and apostrophes aside. Stability: internal.

    >>> Words(["we miss you", "sale"]).found("Hello. We miss you; wholesale is fine.")
    ('we miss you',)
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(dict.fromkeys(folded(word) for word in words if word.strip()))
        self._machine = AhoCorasick(list(self.words), matchkind=MatchKind.Standard) if self.words else None

    def found(self, text: str) -> tuple[str, ...]:
        """Which of them stand in a text, in the order of their declaration."""
        if self._machine is None:
            return ()
        text = folded(text)
        hits = {
            number
            for number, start, end in self._machine.find_matches_as_indexes(text, overlapping=True)
            if _is_edge(text, start) and _is_edge(text, end)
        }
        return tuple(self.words[number] for number in sorted(hits))


def folded(text: str) -> str:
    """Small letters, straight apostrophes, single blanks."""
    return " ".join(text.casefold().replace("’", "'").replace("\u00a0", " ").split())


def folded_column(line: str, word: str) -> int:
    """The column, from 1, at which a folded word begins in a line; 0 where blanks or letters were folded away.

    >>> folded_column("  We MISS you", "we miss you")
    3
    """
    return line.casefold().replace("’", "'").find(word) + 1


def _is_edge(text: str, index: int) -> bool:
    if index == 0 or index == len(text):
        return True
    return not (text[index - 1].isalnum() and text[index].isalnum())
