"""Names of people: which can be greeted, and how; every other is `Undefined` and the greeting stays neutral.

A real name is never changed but for what nobody can see and, in the greeting only, capitals throughout, titles, and
initials behind a first name. The stored value stays as it was given.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tactful.reckon import name_words as words
from tactful.reckon.name_text import clean, has_address, has_lone_surrogate, is_mojibake
from tactful.words.estimate import Undefined

LONGEST: Final = 60
"""Letters in a given name or a surname beyond which it is neither."""

MOST_WORDS: Final = 4
"""Words, particles such as "de la" not counted, beyond which it is a note."""

_QUOTES, _HYPHENS = "'‘’“”", "-‐‑–"
_PUNCTUATION: Final = frozenset("'’‘ʼʻ`´-‐‑–.·•・･֊׳״ʹ᾽་ \u200c\u200d")
_PART: Final = re.compile(r"([\s\-‐‑–]+)")
_PLAIN: Final = str.maketrans("øæœıßłđəðþ", "oaoisldedt")
_CASED: Final = re.compile(r"[^\W\d_]")
_ONE_WORD: Final = re.compile("[A-Z][a-z]{2,24}(?:-[A-Z][a-z]{2,24})?")
_LOOKED_AT: Final = frozenset({"http", "https", "www"}).union(
    words.INVENTED, words.PLACEHOLDERS, words.GENERIC, words.TITLES, words.COMPANY, words.ALWAYS_NOTE
)
"""Words of which some rule says something."""


class Field(Enum):
    """What a column of names is said to hold. Stability: full."""

    GIVEN = "given"
    FAMILY = "family"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name that may be spoken. Stability: full.

    Attributes:
        text: as given, without what cannot be seen, in NFC.
        greeting: the same as one would write it to a person: a title and the initials behind a first name left off,
            capitals throughout undone.
    """

    text: str
    greeting: str


def read_name(
    raw: str | None, *, field: Field = Field.GIVEN, null_words: frozenset[str] = words.NULL_WORDS
) -> Name | Undefined:
    """The name in a field, if a stranger could be greeted by it without embarrassment.

    Args:
        raw: what the source holds.
        field: whether the column holds given names or surnames.
        null_words: spellings that mean "no name" in this column; exact, capitals included.

    Returns:
        The name, or `Undefined` with the reason in plain words.

    >>> read_name("JOHN").greeting, read_name("van der berg", field=Field.FAMILY).greeting
    ('John', 'van der berg')
    >>> read_name("NULL"), read_name("Null", field=Field.FAMILY).greeting
    (Undefined(reason='a way of writing that there is none'), 'Null')
    >>> read_name("MR J SMITH LTD")
    Undefined(reason='a company, not a person')
    """
    if raw is None:
        return Undefined("no name is given")
    if field is Field.GIVEN and raw not in null_words and _is_plain(raw):
        return Name(text=raw, greeting=raw)
    return _read(raw, field=field, null_words=null_words)


def _is_plain(raw: str) -> bool:
    """Whether it is one word, or two with a hyphen, of which no rule says anything: most names are read at a glance."""
    if not _ONE_WORD.fullmatch(raw):
        return False
    small = raw.lower()
    pieces = small.split("-")
    if not _LOOKED_AT.isdisjoint((small, *pieces)) or small.startswith(words.COMPANY_FORMS):
        return False
    return not small.endswith(words.COMPANY_FORMS) and not any(words.is_mash(piece, piece) for piece in pieces)


def _read(raw: str, *, field: Field, null_words: frozenset[str]) -> Name | Undefined:
    """The name in a field, by all rules."""
    if has_lone_surrogate(raw):
        return Undefined("damaged: it holds half a character")
    if re.search(r"\S[^\S \t]*[\r\n]+\s*\S", raw):
        return Undefined("it runs over more than one line")
    text = clean(raw)
    trouble = (
        _no_name(text, field=field, null_words=null_words)
        or _not_readable(raw, text)
        or _not_a_person(text, field=field)
    )
    if trouble:
        return Undefined(trouble)
    return _titled(text, field=field)


def read_names(raw: Iterable[str | None], *, field: Field = Field.GIVEN) -> list[Name | Undefined]:
    """The names of a column; each distinct value is read once.

    >>> [isinstance(name, Name) for name in read_names(["Anna", None, "Anna"])]
    [True, False, True]
    """
    known: dict[str | None, Name | Undefined] = {}
    found = []
    for value in raw:
        if value not in known:
            known[value] = read_name(value, field=field)
        found.append(known[value])
    return found


def _no_name(text: str, *, field: Field, null_words: frozenset[str]) -> str:
    if not text:
        return "no name is given"
    bare = text.strip("'\"")
    if field is Field.FAMILY and bare in words.FAMILY_NAMES:
        return ""
    if bare in null_words or not any(unicodedata.category(letter)[0] == "L" for letter in bare):
        return "a way of writing that there is none"
    small = " ".join(re.sub(r"[_.]+", " ", bare.casefold()).split())
    if small in words.INVENTED or _is_generic(small.split(), field=field):
        return "a placeholder, not a name"
    if small in words.PLACEHOLDERS and not (field is Field.FAMILY and small in words.NOT_FAMILY):
        if text in {"Test", "True", "Nan"}:
            return ""
        return "a placeholder, not a name"
    return ""


def _is_generic(parts: list[str], *, field: Field) -> bool:
    """Whether only words that are no names stand there. Of a null word alone, the column's null words decide."""
    parts = [part.strip("()[]{}<>.,") for part in parts if part.strip(".") not in words.TITLES or part in words.GENERIC]
    surnames = words.NOT_FAMILY if field is Field.FAMILY else frozenset()
    if len(parts) == 1 and parts[0] in words.NAMES_ALL_THE_SAME | surnames | {"null", "none", "undefined"}:
        return False
    return bool(parts) and all(part in words.GENERIC for part in parts)


def _not_readable(raw: str, text: str) -> str:
    if is_mojibake(text) or re.search("[^\\W\\d_][\x80-\x84\x86-\x9f]+[^\\W\\d_]", raw):
        return "damaged by a wrong encoding"
    if has_address(text) or has_address(raw):
        return "an address or a link, not a name"
    if any(unicodedata.category(letter) in {"Co", "Cn"} for letter in text):
        return "damaged: it holds characters that mean nothing"
    if sum(letter.isdigit() for letter in text) > 3:
        return "a number, not a name"
    if len(text) > LONGEST:
        return f"longer than {LONGEST} letters"
    return ""


def _not_a_person(text: str, *, field: Field) -> str:
    parts = text.casefold().replace(",", " ").split()
    bare = [part.strip(".,;:()'\"") for part in parts]
    if any(
        part in words.COMPANY or part.startswith(words.COMPANY_FORMS) or part.endswith(words.COMPANY_FORMS)
        for part in bare
    ) or (len(bare) > 1 and bare[-1] in words.COMPANY_LAST - _surnames(field)):
        return "a company, not a person"
    if len(bare) > 1 and bare[0] in words.OPENINGS and (field is Field.GIVEN or bare[0] not in {"the", "old", "late"}):
        return "a household, a firm or a note, not a person"
    if len(bare) > 1 and bare[-1] in words.HOUSEHOLDS and field is Field.GIVEN:
        return "a household, a firm or a note, not a person"
    if _is_note(bare):
        return "a note, not a name"
    if (text[0] in _QUOTES and text[-1] in _QUOTES) or text[0] in _HYPHENS or text[-1] in _HYPHENS:
        return "quoted or cut off, so not as its owner writes it"
    if any(letter.isdigit() for letter in text):
        return "a number, not a name"
    odd = [letter for letter in text if not _belongs(letter)]
    if odd:
        return f"it holds {odd[0]!r}, which names do not"
    pieces = [part for part in re.split(r"[\s\-‐‑–.'’]+", text.casefold()) if part]
    if any(words.is_mash(part, _bare(part)) for part in pieces):
        return "typed without meaning it"
    return ""


def _surnames(field: Field) -> frozenset[str]:
    return (
        frozenset({"co", "as", "sa", "ab", "bank", "church", "school", "sons", "trust"})
        if field is Field.FAMILY
        else frozenset()
    )


def _is_note(parts: list[str]) -> bool:
    counted = [part for part in parts if part and part not in words.PARTICLES and part not in words.TITLES]
    said = sum(part in words.NOTE for part in parts)
    if len(counted) > MOST_WORDS or any(part in words.ALWAYS_NOTE for part in parts):
        return True
    return said >= 2 or (said == 1 and len(parts) >= 3)


def _belongs(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return kind[0] in "LM" or letter in _PUNCTUATION or (kind in {"So", "Sk"} and ord(letter) > 0x2600) or letter == "&"


def _bare(word: str) -> str:
    folded = word.translate(_PLAIN)
    return "".join(letter for letter in unicodedata.normalize("NFD", folded) if unicodedata.category(letter) != "Mn")


def _titled(text: str, *, field: Field) -> Name | Undefined:
    """The name after any titles; a title with only initials or a single word says nothing to greet by."""
    parts = text.split()
    rest = list(parts)
    while rest and rest[0].casefold().strip(".") in words.TITLES:
        rest = rest[1:]
    if not rest:
        return Undefined("a title, not a name")
    if field is Field.GIVEN:
        if all(_is_initial(part) for part in rest):
            return Undefined("only initials")
        if len(rest) < len(parts):
            if len(rest) == 1 or _is_initial(rest[0]) or rest[0].casefold() in words.PARTICLES or "&" in parts:
                return Undefined("a title and a surname; the given name cannot be told")
            rest = rest[:1]
    greeted = [part for n, part in enumerate(rest) if not (n and field is Field.GIVEN and _is_stopped(part))]
    return Name(text=text, greeting=_greeting(" ".join(greeted)))


def _is_initial(part: str) -> bool:
    """One cased letter, or several with stops: "J", "J.", "J.K."; a single 明 is a name."""
    letters = [letter for letter in part if _CASED.match(letter)]
    if not letters or any(letter.lower() == letter.upper() for letter in letters):
        return False
    return len(letters) == 1 or re.fullmatch(r"([^\W\d_]\.)+[^\W\d_]?\.?", part) is not None


def _is_stopped(part: str) -> bool:
    """An initial with its stop, as behind a first name on a list: "Henry J." is greeted as Henry."""
    return part.endswith(".") and _is_initial(part)


def _greeting(text: str) -> str:
    """Capitals throughout undone, word by word; anything else as given.

    >>> [_greeting(n) for n in ("JOHN", "O'NEIL", "MCDONALD", "JEAN-PAUL", "JP", "mcdonald", "ΓΙΩΡΓΟΣ", "IŞIL")]
    ['John', "O'Neil", 'McDonald', 'Jean-Paul', 'JP', 'mcdonald', 'Γιωργος', 'Işıl']
    """
    letters = [letter for letter in text if letter.lower() != letter.upper()]
    if len(letters) < 2 or any(letter != letter.upper() for letter in letters if letter not in "ßʼŉ"):
        return text
    if len(letters) == 2 and text not in words.SHORT_NAMES:
        return text
    parts = _PART.split(text)
    first = next(i for i, part in enumerate(parts) if _CASED.search(part))
    return "".join(
        part if _PART.fullmatch(part) or _is_initial(part) else _calmed(part, is_first=i == first and len(parts) == 1)
        for i, part in enumerate(parts)
    )


def _calmed(word: str, *, is_first: bool) -> str:
    """One word out of capitals."""
    if any(letter in "İĞŞ" for letter in word):
        small = word.replace("İ", "i").replace("I", "ı").lower()
    else:
        small = word.lower()
    if not is_first and small in words.PARTICLES - {"al", "san", "santa", "ben", "st", "st.", "bat", "do", "te"}:
        return small
    if any("ა" <= letter <= "ჿ" for letter in small):
        return small
    pieces = re.split(r"(['’ʼ.])", small)
    raised = [
        piece if len(pieces) > 1 and piece == "s" and i else _raised(piece, word) for i, piece in enumerate(pieces)
    ]
    return "".join(raised)


def _raised(small: str, word: str) -> str:
    if not small:
        return small
    if small.startswith("ij") and len(small) > 3:
        return "IJ" + small[2:]
    if small.startswith("mc") and len(small) > 4:
        return "Mc" + small[2].upper() + small[3:]
    if small[0] == "i" and word[0] == "İ":
        return "İ" + small[1:]
    if small[0] == "ı":
        return "I" + small[1:]
    return small[0].upper() + small[1:]
