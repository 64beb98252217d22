"""The gate in a real run: rules of the project and of packages, suppressions, the audit, and what was said before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest

from scenarios.town import Shop, Told, agreed, item, link, person, sale, sent, told
from tactful.flow.checking import check
from tactful.flow.concluding import conclude
from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.reporting import gate_of
from tactful.flow.workspace import Workspace
from tactful.store import lake
from tactful.words.errors import PlugInFailed

PEOPLE = [person(f"p{n}", given_name="Anna") for n in range(12)]
ROWS = {
    "customers": PEOPLE,
    "consents": agreed(PEOPLE),
    "items": [item("bowl")],
    "links": [link("bowl"), link("")],
    "transactions": [sale(str(one["customer_id"]), "bowl") for one in PEOPLE[:6]],
}
HOUSE = """rule: no-bowls
severity: {severity}
why: A bowl was recalled, and nobody hears of bowls before it is back.
fix: choose something else
sql: |
  SELECT message_id, 'it shows ' || list_extract(items, 1).item_id AS what, 'html' AS place
  FROM messages
  JOIN decisions USING (decision_id)
  WHERE len(items) > 0
"""
SILENT = """suppression: bowls-are-back
rule: no-bowls
program: letter
content: letter/yours
reason: the recall ended for those who have theirs
until: {until}
"""


def write(shop: Shop, file: str, text: str) -> None:
    path = shop.root / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def of_items(found: Told) -> set[str]:
    """Whose letter shows something."""
    return {name for name in found.words if found.decisions[name]["items"]}


def test_a_rule_of_the_project_holds_back_the_messages_its_select_yields(shop: Shop) -> None:
    write(shop, "rules/no-bowls.yaml", HOUSE.format(severity="error"))
    assert check(shop.root).may_run
    found = shop.told(**ROWS)
    assert of_items(found)
    assert {name for name, rules in found.held.items() if "no-bowls" in rules} == of_items(found)
    rows = [row for row in found.tables["findings"].to_pylist() if row["rule"] == "no-bowls"]
    assert {(row["text"], row["place"], row["suppressed_by"]) for row in rows} == {("it shows bowl", "html", None)}


def test_a_select_that_is_wrong_is_found_by_check_with_its_line(shop: Shop) -> None:
    faults = {
        "  SELECT message_id\n  FROM messages\n  WHERE nothing = 1\n": ("nothing", 8),
        "  SELECT message_id\n  FROM\n": ("syntax", 7),
        "  SELECT decision_id FROM messages\n": ("message_id", 5),
        "  DROP TABLE messages\n": ("one SELECT", 5),
        "  SELECT message_id FROM read_csv('/etc/passwd')\n": ("", 6),
        "  SELECT message_id\n  FROM elsewhere\n": ("elsewhere", 7),
    }
    head = HOUSE.format(severity="warning").split("  SELECT")[0]
    for sql, (word, line) in faults.items():
        write(shop, "rules/no-bowls.yaml", head + sql)
        report = check(shop.root)
        found = [one for one in report.findings if one.place and one.place.file == "rules/no-bowls.yaml"]
        assert not report.may_run, sql
        assert any(word in one.what for one in found), (sql, found)
        assert any(one.place.line == line for one in found if one.place), (sql, found)


def test_a_name_of_the_houses_rules_is_taken(shop: Shop) -> None:
    write(shop, "rules/never-words.yaml", HOUSE.format(severity="note").replace("no-bowls", "never-words"))
    assert "called 'never-words' already" in str(check(shop.root).findings[0])


def test_a_suppressed_finding_is_kept_and_counted_and_holds_nothing_back(shop: Shop) -> None:
    write(shop, "rules/no-bowls.yaml", HOUSE.format(severity="error"))
    write(shop, "suppressions/bowls-are-back.yaml", SILENT.format(until="2011-12-09"))
    assert check(shop.root).may_run
    with shop.opened(**ROWS) as space:
        found = told(space)
        conclude(space, found.run)
        summary = find_run(space, found.run.run_id.hex()).summary
        assert gate_of(space)["found"] == summary["found"]
        assert "bowls" not in (space.out / "index.html").read_text("utf-8").split("Where: by rule")[0].split("<main")[1]
    rows = [row for row in found.tables["findings"].to_pylist() if row["rule"] == "no-bowls"]
    assert len(rows) == len(of_items(found)) == summary["suppressed"]
    assert all(row["suppressed_by"].startswith("bowls-are-back, until 2011-12-09: the recall") for row in rows)
    assert summary["held_back_by"].get("no-bowls") is None
    places = [one for one in summary["found"] if one["rule"] == "no-bowls"]
    assert [(one["program"], one["level"], one["messages"], one["suppressed"]) for one in places] == [
        ("letter", "one", len(rows), len(rows))
    ]


def test_an_expired_suppression_is_named_and_suppresses_nothing(shop: Shop) -> None:
    write(shop, "rules/no-bowls.yaml", HOUSE.format(severity="error"))
    write(shop, "suppressions/bowls-are-back.yaml", SILENT.format(until="2011-12-08"))
    report = check(shop.root)
    assert report.may_run
    assert any("ended on 2011-12-08: no-bowls speaks again" in str(one) for one in report.findings)
    found = shop.told(**ROWS)
    assert {name for name, rules in found.held.items() if "no-bowls" in rules} == of_items(found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason: the recall ended for those who have theirs\n", "", "reason"),
        ("reason: the recall ended for those who have theirs\n", "reason: ''\n", "reason"),
        ("until: 2011-12-31\n", "", "until"),
        ("until: 2011-12-31\n", "until: soon\n", "soon"),
        ("rule: no-bowls", "rule: unsubscribe-missing", "nothing silences"),
        ("rule: no-bowls", "rule: fact-above-level", "nothing silences"),
        ("rule: no-bowls", "rule: no-bolws", "there is no rule"),
        ("program: letter\ncontent: letter/yours\n", "", "everywhere"),
        ("program: letter", "program: lettre", "there is no program"),
    ],
)
def test_a_suppression_without_reason_end_place_or_right_is_an_error(shop: Shop, old: str, new: str, said: str) -> None:
    write(shop, "rules/no-bowls.yaml", HOUSE.format(severity="warning"))
    write(shop, "suppressions/bowls-are-back.yaml", SILENT.format(until="2011-12-31").replace(old, new))
    report = check(shop.root)
    assert not report.may_run
    assert any(said in str(one) for one in report.findings), report.findings


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """A folder on the path in which a package can be put, as an installer would."""
    folder = tmp_path / "packages"
    folder.mkdir()
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("house_style", None)


def install(folder: Path, code: str) -> None:
    """A package of one module with one entry point."""
    (folder / "house_style.py").write_text(code, "utf-8")
    info = folder / "house_style-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-style\nVersion: 1\n", "utf-8")
    (info / "entry_points.txt").write_text("[tactful.rules]\nhouse = house_style:RULES\n", "utf-8")
    invalidate_caches()


CODE = """
from tactful.check.rule import Hit, Rule
from tactful.words.finding import Severity

def speaks(use):
    for part, text in use.bones.said.items():
        if "worth a look" in text:
            yield Hit(what="worth a look is worn", place=part.value)

def reads(whole):
    return whole.each(lambda text: "worth a look is worn" if "{word}" in text else "")

RULES = [Rule(id="worn-words", severity=Severity.WARNING, place="any part", why="It is worn.", fix="say it otherwise",
              skeleton=speaks, whole=reads)]
"""


def test_a_package_brings_rules_of_its_own(shop: Shop, installed: Path) -> None:
    install(installed, CODE.replace("{word}", "worth a look"))
    found = shop.told(**ROWS)
    assert "worn-words" in {rule for rules in found.warned.values() for rule in rules}
    assert found.why_stop == ()


def test_a_package_that_cannot_be_loaded_is_named(shop: Shop, installed: Path) -> None:
    install(installed, "RULES = 1 / 0")
    with pytest.raises(PlugInFailed, match=r"plug-in house .* raised ZeroDivisionError"):
        check(shop.root)


def test_one_verdict_on_parts_and_another_on_the_whole_stops_the_run_and_is_shown(shop: Shop, installed: Path) -> None:
    """The planted difference: a rule that hears the greeting in the bytes and nothing of it in the parts."""
    install(installed, CODE.replace("{word}", "Anna"))
    with shop.opened(**ROWS) as space:
        found = told(space)
        lines = conclude(space, found.run)
        ended = find_run(space, found.run.run_id.hex())
        audits = audits_of(space, found)
        page = (space.out / "index.html").read_text("utf-8")
    assert ended.state == "stopped"
    assert ended.summary["audited"] == {"read": len(audits), "same": 0}
    assert any(
        "the gate said nothing, and read whole it is worn-words (html)" in why and why.endswith("(audit-differs)")
        for why in ended.summary["why_stop"]
    )
    assert f"{len(audits)} of {len(found.words)} were assembled and read again whole" in "\n".join(lines)
    assert "were judged otherwise" in page


def audits_of(space: Workspace, found: Told) -> list[dict[str, object]]:
    """What the audit of a run wrote down."""
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, found.run.run_id, root=space.lake)
    rows: list[dict[str, object]] = lake.read(sealed["audits"]).to_pylist()
    return rows


def test_a_few_letters_of_every_run_are_read_again_whole_and_said_so(shop: Shop) -> None:
    with shop.opened(**ROWS) as space:
        found = told(space)
        lines = conclude(space, found.run)
        audits = audits_of(space, found)
        page = (space.out / "index.html").read_text("utf-8")
    assert len(audits) == 10
    assert all(row["same"] for row in audits), audits
    assert f"10 of {len(found.words)} were assembled and read again whole; all the same." in lines
    assert f"10 of {len(found.words)} were assembled and read again whole; all the same." in page


def test_the_same_opening_and_reason_within_ninety_days_are_found_in_the_next_run(shop: Shop) -> None:
    with shop.opened(**ROWS) as space:
        first = told(space)
        assert not {"same-opening-again", "same-reason-again"} & {r for rules in first.warned.values() for r in rules}
        sent(space, first.run)
        again = told(space, "2011-12-10")
    told_twice = set(first.leaving) & set(again.words)
    assert told_twice
    for name in told_twice:
        assert "same-opening-again" in again.warned[name], name
    reasons = {name for name, rules in again.warned.items() if "same-reason-again" in rules}
    assert reasons == {name for name in told_twice if "You ordered from" in again.whole(name)}
    assert reasons
