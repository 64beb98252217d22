"""Rules of facts and metrics: what a fact may be made of, how it may be spoken, and the journey's stages."""

from __future__ import annotations

from functools import partial

from tactful.project.columns import NO_FACT, OF_ITEMS, SYNONYMS, TABLES, readable
from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.fact_use import check_use, kind_of
from tactful.project.facts import Fact, Facts
from tactful.project.guesses import guess
from tactful.project.kinds import check_aggregate, check_literals, kind_of_column
from tactful.words.condition import Condition, names_in
from tactful.words.fact import Provenance, Purpose, Sensitivity, Speak

_PERSONAL = frozenset({"email", "phone", "given_name", "family_name", "title", "birth_date", "household_id"})
_WITHOUT_COLUMN = frozenset({"count", "days_since"})


def check_column(document: Document, path: Path, *, name: str, among: frozenset[str], table: str) -> None:
    """A finding where a table has no such column."""
    if name in among:
        return
    synonym = SYNONYMS.get(name)
    fix = f"did you mean {synonym!r}?" if synonym in among else guess(name, among=among)
    document.fault(path, rule="unknown-column", what=f"{table} has no column {name!r}", fix=fix)


def check_condition(document: Document, path: Path, *, condition: Condition, table: str) -> None:
    """Findings for names in a condition that the table does not have."""
    for name in sorted(names_in(condition)):
        check_column(document, path, name=name, among=readable(table), table=table)
    check_literals(document, path, condition=condition, kind=kind_of_column)


def check_facts(draft: Draft) -> None:
    """Findings within `facts.yaml`."""
    facts, document = draft.facts, draft.documents.get("facts.yaml")
    if facts is None or document is None:
        return
    for name, fact in facts.facts.items():
        path: Path = ("facts", name)
        if name in NO_FACT:
            what = f"every profile has a column {name!r} already"
            document.fault(path, rule="taken-name", what=what, fix="call the fact otherwise", of_key=True)
        _check_making(document, path, fact=fact)
        check_aggregate(document, path, fact=fact)
        _check_speaking(document, path, fact=fact)
        for number, purpose in enumerate(fact.purpose):
            words = [word.value for word in Purpose]
            if purpose not in words:
                where = document.one((*path, "purpose"), number)
                fix = guess(purpose, among=words)
                document.fault(where, rule="unknown-word", what=f"{purpose!r} is no purpose", fix=fix)
    _check_stages(draft, document, facts=facts)
    among = OF_ITEMS - {"sensitive_topic"}
    check_column(document, ("knowledge",), name=facts.knowledge, among=among, table="items")
    if facts.segment_by is not None:
        check_use(document, ("segment_by",), draft=draft, name=facts.segment_by)


def _check_making(document: Document, path: Path, *, fact: Fact) -> None:
    """What the fact is made of: an aggregate over a table's columns, or a declared column."""
    table = fact.from_
    if table in {"transactions", "events"}:
        if fact.keep is None and not document.has((*path, "keep")):
            what = f"a fact from {table} says what it keeps"
            document.fault(
                path, rule="missing-key", what=what, fix="write keep: count(), top(category, by: quantity) …"
            )
        elif fact.keep is not None and fact.keep.column is None and fact.keep.how not in _WITHOUT_COLUMN:
            document.fault(
                (*path, "keep"),
                rule="value",
                what=f"{fact.keep.how}() needs a column",
                fix="write one in the brackets",
            )
        for name in (fact.keep.column, fact.keep.by) if fact.keep else ():
            if name is not None:
                check_column(document, (*path, "keep"), name=name, among=readable(table), table=table)
    elif fact.keep is not None:
        what = f"a fact from {table} is a value, not an aggregate"
        document.fault((*path, "keep"), rule="value", what=what, fix="write column: instead")
    if table == "customers" and fact.column is None and fact.keep is None:
        what = "a fact from customers names its column"
        document.fault(path, rule="missing-key", what=what, fix="write column: birth_date, or another")
    if table == "customers" and fact.column is not None:
        check_column(document, (*path, "column"), name=fact.column, among=TABLES["customers"], table=table)
    if fact.where is not None:
        check_condition(document, (*path, "where"), condition=fact.where, table=table)
    if fact.at_least is not None and fact.type != "flag":
        fix = "write type: flag, or leave it out"
        document.fault((*path, "at_least"), rule="value", what="at_least makes a flag", fix=fix)


def _check_speaking(document: Document, path: Path, *, fact: Fact) -> None:
    """Who may hear it: guesses, sensitive and acquired facts are never spoken; a fact is no better than its source."""
    silent = {
        "an acquired": fact.provenance is Provenance.ACQUIRED,
        "an inferred": fact.provenance is Provenance.INFERRED,
        "a sensitive": fact.sensitivity is Sensitivity.SENSITIVE,
    }
    for kind, is_so in silent.items():
        if is_so and fact.speak is not Speak.NEVER:
            what = f"{kind} fact is never spoken"
            document.fault((*path, "speak"), rule="never-spoken", what=what, fix="write speak: never")
    if fact.provenance is Provenance.DECLARED and fact.from_ in {"transactions", "events"}:
        what = f"what comes from {fact.from_} is observed, not declared"
        document.fault((*path, "provenance"), rule="provenance", what=what, fix="write provenance: observed")
    column = fact.column or (fact.keep.column if fact.keep else None)
    if column == "sensitive_topic" and fact.sensitivity is not Sensitivity.SENSITIVE:
        what = "a fact about sensitive topics is sensitive"
        document.fault(path, rule="sensitivity", what=what, fix="write sensitivity: sensitive")
    if fact.from_ == "customers" and column in _PERSONAL and fact.sensitivity is Sensitivity.ORDINARY:
        what = f"{column} is personal"
        document.fault(path, rule="sensitivity", what=what, fix="write sensitivity: personal")


def _check_stages(draft: Draft, document: Document, *, facts: Facts) -> None:
    seen: set[str] = set()
    for number, stage in enumerate(facts.stages):
        path: Path = ("stages", number)
        if stage.stage in seen:
            document.fault(
                (*path, "stage"),
                rule="two-of-a-name",
                what=f"there are two stages {stage.stage!r}",
                fix="rename one",
            )
        seen.add(stage.stage)
        if isinstance(stage.when, str):
            if number < len(facts.stages) - 1:
                what = "no stage after this one is ever reached"
                document.fault((*path, "when"), rule="unreachable", what=what, fix="move it to the end")
            continue
        for name in sorted(names_in(stage.when)):
            if name == "stage":
                document.fault((*path, "when"), rule="circle", what="a stage cannot depend on the stage")
            else:
                check_use(document, (*path, "when"), draft=draft, name=name)
        check_literals(document, (*path, "when"), condition=stage.when, kind=partial(kind_of, draft))
    if not facts.stages or not isinstance(facts.stages[-1].when, str):
        what = "the last stage must hold for everybody"
        document.fault(("stages",), rule="stages", what=what, fix="end with {stage: …, when: otherwise}")


def check_metrics(draft: Draft) -> None:
    """Findings within `metrics.yaml`: tables and columns that exist."""
    document = draft.documents.get("metrics.yaml")
    if document is None:
        return
    for name, metric in draft.metrics.items():
        path: Path = ("metrics", name)
        if metric.measure == "sum" and metric.column is None:
            document.fault(
                path,
                rule="missing-key",
                what="a sum needs a column",
                fix="write column: revenue, or measure: count",
            )
        if metric.column is not None:
            among = readable(metric.table) & frozenset({"revenue", "quantity"})
            check_column(document, (*path, "column"), name=metric.column, among=among, table=metric.table)
        if metric.where is not None:
            check_condition(document, (*path, "where"), condition=metric.where, table=metric.table)
        if metric.margin is not None and metric.column == "quantity":
            document.fault(
                (*path, "margin"),
                rule="value",
                what="margin is a share of revenue",
                fix="write column: revenue",
            )
        if metric.window < 1:
            document.fault(
                (*path, "window"),
                rule="value",
                what="a window of no days measures nothing",
                fix="write 28 days",
            )


def check_who(draft: Draft) -> None:
    """Findings for facts by which offers select."""
    for name, offer in draft.offers.items():
        document = draft.documents[f"offers/{name}.yaml"]
        for one in sorted(names_in(offer.who)) if offer.who is not None else ():
            check_use(document, ("who",), draft=draft, name=one)
        if offer.who is not None:
            check_literals(document, ("who",), condition=offer.who, kind=partial(kind_of, draft))
