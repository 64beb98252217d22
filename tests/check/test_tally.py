"""Findings are counted in messages, by rule, program, level, content and branch, each message once."""

from __future__ import annotations

from check.world import Letter, World, one, point, table
from tactful.check.tally import tally
from tactful.words.finding import Severity


def found(*rows: tuple[str, str, str, str | None]) -> list[dict[str, object]]:
    """Rows of findings: subject, rule, severity, suppressed by."""
    names = ("subject", "rule", "severity", "suppressed_by")
    return [{**dict(zip(names, row, strict=True)), "place": "html", "text": "x", "fix": "x"} for row in rows]


def test_a_skeletons_finding_counts_for_all_its_messages_and_a_messages_once() -> None:
    letters = [
        Letter(customer="a"),
        Letter(customer="b"),
        Letter(customer="c", decision={"level": "one"}),
        Letter(customer="d", subject="Another", decision={"program": "thank-you"}),
    ]
    inputs = World(letters=letters, crowd=0).inputs()
    skeleton = letters[0].skeleton()[0].skeleton_id.hex()
    c = point(letters[2]).message_id.hex()
    rows = found(
        (f"skeleton:{skeleton}", "sender-missing", "error", None),
        (c, "shouting", "error", "known, until 2012-01-01: it is"),
        (c, "shouting", "error", "known, until 2012-01-01: it is"),
        (point(letters[3]).message_id.hex(), "heading-order", "note", None),
        ("run", "too-many-variants", "error", None),
    )
    counted = tally(
        table("findings", rows),
        messages=inputs["messages"],
        decisions=inputs["decisions"],
        skeletons=inputs["skeletons"],
    )
    assert [(t.rule, t.severity, t.program, t.level, t.messages, t.suppressed) for t in counted] == [
        ("sender-missing", Severity.ERROR, "win-back", "many", 2, 0),
        ("sender-missing", Severity.ERROR, "win-back", "one", 1, 0),
        ("shouting", Severity.ERROR, "win-back", "one", 1, 1),
        ("heading-order", Severity.NOTE, "thank-you", "many", 1, 0),
    ]


def test_nothing_found_is_nothing_counted() -> None:
    inputs = one().inputs()
    assert not tally(
        table("findings", []), messages=inputs["messages"], decisions=inputs["decisions"], skeletons=inputs["skeletons"]
    )
