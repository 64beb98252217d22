"""The last look at a finished mail: its headers, both bodies and its form are those of the message that was checked."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence

from tactful.words.finding import Finding, Severity
from tactful.words.message import Part

_FIX = "do not send it; find out what changed it after it was checked"
_KINDS = ((Part.TEXT, b"text/plain"), (Part.HTML, b"text/html"))


def inspect(
    mail: bytes, *, words: Mapping[Part, str], headers: Sequence[tuple[str, str]], subject: str = ""
) -> Iterator[Finding]:
    """What of a finished mail is not what was checked: nothing more, nothing less and nothing else may stand in it.

    Args:
        mail: the bytes that would leave.
        words: the message's parts, joined from its skeleton and values.
        headers: every header that was planned, in order.
        subject: the message's id, for the findings.
    """
    head, mark, body = mail.partition(b"\r\n\r\n")
    if not mark or b"\n" in head.replace(b"\r\n", b"") or b"\r" in head.replace(b"\r\n", b""):
        yield _found("mail-form-differs", "its headers do not end", subject=subject)
        return
    seen = head.decode("utf-8", "replace").replace("\r\n ", " ").split("\r\n")  # folds undone
    for had, (name, value) in zip(seen, headers, strict=False):
        if had != f"{name}: {value.strip()}":
            yield _found("mail-headers-differ", f"{name} is not as planned", subject=subject)
            return
    if len(seen) != len(headers):
        yield _found("mail-headers-differ", f"{len(seen)} headers; {len(headers)} were planned", subject=subject)
        return
    yield from _bodies(body, words, boundary=_boundary(headers), subject=subject)


def _boundary(headers: Sequence[tuple[str, str]]) -> bytes:
    kind = next((value for name, value in headers if name == "Content-Type"), "")
    match = re.search(r'boundary="([^"]+)"', kind)
    return match[1].encode() if match else b""


def _bodies(body: bytes, words: Mapping[Part, str], *, boundary: bytes, subject: str) -> Iterator[Finding]:
    """Plain text, then HTML, each in base64, and nothing before, between or after."""
    pieces = body.split(b"--" + boundary)
    if len(pieces) != len(_KINDS) + 2 or pieces[0] or pieces[-1] != b"--\r\n":
        yield _found("mail-form-differs", "it has not exactly two bodies", subject=subject)
        return
    for (part, kind), piece in zip(_KINDS, pieces[1:], strict=False):
        head, _, coded = piece.partition(b"\r\n\r\n")
        wanted = b"\r\nContent-Type: " + kind + b"; charset=utf-8\r\nContent-Transfer-Encoding: base64"
        if head != wanted:
            yield _found("mail-form-differs", f"the {part.value} body is not declared as planned", subject=subject)
            return
        said = re.sub(r"\r\n|\r|\n", "\r\n", words.get(part, "")).encode()
        if _decoded(coded) != said:
            yield _found("mail-words-differ", f"the {part.value} body is not what was checked", subject=subject)


def _decoded(coded: bytes) -> bytes | None:
    """What stands in base64 lines; None where it is anything but that."""
    lines = coded.split(b"\r\n")
    if lines[-1] or any(len(line) > 76 for line in lines) or not all(lines[:-1]):
        return None
    try:
        plain = base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error:
        return None
    return plain if base64.b64encode(plain) == b"".join(lines) else None


def _found(rule: str, what: str, *, subject: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, subject=subject, what=what, fix=_FIX)
