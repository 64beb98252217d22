"""The project's own rules: SELECTs over the run's tables that yield the messages they object to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from tactful.check.rules import RULES
from tactful.check.suppressing import Silence
from tactful.project.declared import Project
from tactful.project.gate import HouseRule
from tactful.project.kinds import Kind, kind_of_fact
from tactful.store import contracts, lake
from tactful.store.engines.duckdb import Engine
from tactful.words.clock import Clock
from tactful.words.errors import Misuse, PlugInFailed
from tactful.words.finding import Finding, Place, Severity
from tactful.words.sealed import Sealed

TABLES = ("messages", "decisions", "profiles", "items")
"""What a rule of the project may read."""
_TYPES: Mapping[Kind, pa.DataType] = {
    "number": pa.decimal128(18, 4),
    "text": pa.string(),
    "flag": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "list": pa.list_(pa.string()),
}
_LINE = re.compile(r"LINE (\d+):")


def inspect(project: Project) -> Iterator[Finding]:
    """What is wrong with the project's rules before any message is made: each is asked once over empty tables."""
    taken = {rule.id for rule in RULES}
    tables = {name: contracts.table(name).schema.empty_table() for name in TABLES}
    for name, fact in project.facts.items():
        if name not in tables["profiles"].column_names:
            column = pa.array([], _TYPES[kind_of_fact(fact)])
            tables["profiles"] = tables["profiles"].append_column(name, column)
    for name, rule in sorted(project.rules.items()):
        if name in taken:
            what = f"a rule of the house is called {name!r} already"
            yield _fault(project, rule, what=what, fix="give it another name")
            continue
        try:
            with Engine.open() as engine:
                answer = engine.user_table(rule.sql, tables=tables)
        except Misuse as error:
            cause = str(error.__cause__ or error)
            line = _line(cause, sql=rule.sql)
            yield _fault(project, rule, what=cause.splitlines()[0], fix="mend the SELECT", line=line)
        else:
            if "message_id" not in answer.column_names:
                what = f"the SELECT yields {', '.join(answer.column_names)} and no message_id"
                yield _fault(project, rule, what=what, fix="select message_id as well")


def _line(complaint: str, *, sql: str) -> int:
    """The line of a SELECT that the engine complains of: said by number, or by the name it does not know.

    >>> _line('Referenced column "b" not found', sql="SELECT a\\nFROM t WHERE b = 1")
    2
    """
    if said := _LINE.search(complaint):
        return int(said[1])
    named = re.search(r"\"(\w+)\"|with name (\w+)", complaint)
    word = re.compile(rf"\b{re.escape(named[1] or named[2])}\b", re.IGNORECASE) if named else None
    lines = enumerate(sql.split("\n"), start=1)
    return next((number for number, line in lines if word and word.search(line)), 1)


def _fault(project: Project, rule: HouseRule, *, what: str, fix: str, line: int = 1) -> Finding:
    file = f"rules/{rule.rule}.yaml"
    place = Place(file=file, line=_first_line(project, file) + line - 1)
    return Finding(rule="rule-sql", severity=Severity.ERROR, subject=file, what=what, place=place, fix=fix)


def _first_line(project: Project, file: str) -> int:
    """The line of a rule's file at which its SQL begins, from 1."""
    lines = (project.root / file).read_text("utf-8").split("\n")
    key = next((number for number, line in enumerate(lines, start=1) if line.startswith("sql:")), 1)
    return key + 1 if re.fullmatch(r"sql:\s*[|>][-+]?\s*", lines[key - 1]) else key


def ask(inputs: Mapping[str, Sealed | pa.Table], *, project: Project, clock: Clock) -> Iterator[pa.RecordBatch]:
    """Findings of the project's rules over the messages of a run.

    Args:
        inputs: `messages`, `decisions`, `profiles`, `items` and `skeletons`.
        project: its rules and suppressions.
        clock: the run's now.

    Raises:
        PlugInFailed: a rule cannot be answered, or names messages that there are not.
    """
    if not project.rules:
        return
    messages = lake.read(inputs["messages"], columns=["message_id", "decision_id", "skeleton_id"])
    whose = _places(inputs, messages)
    silence = Silence(project, today=clock.today)
    for name, rule in sorted(project.rules.items()):
        try:
            with Engine.open() as engine:
                answer = engine.user_table(rule.sql, tables={table: inputs[table] for table in TABLES})
        except Misuse as error:
            do = "mend it; no message passes a gate that is broken"
            raise PlugInFailed.say(where=f"rules/{name}.yaml", what=str(error), do=do) from error
        rows = [_row(rule, row, whose=whose, silence=silence) for row in answer.to_pylist()]
        if rows:
            rows.sort(key=lambda row: (row["subject"], row["text"]))
            yield pa.RecordBatch.from_pylist(rows, schema=contracts.table("findings").schema)


def _places(inputs: Mapping[str, Sealed | pa.Table], messages: pa.Table) -> dict[bytes, dict[str, str]]:
    """Program, content and branch of every message."""
    decisions = lake.read(inputs["decisions"], columns=["decision_id", "program"])
    program = dict(zip(decisions["decision_id"].to_pylist(), decisions["program"].to_pylist(), strict=True))
    skeletons = lake.read(inputs["skeletons"], columns=["skeleton_id", "content_id", "branch"]).to_pylist()
    of_skeleton = {row["skeleton_id"]: {"content": row["content_id"], "branch": row["branch"]} for row in skeletons}
    return {
        row["message_id"]: {"program": program.get(row["decision_id"]) or "", **of_skeleton[row["skeleton_id"]]}
        for row in messages.to_pylist()
    }


def _row(
    rule: HouseRule, row: Mapping[str, Any], *, whose: Mapping[bytes, Mapping[str, str]], silence: Silence
) -> dict[str, Any]:  # Any: what a SELECT yields; a row of findings
    message_id = row["message_id"]
    if message_id not in whose:
        what = f"it yields {message_id!r}, and there is no such message"
        raise PlugInFailed.say(
            where=f"rules/{rule.rule}.yaml", what=what, do="select message_id from messages as it is"
        )
    place = str(row.get("place") or rule.place)
    return {
        "subject": message_id.hex(),
        "rule": rule.rule,
        "severity": rule.severity,
        "place": place,
        "text": str(row.get("what") or rule.why),
        "fix": rule.fix,
        "suppressed_by": silence.by(rule.rule, place, **whose[message_id]),
    }
