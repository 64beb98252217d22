"""A content file that stands alone: compiled, inlined and read as text as far as it goes, without a project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tactful.compose import ways
from tactful.compose.analysis import readings
from tactful.compose.dialects import Foreign, foreign, masked, other_liquid
from tactful.compose.faults import ContentFault, Origins, Source
from tactful.compose.inline import inline
from tactful.compose.limits import FILTERS
from tactful.compose.liquid import environment
from tactful.compose.marks import Marked
from tactful.compose.markup import TOKEN
from tactful.compose.mjml import Compiled, compile_mjml
from tactful.compose.tags import Kind, blocks, pieces
from tactful.compose.template import Template
from tactful.compose.text import derive
from tactful.compose.unparsed import rough
from tactful.project.guesses import guess
from tactful.words.analysis import Spoken
from tactful.words.finding import Finding, Place, Severity

PLACE = "data-tactful-at"
"""The attribute under which `styled` says where each element stands in `html`."""
_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_SHORT = re.compile(r"^(subject|preheader):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_OPENING = re.compile(r"<([a-zA-Z][\w:-]*)(?=[\s/>])")
_NOT_OURS = re.compile(r"<mj-html-attributes\b.*?</mj-html-attributes\s*>", re.DOTALL)
_WORD = re.compile(r"[^\s<>&\ue000]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lone:
    """One file, compiled as far as it goes. Stability: caller.

    Attributes:
        path: as given.
        kind: `mjml`, `html` or `liquid`.
        is_whole: whether it is a whole letter and not a fragment of one.
        is_compiled: whether `html` is the letter; else it is what its MJML comes nearest to, and only what is certain
            may be said of it.
        html: what the letter would be, with every branch in it and signs in place of what is filled in; empty where it
            could not be compiled.
        ways: the same with one branch of every block only: the first of each, and what is left where none holds.
        styled: `html` with styles put onto elements; each says under `PLACE` where it stands in `html`.
        text: the text part, derived.
        subject, preheader: from the front matter, or None.
        spoken: what its Liquid reads.
        foreign: tags of other tools.
        findings: what is wrong with its MJML and its Liquid.
        place: where a place of `html` stands in the file.
        line: the file's line at a place.
    """

    path: str
    kind: str
    is_whole: bool
    is_compiled: bool
    html: str
    ways: tuple[str, ...]
    styled: str
    text: str
    subject: str | None
    preheader: str | None
    spoken: tuple[Spoken, ...]
    foreign: tuple[tuple[Foreign, Place], ...]
    findings: tuple[Finding, ...]
    place: Callable[[int], Place]
    line: Callable[[Place], str]


@dataclass(slots=True, kw_only=True)
class _Making:
    """What is known of a file while it is compiled. Stability: internal."""

    source: Source
    liquid: str = ""
    html: str = ""
    origins: Origins = field(default_factory=Origins)
    made: Compiled | None = None
    findings: list[Finding] = field(default_factory=list)
    foreign: list[tuple[Foreign, Place]] = field(default_factory=list)
    is_ours: bool = True
    is_compiled: bool = True

    def fault(self, fault: ContentFault) -> None:
        self.findings += fault.findings

    def warn(self, place: int, *, rule: str, what: str, fix: str = "") -> None:
        found = ContentFault.at(self.source, place, rule=rule, what=what, fix=fix).finding
        self.findings.append(replace(found, severity=Severity.WARNING, source=""))


def compile_lone(text: str, *, path: str, kind: str, partials: Mapping[str, str], includes: Mapping[str, str]) -> Lone:
    """A file's letter, and what is wrong with its MJML and its Liquid; never raises for what stands in the file.

    Args:
        text: the whole file.
        path: how findings name it.
        kind: `mjml`, `html` or `liquid`.
        partials: Liquid and MJML partials by name, where the file stands in a project.
        includes: the text of what `mj-include` names, by the path written there.
    """
    written = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(written)
    short = dict(_SHORT.findall(front[1])) if front else {}
    start = front.end() if front else 0
    body = written[start:]
    source = Source(text=body, path=path, line=1 + written.count("\n", 0, start))
    whole = "<mjml" in body if kind == "mjml" else bool(re.search(r"<(?:html|body|!doctype)\b", body, re.IGNORECASE))
    making = _Making(source=source if whole or kind != "mjml" else _enclosed(source))
    _languages(making)
    compiled = _from_mjml if "<mjml" in making.source.text and kind == "mjml" else _from_html
    try:
        compiled(making, partials=partials, includes=includes)
    except ContentFault as fault:
        making.fault(fault)
    except (RecursionError, ValueError) as fault:
        making.fault(ContentFault.at(source, 0, rule="mjml-syntax", what=f"this cannot be compiled: {fault}"))
    if kind == "mjml" and making.made is None:
        making.is_compiled, making.html = False, rough(making.liquid)
    if kind == "mjml" and not whole:
        what = "there is no <mjml>, so this is read as a part of a letter"
        making.findings.append(Finding(rule="mjml-part", severity=Severity.NOTE, subject=path, what=what,
                                       place=source.place(0)))  # fmt: skip
    lines = written.split("\n")
    spoken = _read_liquid(making, partials=partials)
    return Lone(
        path=path,
        kind=kind,
        is_whole=whole,
        is_compiled=making.is_compiled,
        html=_or_nothing(ways.every, making),
        ways=tuple(dict.fromkeys(_or_nothing(way, making) for way in (ways.first, ways.last))),
        styled=_styled(making),
        text=_text(making),
        subject=_unquoted(short.get("subject")),
        preheader=_unquoted(short.get("preheader")),
        spoken=spoken,
        foreign=tuple(making.foreign),
        findings=tuple(dict.fromkeys(_as_written(finding, lines) for finding in making.findings)),
        place=_places(making),
        line=lambda place: lines[place.line - 1] if place.line and place.line <= len(lines) else "",
    )


def _enclosed(source: Source) -> Source:
    """A part of an MJML letter, such as a footer, inside what it may stand in."""
    found = re.search(r"<(mj-[a-z-]+)", source.text)
    if found is None:
        return source
    around = next(
        (around for around, names in _HOMES.items() if found[1] in names), ("mj-body", "mj-section", "mj-column")
    )
    before = "<mjml>" + "".join(f"<{name}>" for name in around)
    after = "".join(f"</{name}>" for name in reversed(around)) + "</mjml>"
    whole = len(source.text)
    origins = Origins(starts=(0, len(before), len(before) + whole), places=(0, 0, whole), spans=(0, whole, 0))
    text = before + source.text + after
    return Source(text=text, path=source.path, line=source.line, made_of=source, origins=origins)


_HOMES = {
    (): frozenset({"mj-head", "mj-body"}),
    ("mj-head",): frozenset("mj-attributes mj-style mj-font mj-title mj-preview mj-breakpoint".split()),
    ("mj-body",): frozenset("mj-section mj-wrapper mj-hero mj-raw".split()),
    ("mj-body", "mj-section"): frozenset("mj-column mj-group".split()),
}
"""What the parts of MJML may stand in; all others stand in a column."""


def _as_written(finding: Finding, lines: list[str]) -> Finding:
    """A finding that shows the author's own line, where the compiler saw it with tags masked."""
    number = finding.place.line if finding.place else None
    return replace(finding, source=lines[number - 1]) if finding.source and number and number <= len(lines) else finding


def _unquoted(words: str | None) -> str | None:
    return words.strip("\"'") if words is not None else None


def _languages(making: _Making) -> None:
    """Tags of other tools, each noted and masked, so that what is left is ours."""
    text = making.source.text
    tags = [*foreign(text)]
    text = masked(text, iter(tags))
    others = [*other_liquid(text)]
    making.is_ours = not others
    for tag in sorted((*tags, *others), key=lambda tag: tag.start):
        making.foreign.append((tag, making.source.place(tag.start)))
    making.liquid = masked(text, iter(others))


def _from_html(making: _Making, *, partials: Mapping[str, str], includes: Mapping[str, str]) -> None:
    del partials, includes
    making.html = making.liquid
    making.origins = Origins()


def _from_mjml(making: _Making, *, partials: Mapping[str, str], includes: Mapping[str, str]) -> None:
    text = _known_includes(making, making.liquid, known={**partials, **includes})
    for found in _NOT_OURS.finditer(text):
        what = "mj-html-attributes is not read here: its attributes are left out"
        making.warn(found.start(), rule="mjml-left-out", what=what, fix="write them on the elements")
        text = text[: found.start()] + ways.blank(found[0]) + text[found.end() :]
    own = replace(making.source, text=text)
    making.made = compile_mjml(own, partials={**partials, **includes}, language="", preheader="")
    making.html, making.origins = making.made.html, making.made.origins
    making.findings += [replace(one, source="") for one in making.made.findings]


def _known_includes(making: _Making, text: str, *, known: Mapping[str, str]) -> str:
    """Includes of files that are not to be seen from here are left out, each with a note."""
    for found in re.finditer(r"<mj-include\b[^>]*?path=[\"']([^\"']+)[\"'][^>]*?(?:/>|>\s*</mj-include>)", text):
        name = found[1]
        short = name.rsplit("/", 1)[-1].removesuffix(".mjml").removesuffix(".liquid")
        if name not in known and short not in known:
            making.warn(found.start(), rule="mjml-include", what=f"{name!r} cannot be seen from here and is left out",
                        fix="check the file together with what it includes")  # fmt: skip
            text = text[: found.start()] + ways.blank(found[0]) + text[found.end() :]
    return text


def _read_liquid(making: _Making, *, partials: Mapping[str, str]) -> tuple[Spoken, ...]:
    """What the Liquid reads, and what is wrong with it; nothing where the file is in another language."""
    if not making.is_ours:
        return ()
    source = making.made.source if making.made else replace(making.source, text=making.liquid)
    try:
        blocks(source, [piece for piece in pieces(source) if piece.kind is not Kind.TEXT])
        read = readings(Template(source.text, env=environment(partials, escaped=True), source=source), part="html")
    except ContentFault as fault:
        if not any(one.rule.startswith("liquid") for one in making.findings):
            making.fault(fault)
        return ()
    for finding in read.findings:
        making.findings.append(_softened(finding))
    return read.spoken


def _softened(finding: Finding) -> Finding:
    """What only says that the file is another shop's, or stands apart from its partials, is no error here."""
    named = re.match(r"unknown filter '(\w+)'", finding.what)
    if finding.rule == "liquid-partial":
        return replace(finding, severity=Severity.WARNING, fix="check the file inside its project")
    if named and named[1] in _OTHERS_FILTERS:
        return replace(finding, severity=Severity.WARNING, what=f"{finding.what}: other platforms have it", fix="")
    return replace(finding, fix=guess(named[1], among=FILTERS)) if named else finding


_OTHERS_FILTERS = frozenset(
    "asset_url img_url image_url img_tag image_tag link_to url_for file_url t translate money_with_currency"
    " money_without_currency money_without_trailing_zeros weight_with_unit pluralize json handle handleize camelize"
    " customer_login_link within color_to_rgb payment_type_img_url product_img_url shopify_asset_url stylesheet_tag"
    " hmac_sha256 md5 sha1 sha256 number_with_delimiter formatted_date timezone property_accessor lookup title safe"
    " format_address metafield_tag highlight strftime date_string_format floatformat length lower upper trim nl2br"
    " number_format raw e striptags linebreaks linebreaksbr intcomma truncatechars add yesno urlencode time_zone"
    .split()
) - FILTERS  # fmt: skip


def _or_nothing(way: Callable[[str], str], making: _Making) -> str:
    """One way through the compiled letter; where its blocks are torn, the letter with every tag taken out."""
    try:
        return way(making.html)
    except ContentFault as fault:
        if not any(one.rule.startswith("liquid") for one in making.findings):
            making.fault(fault)
        return re.sub(r"\{\{|\}\}|\{%|%\}", "  ", making.html)


def _styled(making: _Making) -> str:
    """Styles on elements, and on each where it stands; as written where the inliner cannot read it."""
    html = _or_nothing(ways.every, making)
    out: list[str] = []
    here = 0
    for found in _openings(html):
        out += [html[here : found.end()], f' {PLACE}="{found.start()}"']
        here = found.end()
    placed = "".join([*out, html[here:]])
    try:
        return inline(placed, style_tags=True)
    except Exception:  # whatever its parser makes of a stranger's style sheet, the rest is read
        return placed


def _openings(html: str) -> Iterator[re.Match[str]]:
    """Where elements open: not in comments, and not in the attributes of others."""
    within = [(found.start(), found.end()) for found in TOKEN.finditer(html)]
    turn = 0
    for found in _OPENING.finditer(html):
        while turn < len(within) and within[turn][1] <= found.start():
            turn += 1
        if turn == len(within) or found.start() <= within[turn][0]:
            yield found


def _text(making: _Making) -> str:
    """The text part as it is derived, signs in place of values."""
    if making.made:
        return _or_nothing(lambda _: ways.every(derive(making.made.marked, making.made.marks)), making)  # type: ignore[union-attr]  # just looked
    html = _or_nothing(ways.every, making)
    return derive(html, Marked(source=Source.plain(html)))


def _places(making: _Making) -> Callable[[int], Place]:
    """Where a place of the letter stands in the author's file."""
    if making.made is None:
        return making.source.place
    finder = _Finder(making=making, made=making.made)
    return finder.place


@dataclass(slots=True, kw_only=True)
class _Finder:
    """Finds what was compiled in what was written: by its addresses and words, in their order. Stability: internal."""

    making: _Making
    made: Compiled

    def place(self, index: int) -> Place:
        """File, line and column of what stands at a place of the compiled letter."""
        html, source = self.made.html, self.made.source
        if re.compile(r"<(?:html|head|title)\b").match(html, index):
            return source.place(max(source.text.find("<mjml"), 0))
        elements = re.sub(
            r"<mj-attributes\b.*?</mj-attributes", lambda one: ways.blank(one[0]), source.text, flags=re.S
        )
        own, near = [*self._own(html, index)], [*self._near(html, index)]
        is_picture = html.startswith("<img", index)  # words after it are not its own
        sure, unsure = (own, [*own, *near]) if is_picture else ([*own, *near], [*own, *near])
        for needles, is_sure in ((sure, True), (unsure, False)):
            for needle, at in needles:
                found = [one.start() for one in re.finditer(re.escape(needle), elements)]
                if found and (not is_sure or html.count(needle) == len(found)):
                    return source.place(found[min(html.count(needle, 0, at), len(found) - 1)])
        body = source.text.find("<mj-body")
        return source.place(max(body, 0))

    def _own(self, html: str, index: int) -> Iterator[tuple[str, int]]:
        """What stands in an element's tag, and in that of the link around a picture; and where."""
        tag = re.compile(r"<[^>]*>").match(html, index)
        if tag:
            for name in ("src", "href", "alt", "class"):
                value = re.search(rf'\s{name}="([^"]{{2,400}})"', tag[0])
                if value and (name != "class" or not value[1].startswith("mj-")):
                    yield value[1], index + value.start(1)
        if tag and tag[0].startswith("<img") and (link := html.rfind("<a ", max(0, index - 600), index)) >= 0:
            address = re.compile(r'<a [^>]*?href="([^"]+)"').match(html, link)
            if address:
                yield address[1], address.start(1)
            if network := re.search(r"/([a-z]+)[a-z-]*\.png", tag[0]):
                yield f'name="{network[1]}', index
                yield f"name='{network[1]}", index

    def _near(self, html: str, index: int) -> Iterator[tuple[str, int]]:
        """The first words from a place on, and where."""
        tag = re.compile(r"<[^>]*>").match(html, index)
        for run in re.compile(r">([^<>]+)<").finditer(html, tag.end() - 1 if tag else index):
            words = _WORD.findall(run[1])
            if words:
                line = max(re.split(r"[\n\ue000]|\{\{|\}\}", run[1].strip()), key=len).strip()
                if line:
                    yield line, run.start(1)
                yield max(words, key=len), run.start(1)
                return
