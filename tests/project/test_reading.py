"""A folder becomes one frozen project: everything at once, references resolved, languages chained, quickly."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tactful.project.describing import describe
from tactful.project.reading import inspect_project
from tactful.words.condition import read_condition
from tactful.words.errors import ProjectFaulty
from tactful.words.finding import Place
from tactful.words.level import Level
from tactful.words.money import Money

PROGRAM = """program: p{n}
purpose: marketing
why: one of very many programs of a large shop
outcome: net_margin_28d
audience: s{n}
touchpoints: [email]
levels:
  all: {{content: p{n}/everyone}}
expect: {{response: 1%, margin: 2 GBP}}
"""
SEGMENT = "segment: s{n}\nwhen: days_since_order > {n}\n"
CONTENT = "---\nsubject: Some news\n---\n<mjml><mj-body><mj-text>News</mj-text></mj-body></mjml>\n"


def test_a_project_holds_what_its_files_say(shop: Any) -> None:
    project = shop.project()
    program = project.programs["win-back"]
    assert project.root == shop.root.resolve()
    assert program.limits.budget == Money(amount=Decimal(5000), currency="GBP")
    assert program.holdout == Decimal("0.1")
    assert program.levels[Level.MANY].by == ("favourite_category",)
    assert program.expect.levels == {Level.MANY: Decimal("1.1"), Level.ONE: Decimal("1.3")}
    assert project.segments["lapsing"].condition == read_condition("days_since_order > 90 and stage != 'new'")
    assert project.segments["lapsing"].place == Place(file="segments/lapsing.yaml", line=3, column=7)
    assert project.segments["recent"].title == "Ordered lately"
    assert project.offers["none"].kind == "none"
    assert project.knowledge_segment == "favourite_category"
    assert project.policy.quiet_hours[0].start == "21:00"
    assert project.sources["orders"].tables["transactions"].columns["currency"].value == "GBP"
    assert set(project.partials) == {"footer", "links"}


def test_a_content_knows_its_lines_and_languages(shop: Any) -> None:
    project = shop.project()
    content = project.content("win-back/everyone")
    assert (content.subject_line, content.preheader_line, content.body_line) == (3, 4, 8)
    assert content.body.startswith("<mjml>")
    assert (content.register, content.topics, content.kind) == ("regular", ("gifts",), "mjml")
    assert project.content("win-back/everyone", language="de").subject == "Einige schöne Dinge"
    assert project.content("win-back/by-category", language="de").language == "en"
    assert project.content("win-back/everyone", touchpoint="web.home_hero").kind == "liquid"
    assert project.content("win-back/by-category", touchpoint="web") is None


def test_a_project_cannot_be_changed(shop: Any) -> None:
    project = shop.project()
    with pytest.raises(AttributeError):
        project.fingerprint = b""
    with pytest.raises(ValidationError):
        project.policy.k_words = 1


def test_every_fault_of_every_file_is_told_at_once(shop: Any) -> None:
    shop.change("programs/win-back.yaml", "purpose:", "pourpose:")
    shop.change("programs/win-back.yaml", "audience: lapsing", "audience: lapsign")
    shop.change("programs/receipt.yaml", "receipt/thanks", "receipt/thank")
    shop.change("facts.yaml", "365 days", "a year or so")
    shop.change("brand.yaml", "hosts:", "\thosts:")
    shop.change("offers/ten-off.yaml", "3 GBP", "3 EUR")
    shop.change("content/win-back/everyone.mjml", "'footer'", "'foter'")
    (shop.root / "metrics.yaml").unlink()
    with pytest.raises(ProjectFaulty) as raised:
        shop.project()
    told = [(str(finding.place).split(":")[0], finding.rule) for finding in raised.value.findings]
    assert told == [
        ("brand.yaml", "yaml"),
        ("content/win-back/everyone.mjml", "unknown-partial"),
        ("facts.yaml", "value"),
        ("metrics.yaml", "missing-file"),
        ("offers/ten-off.yaml", "currency"),
        ("programs/receipt.yaml", "unknown-content"),
        ("programs/win-back.yaml", "unknown-key"),
    ]
    assert "did you mean 'purpose'?" in str(raised.value)


def test_a_finding_shows_the_line_and_a_caret(shop: Any) -> None:
    shop.change("programs/win-back.yaml", "purpose:", "pourpose:")
    assert str(shop.findings()[0]) == (
        "programs/win-back.yaml:2:1: unknown key 'pourpose'; did you mean 'purpose'? (unknown-key)\n"
        "    pourpose: marketing\n"
        "    ^"
    )


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("program/x.yaml", "did you mean programs/?"),
        ("segment/x.yaml", "did you mean segments/?"),
        ("programs/x.yml", "rename it x.yaml"),
        ("programs/old/x.yaml", "folders within this folder are not read"),
        ("polices.yaml", "policy.yaml"),
        ("content/x.mjml", "content/<program>/<name>.mjml"),
        ("content/win-back/x.txt", ".mjml or .liquid"),
        ("content/win-back/Everyone!.mjml", "no name of a content"),
        ("content/win-back/everyone.en.mjml", "same content in the same language"),
        ("content/win-back/everyone.fr.mjml", "'fr' is not among"),
        ("content/_partials/links.mjml", "two partials 'links'"),
        ("segments/lapsing.sql", "two segments 'lapsing'"),
    ],
)
def test_a_file_that_would_be_overlooked_is_told(shop: Any, file: str, says: str) -> None:
    (shop.root / file).parent.mkdir(parents=True, exist_ok=True)
    (shop.root / file).write_text(CONTENT, "utf-8")
    found = shop.findings()
    assert any(says in str(finding) for finding in found), "\n".join(map(str, found))


def test_files_of_other_tools_are_left_alone(shop: Any) -> None:
    for name in (
        ".gitignore",
        ".github",
        "README.md",
        "programs/README.md",
        "programs/.x.swp",
        "compose.yaml",
        "offers/a~",
    ):
        (shop.root / name).write_text("x: [")
    for name in ("data", "lake", "keys", "out", "demo"):
        (shop.root / name).mkdir()
    assert shop.findings() == ()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: caf\xe9\n", b""])
def test_bytes_that_are_no_text_are_told(shop: Any, content: bytes) -> None:
    (shop.root / "offers/ten-off.yaml").write_bytes(content)
    (found,) = shop.findings()
    assert found.rule in {"not-utf-8", "empty"}
    assert found.place.file == "offers/ten-off.yaml"


def test_a_byte_order_mark_and_windows_newlines_are_read(shop: Any) -> None:
    path = shop.root / "offers/ten-off.yaml"
    before = shop.project().fingerprint
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert shop.project().fingerprint == before


def test_a_huge_file_is_refused(shop: Any) -> None:
    (shop.root / "offers/ten-off.yaml").write_bytes(b"#" * 3_000_000)
    assert [finding.rule for finding in shop.findings()] == ["too-large"]


def test_an_environment_overrides_where_things_are_kept(shop: Any) -> None:
    live, rehearsal = shop.project().settings, shop.project("rehearsal").settings
    assert (live.ledger, live.lake, live.mode) == ("ledger.db", "lake", "live")
    assert (rehearsal.ledger, rehearsal.lake, rehearsal.mode) == ("rehearsal.db", "rehearsal-lake", "test")


def test_norway_stays_a_country(shop: Any) -> None:
    shop.change("offers/ten-off.yaml", "valid: 2 weeks", "valid: 2 weeks\ncountries: [no, de]")
    shop.change("tactful.yaml", "languages: [en, de]", "languages: [en, de, no]")
    shop.change("tactful.yaml", "{de: [en]}", "{de: [en], no: [en]}")
    project = shop.project()
    assert project.offers["ten-off"].countries == ("no", "de")
    assert project.settings.languages[-1] == "no"


def test_a_language_without_words_and_without_a_chain_is_told_with_both_ways_out(shop: Any) -> None:
    shop.change("tactful.yaml", "languages: [en, de]", "languages: [en, de, fr]")
    with pytest.raises(ProjectFaulty) as fault:
        shop.project()
    found = [one for one in fault.value.findings if one.rule == "untranslated"]
    assert found
    assert "has no words in fr, and no chain is declared for it" in found[0].what
    assert "fallback: {fr: [en]}" in found[0].fix
    shop.change("tactful.yaml", "{de: [en]}", "{de: [en], fr: [en]}")
    assert shop.project().content("win-back/everyone", language="fr").language == "en"


def test_two_thousand_files_load(shop: Any) -> None:
    plant_many(shop.root, programs=600)
    project = shop.project()
    assert len(project.programs) == 602
    files = sum(1 for path in shop.root.rglob("*") if path.is_file())
    assert files > 1_800


def plant_many(root: Any, *, programs: int) -> None:
    """Adds programs, each with its own segment and content."""
    for n in range(programs):
        (root / f"programs/p{n}.yaml").write_text(PROGRAM.format(n=n))
        (root / f"segments/s{n}.yaml").write_text(SEGMENT.format(n=n))
        (root / f"content/p{n}").mkdir()
        (root / f"content/p{n}/everyone.mjml").write_text(CONTENT)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_a_mangled_project_is_read_or_told_and_never_raises(shop: Any, chance: random.Random) -> None:
    path = chance.choice(
        sorted(path for path in shop.root.rglob("*") if path.is_file() and path.name != "tactful.yaml")
    )
    whole = path.read_text("utf-8")
    try:
        path.write_text(mangled(whole, chance), "utf-8")
        project, findings = inspect_project(shop.root)
        assert project is not None or findings
        assert all(str(finding) for finding in findings)
    finally:
        path.write_text(whole, "utf-8")


def mangled(text: str, chance: random.Random) -> str:
    """A text with a line lost, a value replaced or letters put in or taken out."""
    odd = ["[", "}", ":", "~", "'", '"', "-1", "1e999", "*a", "&a x", "!!x", "\t", "é", "{a: {b: c}}", "[[1]]", "|"]
    lines, at = text.split("\n"), chance.randrange(len(text))
    row = chance.randrange(len(lines))
    key = lines[row].partition(":")[0]
    kinds = (
        text[:at] + chance.choice(odd) + text[at:],
        text[:at] + text[at + chance.randint(1, 12) :],
        "\n".join(lines[:row] + lines[row + 1 :]),
        "\n".join([*lines[:row], f"{key}: {chance.choice(odd)}", *lines[row + 1 :]]),
    )
    return chance.choice(kinds)


def test_the_description_counts_what_there_is(shop: Any) -> None:
    text = describe(shop.project())
    assert "win-back (marketing): for quiet for a quarter; email, web.home_hero; levels all, many, few, one" in text
    assert "3 contents in de, en, 5 files, 2 partials" in text
    assert "receipt (service): for ordered lately; email; levels all; no offers" in text
    assert "that no program" not in text
    shop.change("programs/win-back.yaml", "none, ten-off, five-pounds", "none, five-pounds")
    shop.change("programs/win-back.yaml", "  offers: {ten-off: 1.5}\n", "")
    assert "offers that no program makes: ten-off" in describe(shop.project())
