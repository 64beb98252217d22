"""Which facts may be used where: provenance, sensitivity and purpose bind every use, also through segment and stage."""

from __future__ import annotations

from functools import partial

from tactful.project.columns import PROFILE
from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.guesses import guess
from tactful.project.kinds import Kind, check_literals, kind_of_column, kind_of_fact
from tactful.project.segments import sql_names
from tactful.words.condition import names_in
from tactful.words.fact import Provenance, Purpose, Sensitivity
from tactful.words.finding import Place


def why_never(draft: Draft, name: str) -> tuple[str, str, str] | None:
    """Why a fact may not select at all: rule, what, fix; None where it may, or where there is no such fact."""
    fact = draft.fact(name)
    if fact is None:
        return None
    if fact.provenance is Provenance.ACQUIRED:
        return (
            "acquired-fact",
            f"{name!r} is an acquired fact: it is kept with its source and never used",
            "remove it here",
        )
    if fact.sensitivity is Sensitivity.SENSITIVE:
        return "sensitive-fact", f"{name!r} is a sensitive fact: nobody is selected by it", "remove it here"
    if fact.provenance is Provenance.INFERRED and not fact.may_select:
        fix = "write may_select: true in facts.yaml if a wrong guess does no harm, or remove it here"
        return "inferred-fact", f"{name!r} is a guess and may not select", fix
    return None


def check_use(document: Document, path: Path, *, draft: Draft, name: str, place: Place | None = None) -> None:
    """Findings for one use of a fact or profile column: unknown, acquired, sensitive, or a guess."""
    where = place or document.place(path)
    known = draft.names("facts") | PROFILE
    if name not in known and draft.is_read("facts.yaml"):
        fix = guess(name, among=known)
        document.put(where, rule="unknown-fact", what=f"there is no fact {name!r}", fix=fix)
    elif why := why_never(draft, name):
        document.put(where, rule=why[0], what=why[1], fix=why[2])


def check_purpose(
    document: Document, path: Path, *, draft: Draft, name: str, purpose: Purpose, through: str = ""
) -> None:
    """A finding where a fact, or a fact behind `stage`, does not list the purpose it is used for."""
    for one in sorted(behind(draft, name)):
        fact = draft.fact(one)
        if fact is None or purpose.value in fact.purpose:
            continue
        way = through or ("stage" if one != name else "")
        by = f" (through {way})" if way else ""
        may = ", ".join(fact.purpose) or "nothing"
        document.fault(
            path,
            rule="fact-purpose",
            what=f"fact {one!r}{by} may be used for {may}, not for {purpose.value}",
            fix="use another fact, or add the purpose in facts.yaml if people were told so",
        )


def kind_of(draft: Draft, name: str) -> Kind | None:
    """What a fact or profile column holds; None where there is no such name, or it could not be read."""
    if (fact := draft.fact(name)) is not None:
        return kind_of_fact(fact)
    return kind_of_column(name) if name in PROFILE else None


def behind(draft: Draft, name: str) -> frozenset[str]:
    """The facts a name stands for: itself, or those that decide the stage."""
    if name != "stage" or draft.facts is None:
        return frozenset({name})
    conditions = [stage.when for stage in draft.facts.stages if not isinstance(stage.when, str)]
    return frozenset(one for condition in conditions for one in names_in(condition) if one != "stage")


def facts_of_segment(draft: Draft, segment: str) -> frozenset[str]:
    """The facts and profile columns by which a segment selects."""
    found = draft.segments.get(segment)
    if found is None:
        return frozenset()
    if found.condition is not None:
        return names_in(found.condition)
    known = draft.names("facts") | PROFILE
    return frozenset(name for name, _ in sql_names(found.sql or "") if name in known)


def check_segments(draft: Draft) -> None:
    """Findings for every fact by which a segment selects."""
    for name, segment in sorted(draft.segments.items()):
        document = draft.documents[segment.place.file]
        if segment.condition is not None:
            for one in sorted(names_in(segment.condition)):
                check_use(document, ("when",), draft=draft, name=one)
            kinds = partial(kind_of, draft)
            check_literals(document, ("when",), condition=segment.condition, kind=kinds)
            continue
        for one, offset in sql_names(segment.sql or ""):
            if one in draft.names("facts") and (why := why_never(draft, one)):
                document.put(document.at(offset), rule=why[0], what=f"{why[1]} (segment {name})", fix=why[2])
