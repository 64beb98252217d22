"""`segments/*.yaml` and `segments/*.sql`: audiences, as conditions on facts or as one SELECT over profiles."""

from __future__ import annotations

import re

from tactful.project.shape import Declaration, Name, When

_PIECE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<space>\s+)|(?P<mark>.)",
    re.DOTALL,
)
_WRITES = frozenset(
    """insert update delete create drop alter attach detach copy export import install load pragma set call vacuum
    truncate merge grant checkpoint execute prepare""".split()
)

_FIX = "write SELECT customer_id FROM profiles WHERE …"


class SegmentFile(Declaration):
    """One segment as a condition."""

    segment: Name
    title: str = ""
    when: When


def sql_pieces(sql: str) -> list[tuple[str, str, int]]:
    """The pieces of an SQL text that mean something: kind, text and offset; comments and space are left out.

    >>> [piece[:2] for piece in sql_pieces("SELECT a -- the id")]
    [('word', 'SELECT'), ('word', 'a')]
    """
    pieces = []
    for match in _PIECE.finditer(sql):
        kind = match.lastgroup or "mark"
        if kind not in {"comment", "space"}:
            pieces.append((kind, match.group(), match.start()))
    return pieces


def sql_meaning(sql: str) -> str:
    """An SQL text without comments and layout, for the fingerprint.

    >>> sql_meaning("SELECT  a\\nFROM b -- all")
    'SELECT a FROM b'
    """
    return " ".join(text for _, text, _ in sql_pieces(sql))


def sql_names(sql: str) -> list[tuple[str, int]]:
    """Every name an SQL text could be reading, in small letters, with its offset.

    >>> [name for name, _ in sql_names('SELECT "A" FROM b')]
    ['select', 'a', 'from', 'b']
    """
    return [(text.strip('"').lower(), offset) for kind, text, offset in sql_pieces(sql) if kind in {"word", "quoted"}]


def sql_faults(sql: str) -> list[tuple[int, str, str]]:
    """What makes an SQL text no segment: offset, what, fix.

    >>> sql_faults("SELECT customer_id FROM profiles")
    []
    >>> sql_faults("DROP TABLE profiles")[0][1]
    'a segment is one SELECT; this begins with DROP'
    """
    pieces = sql_pieces(sql)
    if not pieces:
        return [(0, "the file says nothing", _FIX)]
    first = pieces[0]
    if first[1].lower() not in {"select", "with"}:
        return [(first[2], f"a segment is one SELECT; this begins with {first[1]}", _FIX)]
    faults = []
    for number, (kind, text, offset) in enumerate(pieces):
        if text == ";" and number < len(pieces) - 1:
            faults.append((offset, "a segment is one statement", "remove what follows the ;"))
        if kind == "word" and text.lower() in _WRITES:
            faults.append((offset, f"{text.upper()} may not stand in a segment: it only reads", ""))
    named = {name for name, _ in sql_names(sql)}
    for needed, why in (("profiles", "it reads the profiles"), ("customer_id", "it yields customer_id")):
        if needed not in named:
            faults.append((first[2], f"the SELECT does not name {needed}: {why}", _FIX))
    return faults
