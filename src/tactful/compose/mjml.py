"""The one place that knows mrml: MJML becomes HTML once for each version of a content, its Liquid intact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import mrml

from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.inline import inline
from tactful.compose.layout import check_attributes, lifted
from tactful.compose.marks import Marked, mark
from tactful.compose.markup import attributes, bits, with_bodies
from tactful.compose.mjml_attributes import unknown
from tactful.compose.mjml_places import misplaced
from tactful.compose.opaque import opaque, quiet
from tactful.project.guesses import guess
from tactful.words.finding import Finding

_INCLUDE = re.compile(
    r"<mj-include\s+path=[\"']([^\"']+)[\"']\s*(?:/>|>\s*</mj-include>)|\{%-?\s*(?:include|render)\s+['\"]([^'\"]+)['\"]\s*-?%\}"
)
_INLINE_STYLE = re.compile(r"<mj-style\s[^>]*inline=[\"']inline[\"'][^>]*>(.*?)</mj-style\s*>", re.DOTALL)
_POSITION = re.compile(r"position (\d+):\d+")
_BARE = re.compile(r"^<[^\"']*?(?:[\"'][^\"']*[\"'][^\"']*?)*?\s([\w:-]+=)(?=[^\s\"'=>])")
_DEPTH = 5
ELEMENTS = frozenset(
    "mjml mj-head mj-body mj-include mj-attributes mj-all mj-class mj-breakpoint mj-font mj-preview mj-style mj-title"
    " mj-html-attributes mj-selector mj-html-attribute mj-accordion mj-accordion-element mj-accordion-title"
    " mj-accordion-text mj-button mj-carousel mj-carousel-image mj-column mj-divider mj-group mj-hero mj-image"
    " mj-navbar mj-navbar-link mj-raw mj-section mj-social mj-social-element mj-spacer"
    " mj-table mj-text mj-wrapper".split()
)
"""The elements of MJML; others would vanish without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """MJML as HTML. Stability: internal.

    Attributes:
        html: HTML with its Liquid.
        origins: where places of `html` stand in `source`.
        source: the author's text with MJML partials put in.
        marked: the same HTML with markers in place of Liquid, for whoever must read its tree.
        marks: what the markers stand for.
        findings: attributes that MJML drops.
    """

    html: str
    origins: Origins
    source: Source
    marked: str
    marks: Marked
    findings: tuple[Finding, ...] = ()


def compile_mjml(source: Source, *, partials: Mapping[str, str], language: str, preheader: str = "") -> Compiled:
    """HTML with Liquid intact, from MJML with Liquid.

    Nothing is fetched or read: `mj-include` and MJML partials come from `partials` only.

    Args:
        source: the author's MJML.
        partials: the project's partials by name.
        language: for the document's `lang` where the author gave none.
        preheader: Liquid; written as the hidden first line where the author gave no `mj-preview`.

    Raises:
        ContentFault: MJML that cannot be read, or Liquid that MJML would tear or lose.
    """
    source = included(replace(source, text=quiet(source.text)), partials=partials)
    source = _headed(source, language=language, preheader=preheader)
    css = "\n".join(match[1] for match in _INLINE_STYLE.finditer(source.text))
    marks = mark(source)
    _known(marks)
    check_attributes(marks)
    text = lifted(marks)
    if text != marks.text:
        _to_html(marks, marks.text)  # a fault is told at its own place
    compiled = _to_html(marks, _INLINE_STYLE.sub("", text))
    document = inline(with_bodies(compiled), css=css)
    marks.check(document)
    html, origins = marks.restore(document)
    findings = (*unknown(marks), *misplaced(marks))
    return Compiled(html=html, origins=origins, source=source, marked=document, marks=marks, findings=findings)


def _known(marks: Marked) -> None:
    """Every element is one that MJML has.

    Raises:
        ContentFault: one is not.
    """
    for bit in bits(marks.text):
        if bit.kind in {"open", "empty"} and bit.name.startswith("mj") and bit.name not in ELEMENTS:
            fix = "write mj-body" if bit.name == "mj-container" else guess(bit.name, among=ELEMENTS)
            what = f"MJML has no <{bit.name}>" + (" since its fourth version" if bit.name == "mj-container" else "")
            raise marks.fault(bit.start, rule="mjml-syntax", what=what, fix=fix)


def _to_html(marks: Marked, text: str) -> str:
    options = mrml.ParserOptions(include_loader=mrml.noop_loader())
    held = opaque(text)
    fonts: dict[str, str] = {}  # left to itself, mrml links fonts from a third party nobody asked for
    try:
        return held.restored(mrml.to_html(held.text, options, mrml.RenderOptions(fonts=fonts)).content)
    except OSError as fault:
        found = _POSITION.search(str(fault))
        place = held.of(len(held.text.encode()[: int(found[1])].decode(errors="ignore"))) if found else 0
        what = f"MJML cannot be read: {str(fault).replace(' in root template', '')}"
        if not found and (bare := _unquoted(held.text)):
            place, what = held.of(bare[0]), bare[1]
        raise marks.fault(place, rule="mjml-syntax", what=_POSITION.sub("here", what)) from fault


def _unquoted(text: str) -> tuple[int, str] | None:
    """The first attribute without quotes, which MJML cannot read, though HTML could; what is wrong with it."""
    for bit in bits(text):
        if bit.kind in {"open", "empty"} and (found := _BARE.search(bit.text)):
            return bit.start + found.start(1), f"MJML cannot be read: {found[1]} of <{bit.name}> has no quotes"
    return None


def included(source: Source, *, partials: Mapping[str, str], depth: int = 0) -> Source:
    """An author's MJML with MJML partials put where they are included.

    Raises:
        ContentFault: no such partial, or partials that include each other.
    """
    out: list[str] = []
    starts, places, spans = [0], [0], [0]
    here = length = 0
    for match in _INCLUDE.finditer(source.text):
        words = _partial(source, match, partials=partials)
        if words is None:
            continue
        if depth >= _DEPTH:
            raise ContentFault.at(
                source, match.start(), rule="mjml-include", what="partials include each other without end"
            )
        written = source.text[here : match.start()]
        for text, place, span in ((written, here, len(written)), (words, match.start(), 0)):
            spans.append(span)
            starts.append(length)
            places.append(place)
            out.append(text)
            length += len(text)
        here = match.end()
    if not out:
        return source
    starts.append(length)
    places.append(here)
    spans.append(len(source.text) - here)
    out.append(source.text[here:])
    origins = Origins(starts=tuple(starts), places=tuple(places), spans=tuple(spans))
    made = Source(text="".join(out), path=source.path, made_of=source, origins=origins)
    return included(made, partials=partials, depth=depth + 1)


def _partial(source: Source, match: re.Match[str], *, partials: Mapping[str, str]) -> str | None:
    """The words of an MJML partial; None where the tag is Liquid's own business."""
    name = match[1] or match[2]
    short = name.rsplit("/", 1)[-1].removesuffix(".mjml").removesuffix(".liquid")
    words = next((partials[key] for key in (name, short, f"{short}.mjml") if key in partials), None)
    if words is None and match[1]:
        known = ", ".join(sorted(partials)) or "none"
        raise ContentFault.at(
            source,
            match.start(),
            rule="mjml-include",
            what=f"there is no partial {name!r}",
            fix=f"partials are {known}",
        )
    return words if match[1] or (words and "<mj-" in words) else None


def _headed(source: Source, *, language: str, preheader: str) -> Source:
    """The document with its language, and with the preheader as its hidden first line."""
    text, opening = source.text, re.search(r"<mjml\b[^>]*>", source.text)
    if not opening:
        raise ContentFault.at(
            source, 0, rule="mjml-syntax", what="there is no <mjml>", fix="begin the body with <mjml>"
        )
    inserts: list[tuple[int, str]] = []
    names = {name for name, _, _ in attributes(opening[0])}
    missing = "".join(f' {n}="{v}"' for n, v in (("lang", language), ("dir", "ltr")) if n not in names)
    inserts.append((opening.start() + len("<mjml"), missing))
    if preheader and "<mj-preview" not in text:
        head = re.search(r"<mj-head\s*>", text)
        line = f"<mj-preview>{preheader}</mj-preview>"
        inserts.append((head.end(), line) if head else (opening.end(), f"<mj-head>{line}</mj-head>"))
    out: list[str] = []
    starts, places, spans, here, length = [0], [0], [len(text)], 0, 0
    for place, words in inserts:
        out += [text[here:place], words]
        length += place - here
        starts += [length, length + len(words)]
        places += [place, place]
        spans += [0, len(text)]
        length += len(words)
        here = place
    out.append(text[here:])
    origins = Origins(starts=tuple(starts), places=tuple(places), spans=tuple(spans))
    return Source(text="".join(out), path=source.path, made_of=source, origins=origins)
