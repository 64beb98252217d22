"""While files are in the middle of a change nothing is decided, and what was done can still be shown and stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tactful.flow.letters import Letters
from tactful.flow.manifest import find_run
from tactful.flow.showing import show
from tactful.flow.stopping import press_stop, release_stop
from tactful.flow.workspace import open_standing, open_workspace
from tactful.words.errors import Misuse, ProjectFaulty

CHANGES = {
    "a partial is gone": ("content/_partials/footer.mjml", ""),
    "a content is gone": ("content/win-back/pairings.mjml", ""),
    "a content is half written": ("content/thank-you/range.mjml", "<mjml>{% if"),
    "a program cannot be read": ("programs/win-back.yaml", "program: [win"),
    "an offer cannot be read": ("offers/ten-off.yaml", "offer: {"),
}


def test_what_was_made_is_shown_to_the_byte_and_stopped_whatever_is_being_changed(waiting: Path) -> None:
    with open_workspace(waiting) as space:
        table = Letters.of(space, find_run(space, None)).messages
        ids = [one.hex() for one in table["message_id"].to_pylist()[::15]]
        before = {one: show(space, one).parts for one in ids}
    assert len(before) > 2
    for why, (name, words) in CHANGES.items():
        path = waiting / name
        path.write_text(words, "utf-8") if words else path.unlink()
        with pytest.raises(ProjectFaulty), open_workspace(waiting):
            pass
        with open_standing(waiting) as space:
            assert {one: show(space, one).parts for one in ids} == before, why
            press_stop(space, by="anna", scope="everything")
            release_stop(space, by="anna", scope="everything")


def test_without_settings_nothing_is_known(waiting: Path, tmp_path: Path) -> None:
    (waiting / "brand.yaml").write_text("brand: [", "utf-8")
    with pytest.raises(ProjectFaulty, match=r"brand\.yaml"), open_standing(waiting):
        pass
    with pytest.raises(Misuse, match="no project"), open_standing(tmp_path / "nowhere"):
        pass
