"""What no rule of the gate looks at, the last scan of all bytes finds: those letters stay, the others leave."""

from __future__ import annotations

from pathlib import Path
from signal import SIGKILL

import pytest

from flow.doomed import ended, send_dying_in_scan
from flow.shops import approve_and_send, edit, mails, opened, rows_of, run_once
from tactful.cli.tables import show_sent
from tactful.flow.approving import approve
from tactful.flow.manifest import find_run, sealed_in
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.store import lake

PLANTED = '<h1 title="{% raw %}{{ name }}{% endraw %}" style='
HELD = "quarantined:placeholder-residue"


def held_decisions(root: Path) -> set[bytes]:
    """Decisions whose letters were written from the content with the fault."""
    with opened(root) as space:
        run = find_run(space, None)
        with space.ledger.reading() as tx:
            sealed = sealed_in(tx, run.run_id, root=space.lake)
        rows = lake.read(sealed["decisions"], columns=["decision_id", "content_id"]).to_pylist()
    return {row["decision_id"] for row in rows if row["content_id"] == "win-back/range"}


def test_letters_whose_bytes_hold_a_template_mark_stay_and_the_others_leave(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(planted / "content/win-back/range.mjml", {"<h1 style=": PLANTED})
    assert run_once(planted).state == "waiting"  # the gate sees words and addresses, and this is neither
    sent = approve_and_send(planted)
    outbox = rows_of(planted, "outbox")
    held = [row for row in outbox if row["why"] == HELD]
    assert {row["state"] for row in held} == {"cancelled"}
    assert {row["decision_id"] for row in held} == held_decisions(planted) & {row["decision_id"] for row in outbox}
    assert held
    assert sent.scanned == len(outbox)
    assert sent.states[f"cancelled ({HELD})"] == len(held)
    assert sent.accepted == len(outbox) - len(held) == len(mails(planted)) > 0
    contacts = {row["decision_id"] for row in rows_of(planted, "contact")}
    assert contacts.isdisjoint(row["decision_id"] for row in held)
    show_sent(sent)
    assert f"{len(held)} of the run are held back" in capsys.readouterr().out
    with opened(planted) as space:
        again = send(space, find_run(space, None), progress=Silent())
    assert (again.scanned, again.accepted) == (0, sent.accepted)
    assert len(mails(planted)) == sent.accepted


def test_killed_during_the_last_scan_its_letters_wait_under_their_lease_and_are_scanned_again(planted: Path) -> None:
    """Nothing of a batch leaves before all of it is searched; what was sent stays sent, what is held stays held."""
    edit(planted / "content/win-back/range.mjml", {"<h1 style=": PLANTED})
    run_once(planted)
    with opened(planted) as space:
        approve(space, find_run(space, None), by="Ada")
    answered = 0
    for number in (1, 7, 12):
        assert ended(send_dying_in_scan, planted, number) == -SIGKILL
        outbox = rows_of(planted, "outbox")
        waiting = [row for row in outbox if row["state"] == "attempting"]
        assert waiting
        assert all(row["lease_token"] and row["lease_until"] for row in waiting)
        on_disk = {path.stem for path in mails(planted)}
        assert on_disk == {row["message_id"].hex() for row in outbox if row["state"] == "accepted"}
        assert answered <= (answered := sum(row["state"] in {"accepted", "cancelled"} for row in outbox))
    outbox = rows_of(planted, "outbox")
    left = {row["decision_id"] for row in outbox if row["state"] in {"attempting", "queued"}}
    before = {path.stem: path.stat().st_mtime_ns for path in mails(planted)}
    with opened(planted) as space:
        sent = send(space, find_run(space, None), progress=Silent())
    assert sent.scanned == len(left) > 0
    outbox = rows_of(planted, "outbox")
    held = {row["decision_id"] for row in outbox if row["why"] == HELD}
    assert held == held_decisions(planted) & {row["decision_id"] for row in outbox}
    assert held & left
    assert {row["state"] for row in outbox} == {"accepted", "cancelled"}
    assert sent.accepted == len(mails(planted)) == len(outbox) - len(held)
    assert before.items() <= {path.stem: path.stat().st_mtime_ns for path in mails(planted)}.items()
