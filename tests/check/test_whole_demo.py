"""Every message of the demo, joined and read again whole: the verdict is the gate's; a fifth by the long way too."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tactful.check import gate
from tactful.check.audit import Audit
from tactful.flow import gating
from tactful.flow.loading import load
from tactful.flow.manifest import begin_run, sealed_in
from tactful.flow.progress import Silent
from tactful.flow.running import execute, inputs_of
from tactful.flow.stage import Work
from tactful.flow.stages import STAGES
from tactful.flow.workspace import alone, open_workspace
from tactful.project.starters import plant
from tactful.store import lake


def test_on_every_message_of_the_demo_the_whole_reading_says_what_the_gate_says(tmp_path: Path) -> None:
    plant("retail", tmp_path / "demo")
    policy = tmp_path / "demo" / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("  growth: 2\n", "  growth: 2\n  audited: 100%\n"), "utf-8")
    with open_workspace(tmp_path / "demo") as space, alone(space):
        load(space, progress=Silent())
        run = begin_run(space, kind="run", occasion="2011-12-09")
        execute(space, STAGES, run=run, progress=Silent())
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        quick = lake.read(sealed["audits"]).to_pylist()
        messages = lake.read(sealed["messages"], columns=["message_id"]).num_rows
        assert messages == 1_852
        assert len(quick) == messages
        assert [row for row in quick if not row["same"]] == []
        inputs = inputs_of(space, STAGES[-1], run=run)
        work = Work(space=space, run_id=run.run_id, occasion=run.occasion, report=lambda _: None)
        usual = gating.audit_of(inputs, work)
        walked = Audit(join=usual.join, share=Decimal("0.2"), point=usual.point, salt=usual.salt, is_walked=True)
        given = gating.given(inputs, work)
        batches = gate.inspect(given, project=space.project, clock=space.clock, audit=walked)
        again = [row for batch in batches if "same" in batch.schema.names for row in batch.to_pylist()]
        assert 300 < len(again) < 450
        assert [row for row in again if row not in quick] == []
