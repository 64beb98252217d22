"""Patterns every message is searched for, in time linear in the text. The only file that uses their drivers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import re2
from ahocorasick_rs import AhoCorasick, MatchKind

from tactful.check.texts import ANY, Numbers, Sign, Texts


class Pattern:
    """A pattern that takes time linear in the text. Stability: internal.

    Args:
        text: in the words of RE2.
        needs: signs of which every match holds one at least.
        begins: a simpler pattern that matches wherever this one does, and seldom elsewhere.

    >>> RESIDUE.first("Hello {{ name }}")
    '{{ name }}'
    """

    def __init__(self, text: str, *, needs: Sign = ANY, begins: str = "") -> None:
        self.text = text
        self.needs = needs
        self.begins = begins
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


def among(texts: Texts, *patterns: Pattern) -> Numbers:
    """Numbers of the texts in which any of these patterns matches, ascending.

    >>> among(Texts.of(["a", "a@b.example", "17"]), ADDRESS, BARE_NUMBER).tolist()
    [1, 2]
    """
    found = [_matching(texts, pattern) for pattern in patterns]
    return found[0] if len(found) == 1 else np.unique(np.concatenate(found))


def _matching(texts: Texts, pattern: Pattern) -> Numbers:
    if pattern.begins and not (some := texts.matching(pattern.begins, needs=pattern.needs)).size:
        return some
    return texts.matching(pattern.text, needs=pattern.needs)


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
RESIDUE_MARKS: Final = Pattern(RESIDUE.text, needs=Sign.MARK)
RESIDUE_WORDS: Final = Pattern(r"(?i:lorem ipsum)|TODO|FIXME|XXXX|tqz\d")
"""The two together match wherever `RESIDUE` does: few values hold a mark, and words alone are soon looked for."""
_WORDS_LEFT = ("lorem ipsum", "todo", "fixme", "tqz")
_HALF_WORD = "|".join(sorted({word[:cut] for word in _WORDS_LEFT for cut in range(1, len(word))}))
RESIDUE_BEGUN: Final = Pattern(
    r"[{}%$<*#\[]$|\{\{[^{}]{0,80}\}?$|\$\{[^}]{0,80}$|<%$|%%[^\s%]{0,60}%?$|%[A-Z_]{0,42}$|\*\|[^|*]{0,60}\|?$"
    r"|#\{[^}]{0,80}$|\{[A-Za-z_]+=?[A-Za-z_]{0,60}$|\[\[[^\]]{0,60}\]?$|\[[A-Za-z _-]{0,60}$|#[A-Z/0]{1,6}$"
    rf"|(?i)(?:{_HALF_WORD}|x+|tqz\d*z?q?)$"
)
"""How a text ends in which `RESIDUE` may have begun and has not ended: no match goes on behind any other."""
BLANK: Final = Pattern(r"^[\s\pZ\x0b\x1c-\x1f\x{85}]*$")
PADDED: Final = Pattern(r"^[\s\pZ\x0b\x1c-\x1f\x{85}]|[\s\pZ\x0b\x1c-\x1f\x{85}]$|  ")
NOTHING: Final = Pattern(
    r"(?i)^\s*(?:none|null|nil|nan|undefined|n/a|n\.a\.|\\n|\[object object\]|<na>|nat|true|false|[-?])\s*$"
)
"""A value that says only that there is none."""
PRICE_IN_WORDS: Final = Pattern(r"[£€$¥]\s?\d|\b\d+(?:[.,]\d{2})?\s?(?:GBP|EUR|USD|CHF|€|£)")
PERCENT_OFF: Final = Pattern(
    r"(?i)\b\d{1,3}(?:[.,]\d+)?\s?%\s?(?:off|nachlass|rabatt|discount|weniger|de remise|reduc\w*)",
    needs=Sign.PERCENT,
)
OFFER_WORDS: Final = Pattern(
    r"(?i)\b\d{1,3}\s?%\s?(?:off|nachlass|rabatt)|\bfree (?:delivery|shipping)\b|\b(?:voucher|coupon|promo) code\b"
    r"|\bversandkostenfrei\b|\bgutschein"
)
CLOCK_TIME: Final = Pattern(
    r"\b(?:[01]?\d|2[0-3])[:.h][0-5]\d(?::[0-5]\d)?\s?(?:am|pm|Uhr)?\b|\dT\d\d:", needs=Sign.COLON
)
FULL_DATE: Final = Pattern(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|(?i)\b\d{1,2}(?:st|nd|rd|th|\.)? "
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-z]*\.?(?: \d{4})?\b",
    needs=Sign.DIGIT,
)
BARE_NUMBER: Final = Pattern(r"^\s*[+-]?\d[\d.,  ]*\s*$", needs=Sign.DIGIT)
ZERO: Final = Pattern(
    r"(?i)^\s*(?:[£€$¥]\s?)?-?0+(?:[.,]0+)?\s*(?:[£€$¥]|GBP|EUR|USD|points?|punkte|credits?|stars?|%)?\s*$",
    needs=Sign.ZERO,
)
ZERO_BALANCE: Final = Pattern(
    r"(?i)(?:^|[^\d.,])(?:[£€$]\s?)?0(?:[.,]00?)?\s?(?:points?|punkte|credits?|rewards?|stars?)\b",
    needs=Sign.ZERO,
)
COUNTED: Final = Pattern(r"(?i)point|punkt|credit|reward|star")
ZERO_COUNTED: Final = Pattern(r"(?i)0(?:[.,]00?)?\s?(?:point|punkt|credit|reward|star)", needs=Sign.ZERO)
SHOUT: Final = Pattern(
    r"\b\p{Lu}{3,}(?:[ ,&'’/-]+\p{Lu}{2,}){2,}\b",
    needs=Sign.UPPER | Sign.WIDE,
    begins=r"(?:[A-Z]|[^\x00-\x7f]){3}[ ,&'’/-]",
)
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
    r"&(?:amp|lt|gt|quot|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,5});|</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>",
    needs=Sign.TAG,
)
ADDRESS: Final = Pattern(r"[\w.+-]+@[\w-]+\.[\w.-]+", needs=Sign.AT)
LONG_NUMBER: Final = Pattern(r"(?:\+?\d[ -]?){9,}", needs=Sign.DIGIT)
HOST_IN_WORDS: Final = Pattern(
    r"(?i)(?:https?://)?\b(?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+(?:com|net|org|co|uk|de|fr|eu|us|shop|store|example|io|app"
    r"|info|biz|test|xn--[a-z0-9]+|ru|cn|ch|at|it|es|nl)\b",
    needs=Sign.STOP,
)
GENDERED: Final = Pattern(
    r"(?:^|[\s,(])(Mr\.?|Mister|Sir|Herr|Herrn|Lieber|Monsieur|M\.|Señor|Mrs\.?|Ms\.?|Miss|Madam|Ma'am|Frau|Liebe|Madame"
    r"|Mme|Mlle|Señora|Sehr geehrter|Sehr geehrte)\s*$"
)
"""A form of address that names a gender, at the end of what stands before a name."""
INVISIBLE: Final = Pattern(
    r"[\x{202A}-\x{202E}\x{2066}-\x{2069}\x{200B}\x{200E}\x{200F}\x{2060}-\x{2064}\x{FEFF}\x{00AD}]",
    needs=Sign.WIDE,
)
CONTROL: Final = Pattern(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{FFFD}]|Ã[\x{80}-\x{BF}©¤¶¼]|â€[œ™“˜”¦]|Â[£©®°]",
    needs=Sign.WIDE | Sign.CONTROL,
)
DAMAGED: Final = Pattern(
    r"[^\x00-\x7f]{2}|[\x{80}-\x{9f}\x{FFFD}]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", needs=Sign.WIDE | Sign.CONTROL
)
"""Wherever text was read in a wrong encoding this matches, and in much that is right."""
LINE_BREAK: Final = Pattern(
    r"[\r\n\x{0B}\x{0C}\x{85}\x{2028}\x{2029}]|=\?[A-Za-z0-9-]+\?[QqBb]\?", needs=Sign.WIDE | Sign.CONTROL | Sign.MARK
)
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

    def among(self, texts: Texts) -> Numbers:
        """Numbers of the texts in which one may be found: no other can have one.

        >>> Words(["we miss you"]).among(Texts.of(["we  missed", "WE miss\tyou", "you"])).tolist()
        [1]
        """
        if not self.words:
            return np.zeros(0, dtype=np.int64)
        plain = texts.matching(f"(?i){'|'.join(map(_spelt, self.words))}")
        return np.union1d(plain, odd(texts))

    def partly(self, texts: Texts) -> Numbers:
        """Numbers of the texts in which one of their single words may stand."""
        if not self.words:
            return np.zeros(0, dtype=np.int64)
        single = sorted({_quoted(one) for word in self.words for one in word.split()})
        plain = texts.matching(f"(?i)(?:^|{_BLANKS})(?:{'|'.join(single)})(?:{_BLANKS}|$)")
        return np.union1d(plain, odd(texts))

    def across(self, before: str, after: str) -> str | None:
        """A pattern of the values with which one may arise between the words before and after; None where none can.

        >>> Words(["your shop"]).across("Your ", " is here") is None, Words(["your shop"]).across("The ", " is here")
        (False, None)
        """
        left = folded(before) + (" " if before[-1:].isspace() else "")
        right = (" " if after[:1].isspace() else "") + folded(after)
        firsts, lasts = set(), set()
        for word in self.words:
            for cut in range(1, len(word)):
                if left.endswith(word[:cut]) and _is_edge(left, len(left) - cut):
                    firsts.add(word[cut:].lstrip()[0])
                if right.startswith(word[cut:]) and _is_edge(right, len(word) - cut):
                    lasts.add(word[:cut].rstrip()[-1])
        if not firsts and not lasts:
            return None
        starts = [f"^{_BLANKS}*{_quoted(letter)}" for letter in sorted(firsts)]
        ends = [f"{_quoted(letter)}{_BLANKS}*$" for letter in sorted(lasts)]
        return f"(?i){'|'.join([*starts, *ends])}|^{_BLANKS}*$|{odd_letters()}"


class Pieces:
    """Texts that stand anywhere within others, many sought at once. Stability: internal.

    Args:
        pieces: some of them may be alike.
        least: shorter ones are not sought.

    >>> Pieces(["cup", "teacup", "cup", "a"], least=2).found("a teacup")
    (0, 1, 2)
    """

    def __init__(self, pieces: Sequence[str], *, least: int) -> None:
        self.pieces = pieces
        self._owners: dict[str, list[int]] = {}
        for number, piece in enumerate(pieces):
            if len(piece) >= least:
                self._owners.setdefault(piece, []).append(number)
        self._known = list(self._owners)
        self._machine = AhoCorasick(self._known, matchkind=MatchKind.Standard) if self._known else None

    def found(self, text: str) -> tuple[int, ...]:
        """Numbers of those that stand in a text, ascending."""
        if self._machine is None:
            return ()
        hits = {number for number, _, _ in self._machine.find_matches_as_indexes(text, overlapping=True)}
        return tuple(sorted(one for number in hits for one in self._owners[self._known[number]]))


_BLANKS = r"[\s\x0b\x1c-\x1f]"


def _quoted(text: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", text)


def _spelt(word: str) -> str:
    return f"{_BLANKS}+".join(_quoted(one) for one in word.split())


@cache
def odd_letters() -> str:
    """Characters that folding turns into others, or into blanks, in ways that a pattern's own folding does not."""
    found = [one for one in map(chr, range(0x80, 0x10000)) if len(one.casefold()) > 1 or one.isspace() or one == "’"]
    spelt = "".join(f"\\x{{{ord(one):x}}}" for one in found)
    return f"[{spelt}]"


def odd(texts: Texts) -> Numbers:
    """Numbers of the texts that hold such a character; few hold any beyond ASCII."""
    return texts.matching(odd_letters(), needs=Sign.WIDE)


@lru_cache(maxsize=65_536)
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
