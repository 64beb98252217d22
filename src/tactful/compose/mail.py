"""A message's words become the bytes of a mail: deterministic, 7 bits, every line short, every header planned."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tactful.compose.headers import Header, address, compared, date_header, encoded, folded, guarded, mailbox
from tactful.project.brand import Brand
from tactful.words.clock import Clock
from tactful.words.errors import Refused
from tactful.words.fact import Purpose
from tactful.words.message import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail is made of. Stability: full.

    Attributes:
        message_id: 16 bytes; the mail's Message-ID is made from it, the same over every retry.
        recipient: address.
        purpose: marketing mail carries one-click unsubscribe, other mail does not.
        parts: the words, by part.
        links: the message's links: `unsubscribe` for marketing.
    """

    message_id: bytes
    recipient: str
    purpose: Purpose
    parts: Mapping[Part, str]
    links: Mapping[str, str]


def build(letter: Letter, *, brand: Brand, clock: Clock) -> bytes:
    """The bytes of one mail.

    Text and HTML as alternatives, base64 in lines of 76, so that no body line can be read as anything else; the
    boundary comes from the message's id, so the same letter gives the same bytes.

    Args:
        letter: what is sent to whom.
        brand: who sends.
        clock: now, for `Date`.

    Raises:
        Refused: a value could add a header, an address is none, a part is missing, or what was built does not read back
            as planned.
    """
    missing = [part.value for part in (Part.SUBJECT, Part.HTML, Part.TEXT) if not letter.parts.get(part, "").strip()]
    if missing:
        what = f"the {' and the '.join(missing)} part is empty"
        raise Refused.say(where=f"mail {letter.message_id.hex()}", what=what, do="mend the content")
    headers = planned(letter, brand=brand, clock=clock)
    mail = b"".join(folded(header) for header in headers) + b"\r\n" + _body(letter)
    compared(mail, planned=headers)
    return mail


def planned(letter: Letter, *, brand: Brand, clock: Clock) -> list[Header]:
    """The headers a letter will have, in order.

    Raises:
        Refused: a value may not stand in a header.
    """
    subject = guarded("Subject", letter.parts[Part.SUBJECT]).strip()
    headers = [
        ("Date", date_header(clock.now)),
        ("Message-ID", f"<{letter.message_id.hex()}@{_host(brand)}>"),
        ("From", mailbox("From", shown=brand.from_name, mail=brand.from_address)),
        ("To", address("To", letter.recipient)),
    ]
    if brand.reply_to:
        headers.append(("Reply-To", address("Reply-To", brand.reply_to)))
    headers.append(("Subject", subject if subject.isascii() else encoded(subject)))
    if letter.purpose is Purpose.MARKETING:
        headers += _unsubscribe(letter, brand=brand)
    headers += [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative; boundary="{_boundary(letter)}"')]
    return [(name, re.sub(r"\s+", " ", value)) for name, value in headers]


def _unsubscribe(letter: Letter, *, brand: Brand) -> list[Header]:
    """RFC 8058: exactly one HTTPS address, a mailto beside it, and the one word that makes it one click."""
    link = letter.links.get("unsubscribe", "")
    if not re.fullmatch(r"https://[\x21-\x7e]+", link) or re.search(r"[<>,]", link):
        what = f"marketing mail needs an https link to unsubscribe; there is {link or 'none'!r}"
        raise Refused.say(where="header List-Unsubscribe", what=what, do="give the brand an https public_url")
    token = link.rsplit("/", 1)[-1]
    mailto = f"mailto:{address('List-Unsubscribe', brand.reply_to or brand.from_address)}?subject=unsubscribe%20{token}"
    return [("List-Unsubscribe", f"<{link}>, <{mailto}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _host(brand: Brand) -> str:
    return brand.from_address.rsplit("@", 1)[-1]


def _boundary(letter: Letter) -> str:
    return f"=_{letter.message_id.hex()}"


def _body(letter: Letter) -> bytes:
    boundary = _boundary(letter).encode()
    out = []
    for part, kind in ((Part.TEXT, b"text/plain"), (Part.HTML, b"text/html")):
        out += [
            b"--" + boundary,
            b"Content-Type: " + kind + b"; charset=utf-8",
            b"Content-Transfer-Encoding: base64",
            b"",
            _lines(letter.parts[part]),
        ]
    return b"\r\n".join([*out, b"--" + boundary + b"--", b""])


def _lines(words: str) -> bytes:
    """Words in base64, 76 characters a line; line ends within them as mail writes them."""
    text = re.sub(r"\r\n|\r|\n", "\r\n", words).encode()
    return base64.encodebytes(text).rstrip(b"\n").replace(b"\n", b"\r\n")
