"""The words that are no names, and the marks of a keyboard, a company, a title and a note."""

import re
from typing import Final

NULL_WORDS: Final = frozenset({
    "NULL", "Null", "null", "(null)", "<null>", "N/A", "n/a", "N.A.", "n.a.", "NA", "#N/A", "undefined",
    "Undefined", "-", "--", "?", ".", "none", "None", "NONE", "nil", "NIL", "nan", "NaN", "NAN", "#REF!", "#VALUE!",
    "#NAME?", "\\N", "UNDEFINED", "true", "TRUE", "false", "FALSE", "False", "test", "TEST", "void", "[null]",
    "#NULL!", "x", "X",
})  # fmt: skip
"""Ways in which machines and people write that there is no name. `Nan`, `Test`, `True`, `Na` and `Nil` are names."""

FAMILY_NAMES: Final = frozenset(
    {
        "Null",
        "None",
        "X",
    }
)
"""Null words that, written so, are surnames of real people."""

PLACEHOLDERS: Final = frozenset({
    "shop", "store",
    "unknown", "anonymous", "anon", "customer", "valued customer", "guest", "user", "username", "admin",
    "administrator", "root", "info", "sales", "office", "reception", "webmaster", "postmaster", "noreply",
    "no-reply", "first name", "firstname", "first", "last name", "lastname", "surname", "given name", "name",
    "my name", "full name", "your name", "no name", "noname", "not provided", "not given", "not available",
    "not applicable", "none given", "no first name", "tbc", "tbd", "tba", "resident", "occupier", "occupant",
    "homeowner", "account holder", "subscriber", "member", "client", "cliente", "kunde", "test user", "test test",
    "tester", "testing", "dummy", "sample", "example", "foo", "foobar", "foo bar", "blah", "blah blah", "abc",
    "abcd", "xyz", "someone", "nobody", "somebody", "whatever", "asd", "qwe", "zxc", "jkl", "sdf", "dfg", "fgh",
    "ghj", "hjk", "qaz", "wsx", "xcv", "vbn", "bnm", "cvb", "hjkl", "lorem ipsum", "lorem", "john doe", "jane doe",
    "no", "yes", "mr", "mrs", "ms", "delete", "deleted", "delete me", "duplicate", "do not use", "do not call",
    "do not contact", "unsubscribe", "inconnu", "unbekannt", "desconocido", "private", "withheld", "n a", "unnamed",
    "default", "string", "varchar", "object", "[object object]", "error",
})  # fmt: skip
"""Whole values, in small letters, that stand where a name was asked for."""

GENERIC: Final = frozenset({
    "null", "none", "nan", "nil", "undefined", "unknown", "customer", "customers", "name", "fname", "lname", "user",
    "users", "guest", "staff", "account", "accounts", "payable", "temp", "temporary", "empty", "blank", "data",
    "not", "no", "known", "vip", "blacklist", "blacklisted", "gdpr", "erased", "redacted", "anonymised",
    "anonymized", "removed", "deleted", "sale", "order", "orders", "web", "online", "buyer", "seller", "ebay",
    "paypal", "amazon order", "purchasing", "support", "it", "hr", "finance", "helpdesk", "hello", "hi", "hey",
    "lol", "lolol", "haha", "hehe", "nope", "fuck", "off", "shit", "test", "testing", "record", "entry", "dummy",
    "fake", "invalid", "missing", "pending", "family", "household", "person", "people", "someone", "anyone",
    "nobody", "asd", "qwe", "sdf", "dfg", "zxc", "walk", "in", "cash", "or", "and", "sir", "madam", "yes", "leer",
    "vide", "vuoto", "vacío", "leeg", "tom", "пусто", "тест", "нет", "неизвестно", "клиент", "kein", "keine",
    "ohne", "sin", "nombre", "sans", "nom", "senza", "nome", "sem", "geen", "naam", "väljamõeldud", "okänd",
    "ukjent", "ukendt",
})  # fmt: skip
"""Words of which alone no name is made, however many stand together."""

NAMES_ALL_THE_SAME: Final = frozenset(
    {
        "sem",
        "kein",
        "leer",
        "record",
        "nome",
        "naam",
        "test",
        "nan",
        "tom",
        "cash",
        "sin",
        "vide",
        "nil",
        "in",
        "it",
        "or",
        "hey",
        "walk",
    }
)
"""Of these, names of real people where one stands alone."""

OPENINGS: Final = frozenset({
    "the", "estate", "late", "family", "familie", "fam", "famille", "familia", "garage", "pizzeria",
    "zahnarztpraxis", "praxis", "arztpraxis", "bäckerei", "cabinet", "pharmacie", "boulangerie", "ristorante",
    "farmacia", "taller", "autohaus", "gasthaus", "vip", "gdpr", "deleted", "customer", "staff", "old", "ex",
})  # fmt: skip
"""First words after which no given name of one person follows."""

HOUSEHOLDS: Final = frozenset({"family", "familie", "famille", "familia", "famiglia", "household", "haushalt"})
"""Words behind a surname that make it a household."""

INVENTED: Final = frozenset({
    "mickey mouse", "minnie mouse", "donald duck", "santa claus", "bugs bunny", "harry potter", "homer simpson",
    "max mustermann", "erika mustermann", "mario rossi test", "testy mctest",
})  # fmt: skip
"""People who buy nothing."""

NOT_FAMILY: Final = frozenset(
    {
        "guest",
        "user",
        "sales",
        "office",
        "no",
        "private",
        "name",
        "first",
        "foo",
        "jkl",
    }
)
"""Placeholders that are also surnames, and so kept in a column of surnames."""

TITLES: Final = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "mister", "dr", "prof", "professor", "rev", "reverend", "hon", "sir", "madam",
    "herr", "frau", "mme", "mlle", "monsieur", "madame", "sra", "srta", "señor", "señora", "sig", "signora", "dott",
    "dhr", "mevr", "messrs",
})  # fmt: skip

COMPANY: Final = frozenset({
    "ltd", "limited", "inc", "incorporated", "llc", "plc", "gmbh", "llp", "pty", "corp", "corporation", "company",
    "ltda", "sarl", "srl", "kft", "ooo", "ооо", "оао", "зао", "spzoo", "s.r.o", "d.o.o", "s.p.a", "s.a", "s.l",
    "s.r.l", "holdings", "enterprises", "solutions", "services", "consulting", "logistics", "university",
    "industries", "technologies", "associates", "ohg", "gbr", "e.v", "b.v", "n.v", "aps", "a/s", "sdn", "bhd",
    "unipessoal", "international", "systems", "partners", "trading",
})  # fmt: skip
"""Words of which one is enough."""

COMPANY_FORMS: Final = ("株式会社", "有限会社", "合同会社", "有限公司", "주식회사")
"""Forms of companies written without a space."""

COMPANY_LAST: Final = frozenset({
    "ag", "ab", "as", "sa", "bv", "nv", "oy", "kg", "spa", "co", "shop", "store", "hotel", "school", "church",
    "team", "department", "dept", "group", "office", "club", "bank", "media", "studio", "bros", "sons",
    "restaurant", "cafe", "council", "trust", "foundation", "pharmacy", "motors", "accounts",
})  # fmt: skip
"""Words that mark a company only as the last of several."""

NOTE: Final = frozenset({
    "note", "called", "killed", "died", "deceased", "angry", "contact", "phone", "please", "moved", "cancelled",
    "unsubscribed", "wants", "complaint", "complained", "duplicate", "invoice", "refund", "owes", "message",
    "voicemail", "is", "was", "has", "not", "do", "don't", "don’t", "dont", "address", "wrong", "email", "returned",
    "daughter", "husband", "wife", "husband's", "wife's", "customer", "account", "twice", "never", "call", "ask",
    "for", "via", "see", "left", "the", "crash", "late", "pays", "paid", "speaks", "only", "back", "after", "with",
    "about", "delivery", "order", "remove", "stop", "spam", "fake", "asks", "said", "says", "new", "old", "owner",
    "manager", "parents", "mother", "father", "c/o", "attn", "attention", "reception", "free", "click", "win",
    "winner", "bitcoin", "congratulations", "dear", "hello", "hi", "cheap", "casino", "viagra", "loan", "here",
    "now", "your", "you",
})  # fmt: skip
"""Words of notes; two of them, or one among three words or more, are a note and not a name."""

ALWAYS_NOTE: Final = frozenset({
    "deceased", "died", "killed", "unsubscribed", "cancelled", "called", "angry", "complained", "voicemail", "attn",
    "c/o", "duplicate", "complaint", "viagra", "bitcoin", "casino", "congratulations", "refund", "invoice",
})  # fmt: skip

PARTICLES: Final = frozenset({
    "de", "da", "do", "dos", "das", "del", "della", "di", "la", "las", "los", "le", "el", "al", "van", "von", "der",
    "den", "het", "ter", "ten", "te", "zu", "zum", "y", "e", "bin", "binti", "ibn", "abu", "af", "av", "'t", "’t",
    "st", "st.", "vom", "du", "des", "san", "santa", "ap", "ferch", "ben", "bat", "a/l", "a/p", "and", "&", "i",
})  # fmt: skip

SHORT_NAMES: Final = frozenset(
    {"AL", "ED", "JO", "BO", "TY", "CY", "LI", "YU", "XI", "SU", "MO", "AN", "VI", "BI", "AB"}
)
"""Names of two letters that are hardly initials, so that capitals may be undone."""

_KEYS: Final = ("asdf", "sdfg", "dfgh", "fghj", "ghjk", "hjkl", "qwer", "werty", "tyui", "uiop", "zxcv",
                "xcvb", "cvbn", "vbnm", "azerty", "qwertz", "qazwsx", "1q2w", "йцук", "фыва", "ячсм")  # fmt: skip
_MASH: Final = re.compile("|".join([*_KEYS, *(key[::-1] for key in _KEYS)]))
_REPEAT: Final = re.compile(r"^.?(.)\1\1.?$|(.)\2\2\2")
_ECHO: Final = re.compile(r"^(.{1,3}?)\1{2,}.?$")
_TWICE: Final = re.compile(r"^([^aeiouy]{2,3}|asd|qwe|wer|ert)\1")
_LATIN: Final = re.compile(r"^[a-z]+$")
_CONSONANTS: Final = re.compile(r"[^aeiouy]{6,}")
_FIVE: Final = re.compile(r"[^aeiouy]{5}")
_CLUSTERS: Final = re.compile("sch|str|szc|rz|sz|cz|th|ch|ght|ng|ck|ll|kr|dz|tz")


def is_mash(word: str, bare: str) -> bool:
    """Whether a word is what a hand that does not want to answer types.

    Args:
        word: the word in small letters, as given.
        bare: the same without accents.

    >>> [is_mash(w, w) for w in ("asdf", "qwerty", "xxx", "aaa", "hahaha", "sdkjfh", "wqrtp")]
    [True, True, True, True, True, True, True]
    >>> [is_mash(w, w) for w in ("rhys", "krzysztof", "przemyslaw", "mimi", "ng", "hrvoje", "gottschalk", "vlk")]
    [False, False, False, False, False, False, False, False]
    """
    if _MASH.search(word) or _ECHO.match(word) or _TWICE.match(word):
        return True
    if not _LATIN.match(bare):
        return False
    if _REPEAT.search(bare):
        return True
    if len(bare) == 2 and bare[0] == bare[1] and bare[0] in "fhkqvwxz":
        return True
    if len(bare) >= 4 and not re.search("[aeiouyw]", bare):
        return len(bare) >= 6 or not re.search("[rl]", bare)
    return bool((_CONSONANTS.search(bare) and "sch" not in bare) or (_FIVE.search(bare) and not _CLUSTERS.search(bare)))
