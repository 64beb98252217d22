"""A content file becomes templates of its parts, once for each version; and says what it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tactful.compose.analysis import readings
from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.idioms import partials_written_out, written_out
from tactful.compose.liquid import Limited, environment
from tactful.compose.mjml import Compiled, compile_mjml, included
from tactful.compose.template import Template
from tactful.compose.text import derive, plain_partials
from tactful.project.declared import ContentFile, Project
from tactful.words.analysis import Analysis, Choice, Spoken
from tactful.words.finding import Finding
from tactful.words.message import Part

ESCAPED = frozenset({Part.HTML, Part.PAYLOAD})
"""The parts in which values are escaped for HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledContent:
    """A content file, ready to be rendered. Stability: full.

    Attributes:
        file: what the author wrote.
        templates: by part, in the order of `Part`; a web fragment has `payload` only.
        html: the compiled HTML with its Liquid; empty where there is none.
        findings: what its MJML says and nobody will see.
    """

    file: ContentFile
    templates: dict[Part, Template]
    html: str = ""
    findings: tuple[Finding, ...] = ()


_CACHE: dict[tuple[str, str, str, bytes], CompiledContent] = {}
_PARTIALS: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
_ENVIRONMENTS: dict[tuple[int, bool], tuple[dict[str, str], Limited]] = {}


def compile_content(content: ContentFile, project: Project) -> CompiledContent:
    """Templates of every part of a content file.

    A version is compiled once in a process: its hash covers its partials as well.

    Raises:
        ContentFault: with file, line and column.
    """
    key = (content.content_id, content.touchpoint, content.language, content.content_hash)
    if key not in _CACHE:
        if len(_CACHE) > 500:
            _CACHE.clear()
        _CACHE[key] = _compile(content, project)
    return _CACHE[key]


def _compile(content: ContentFile, project: Project) -> CompiledContent:
    if content.kind != "mjml":
        source = body_source(content, project)
        part = Part.PAYLOAD if content.kind == "liquid" else Part.TEXT
        templates = {part: Template(source.text, env=_environment(project, part), source=source)}
        return CompiledContent(
            file=content, templates={**_short_parts(content, project), **templates}, html=source.text
        )
    short = short_sources(content, project)
    preheader = short[Part.PREHEADER].text if Part.PREHEADER in short else ""
    made = compile_mjml(
        body_source(content, project), partials=plainly(project), language=content.language, preheader=preheader
    )
    env = _environment(project, Part.HTML)
    html = Template(made.html, env=env, source=made.source, origins=made.origins)
    templates = {**_short_parts(content, project), Part.HTML: html, Part.TEXT: _text(content, made, project=project)}
    return CompiledContent(file=content, templates=templates, html=made.html, findings=made.findings)


def _text(content: ContentFile, made: Compiled, *, project: Project) -> Template:
    env = _environment(project, Part.TEXT)
    if content.text:
        source = _own(Source(text=content.text, path=content.path), project)
        return Template(source.text, env=env, source=source)
    words = derive(made.marked, made.marks)
    return Template(words, env=env, source=made.source, origins=_text_origins(words, made))


def _text_origins(words: str, made: Compiled) -> Origins:
    """Where the tags of a derived text stand in the author's: each is looked for in turn."""
    starts, places = [0], [0]
    here: dict[str, int] = {}
    for match in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", words, re.DOTALL):
        found = made.source.text.find(match[0], here.get(match[0], 0))
        found = found if found >= 0 else made.source.text.find(match[0])
        here[match[0]] = found + 1
        starts.append(match.start())
        places.append(max(found, 0))
    return Origins(starts=tuple(starts), places=tuple(places))


def _short_parts(content: ContentFile, project: Project) -> dict[Part, Template]:
    """Subject and preheader, where there are any."""
    return {
        part: Template(source.text, env=_environment(project, part), source=source)
        for part, source in short_sources(content, project).items()
    }


def short_sources(content: ContentFile, project: Project) -> dict[Part, Source]:
    """Subject and preheader in plain Liquid."""
    found = {}
    for part, text, line in (
        (Part.SUBJECT, content.subject, content.subject_line),
        (Part.PREHEADER, content.preheader, content.preheader_line),
    ):
        if text:
            source = Source(text=text, path=content.path, line=line, indent=len(part.value) + 2)
            found[part] = _own(source, project)
    return found


def body_source(content: ContentFile, project: Project) -> Source:
    """The body in plain Liquid, which knows where its author wrote what."""
    return _own(Source(text=content.body, path=content.path, line=content.body_line), project)


def _own(source: Source, project: Project) -> Source:
    """What an author wrote, with the tags marketers know written out."""
    return written_out(source, partials=project.partials)


def plainly(project: Project) -> dict[str, str]:
    """The partials in plain Liquid; those of a project are held, so that their identity is theirs."""
    key = id(project.partials)
    if key not in _PARTIALS:
        if len(_PARTIALS) > 20:
            _PARTIALS.clear()
        _PARTIALS[key] = (project.partials, partials_written_out(project.partials))
    return _PARTIALS[key][1]


def _environment(project: Project, part: Part) -> Limited:
    """The environment of a part over a project's partials, which are held, so that their identity is theirs."""
    key = (id(project.partials), part in ESCAPED)
    if key not in _ENVIRONMENTS:
        if len(_ENVIRONMENTS) > 20:
            _ENVIRONMENTS.clear()
        partials = plainly(project) if part in ESCAPED else plain_partials(plainly(project))
        _ENVIRONMENTS[key] = (project.partials, environment(partials, escaped=part in ESCAPED))
    return _ENVIRONMENTS[key][1]


def analyse(project: Project) -> tuple[Analysis, ...]:
    """What every content of a project reads, with what is wrong with it: one for each file, in order of its key."""
    return tuple(analyse_content(project.contents[key], project) for key in sorted(project.contents))


def analyse_content(content: ContentFile, project: Project) -> Analysis:
    """What one content file reads: paths, places, whether they are printed; its filters and tags; its faults."""
    findings: list[Finding] = []
    spoken: list[Spoken] = []
    filters: set[str] = set()
    tags: set[str] = set()
    choices: list[Choice] = []
    sources: dict[Part, Source] = {}
    part = {"mjml": Part.HTML, "liquid": Part.PAYLOAD}.get(content.kind, Part.TEXT)
    try:
        sources = short_sources(content, project)
        sources[part] = included(body_source(content, project), partials=plainly(project))
        if content.text:
            sources[Part.TEXT] = _own(Source(text=content.text, path=content.path), project)
    except ContentFault as fault:
        findings += fault.findings
    for part, source in sources.items():
        try:
            read = readings(Template(source.text, env=_environment(project, part), source=source), part=part.value)
        except ContentFault as fault:
            findings += fault.findings
            continue
        spoken += read.spoken
        choices += read.choices
        filters |= read.filters
        tags |= read.tags
        findings += read.findings
    if not findings:
        try:
            findings += compile_content(content, project).findings
        except ContentFault as fault:
            findings += fault.findings
    return Analysis(
        content_id=content.content_id,
        content_hash=content.content_hash,
        spoken=tuple(spoken),
        filters=tuple(sorted(filters)),
        tags=tuple(sorted(tags)),
        findings=tuple(findings),
        choices=tuple(choices),
    )
