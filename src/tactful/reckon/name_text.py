"""The characters of a name: what is removed because nobody can see it, what is kept because a script needs it."""

import re
import unicodedata
from typing import Final

_MOST_MARKS: Final = 4
"""Combining marks on one letter that a writing system may need (pointed Hebrew, Tibetan stacks)."""

_INVISIBLE: Final = frozenset(
    map(chr, (0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029,
              0x2800, 0x3164, 0xFEFF, 0xFFA0, *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC)))
)  # fmt: skip
_JOINERS: Final = "\u200c\u200d"
_JOINING: Final = re.compile(
    "[\u0600-\u06ff\u0700-\u074f\u0750-\u077f\u07c0-\u07ff\u0840-\u085f\u08a0-\u08ff\u0900-\u0dff\u0f00-\u0fff"
    "\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
)
_TLDS: Final = (
    "com|net|org|info|biz|io|ly|ru|cn|uk|de|fr|it|es|nl|eu|us|ca|au|in|br|jp|pl|ch|at|be|me|tv|cc|ws|xyz|top|site|online|"
    "club|shop|store|live|app|dev|link|click|win|vip|icu|example|test|gl|gg|to|tk|ml|ga|cf|co"
)
_ADDRESS: Final = re.compile(
    rf"@|://|\bhttps?\b|\bwww\b|(?<![^\W\d_])[\w-]{{2,}}\.(?:{_TLDS})\b|[\w-]\.(?:{_TLDS})(?:/|$)", re.I
)
_RUN: Final = re.compile("[^\x00-\x7f]{2,}")


def clean(text: str) -> str:
    """A text without what cannot be seen: NFC, one kind of space, no controls, no direction marks, marks capped.

    Joiners stay where a script (Persian, Indic) or an emoji needs them, variation selectors where they have a base.

    Args:
        text: any text; a lone surrogate stays and must be refused by whoever reads on.

    >>> clean("  Ann\\u202e\\u200b  Lee ") == "Ann Lee", clean("Jose\\u0301") == "José"
    (True, True)
    >>> len(clean("a" + "\\u0300" * 200))
    4
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept: list[str] = []
    marks = 0
    for i, letter in enumerate(text):
        if letter in "\t\n\r\x0b\x0c\x85" or unicodedata.category(letter) == "Zs":
            kept.append(" ")
        elif letter in _INVISIBLE:
            continue
        elif letter in _JOINERS:
            if _is_joiner_needed(text, i):
                kept.append(letter)
        elif unicodedata.category(letter) == "Mn" and not _is_selector(letter):
            marks += 1
            if marks <= _MOST_MARKS:
                kept.append(letter)
            continue
        elif not _is_unseen(text, i):
            kept.append(letter)
        marks = 0
    return " ".join(part for part in unicodedata.normalize("NFC", "".join(kept)).split(" ") if part)


def _is_selector(letter: str) -> bool:
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"


def _is_unseen(text: str, i: int) -> bool:
    letter = text[i]
    if unicodedata.category(letter) == "Cc":
        return True
    if "\U000e0000" <= letter <= "\U000e007f":
        return "\U0001f3f4" not in text[:i]
    if _is_selector(letter):
        return i == 0 or not (unicodedata.category(text[i - 1]) in {"So", "Lo", "Sm"} or text[i - 1] in "#*0123456789")
    return False


def _is_joiner_needed(text: str, i: int) -> bool:
    if not 0 < i < len(text) - 1:
        return False
    before, after = text[i - 1], text[i + 1]
    if _JOINING.match(before) and _JOINING.match(after):
        return True
    is_emoji = unicodedata.category(before) in {"So", "Sk"} or before == "\ufe0f"
    return text[i] == "\u200d" and is_emoji and unicodedata.category(after) in {"So", "Sm"}


def has_lone_surrogate(text: str) -> bool:
    """Whether a half of a surrogate pair stands alone, which no encoding can write.

    >>> has_lone_surrogate("An\\ud800n"), has_lone_surrogate("👩")
    (True, False)
    """
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def has_address(text: str) -> bool:
    """Whether a mail program could make a link of it.

    >>> has_address("WIN $500 http://evil.example"), has_address("ann@x.org"), has_address("Annmoc.live")
    (True, True, True)
    >>> has_address("J.R."), has_address("Ma. Cristina"), has_address("St. John")
    (False, False, False)
    """
    return _ADDRESS.search(text) is not None


def is_mojibake(text: str) -> bool:
    """Whether it looks like UTF-8 read as CP1252, a replacement character, or CP1251 read as Latin-1.

    Nothing is repaired: a guess that is wrong would be a second damage.

    >>> [is_mojibake(name) for name in ("JosÃ©", "MÃ¼ller", "Jos\\ufffd", "Èâàí", "José", "Ðóra", "Ōta", "Đỗ")]
    [True, True, True, True, False, False, False, False]
    """
    if text.isascii():
        return False
    if "\ufffd" in text or re.search("[^\\W\\d_][\x80-\x84\x86-\x9f][^\\W\\d_]", text):
        return True
    if any(_decodes_again(run.group()) for run in _RUN.finditer(text)):
        return True
    return any(len(word) > 3 and all("À" <= letter <= "ÿ" for letter in word) for word in text.split())


def _decodes_again(run: str) -> bool:
    """Whether some of these letters, as bytes of CP1252, are a well-formed UTF-8 sequence."""
    data = bytearray()
    for letter in run:
        try:
            data += letter.encode("cp1252")
        except UnicodeEncodeError:
            data += bytes([ord(letter)]) if ord(letter) < 256 else b"?"
    return (
        re.search(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", bytes(data))
        is not None
    )
