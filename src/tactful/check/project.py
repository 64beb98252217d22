"""What is wrong with a project's words before anyone is chosen: templates against facts, levels, purposes and brand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tactful.check import patterns
from tactful.check.rules.disclosure import NEEDS_REASON, SPOKEN_FROM, may_speak
from tactful.project.declared import ContentFile, Project
from tactful.project.programs import LevelPlan, Program
from tactful.words.analysis import Analysis, Spoken
from tactful.words.fact import Provenance, Purpose, Sensitivity
from tactful.words.finding import Finding, Place, Severity
from tactful.words.level import Level

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A content as programs use it. Stability: internal."""

    program: Program
    level: Level
    plan: LevelPlan
    touchpoint: str


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
    return tuple(sorted(dict.fromkeys(found), key=_order))


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
        yield from _speaks(content, spoken, used=used, project=project)
        yield from _short_parts(content, spoken, used=used)
        yield from _tongue(content, spoken, project=project)
    yield from _offers(content, analysis=analysis, used=used)
    yield from _lines(content, analysis=analysis, used=used, project=project)
    yield from _reason(content, analysis=analysis, used=used, project=project)
    yield from _words(content, project=project)


def _at(content: ContentFile, spoken: Spoken) -> Place:
    return Place(file=content.path, line=spoken.line, column=spoken.column)


def _error(content: ContentFile, place: Place, *, rule: str, what: str, fix: str) -> Finding:
    return Finding(
        rule=rule, severity=Severity.ERROR, subject=content.content_id, what=what, place=place, fix=fix,
        source=_line(content, place),
    )  # fmt: skip


def _line(content: ContentFile, place: Place) -> str:
    """The line of the body a place points at, for a caret; empty outside the body."""
    lines = content.body.split("\n")
    number = (place.line or 0) - content.body_line
    return lines[number] if place.column and 0 <= number < len(lines) else ""


def _fact_of(spoken: Spoken) -> str | None:
    """The fact a path reads, if it reads one."""
    root, _, rest = spoken.path.partition(".")
    return rest.split(".")[0].split("[")[0] if root in {"facts", "cell"} and rest else None


def _unmapped(content: ContentFile, spoken: Spoken, *, project: Project) -> Iterator[Finding]:
    name, place = _fact_of(spoken), _at(content, spoken)
    if spoken.root not in ROOTS:
        yield _error(content, place, rule="variable-unmapped", what=f"a template knows no {spoken.root!r}",
                     fix=f"it reads {', '.join(sorted(ROOTS))}")  # fmt: skip
    elif name is not None and name not in project.facts:
        yield _error(content, place, rule="fact-unmapped", what=f"{name!r} is no declared fact",
                     fix="declare it in facts.yaml")  # fmt: skip
    elif spoken.root in LEAVES and "." in spoken.path:
        leaf = spoken.path.split(".")[1].split("[")[0]
        if leaf not in LEAVES[spoken.root]:
            yield _error(content, place, rule="variable-unmapped", what=f"{spoken.root} has no {leaf!r}",
                         fix=f"it has {', '.join(sorted(LEAVES[spoken.root]))}")  # fmt: skip


def _speaks(content: ContentFile, spoken: Spoken, *, used: list[Usage], project: Project) -> Iterator[Finding]:
    """A fact that is read: may it be, here, at every level and for every purpose the content is used for?"""
    name, place = _fact_of(spoken), _at(content, spoken)
    fact = project.facts.get(name or "")
    if name is None or fact is None:
        return
    if fact.provenance is Provenance.ACQUIRED:
        yield _error(content, place, rule="fact-acquired", what=f"{name} came from elsewhere and is never used",
                     fix="take it out")  # fmt: skip
    if fact.sensitivity is Sensitivity.SENSITIVE:
        yield _error(content, place, rule="fact-sensitive", what=f"{name} is sensitive and is never used here",
                     fix="take it out")  # fmt: skip
    for use in used:
        if use.program.purpose.value not in fact.purpose:
            what = f"{name} is kept for {', '.join(fact.purpose)}; {use.program.program} is {use.program.purpose.value}"
            yield _error(content, place, rule="fact-other-purpose", what=what, fix="take it out")
    if not spoken.printed:
        if fact.provenance is Provenance.INFERRED and not fact.may_select:
            yield _error(content, place, rule="fact-guessed", what=f"{name} is a guess and selects words",
                         fix="declare `may_select` if the words stay true when the guess is wrong")  # fmt: skip
        return
    if fact.provenance is Provenance.INFERRED:
        yield _error(content, place, rule="fact-guessed", what=f"{name} is a guess and is printed",
                     fix="let it select words that stay true if the guess is wrong")  # fmt: skip
    for use in used:
        if not may_speak(fact, use.level):
            least = SPOKEN_FROM.get(fact.speak)
            when = f"from {least.value} on" if least else "never"
            what = f"{name} may be spoken {when}; {use.program.program} uses this at {use.level.value}"
            yield _error(content, place, rule="fact-above-level", what=what,
                         fix="let it select without being printed, or speak it at a higher level")  # fmt: skip


def _short_parts(content: ContentFile, spoken: Spoken, *, used: list[Usage]) -> Iterator[Finding]:
    is_item = spoken.root in {"items", "anchor"}
    if spoken.part in _SHORT and is_item and spoken.printed:
        yield _error(content, _at(content, spoken), rule="subject-shows-items",
                     what=f"{spoken.path} stands where others read over the shoulder",
                     fix="name the range, and keep items in the letter")  # fmt: skip
    if content.touchpoint == "web" and is_item and spoken.printed and used:
        yield Finding(rule="web-shows-items", severity=Severity.WARNING, subject=content.content_id,
                      what="items stand on a page that may be open on anybody's table", place=_at(content, spoken),
                      fix="show them to people who are signed in")  # fmt: skip


def _tongue(content: ContentFile, spoken: Spoken, *, project: Project) -> Iterator[Finding]:
    """A letter is in one language: what the project says in its first language only stays out of the others."""
    first = project.settings.languages[0]
    if not spoken.printed or content.language.split("-", 1)[0] == first.split("-", 1)[0]:
        return
    style = project.brand.salutation
    if spoken.path == "customer.salutation" and style.style != "none" and not style.says(content.language, first=first):
        yield _error(content, _at(content, spoken), rule="mixed-languages",
                     what=f"the brand has no greeting in {content.language}",
                     fix=f"write it in brand.yaml under salutation, languages, {content.language}")  # fmt: skip
    if spoken.path in _FIRST_LANGUAGE or spoken.path.endswith(".price_note"):
        yield _error(content, _at(content, spoken), rule="mixed-languages",
                     what=f"{spoken.path} is written in {first}, and this letter in {content.language}",
                     fix="say it in the letter's own words")  # fmt: skip


def _offers(content: ContentFile, *, analysis: Analysis, used: list[Usage]) -> Iterator[Finding]:
    """An offer block in service mail is advertising, whether or not the program offers anything today."""
    speaks = [spoken for spoken in analysis.spoken if spoken.root == "offer"]
    for use in used:
        if use.program.purpose is not Purpose.MARKETING and speaks:
            what = f"an offer block in {use.program.purpose.value} mail ({use.program.program})"
            yield _error(content, _at(content, speaks[0]), rule="offer-on-service-mail", what=what,
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
        yield _error(content, place, rule="unsubscribe-missing", what="no way to unsubscribe",
                     fix="render the footer with `links.unsubscribe`")  # fmt: skip
    address = patterns.folded(project.brand.postal_address)
    if "brand.postal_address" not in read and address not in patterns.folded(content.body):
        yield _error(content, place, rule="postal-address-missing", what="no postal address",
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
        yield _error(content, Place(file=content.path, line=content.body_line), rule="reason-missing",
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
                yield _error(content, Place(file=content.path, line=number, column=column), rule="never-words",
                             what=f"the brand never says {word!r}", fix="say it in other words")  # fmt: skip
            marks += said.count("!")
            if "!" in said and marks > project.brand.exclamation_marks:
                place = Place(file=content.path, line=number, column=said.index("!") + 1)
                yield _error(content, place, rule="exclamation-marks",
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
