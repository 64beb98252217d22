"""Kill -9 at any point: no stage repeated, none lost, no message twice, and the same bytes in the end."""

import random
from collections import Counter
from pathlib import Path

import pytest

from flow.doomed import (
    ended,
    run_dying_at,
    run_dying_at_rename,
    send_dying_at_rename,
    send_dying_at_write,
    send_in,
    started,
)
from flow.shops import last_run, mails, opened, rows_of, run_once
from tactful.flow.approving import approve
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.stages import STAGES
from tactful.flow.workspace import open_workspace

KILLED = -9


def stages_done(root: Path) -> dict[tuple[object, object], object]:
    """Every finished stage with the moment it was finished."""
    if not (root / "ledger.db").exists():
        return {}
    return {(row["run_id"], row["stage"]): row["done_at"] for row in rows_of(root, "stage")}


def sealed(root: Path) -> dict[tuple[object, object], object]:
    """Content hashes of everything a run sealed."""
    run_id = last_run(root).run_id
    return {(r["table_name"], r["path"]): r["content_hash"] for r in rows_of(root, "part") if r["run_id"] == run_id}


def unnamed(root: Path) -> list[Path]:
    """Files of the lake that no manifest row names."""
    named = {root / "lake" / str(row["path"]) for row in rows_of(root, "part")}
    return [path for path in (root / "lake").rglob("*.parquet*") if path not in named]


def finishes_as_if_never_killed(root: Path, *, as_in: Path) -> None:
    done = run_once(root)
    assert done.state == "waiting"
    runs = rows_of(root, "run", "kind = 'run'")
    assert len(runs) == 1
    assert sealed(root) == sealed(as_in)
    assert not unnamed(root)
    assert last_run(root).summary == last_run(as_in).summary


POINTS = ("begin", "rows", "end")


def test_killed_in_every_stage_it_goes_on_where_it_was(planted: Path, waiting_shop: Path) -> None:
    """At each stage in turn; between two kills exactly the stages in between are done, and none a second time."""
    run_dying = [(stage.name, POINTS[number % 3]) for number, stage in enumerate(STAGES)]
    for number, (name, point) in enumerate(run_dying):
        before = stages_done(planted)
        assert ended(run_dying_at, planted, name, point) == KILLED
        after = stages_done(planted)
        assert before.items() <= after.items(), f"{name} at {point}: a stage was repeated"
        names = [stage for _, stage in after if stage != "load"]
        done = number + 1 if point == "end" else number
        assert sorted(names) == sorted(s.name for s in STAGES[:done])
    finishes_as_if_never_killed(planted, as_in=waiting_shop)


def test_killed_while_files_are_loaded_nothing_is_loaded_twice(planted: Path, waiting_shop: Path) -> None:
    with open_workspace(planted) as space:
        sources = list(space.project.sources)
    for number, source in list(enumerate(sources))[1::2]:
        point = POINTS[number // 2 % 3]
        assert ended(run_dying_at, planted, source, point) == KILLED
        loaded = [str(row["source"]) for row in rows_of(planted, "loaded_file")]
        assert sorted(loaded) == sorted(sources[:number]), "the end of a file is before its seal"
    finishes_as_if_never_killed(planted, as_in=waiting_shop)
    for table in ("consent", "preference", "suppression", "contact"):
        assert len(rows_of(planted, table)) == len(rows_of(waiting_shop, table))


@pytest.mark.parametrize("after", [False, True], ids=["in mid-file", "between rename and seal"])
def test_killed_around_a_rename_leaves_nothing_that_counts(planted: Path, waiting_shop: Path, after: bool) -> None:
    """Each attempt reaches a file further on than the last; what it left behind is swept away."""
    kills, left = 0, 0
    for number in (2, 6, 9):
        before = stages_done(planted)
        code = ended(run_dying_at_rename, planted, number, after)
        assert before.items() <= stages_done(planted).items()
        kills += code == KILLED
        left += bool(unnamed(planted))
    assert kills == 3
    assert left == kills
    finishes_as_if_never_killed(planted, as_in=waiting_shop)


def test_killed_at_random_points_it_goes_on(planted: Path, waiting_shop: Path) -> None:
    chance = random.Random(20111209)
    for _ in range(4):
        before = stages_done(planted)
        process = started(run_once, planted)
        process.join(chance.uniform(0.3, 2.0))
        process.kill()
        process.join()
        assert before.items() <= stages_done(planted).items()
    finishes_as_if_never_killed(planted, as_in=waiting_shop)


@pytest.fixture
def approved(waiting: Path) -> Path:
    with opened(waiting) as space:
        approve(space, find_run(space, None), by="Ada")
    return waiting


def sums_hold(root: Path) -> Counter[object]:
    """Every message of the run is in exactly one state, and what is accepted is on disk."""
    rows = rows_of(root, "outbox")
    states = Counter(row["state"] for row in rows)
    on_disk = {path.stem for path in mails(root)}
    assert {row["message_id"].hex() for row in rows if row["state"] == "accepted"} <= on_disk
    assert on_disk <= {row["message_id"].hex() for row in rows}
    assert len(rows) in (0, last_run(root).summary["ready"])
    return states


def as_if_never_killed(root: Path, sent_shop: Path) -> None:
    with opened(root) as space:
        send(space, find_run(space, None), progress=Silent())
    assert sums_hold(root) == Counter(row["state"] for row in rows_of(sent_shop, "outbox"))
    assert [p.name for p in mails(root)] == [p.name for p in mails(sent_shop)]
    assert [p.read_bytes() for p in mails(root)] == [p.read_bytes() for p in mails(sent_shop)]
    assert not list((root / "out" / "mail" / "tmp").iterdir())
    assert len(rows_of(root, "contact")) == len(rows_of(sent_shop, "contact"))


def test_a_sender_killed_at_any_mail_sends_each_exactly_once(approved: Path, sent_shop: Path) -> None:
    accepted = 0
    for number in (1, 26, 40, 3):
        assert ended(send_dying_at_rename, approved, number) == KILLED
        states = sums_hold(approved)
        assert states["accepted"] >= accepted
        accepted = states["accepted"]
    assert accepted > 0
    as_if_never_killed(approved, sent_shop)


def test_a_sender_killed_while_it_writes_a_batch_sends_each_exactly_once(approved: Path, sent_shop: Path) -> None:
    """Nothing of a batch counts before all of it is durable, and what was written of it is swept away."""
    accepted = 0
    for number in (2, 25, 30, 9):
        assert ended(send_dying_at_write, approved, number) == KILLED
        assert list((approved / "out" / "mail" / "tmp").iterdir())
        states = sums_hold(approved)
        assert len(mails(approved)) == states["accepted"] >= accepted
        accepted = states["accepted"]
    assert accepted > 0
    as_if_never_killed(approved, sent_shop)


def test_a_sender_killed_at_random_points_sends_each_exactly_once(approved: Path, sent_shop: Path) -> None:
    chance, accepted = random.Random(7), 0
    for _ in range(5):
        process = started(send_in, approved, 8)
        process.join(chance.uniform(0.1, 0.6))
        process.kill()
        process.join()
        states = sums_hold(approved)
        assert states["accepted"] >= accepted
        accepted = states["accepted"]
    as_if_never_killed(approved, sent_shop)


def test_F50_a_message_is_not_set_aside_because_others_were_in_hand_when_the_sender_died(
    approved: Path, sent_shop: Path
) -> None:
    """A sender killed again and again in the same batch: nothing of it is taken for poison."""
    for _ in range(4):
        assert ended(send_dying_at_rename, approved, 1) == KILLED
    assert sums_hold(approved)["poison"] == 0
    as_if_never_killed(approved, sent_shop)
