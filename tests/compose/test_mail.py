"""Mail bytes: one-click where it belongs, valid lines, and no header that nobody planned."""

# ruff: noqa: E501  # a template or an attack is read on one line

from __future__ import annotations

import ast
import base64
import email
import email.policy
import inspect
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compose.world import CLOCK, starter
from sizes import size
from tactful.compose.headers import compared, encoded, folded, mailbox, parsed
from tactful.compose.mail import Letter, build
from tactful.words.errors import Refused
from tactful.words.fact import Purpose
from tactful.words.message import Part

BRAND = starter().brand
LINK = "https://letters.shop.example/u/abc"


def letter(subject: str = "A few things", **more: object) -> Letter:
    given_: dict[str, object] = {
        "message_id": b"m" * 16,
        "recipient": "anna@example.com",
        "purpose": Purpose.MARKETING,
        "parts": {
            Part.SUBJECT: subject,
            Part.HTML: "<p>Tea – für Änne</p>\n.\n",
            Part.TEXT: "Tea – für Änne\n.\nMAIL FROM:<x>\n",
        },
        "links": {"unsubscribe": LINK},
    }
    return Letter(**{**given_, **more})  # type: ignore[arg-type]


def built(**more: object) -> bytes:
    return build(letter(**more), brand=BRAND, clock=CLOCK)  # type: ignore[arg-type]


def test_C1_marketing_mail_has_both_one_click_headers_once_and_service_mail_none() -> None:
    headers = parsed(built())
    assert [name for name, _ in headers].count("List-Unsubscribe") == 1
    found = dict(headers)
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.findall(r"<(https:[^>]*)>", found["List-Unsubscribe"]) == [LINK]
    assert re.findall(r"<mailto:[^>]*>", found["List-Unsubscribe"])
    for purpose in (Purpose.SERVICE, Purpose.TRANSACTIONAL):
        assert not [name for name, _ in parsed(built(purpose=purpose)) if name.startswith("List-")]


@pytest.mark.parametrize(
    "link", ["", "http://x.example/u", "https://x.example/a b", "https://x.example/>,<mailto:e@evil.example"]
)
def test_C1_without_one_https_link_marketing_mail_is_refused(link: str) -> None:
    with pytest.raises(Refused):
        built(links={"unsubscribe": link})


ATTACKS = [
    "A\r\nBcc: x@evil.example", "A\nBcc: x@evil.example", "A\rBcc: x@evil.example", "A\x00b", "A\u0085Bcc: x", "A\u2028Bcc: x",
    "A\u2029Bcc: x", "A=?UTF-8?Q?=0D=0A?=Bcc: x@evil.example", "A=?UTF-8?Q?=0A?=Bcc: x@evil.example", "=?utf-8?B?Cg==?=",
    "A\x0b", "A\x0cB", "A\x1b", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_F14_C6_a_value_cannot_add_a_header(attack: str) -> None:
    for more in ({"subject": attack}, {"recipient": f"{attack}@example.com"}):
        with pytest.raises(Refused):
            built(**more)
    with pytest.raises(Refused):
        build(letter(), brand=BRAND.model_copy(update={"from_name": attack}), clock=CLOCK)


@given(st.text(max_size=120))
def test_F14_C6_whatever_the_subject_the_headers_are_those_planned_or_nothing_is_built(subject: str) -> None:
    try:
        mail = built(subject=f"x{subject}")
    except Refused:
        return
    names = [name for name, _ in parsed(mail)]
    assert names == [
        "Date", "Message-ID", "From", "To", "Reply-To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert dict(parsed(mail))["To"] == "anna@example.com"
    read = email.message_from_bytes(mail, policy=email.policy.default)
    assert " ".join(str(read["Subject"]).split()) == " ".join(f"x{subject}".split())


HOSTILE = [
    "\r\n", "\n", "\r", "\x00", "\u0085", "\u2028", "\u2029", "=?", "?=", "?Q?", "?B?", "=0D=0A", "=0A", "=?utf-8?B?", "Cg==", "Bcc:",
    "x@evil.example", ":", ",", ";", "<", ">", '"', "\\", " ", "  ", "\t", ".", "=", "_", "ä", "–", "名", "🎉", "\u202e", "\u2066", "\ufeff", "\ud800", "A",
]  # fmt: skip


def test_F14_C6_pieces_of_every_attack_put_together_anyhow_add_no_header() -> None:
    """Seeded: half of them are refused; of the rest a reader finds the subject, one recipient and nothing else."""
    chance = random.Random(20111209)
    names = [name for name, _ in parsed(built())]
    refused = 0
    for _ in range(count := size(4_000, whole=1_000_000)):
        subject = "A" + "".join(chance.choices(HOSTILE, k=chance.randint(1, 6)))
        try:
            mail = built(subject=subject)
        except Refused:
            refused += 1
            continue
        found = parsed(mail)
        assert [name for name, _ in found] == names, repr(subject)
        assert dict(found)["To"] == "anna@example.com"
        assert mail.split(b"\r\n\r\n")[0].isascii()
    assert 0.2 * count < refused < 0.8 * count


@pytest.mark.parametrize(
    "recipient", ["a@b.example, c@d.example", "a b@c.example", "a@b.example>", "", "@b.example", '"a"@b.example']
)
def test_F14_a_recipient_is_one_plain_address(recipient: str) -> None:
    with pytest.raises(Refused):
        built(recipient=recipient)


def test_F14_the_second_guard_compares_what_was_built_with_the_plan() -> None:
    plan = [("To", "a@b.example"), ("Subject", "x")]
    compared(b"To: a@b.example\r\nSubject: x\r\n\r\nbody", planned=plan)
    for mail in (
        b"To: a@b.example\r\nSubject: x\r\nBcc: e@evil.example\r\n\r\n",
        b"To: a@b.example\nBcc: e@evil.example\r\nSubject: x\r\n\r\n",
        b"To: a@b.example, e@evil.example\r\nSubject: x\r\n\r\n",
        b"To: a@b.example\r\n\r\nSubject: x\r\n\r\n",
    ):
        with pytest.raises(Refused):
            compared(mail, planned=plan)


def test_F14_no_mail_is_given_away_before_the_second_guard_saw_it() -> None:
    """No value is known that passes the first guard and not the second, so what is looked at is the code."""
    (function,) = ast.parse(inspect.getsource(build)).body
    assert isinstance(function, ast.FunctionDef)
    steps = function.body
    *_, guard, last = [ast.unparse(step) for step in steps]
    assert guard == "compared(mail, planned=headers)"
    assert last == "return mail"


def test_C7_F94_lines_are_short_seven_bit_and_ended_in_pairs() -> None:
    mail = built(subject="Für Änne – " + "ü" * 150)
    assert mail.isascii()
    assert b"\r" not in mail.replace(b"\r\n", b"")
    assert b"\n" not in mail.replace(b"\r\n", b"")
    assert max(map(len, mail.split(b"\r\n"))) <= 78
    assert not re.search(rb"^\.", mail, re.MULTILINE)
    assert b"MAIL FROM" not in mail
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ \r\n]*\?=", mail))


def test_the_standard_library_reads_the_mail_back_word_for_word() -> None:
    read = email.message_from_bytes(built(subject="Für Änne"), policy=email.policy.default)
    assert read["Subject"] == "Für Änne"
    text, page = read.get_payload()  # type: ignore[misc]
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")  # type: ignore[union-attr]
    body = base64.b64decode(text.get_payload()).decode()  # type: ignore[union-attr, arg-type]
    assert body == "Tea – für Änne\r\n.\r\nMAIL FROM:<x>\r\n"


def test_the_same_letter_gives_the_same_bytes_and_its_own_message_id() -> None:
    assert built() == built()
    assert dict(parsed(built()))["Message-ID"] == f"<{'6d' * 16}@{BRAND.from_address.split('@')[1]}>"
    assert built(message_id=b"n" * 16) != built()


@pytest.mark.parametrize("part", [Part.SUBJECT, Part.HTML, Part.TEXT])
def test_C8_a_mail_without_one_of_its_parts_is_refused(part: Part) -> None:
    with pytest.raises(Refused, match=part.value):
        built(parts={**letter().parts, part: " \n"})


def test_names_are_quoted_or_encoded() -> None:
    assert mailbox("From", shown='A "B", C', mail="a@b.example") == '"A \\"B\\", C" <a@b.example>'
    assert mailbox("From", shown="Änne", mail="a@b.example") == "=?utf-8?B?w4RubmU=?= <a@b.example>"
    assert mailbox("From", shown="", mail="a@b.example") == "a@b.example"
    assert len(encoded("é" * 200).split(" ")) > 1
    assert folded(("X-Long", " ".join(["word"] * 40))).count(b"\r\n ") == 2
