"""What is wrong with a project's words before anyone is chosen: templates against facts, levels, purposes and brand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tactful.check import patterns
from tactful.check.alike import alike
from tactful.check.disclosed import Usage, disclosed, error, fact_of, place_of
from tactful.check.rules.disclosure import NEEDS_REASON
from tactful.project.declared import ContentFile, Project
from tactful.words.analysis import Analysis, Spoken
from tactful.words.fact import Purpose
from tactful.words.finding import Finding, Place, Severity

ROOTS = frozenset({"customer", "facts", "cell", "items", "anchor", "offer", "brand", "message", "links"})
"""All that a template may read."""
LEAVES: Mapping[str, frozenset[str]] = {
    "customer": frozenset({"salutation"}),
    "brand": frozenset({"name", "contact", "postal_address", "site", "legal_lines", "colours", "fonts"}),
    "anchor": frozenset({"id", "title", "price", "price_note", "url", "image", "note", "role", "because"}),
    "offer": frozenset({"id", "words", "terms", "ends"}),
    "message": frozenset({"level", "language", "program", "purpose", "touchpoint"}),
    "links": frozenset({"unsubscribe", "preferences", "why", "skip", "shop"}),
}
_SHORT = ("subject", "preheader")
_FIRST_LANGUAGE = frozenset({"offer.words", "offer.terms"})


def inspect(project: Project, analyses: Iterable[Analysis]) -> tuple[Finding, ...]:
    """Findings with file, line and column, before anyone is chosen.

    Args:
        project: facts, programs, brand and contents.
        analyses: what each content file reads; those of the renderer, faults of its own included.
    """
    found: list[Finding] = []
    files = {content.content_hash: content for content in project.contents.values()}
    usages = _usages(project)
    for analysis in analyses:
        found += analysis.findings
        content = files.get(analysis.content_hash)
        if content is None or content.content_id != analysis.content_id:
            continue
        used = [use for use in usages.get(content.content_id, ()) if _is_for(content, use.touchpoint)]
        found += _inspect_content(content, analysis=analysis, used=used, project=project)
    found += _alike(project)
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _alike(project: Project) -> Iterator[Finding]:
    """Contents for one touchpoint in one language whose own words differ by one word: two files, one variant."""
    groups: dict[tuple[str, str], dict[str, ContentFile]] = {}
    for content in project.contents.values():
        groups.setdefault((content.touchpoint, content.language), {})[content.content_id] = content
    for contents in groups.values():
        for left, right, words in alike({name: _own_words(one) for name, one in contents.items()}):
            first = contents[left]
            yield Finding(rule="variants-alike", severity=Severity.WARNING, subject=right,
                          what=f"{left} and {right} differ by one word ({words}) and count as one",
                          place=Place(file=first.path, line=first.body_line),
                          fix="make the word a value of one content, or write another content")  # fmt: skip


def _own_words(content: ContentFile) -> str:
    texts = (content.subject, content.preheader, content.body)
    return "\n".join(_LIQUID_OR_TAG.blank(line) for text in texts for line in text.split("\n"))


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place or Place(file="")
    return (place.file, place.line or 0, place.column or 0, finding.rule)


def _is_for(content: ContentFile, touchpoint: str) -> bool:
    return content.touchpoint == touchpoint.split(".", 1)[0]


def _usages(project: Project) -> dict[str, list[Usage]]:
    found: dict[str, list[Usage]] = {}
    for program in project.programs.values():
        for touchpoint in program.touchpoints:
            plans = program.web if touchpoint.startswith("web") and program.web else program.levels
            for level, plan in plans.items():
                usage = Usage(program=program, level=level, plan=plan, touchpoint=touchpoint)
                found.setdefault(plan.content, []).append(usage)
    return found


def _inspect_content(
    content: ContentFile, *, analysis: Analysis, used: list[Usage], project: Project
) -> Iterator[Finding]:
    for spoken in analysis.spoken:
        yield from _unmapped(content, spoken, project=project)
        yield from _short_parts(content, spoken, used=used)
        yield from _tongue(content, spoken, project=project)
    yield from disclosed(content, analysis=analysis, used=used, project=project)
    yield from _offers(content, analysis=analysis, used=used)
    yield from _lines(content, analysis=analysis, used=used, project=project)
    yield from _reason(content, analysis=analysis, used=used, project=project)
    yield from _words(content, project=project)


def _unmapped(content: ContentFile, spoken: Spoken, *, project: Project) -> Iterator[Finding]:
    name, place = fact_of(spoken), place_of(content, spoken)
    if spoken.root not in ROOTS:
        yield error(content, place, rule="variable-unmapped", what=f"a template knows no {spoken.root!r}",
                     fix=f"it reads {', '.join(sorted(ROOTS))}")  # fmt: skip
    elif name is not None and name not in project.facts:
        yield error(content, place, rule="fact-unmapped", what=f"{name!r} is no declared fact",
                     fix="declare it in facts.yaml")  # fmt: skip
    elif spoken.root in LEAVES and "." in spoken.path:
        leaf = spoken.path.split(".")[1].split("[")[0]
        if leaf not in LEAVES[spoken.root]:
            yield error(content, place, rule="variable-unmapped", what=f"{spoken.root} has no {leaf!r}",
                         fix=f"it has {', '.join(sorted(LEAVES[spoken.root]))}")  # fmt: skip


def _short_parts(content: ContentFile, spoken: Spoken, *, used: list[Usage]) -> Iterator[Finding]:
    is_item = spoken.root in {"items", "anchor"}
    if spoken.part in _SHORT and is_item and spoken.printed:
        yield error(content, place_of(content, spoken), rule="subject-shows-items",
                     what=f"{spoken.path} stands where others read over the shoulder",
                     fix="name the range, and keep items in the letter")  # fmt: skip
    if content.touchpoint == "web" and is_item and spoken.printed and used:
        yield Finding(rule="web-shows-items", severity=Severity.WARNING, subject=content.content_id,
                      what="items stand on a page that may be open on anybody's table", place=place_of(content, spoken),
                      fix="show them to people who are signed in")  # fmt: skip


def _tongue(content: ContentFile, spoken: Spoken, *, project: Project) -> Iterator[Finding]:
    """A letter is in one language: what the project says in its first language only stays out of the others."""
    first = project.settings.languages[0]
    if not spoken.printed or content.language.split("-", 1)[0] == first.split("-", 1)[0]:
        return
    style = project.brand.salutation
    if spoken.path == "customer.salutation" and style.style != "none" and not style.says(content.language, first=first):
        yield error(content, place_of(content, spoken), rule="mixed-languages",
                     what=f"the brand has no greeting in {content.language}",
                     fix=f"write it in brand.yaml under salutation, languages, {content.language}")  # fmt: skip
    if spoken.path in _FIRST_LANGUAGE or spoken.path.endswith(".price_note"):
        yield error(content, place_of(content, spoken), rule="mixed-languages",
                     what=f"{spoken.path} is written in {first}, and this letter in {content.language}",
                     fix="say it in the letter's own words")  # fmt: skip


def _offers(content: ContentFile, *, analysis: Analysis, used: list[Usage]) -> Iterator[Finding]:
    """An offer block in service mail is advertising, whether or not the program offers anything today."""
    speaks = [spoken for spoken in analysis.spoken if spoken.root == "offer"]
    for use in used:
        if use.program.purpose is not Purpose.MARKETING and speaks:
            what = f"an offer block in {use.program.purpose.value} mail ({use.program.program})"
            yield error(content, place_of(content, speaks[0]), rule="offer-on-service-mail", what=what,
                         fix="take the block out")  # fmt: skip
        real = [name for name in use.program.offers if name != "none"]
        if use.program.purpose is Purpose.MARKETING and real and not speaks:
            yield Finding(rule="offer-not-said", severity=Severity.WARNING, subject=content.content_id,
                          what=f"{use.program.program} offers {', '.join(real)} and this content never says so",
                          place=Place(file=content.path, line=content.body_line), fix="render the offer")  # fmt: skip


def _lines(content: ContentFile, *, analysis: Analysis, used: list[Usage], project: Project) -> Iterator[Finding]:
    """The law's lines, in the body as written; the gate looks at what is seen in every part."""
    if content.touchpoint != "email" or not any(use.program.purpose is Purpose.MARKETING for use in used):
        return
    place = Place(file=content.path, line=content.body_line)
    read = {spoken.path for spoken in analysis.spoken if spoken.printed}
    if "links.unsubscribe" not in read:
        yield error(content, place, rule="unsubscribe-missing", what="no way to unsubscribe",
                     fix="render the footer with `links.unsubscribe`")  # fmt: skip
    address = patterns.folded(project.brand.postal_address)
    if "brand.postal_address" not in read and address not in patterns.folded(content.body):
        yield error(content, place, rule="postal-address-missing", what="no postal address",
                     fix="print `brand.postal_address` in the footer")  # fmt: skip


def _reason(content: ContentFile, *, analysis: Analysis, used: list[Usage], project: Project) -> Iterator[Finding]:
    """A personal letter names a flow its reader accepts: by the `reason` partial, or in words."""
    levels = sorted(
        {use.level for use in used if use.level in NEEDS_REASON and use.program.purpose is Purpose.MARKETING},
        key=lambda level: level.rank,
    )
    speaks = any(spoken.root in {"facts", "cell", "items", "anchor"} for spoken in analysis.spoken)
    if not levels or not speaks or content.touchpoint != "email":
        return
    partials = "\n".join(text for name, text in project.partials.items() if f"'{name}'" in content.body)
    because = any(spoken.path.endswith(".because") and spoken.printed for spoken in analysis.spoken)
    if not because and not patterns.FLOWS.first(content.body) and not patterns.FLOWS.first(_apart(partials)):
        yield error(content, Place(file=content.path, line=content.body_line), rule="reason-missing",
                     what=f"used at {', '.join(level.value for level in levels)}, and names no reason",
                     fix="render the `reason` partial, or say what of theirs it rests on")  # fmt: skip


def _apart(partials: str) -> str:
    """Partials without the footer's own reason for writing at all, which is consent and not what is known."""
    return "\n".join(line for line in partials.split("\n") if "message.purpose" not in line)


def _words(content: ContentFile, *, project: Project) -> Iterator[Finding]:
    """The author's own words against the brand's."""
    never = patterns.Words(project.brand.never)
    marks = 0
    for text, first in (
        (content.subject, content.subject_line),
        (content.preheader, content.preheader_line),
        (content.body, content.body_line),
    ):
        for number, line in enumerate(text.split("\n"), start=first):
            said = _LIQUID_OR_TAG.blank(line)
            for word in never.found(said):
                column = max(patterns.folded_column(said, word), 1)
                yield error(content, Place(file=content.path, line=number, column=column), rule="never-words",
                             what=f"the brand never says {word!r}", fix="say it in other words")  # fmt: skip
            marks += said.count("!")
            if "!" in said and marks > project.brand.exclamation_marks:
                place = Place(file=content.path, line=number, column=said.index("!") + 1)
                yield error(content, place, rule="exclamation-marks",
                             what=f"exclamation mark number {marks}; the brand has {project.brand.exclamation_marks}",
                             fix="end the sentence with a full stop")  # fmt: skip


class _Blanks:
    """Replaces what is not read with blanks, so that columns stay. Stability: internal."""

    def __init__(self, text: str) -> None:
        self.pattern = patterns.Pattern(text)

    def blank(self, line: str) -> str:
        for start, end in list(self.pattern.spans(line)):
            line = line[:start] + " " * (end - start) + line[end:]
        return line


_LIQUID_OR_TAG = _Blanks(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>|<!--|!important|&[a-z]+;")
