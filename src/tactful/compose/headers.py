"""Header lines of a mail: refused where a value could add another, written in ASCII, read back and compared.

The standard library's `email` is not used for headers: on CPython 3.11.7 an encoded word in a name becomes a header of
its own (CVE-2024-6923), so what is written here is ours, byte for byte.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime

from tactful.words.errors import Refused

_FORBIDDEN = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[^?\s]*\?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
Header = tuple[str, str]
WIDTH = 76


def guarded(name: str, value: str) -> str:
    """A value that may stand in a header, unchanged.

    Raises:
        Refused: a line end, a control character, or text that a reader would decode.

    >>> guarded("Subject", "A few things")
    'A few things'
    >>> guarded("Subject", "A\\r\\nBcc: x@evil.example")
    Traceback (most recent call last):
        ...
    tactful.words.errors.Refused: header Subject: a line end or control character stands in it. Mend the value.
    """
    if _FORBIDDEN.search(value):
        what = "a line end or control character stands in it"
    elif _ENCODED_WORD.search(value):
        what = "text stands in it that mail programs would decode"
    else:
        return value
    raise Refused.say(where=f"header {name}", what=what, do="Mend the value")


def address(name: str, value: str) -> str:
    """An address that may stand in a header, unchanged.

    Raises:
        Refused: it is no plain address of local part and domain.

    >>> address("To", "anna@shop.example")
    'anna@shop.example'
    """
    if not _ADDRESS.fullmatch(guarded(name, value)):
        raise Refused.say(where=f"header {name}", what=f"{value!r} is no address", do="Mend the value")
    return value


def mailbox(name: str, *, shown: str, mail: str) -> str:
    """A name and an address: quoted where it must be, in encoded words where it is not ASCII.

    >>> mailbox("From", shown="The Shop, Ltd", mail="hello@shop.example")
    '"The Shop, Ltd" <hello@shop.example>'
    """
    mail = address(name, mail)
    guarded(name, shown)
    if not shown:
        return mail
    if not shown.isascii():
        return f"{encoded(shown)} <{mail}>"
    quoted = shown if _ATOMS.fullmatch(shown) else '"' + re.sub(r'(["\\])', r"\\\1", shown) + '"'
    return f"{quoted} <{mail}>"


def encoded(text: str) -> str:
    """A text in encoded words of at most 75 characters, none cutting a character.

    >>> encoded("für Änne")
    '=?utf-8?B?ZsO8ciDDhG5uZQ==?='
    """
    words, waiting = [], b""
    for character in text:
        one = character.encode()
        if len(waiting) + len(one) > 42:
            words.append(waiting)
            waiting = b""
        waiting += one
    words.append(waiting)
    return " ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def folded(header: Header) -> bytes:
    """A header's lines, ended and folded at blanks.

    >>> folded(("Subject", "A few things"))
    b'Subject: A few things\\r\\n'
    """
    name, value = header
    if not _NAME.fullmatch(name):
        raise Refused.say(where="a header", what=f"{name!r} is no name of one", do="write letters and -")
    lines, line = [], f"{name}:"
    for word in guarded(name, value).split(" ") if not value.startswith("=?") else value.split(" "):
        if len(line) + 1 + len(word) > WIDTH and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    lines.append(line)
    if max(map(len, lines)) > 998:
        raise Refused.say(where=f"header {name}", what="a word of it is longer than a line may be", do="shorten it")
    return "\r\n".join(lines).encode("ascii") + b"\r\n"


def date_header(now: datetime) -> str:
    """An instant as RFC 5322 writes it, in UTC, whatever the machine's language.

    >>> from datetime import UTC
    >>> date_header(datetime(2011, 12, 9, 12, 50, tzinfo=UTC))
    'Fri, 09 Dec 2011 12:50:00 +0000'
    """
    day = f"{_DAYS[now.weekday()]}, {now.day:02d} {_MONTHS[now.month - 1]} {now.year}"
    return f"{day} {now.hour:02d}:{now.minute:02d}:{now.second:02d} +0000"


def parsed(mail: bytes) -> list[Header]:
    """The headers of a mail as a reader sees them: lines up to the first empty one, folds undone.

    Any line end counts, alone or in a pair, since readers differ.

    >>> parsed(b"A: b\\r\\n c\\r\\nD: e\\r\\n\\r\\nbody: x")
    [('A', 'b c'), ('D', 'e')]
    """
    found: list[Header] = []
    for line in re.split(r"\r\n|\r|\n", mail.decode("utf-8", "surrogateescape")):
        if not line:
            break
        if line[0] in " \t" and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            name, _, value = line.partition(":")
            found.append((name, value.strip()))
    return found


def compared(mail: bytes, *, planned: Sequence[Header]) -> None:
    """What was built says what was planned, header by header, recipients included.

    Raises:
        Refused: it does not; nothing of it may be sent.
    """
    seen = parsed(mail)
    if [name for name, _ in seen] != [name for name, _ in planned] or seen != [(n, v.strip()) for n, v in planned]:
        extra = sorted({name for name, _ in seen} - {name for name, _ in planned})
        what = f"it has headers nobody planned: {', '.join(extra)}" if extra else "its headers are not those planned"
        raise Refused.say(where="a mail", what=what, do="Do not send it; look at the values in its headers")
