"""Checks single content files, inside a project or far from any."""

from __future__ import annotations

import email.policy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tactful.check.letter import letter
from tactful.check.letter.sheet import Sheet, Tag
from tactful.compose.dialects import ours_for
from tactful.compose.lone import Lone, compile_lone
from tactful.words.errors import Misuse
from tactful.words.finding import Finding, Place, Severity

KINDS = {".mjml": "mjml", ".html": "html", ".htm": "html", ".liquid": "liquid", ".eml": "eml"}
_INCLUDED = re.compile(r"<mj-include\b[^>]*?path=[\"']([^\"']+)[\"']")
_SUFFIXES = (".mjml", ".html", ".css", ".liquid")
MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file and what was found in it. Stability: caller.

    Attributes:
        size: bytes of the letter's HTML, its longest way.
    """

    path: str
    kind: str
    size: int
    findings: tuple[Finding, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing is found that a reader would stumble over."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def check_files(paths: Sequence[Path]) -> tuple[Checked, ...]:
    """What is found in each of some files.

    Raises:
        Misuse: a file that cannot be read, or of a kind that is not checked.
    """
    return tuple(check_file(path) for path in paths)


def check_file(path: Path) -> Checked:
    """What is found in one file: its structure, access, addresses, size, what was not filled in, and its Liquid.

    Raises:
        Misuse: it cannot be read, is too large, or is of a kind that is not checked.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        what = f"{path.suffix or 'a file without a suffix'} is no content"
        raise Misuse.say(where=str(path), what=what, do=f"name one that ends in {', '.join(KINDS)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
        raise Misuse.say(where=str(path), what=what, do="name a file that is there") from error
    if len(data) > MOST_BYTES:
        what = f"it has {len(data):,} bytes; {MOST_BYTES:,} is the most"
        raise Misuse.say(where=str(path), what=what, do="no mail is that large")
    if kind == "eml":
        return _check_mail(data, path=path)
    text, damaged = _decoded(data)
    lone = compile_lone(
        text, path=str(path), kind=kind, partials=_partials(path), includes=_includes(text, folder=path.parent)
    )
    return _checked(lone, kind=kind, headers=None, text=lone.text, subject=lone.subject, more=_encoding(path, damaged))


def _encoding(path: Path, damaged: str) -> tuple[Finding, ...]:
    if not damaged:
        return ()
    return (
        Finding(rule="damaged-text", severity=Severity.WARNING, subject=str(path), what=damaged,
                place=Place(file=str(path)), fix="save the file as UTF-8"),
    )  # fmt: skip


def _decoded(data: bytes) -> tuple[str, str]:
    """A file's text, and what is wrong with its encoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), ""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "the file is not UTF-8; it was read as Windows-1252"


def _partials(path: Path) -> dict[str, str]:
    """Partials of the project a file stands in: those in the nearest `_partials` above it."""
    for folder in path.resolve().parents:
        found = folder / "_partials"
        if found.is_dir():
            return {
                (one.relative_to(found).parent / one.name.split(".")[0]).as_posix(): one.read_text("utf-8", "replace")
                for one in sorted(found.rglob("*"))
                if one.suffix in _SUFFIXES
            }
        if (folder / "tactful.yaml").is_file():
            break
    return {}


def _includes(text: str, *, folder: Path, depth: int = 0) -> dict[str, str]:
    """The text of what `mj-include` names beside a file; what is not there is left to the compiler to say."""
    found: dict[str, str] = {}
    for name in _INCLUDED.findall(text) if depth < 5 else ():
        for shown in (name, f"{name}.mjml"):
            target = folder / shown
            if not Path(name).is_absolute() and target.suffix in _SUFFIXES and target.is_file():
                words = target.read_text("utf-8", "replace")
                found[name] = _as_mjml(words, suffix=target.suffix)
                found.update(_includes(words, folder=target.parent, depth=depth + 1))
                break
    return found


def _as_mjml(words: str, *, suffix: str) -> str:
    if suffix == ".css":
        return f"<mj-style>{words}</mj-style>"
    if suffix == ".html":
        return f"<mj-raw>{words}</mj-raw>"
    inner = re.search(r"<mj-body\b[^>]*>(.*)</mj-body\s*>", words, re.DOTALL)
    return inner[1] if inner else words


def _check_mail(data: bytes, *, path: Path) -> Checked:
    """A finished mail: its HTML part as a letter, with its headers and its own text part."""
    mail = BytesParser(policy=email.policy.default).parsebytes(data)
    html, text = (_part(mail, kind) for kind in ("html", "plain"))
    headers = {name.lower(): _header(mail, name) for name in dict.fromkeys(mail.keys())}
    lone = compile_lone(html, path=f"{path}#html", kind="html", partials={}, includes={})
    more = () if html.strip() else (
        Finding(rule="html-empty", severity=Severity.WARNING, subject=str(path), what="the mail has no HTML part",
                place=Place(file=str(path)), fix="plain text alone is read by everybody; it only lacks design"),
    )  # fmt: skip
    return _checked(lone, kind="eml", headers=headers, text=text, subject=headers.get("subject", ""), more=more)


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail[name])
    except Exception:  # the standard library raises many kinds on damaged headers
        return ""


def _part(mail: EmailMessage, kind: str) -> str:
    for one in mail.walk():
        if one.get_content_type() == f"text/{kind}" and one.get_content_disposition() != "attachment":
            raw = one.get_payload(decode=True)
            content = raw if isinstance(raw, bytes) else b""
            try:
                return content.decode(one.get_content_charset() or "utf-8", "replace")
            except LookupError:
                return content.decode("utf-8", "replace")
    return ""


def _checked(
    lone: Lone, *, kind: str, headers: Mapping[str, str] | None, text: str, subject: str | None,
    more: tuple[Finding, ...],
) -> Checked:  # fmt: skip
    sheet = Sheet(
        path=lone.path,
        kind=kind,
        is_whole=lone.is_whole,
        html=lone.html,
        ways=lone.ways,
        styled=lone.styled,
        text=text,
        subject=subject,
        preheader=lone.preheader,
        headers=headers,
        spoken=lone.spoken,
        foreign=tuple(
            Tag(place=at, text=tag.text, tool=tag.tool, ours=tag.ours, is_logic=tag.is_logic)
            for tag, at in lone.foreign
        ),
        place=lone.place,
        line=lone.line,
        ours=ours_for,
        is_rough=not lone.is_compiled,
    )
    has_letter = bool(lone.html.strip())
    inspect = letter.inspect if lone.is_compiled else letter.inspect_rough
    found = inspect(sheet) if has_letter else ()
    order = list(Severity)
    whole = sorted((*lone.findings, *more, *found), key=lambda one: order.index(one.severity))
    return Checked(
        path=lone.path, kind=kind, size=sheet.size if has_letter and lone.is_compiled else 0, findings=tuple(whole)
    )
