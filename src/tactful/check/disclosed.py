"""What templates would tell of a customer, judged before anyone is chosen: each fact where it is read, at every level.

Every finding names the way the fact takes to its reader, through names and partials.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tactful.check.patterns import Pattern
from tactful.check.rules.disclosure import SPOKEN_FROM, may_speak
from tactful.project.declared import ContentFile, Project
from tactful.project.facts import Fact
from tactful.project.programs import LevelPlan, Program
from tactful.words.analysis import Analysis, Choice, Spoken
from tactful.words.fact import Provenance, Sensitivity
from tactful.words.finding import Finding, Place, Severity
from tactful.words.level import Level

CLAIMS: Final = Pattern(
    r"(?i)\byou(?:'ve|’ve| have| had)? (?:always |often |really )?(?:love|like|prefer|enjoy|adore|collect|bought|buy"
    r"|ordered|order|chose|choose|told|are (?:a|an|into|fond))\b|\byour favou?rite|\bbecause you\b"
    r"|\bas an? [a-z-]+ (?:lover|fan)\b|\b(?:sie|du) (?:lieben|liebst|mögen|magst|bevorzugen|bevorzugst|haben|hast"
    r"|kaufen|kaufst|sammeln|sammelst)\b|\b(?:ihr|dein)(?:e|en|em|er)? lieblings|\bweil (?:sie|du)\b"
)
"""Words that say something of their reader, which a guess may get wrong."""
_FACTS = ("facts", "cell")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A content as programs use it. Stability: internal."""

    program: Program
    level: Level
    plan: LevelPlan
    touchpoint: str


def disclosed(content: ContentFile, *, analysis: Analysis, used: list[Usage], project: Project) -> Iterator[Finding]:
    """Findings on what a content's templates read of its customers.

    Args:
        content: the file.
        analysis: what its templates read, and which branches they choose.
        used: the programs and levels it is used for.
        project: whose declarations decide.
    """
    for spoken in analysis.spoken:
        name = fact_of(spoken)
        fact = project.facts.get(name or "")
        if spoken.root in _FACTS and name is None:
            yield from _unseen(content, spoken)
        if name is not None and fact is not None:
            yield from _never(content, spoken, fact=fact, used=used)
            yield from _guessed(content, spoken, fact=fact)
            yield from _at_levels(content, spoken, fact=fact, used=used)
    for choice in analysis.choices:
        yield from _asserted(content, choice, project=project)


def fact_of(spoken: Spoken) -> str | None:
    """The fact a path reads, if it reads one that can be named.

    >>> def of(path): return Spoken(path=path, root="facts", part="html", line=1, column=1, printed=True)
    >>> fact_of(of("facts.tea.first")), fact_of(of("facts[]")), fact_of(of("facts"))
    ('tea', None, None)
    """
    root, _, rest = spoken.path.partition(".")
    return rest.split(".")[0].split("[")[0] or None if root in _FACTS else None


def error(content: ContentFile, place: Place, *, rule: str, what: str, fix: str) -> Finding:
    """A fault of a content, with its line for a caret."""
    return Finding(
        rule=rule, severity=Severity.ERROR, subject=content.content_id, what=what, place=place, fix=fix,
        source=line_of(content, place),
    )  # fmt: skip


def line_of(content: ContentFile, place: Place) -> str:
    """The line a place points at; empty where it is in none of the content's texts."""
    shorts = {
        content.subject_line: ("subject", content.subject),
        content.preheader_line: ("preheader", content.preheader),
    }
    if (place.line or 0) in shorts and (place.line or 0) < content.body_line:
        name, text = shorts[place.line or 0]
        return " " * (len(name) + 2) + text.split("\n")[0]
    lines = content.body.split("\n")
    number = (place.line or 0) - content.body_line
    return lines[number] if place.column and 0 <= number < len(lines) else ""


def place_of(content: ContentFile, spoken: Spoken | Choice) -> Place:
    """Where something is read."""
    return Place(file=content.path, line=spoken.line, column=spoken.column)


def _told(content: ContentFile, spoken: Spoken, *, rule: str, what: str, fix: str) -> Finding:
    way = f" ({spoken.way})" if spoken.flow else ""
    return error(content, place_of(content, spoken), rule=rule, what=what + way, fix=fix)


def _unseen(content: ContentFile, spoken: Spoken) -> Iterator[Finding]:
    """All facts at once, or one whose name is only known when a message is written."""
    if spoken.printed or "[]" in spoken.path:
        yield _told(content, spoken, rule="fact-unseen", what=f"which of the {spoken.root} this reads cannot be seen",
                    fix=f"name it: {spoken.root}.<name>")  # fmt: skip


def _never(content: ContentFile, spoken: Spoken, *, fact: Fact, used: list[Usage]) -> Iterator[Finding]:
    """What is never used, or not for this purpose."""
    name = fact_of(spoken)
    if fact.provenance is Provenance.ACQUIRED:
        yield _told(content, spoken, rule="fact-acquired", what=f"{name} came from elsewhere and is never used",
                    fix="take it out")  # fmt: skip
    if fact.sensitivity is Sensitivity.SENSITIVE:
        yield _told(content, spoken, rule="fact-sensitive", what=f"{name} is sensitive and is never used here",
                    fix="take it out")  # fmt: skip
    for use in used:
        if use.program.purpose.value not in fact.purpose:
            what = f"{name} is kept for {', '.join(fact.purpose)}; {use.program.program} is {use.program.purpose.value}"
            yield _told(content, spoken, rule="fact-other-purpose", what=what, fix="take it out")


def _guessed(content: ContentFile, spoken: Spoken, *, fact: Fact) -> Iterator[Finding]:
    """A guess selects where that is declared to do no harm, and is never printed."""
    if fact.provenance is not Provenance.INFERRED:
        return
    name = fact_of(spoken)
    if spoken.printed:
        yield _told(content, spoken, rule="fact-guessed", what=f"{name} is a guess and is printed",
                    fix="let it select words that stay true if the guess is wrong")  # fmt: skip
    elif spoken.selects and not fact.may_select:
        yield _told(content, spoken, rule="fact-guessed", what=f"{name} is a guess and selects words",
                    fix="declare `may_select` if the words stay true when the guess is wrong")  # fmt: skip


def _at_levels(content: ContentFile, spoken: Spoken, *, fact: Fact, used: list[Usage]) -> Iterator[Finding]:
    """A fact where a level must not speak it, or does not even see it."""
    name, least = fact_of(spoken), SPOKEN_FROM.get(fact.speak)
    when = f"from {least.value} on" if least else "never"
    for use in used:
        if spoken.levels is not None and use.level.value not in spoken.levels:
            continue
        where = f"{use.program.program} uses this at {use.level.value}"
        if spoken.printed and not may_speak(fact, use.level):
            yield _told(content, spoken, rule="fact-above-level", what=f"{name} may be spoken {when}; {where}",
                        fix="branch by it as one of the level's cells, or speak it at a higher level")  # fmt: skip
        elif not spoken.printed and spoken.root == "facts" and not may_speak(fact, use.level):
            yield _told(content, spoken, rule="fact-not-seen", what=f"facts.{name} is there {when}; {where}",
                        fix=f"cut the level's cells by it, and branch by cell.{name}")  # fmt: skip
        elif spoken.root == "cell" and name not in use.plan.by:
            yield _told(content, spoken, rule="fact-not-seen", what=f"cell.{name} is not what {where} is cut by",
                        fix=f"add {name} to `by`, or read facts.{name} where it may be spoken")  # fmt: skip


def _asserted(content: ContentFile, choice: Choice, *, project: Project) -> Iterator[Finding]:
    """Words that a guess has chosen must be true of whoever gets them."""
    named = {path.partition(".")[2].split(".")[0].split("[")[0] for path in choice.paths if path.startswith(_FACTS)}
    guesses = sorted(
        name for name in named if name in project.facts and project.facts[name].provenance is Provenance.INFERRED
    )
    if not guesses:
        return
    words = choice.words.casefold()
    said = next((text for text in choice.literals if text.strip().casefold() in words), "") or CLAIMS.first(
        choice.words
    )
    if said:
        what = f"a branch that the guess {', '.join(guesses)} chooses says {said.strip()!r} of its reader"
        yield error(content, place_of(content, choice), rule="guess-asserted", what=what,
                    fix="write words that are true of everybody, whichever branch they get")  # fmt: skip
