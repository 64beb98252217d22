"""`tactful simulate`: in a made-up world without any project, in JSON, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tactful.cli import main


def test_a_world_needs_no_project_and_writes_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["simulate", "--people", "50", "--days", "20", "--cap", "2", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert [one["policy"] for one in said["policies"]] == ["engine", "at most 2 a week", "one for all", "nothing"]
    assert len(said["policies"][0]["by_day"]["value"]) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["simulation.html"]
    again = CliRunner().invoke(main, ["simulate", "--people", "50", "--days", "20", "--cap", "2", "--page", "b.html"])
    assert "at most 2 a week" in again.output
    assert (tmp_path / "b.html").read_text("utf-8") == (tmp_path / "simulation.html").read_text("utf-8")


def test_an_unknown_world_and_a_folder_without_a_project_are_misuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["simulate", "--world", "moon"]).exit_code == 2
    assert CliRunner().invoke(main, ["simulate", "--on", "log"]).exit_code == 2
