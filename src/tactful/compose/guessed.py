"""Guesses may select and never show, proved by running: without the guess the branch it chose says the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from tactful.compose.contents import CompiledContent, compile_content
from tactful.compose.context import Catalogue, Sight
from tactful.compose.extremes import people, usages
from tactful.compose.faults import ContentFault
from tactful.compose.held import HeldParsed, held, of_template
from tactful.compose.recorded import Recorded
from tactful.project.declared import ContentFile, Project
from tactful.words.analysis import Analysis, Choice
from tactful.words.clock import Clock
from tactful.words.fact import Provenance
from tactful.words.finding import Finding, Place, Severity
from tactful.words.message import Part

Context = Mapping[str, object]
_ROOTS = ("facts", "cell")


def inspect(project: Project, analyses: Iterable[Analysis], *, clock: Clock) -> Iterator[Finding]:
    """Findings for every content in which words that a guess chose say something of the guess.

    For each guess that selects words, each invented reader who has it is written to twice: as they are, and with the
    guess taken away while every condition says again what it said. The words must be the same.

    Args:
        project: facts, programs and contents.
        analyses: which branches are chosen by what.
        clock: now, for the end of an offer.
    """
    files = {(one.content_id, one.content_hash): one for one in project.contents.values()}
    sight = Sight(project=project, catalogue=Catalogue.of(None))
    for analysis in analyses:
        content = files.get((analysis.content_id, analysis.content_hash))
        names = _guesses(analysis, project)
        if content is None or not names:
            continue
        try:
            compiled = compile_content(content, project)
        except ContentFault:  # told by its analysis
            continue
        for name, choice in names.items():
            yield from _shown(compiled, name, choice=choice, sight=sight, clock=clock)


def _guesses(analysis: Analysis, project: Project) -> dict[str, Choice]:
    """The guesses that choose branches, and the first branch that each chooses."""
    found: dict[str, Choice] = {}
    for choice in sorted(analysis.choices, key=lambda one: (one.line, one.column)):
        for path in choice.paths:
            root, _, rest = path.partition(".")
            name = rest.split(".")[0].split("[")[0]
            fact = project.facts.get(name) if root in _ROOTS else None
            if fact is not None and fact.provenance is Provenance.INFERRED:
                found.setdefault(name, choice)
    return found


def _shown(compiled: CompiledContent, name: str, *, choice: Choice, sight: Sight, clock: Clock) -> Iterator[Finding]:
    """The first reader of each part to whom it says something of the guess."""
    parts = {part: of_template(template) for part, template in compiled.templates.items()}
    for context in _having(compiled.file, name, sight=sight, clock=clock):
        without = {**context, **{root: _without(context, root, name=name) for root in _ROOTS if root in context}}
        for part in list(parts):
            try:
                first, second = held(parts[part], context, without)
            except Exception as fault:  # a reader to whom this is not written, or not without the guess
                if _writes(parts[part], context):
                    said = f"nothing can be written without it: {fault}"
                    yield _finding(compiled, choice, part=part, name=name, what=said)
                    del parts[part]
                continue
            if said := _difference(first, second):
                yield _finding(compiled, choice, part=part, name=name, what=said)
                del parts[part]


def _having(content: ContentFile, name: str, *, sight: Sight, clock: Clock) -> Iterator[Context]:
    """Invented readers who have a guess: the usual one, and one for each value that is asked about."""
    for usage in usages(content, sight.project):
        for person in people(content, usage=usage, sight=sight, clock=clock):
            is_usual = person.says == "a usual reader"
            is_other = person.says.startswith(tuple(f"{root}.{name} is " for root in _ROOTS))
            if (is_usual or is_other) and not person.says.endswith("is missing"):
                yield person.context


def _without(context: Context, root: str, *, name: str) -> dict[str, object]:
    known = context[root]
    values = dict(known) if isinstance(known, Mapping) else {}
    return {**values, **({name: None} if name in values else {})}


def _writes(parsed: HeldParsed, context: Context) -> bool:
    try:
        held(parsed, context, context)
    except Exception:  # this reader gets no such letter
        return False
    return True


def _difference(first: Recorded, second: Recorded) -> str:
    """What the words say otherwise; empty where they are the same."""
    if first.joined(escaped=False) == second.joined(escaped=False):
        return ""
    for one, other in zip_longest(_pieces(first), _pieces(second), fillvalue=("", "")):
        if one[1] != other[1]:
            return f"{one[0]} says {one[1].strip()[:40]!r}, and {other[1].strip()[:40]!r} without it"
    return "its words change without it"


def _pieces(made: Recorded) -> Iterator[tuple[str, str]]:
    """Static words and values in turn, each with what it reads."""
    for segment, speech, value in zip_longest(made.segments, made.speeches, made.values):
        yield "the text", segment
        if speech is not None:
            yield speech.source, value


def _finding(compiled: CompiledContent, choice: Choice, *, part: Part, name: str, what: str) -> Finding:
    content = compiled.file
    place = Place(file=content.path, line=choice.line, column=choice.column)
    lines = content.body.split("\n")
    row = choice.line - content.body_line
    return Finding(
        rule="guess-shown",
        severity=Severity.ERROR,
        subject=content.content_id,
        what=f"{name} is a guess; in the {part.value}, {what}",
        place=place,
        fix="let the guess choose the branch only, and write words in it that do not hang on the guess",
        source=lines[row] if 0 <= row < len(lines) else "",
    )
