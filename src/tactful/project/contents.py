"""`content/**`: bodies with front matter, the partials they include, and a hash over all that decides their words."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from pydantic import Field

from tactful.project.declared import ContentFile
from tactful.project.declaring import declare
from tactful.project.document import Document, read_document
from tactful.project.fingerprint import meaning
from tactful.project.found import Findings
from tactful.project.guesses import guess
from tactful.project.shape import Declaration, Names
from tactful.words.finding import Place
from tactful.words.ids import canonical

_FENCE = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_PARTIAL = re.compile(
    r"\{%-?\s*(?:render|include|content_block|items|offer)\s+(?:(['\"])(?P<name>.*?)\1|(?P<dynamic>\S+))"
)
_CONTENT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9_-]*)(?:\.(?P<language>[a-zA-Z-]{2,12}))?(?P<kind>\.mjml|\.web\.liquid)"
)
_KINDS = {".mjml": ("mjml", "email"), ".web.liquid": ("liquid", "web")}
PARTIALS = "_partials"


class FrontMatter(Declaration):
    """What stands between the `---` lines of a content."""

    subject: str = Field(default="", description="Liquid; e-mail needs one")
    preheader: str = Field(default="", description="Liquid; the line that mail programs show after the subject")
    register_: str = Field(default="", alias="register", description="the approved register it is written in")
    topics: Names = Field(default=(), description="topics it speaks of")
    text: str | None = Field(default=None, description="Liquid; the plain text part, where the derived one will not do")


def partial_name(path: str) -> str:
    """The name by which a partial is included.

    >>> partial_name("content/_partials/footer.liquid")
    'footer'
    """
    inner = PurePosixPath(path).relative_to(f"content/{PARTIALS}")
    return (inner.parent / inner.name.split(".")[0]).as_posix()


def read_content(text: str, *, file: str, default_language: str, findings: Findings) -> ContentFile | None:
    """One content file without its hash; None and findings where it cannot be read.

    Args:
        text: the whole file.
        file: path from the root, such as `content/win-back/everyone.de.mjml`.
        default_language: the language of files whose name says none.
        findings: gathers what is found.
    """
    inner = PurePosixPath(file).relative_to("content")
    match = _CONTENT.fullmatch(inner.name)
    if not match or len(inner.parts) < 2:
        fix = "name it content/<program>/<name>.mjml, <name>.<language>.mjml or <name>.web.liquid"
        findings.file(file, rule="content-name", what="this is no name of a content", fix=fix)
        return None
    kind, touchpoint = _KINDS[match["kind"]]
    document, body, body_line = _parts(text, file=file, findings=findings)
    front = declare(FrontMatter, document) if document.root is not None else None
    if front is None:
        if document.first_line > 1 or kind == "mjml" or text.startswith("---"):
            _without_front(document)
            return None
        front = FrontMatter()
    if touchpoint == "email" and not front.subject.strip():
        document.fault(("subject",), rule="no-subject", what="an e-mail needs a subject")
    if not body.strip():
        document.put(Place(file=file, line=body_line, column=1), rule="empty", what="the content has no body")
    return ContentFile(
        content_id=(inner.parent / match["name"]).as_posix(),
        kind=kind,
        touchpoint=touchpoint,
        language=match["language"] or default_language,
        subject=front.subject,
        preheader=front.preheader,
        body=body,
        text=front.text,
        body_line=body_line,
        subject_line=document.place(("subject",)).line or 1,
        preheader_line=document.place(("preheader",)).line or 1,
        register=front.register_,
        topics=front.topics,
        path=file,
        content_hash=hashlib.sha256(canonical(kind, meaning(front), body)).digest()[:16],
    )


def _parts(text: str, *, file: str, findings: Findings) -> tuple[Document, str, int]:
    """The front matter as a document (first line 2), the body, and the line at which it begins."""
    if not (match := _FENCE.match(text)):
        return Document(file=file, text=text, findings=findings), text, 1
    document = read_document(match[1], file=file, findings=findings, first_line=2, whole=text)
    return document, text[match.end() :], text.count("\n", 0, match.end()) + 1


def _without_front(document: Document) -> None:
    if document.first_line == 1:
        what = (
            "the file opens --- and never closes it"
            if document.text.startswith("---")
            else "the front matter is missing"
        )
        fix = "begin with ---, a subject: line, and --- before the body"
        document.fault(rule="front-matter", what=what, fix=fix)


def partials_of(text: str, *, partials: dict[str, str]) -> frozenset[str]:
    """The partials a text includes, also through others; all of them where a name is only known when rendering.

    >>> sorted(partials_of("{% render 'a' %}", partials={"a": "{% include 'b' %}", "b": "", "c": ""}))
    ['a', 'b']
    """
    found: set[str] = set()
    waiting = [text]
    while waiting:
        for match in _PARTIAL.finditer(waiting.pop()):
            names = set(partials) if match["dynamic"] else {match["name"]} & set(partials)
            waiting += [partials[name] for name in sorted(names - found)]
            found |= names
    return frozenset(found)


def hashed(content: ContentFile, *, partials: dict[str, str]) -> bytes:
    """16 bytes over a content's own hash and every partial it includes, directly or not."""
    whole = "\n".join((content.subject, content.preheader, content.text or "", content.body))
    names = sorted(partials_of(whole, partials=partials))
    included = [word for name in names for word in (name, partials[name])]
    return hashlib.sha256(canonical(content.content_hash.hex(), *included)).digest()[:16]


def check_partials(text: str, *, file: str, partials: dict[str, str], findings: Findings) -> None:
    """A finding for each partial that a file includes and that does not exist."""
    document = Document(file=file, text=text, findings=findings)
    for match in _PARTIAL.finditer(text):
        if match["dynamic"] or match["name"] in partials:
            continue
        place = document.at(match.start("name"))
        fix = guess(match["name"], among=partials, called="partials")
        what = f"there is no partial {match['name']!r} in content/{PARTIALS}"
        document.put(place, rule="unknown-partial", what=what, fix=fix)
