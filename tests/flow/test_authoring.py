"""Every skeleton is written once more: what comes out the same is its author's; a run's mutation report, end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flow.shops import OCCASION
from tactful.flow.authoring import authored
from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.workspace import open_workspace
from tactful.store import lake
from tactful.testing import mutate


def test_every_skeleton_of_a_run_comes_out_again_and_a_changed_word_does_not(waiting: Path) -> None:
    with open_workspace(waiting) as space:
        run = find_run(space, OCCASION)
        with space.ledger.reading() as tx:
            given = dict(sealed_in(tx, run.run_id, root=space.lake))
        stage = next(one for one in mutate.STAGES if one.name == "check")
        given["items"] = mutate.inputs_of(space, stage, run=run)["items"]
        known = set(lake.read(given["messages"])["skeleton_id"].to_pylist())
        assert set(authored(given, space)["skeleton_id"].to_pylist()) == known
        messages = lake.read(given["messages"])
        first = messages["skeleton_id"][0].as_py()
        other = pc.if_else(
            pc.equal(messages["skeleton_id"], pa.scalar(first, pa.binary(16))),
            pa.scalar(b"o" * 16, pa.binary(16)),
            messages["skeleton_id"],
        )
        place = messages.column_names.index("skeleton_id")
        spoilt = {**given, "messages": messages.set_column(place, "skeleton_id", other)}
        assert set(authored(spoilt, space)["skeleton_id"].to_pylist()) == known - {first}
        nobody = {**given, "messages": messages.slice(0, 0)}
        assert authored(nobody, space).num_rows == 0


def test_a_mutation_report_of_a_run_from_the_command_line(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--project", str(waiting), "--faults", "30", "--json"]
    assert mutate.main(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["caught"] == said["faults"] == 30
    assert said["false_alarms"] == 0
    assert mutate.main([*asked, "--run", "2001-01-01"]) == 2
    assert "there is no run" in capsys.readouterr().err
