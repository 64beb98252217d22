"""Operators on finished bytes: what goes wrong between the joined words and the mailbox."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tactful.testing.mutations import Change, Operator, Row


def _part(name: str, spoil: Callable[[str, random.Random], str]) -> Change:
    """The finished words of one part are spoilt."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        row = rng.choice(rows)
        if name in row["parts"]:
            row["parts"][name] = spoil(row["parts"][name], rng)
        return rows

    return change


def _mail(spoil: Callable[[bytes, random.Random], bytes]) -> Change:
    """The finished mail is spoilt."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        row = rng.choice(rows)
        row["mail"] = spoil(row["mail"], rng)
        return rows

    return change


def _of_another(take: Callable[[Row, Row], None]) -> Change:
    """Something of another's mail is put into this one."""

    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        if len(rows) > 1:
            take(*rng.sample(rows, 2))
        return rows

    return change


def _way_out(row: Row, other: Row) -> None:
    found = re.search(r"https://\S+?/u/[\w-]+", other["parts"]["html"])
    if found:
        row["parts"]["html"] = re.sub(r"https://\S+?/u/[\w-]+", found[0], row["parts"]["html"])


def _body(row: Row, other: Row) -> None:
    row["parts"]["html"] = other["parts"]["html"]


def _mailbox(row: Row, other: Row) -> None:
    row["mail"] = row["mail"].replace(row["recipient"].encode(), other["recipient"].encode())


def _whole(row: Row, other: Row) -> None:
    row["mail"] = other["mail"]


def _deleted(name: str) -> Change:
    def change(rows: list[Row], rng: random.Random) -> list[Row]:
        rng.choice(rows)["parts"].pop(name, None)
        return rows

    return change


def _flipped(mail: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(mail))
    return mail[:at] + bytes([mail[at] ^ (1 << rng.randrange(8))]) + mail[at + 1 :]


def _sub(old: str, new: str) -> Callable[[str, random.Random], str]:
    return lambda words, rng: re.sub(old, new, words, count=1)  # noqa: ARG005  # one shape for all


def _bytes(old: bytes, new: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda mail, rng: re.sub(old, new, mail, count=1)  # noqa: ARG005  # one shape for all


OPERATORS = (
    Operator("mail-html-gone", "bytes", _deleted("html")),
    Operator("mail-text-gone", "bytes", _deleted("text")),
    Operator("mail-text-says-other", "bytes", _part("text", _sub("from", "form"))),
    Operator("mail-price-other", "bytes", _part("html", _sub(r"£(\d)", r"£9\1"))),
    Operator("mail-name-other", "bytes", _part("html", _sub(r"Hello [^<,]*,?", "Hello Susan,"))),
    Operator("mail-way-out-of-another", "bytes", _of_another(_way_out)),
    Operator("mail-way-out-gone", "bytes", _part("html", _sub(r"<a [^>]*/u/[^>]*>.*?</a>", ""))),
    Operator(
        "mail-links-rewritten",
        "bytes",
        _part("html", _sub(r'href="https://shop', 'href="https://track.example/?to=https://shop')),
    ),
    Operator("mail-body-of-another", "bytes", _of_another(_body)),
    Operator("mail-to-another", "bytes", _of_another(_mailbox)),
    Operator("mail-of-another", "bytes", _of_another(_whole)),
    Operator("mail-cut", "bytes", _mail(lambda mail, rng: mail[: rng.randrange(len(mail) // 2, len(mail) - 40)])),
    Operator("mail-bit-flipped", "bytes", _mail(_flipped)),
    Operator("mail-header-added", "bytes", _mail(_bytes(rb"\r\nSubject:", b"\r\nBcc: all@home.example\r\nSubject:"))),
    Operator("mail-subject-other", "bytes", _mail(_bytes(rb"\r\nSubject: [^\r]*", b"\r\nSubject: Test message 1"))),
    Operator("mail-one-click-gone", "bytes", _mail(_bytes(rb"List-Unsubscribe-Post: [^\r]*\r\n", b""))),
    Operator("mail-charset-other", "bytes", _mail(_bytes(rb"charset=utf-8", b"charset=iso-8859-1"))),
    Operator("mail-second-mail", "bytes", _mail(lambda mail, _: mail + b".\r\nMAIL FROM:<x@home.example>\r\n")),
    Operator("mail-line-ends", "bytes", _mail(lambda mail, _: mail.replace(b"\r\n", b"\n"))),
)
"""Finished mails spoilt."""
