"""Any content is opened as any customer by the renderer of the run, with every branch that can be reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tactful.compose import pictures
from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.showing import show
from tactful.flow.viewing import Asked, view
from tactful.flow.workspace import open_workspace
from tactful.store import lake
from tactful.words.errors import Misuse
from tactful.words.level import Level
from tactful.words.message import Part

PLAIN: dict[str, bool] = {"takes_pictures": False}


def decided(root: Path) -> list[dict[str, object]]:
    with open_workspace(root) as space:
        run = find_run(space, None)
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        rows = lake.read(sealed["decisions"]).to_pylist()
        written = set(lake.read(sealed["messages"], columns=["decision_id"])["decision_id"].to_pylist())
    return [row for row in rows if row["decision_id"] in written]


def test_what_was_chosen_is_shown_to_the_byte(waiting: Path) -> None:
    row = decided(waiting)[0]
    with open_workspace(waiting) as space:
        asked = Asked(
            content=str(row["content_id"]), customer=str(row["customer_id"]), level=Level(row["level"]), **PLAIN
        )
        viewed = view(space, asked)
        shown = show(space, str(row["customer_id"]))
    assert {part.value: words for part, words in viewed.readers[0].parts.items()} == shown.parts
    assert "to the byte" in " ".join(viewed.notes)


def test_another_content_is_shown_with_the_customers_own_facts_and_items(waiting: Path) -> None:
    row = next(row for row in decided(waiting) if row["content_id"] != "win-back/everyone")
    with open_workspace(waiting) as space:
        viewed = view(space, Asked(content="win-back/everyone", customer=str(row["customer_id"]), **PLAIN))
    assert viewed.readers[0].says == f"customer {row['customer_id']}"
    assert viewed.readers[0].parts[Part.HTML].startswith("<!")
    assert "chose another message" in " ".join(viewed.notes)


@pytest.mark.parametrize(
    "content", ["win-back/pairings", "again-and-new/yours", "thank-you/note", "win-back/everyone.de"]
)
def test_every_branch_that_a_reader_can_change_is_reached_before_any_run(planted: Path, content: str) -> None:
    with open_workspace(planted) as space:
        viewed = view(space, Asked(content=content, **PLAIN))
    assert viewed.branches
    assert [one.words for one in viewed.unseen if not one.is_fixed] == []
    assert "invented" in viewed.notes[0]


def test_the_page_fetches_nothing_and_shows_three_widths(planted: Path) -> None:
    with open_workspace(planted) as space:
        page = view(space, Asked(content="win-back/pairings", **PLAIN)).page.read_text("utf-8")
        only = view(space, Asked(content="win-back/pairings", width="tablet", **PLAIN)).page.read_text("utf-8")
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert page.count('<figure class="frame') == 3
    assert only.count('<figure class="frame') == 1
    assert 'width="768"' in only
    assert "Pairings, simply shown" in page


def test_what_is_not_there_is_said(waiting: Path) -> None:
    with open_workspace(waiting) as space:
        with pytest.raises(Misuse, match=r"no content 'win-back/pairing'. Did you mean 'win-back/pairings'"):
            view(space, Asked(content="win-back/pairing"))
        with pytest.raises(Misuse, match="no customer 'nobody'"):
            view(space, Asked(content="win-back/pairings", customer="nobody"))
        with pytest.raises(Misuse, match="used at few"):
            view(space, Asked(content="win-back/pairings", level=Level.ONE))


def test_a_fragment_for_the_web_is_shown_too(planted: Path) -> None:
    with open_workspace(planted) as space:
        viewed = view(space, Asked(content="content/win-back/range.web.liquid", **PLAIN))
    assert Part.PAYLOAD in viewed.readers[0].parts


@pytest.mark.skipif(bool(pictures.why_none()), reason="not yet: Playwright and a Chromium are an extra")
def test_pictures_are_taken_where_a_browser_is_found(planted: Path) -> None:
    with open_workspace(planted) as space:
        viewed = view(space, Asked(content="thank-you/everyone"))
    assert len(viewed.pictures) == 3 * len([reader for reader in viewed.readers if reader.parts])
    assert all(path.read_bytes()[:2] == b"\xff\xd8" for path in viewed.pictures)


def test_where_no_browser_is_found_frames_stand_in(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with open_workspace(planted) as space:
        viewed = view(space, Asked(content="thank-you/everyone"))
    assert viewed.pictures == ()
    assert any("No pictures were taken" in note for note in viewed.notes)


def test_the_command_answers_programs(planted: Path) -> None:
    from click.testing import CliRunner

    from tactful.cli import main

    done = CliRunner().invoke(main, ["preview", "win-back/range", "--project", str(planted), "--no-pictures", "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert Path(told["page"]).is_file()
    assert told["readers"][0]["says"] == "a usual reader"


def test_a_letter_that_can_become_too_large_is_named_before_anyone_is_chosen(planted: Path) -> None:
    from dataclasses import replace

    from tactful.flow.sizing import too_large
    from tactful.project.reading import read_project

    project = read_project(planted)
    assert list(too_large(project)) == []
    key = ("win-back/pairings", "email", "en")
    file = project.contents[key]
    found = {}
    for kilobytes in (80, 95):
        body = file.body.replace(
            "{% endfor %}", "<mj-text>" + "word " * (kilobytes * 1024 // 5) + "</mj-text>{% endfor %}", 1
        )
        body = body.replace("{% for item in items %}", "{% for item in items limit: 1 %}", 1)
        larger = replace(file, body=body, content_hash=bytes([kilobytes]) * 16)
        findings = too_large(replace(project, contents={key: larger}))
        found[kilobytes] = [finding.rule for finding in findings]
    assert found == {80: ["html-nearly-too-large"], 95: ["html-too-large"]}
