"""A full disk: work ends with a clear error, nothing acknowledged is lost, and it goes on when there is room."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flow.shops import change_ledger, last_run, mails, opened, rows_of, run_once, tactful
from tactful.flow.approving import approve
from tactful.flow.manifest import find_run


class Disk:
    """A disk in memory whose size can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def leave(self, megabytes: float) -> None:
        """Room for so much more and nothing else."""
        self.size(shutil.disk_usage(self.folder).used / 2**20 + megabytes)

    def size(self, megabytes: float, *, again: bool = True) -> None:
        size = f"size={int(megabytes * 2**20)}"
        option = f"remount,{size}" if again else size
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", option, "tmpfs", self.folder], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip(f"a small disk cannot be made here: {done.stderr.decode().strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    made.size(64, again=False)
    yield made
    subprocess.run(["umount", "-l", made.folder], check=True)


@pytest.mark.parametrize("room", [0.1, 0.9])
def test_A14_a_run_on_a_full_disk_ends_clearly_and_goes_on_when_there_is_room(
    disk: Disk, planted_shop: Path, waiting_shop: Path, room: float
) -> None:
    root = disk.folder / "shop"
    shutil.copytree(planted_shop, root)
    disk.leave(room)
    done = tactful("run", "--project", root, "--occasion", "2011-12-09")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    disk.size(64)
    stages = rows_of(root, "stage")
    run_once(root)
    assert last_run(root).summary == last_run(waiting_shop).summary
    known = {(row["run_id"], row["stage"]): row["done_at"] for row in rows_of(root, "stage")}
    assert {(row["run_id"], row["stage"]): row["done_at"] for row in stages}.items() <= known.items()


def test_A14_health_is_red_at_once_while_the_disk_is_full_and_green_again_when_there_is_room(
    disk: Disk, waiting_shop: Path
) -> None:
    root = disk.folder / "shop"
    disk.size(256)
    shutil.copytree(waiting_shop, root)
    well = tactful("health", "--project", root)
    assert (well.returncode, well.stdout.count("well")) == (0, 4), well.stdout + well.stderr
    disk.leave(1)
    began = time.monotonic()
    red = tactful("health", "--json", "--project", root)
    assert time.monotonic() - began < 5
    assert red.returncode == 1
    (room,) = [sign for sign in json.loads(red.stdout) if not sign["well"]]
    assert room["name"] == "room"
    assert "make room" in room["says"]
    disk.size(256)
    assert tactful("health", "--project", root).returncode == 0


def test_health_names_who_pressed_stop_and_what_wants_a_look(waiting: Path) -> None:
    with opened(waiting) as space:
        approve(space, find_run(space, None), by="Ada")
    assert tactful("send", "--project", waiting).returncode == 0
    assert tactful("stop", "--by", "Ada", "--project", waiting).returncode == 0
    change_ledger(
        waiting, "UPDATE outbox SET state = 'poison' WHERE decision_id = (SELECT min(decision_id) FROM outbox)"
    )
    told = tactful("health", "--project", waiting)
    assert told.returncode == 1
    assert "LOOK  stop    Ada pressed stop for everything" in told.stdout
    assert "LOOK  outbox  1 messages killed their sender" in told.stdout


def test_D1_health_names_a_consent_that_was_changed_past_us(waiting: Path) -> None:
    well = tactful("health", "--project", waiting)
    assert "well  said    what customers said is as it was recorded: " in well.stdout
    change_ledger(
        waiting,
        "UPDATE consent SET state = 'granted' WHERE link = (SELECT min(link) FROM consent WHERE state <> 'granted')",
    )
    told = tactful("health", "--project", waiting)
    assert told.returncode == 1
    assert "LOOK  said    what customers said was changed: row " in told.stdout
    assert "is not what was recorded; restore the ledger from a backup" in told.stdout


def test_F51_a_send_on_a_full_disk_waits_and_sends_each_message_once(
    disk: Disk, waiting_shop: Path, sent_shop: Path
) -> None:
    root = disk.folder / "shop"
    shutil.copytree(waiting_shop, root)
    with opened(root) as space:
        approve(space, find_run(space, None), by="Ada")
    disk.leave(0.6)
    done = tactful("send", "--project", root)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    accepted = {row["message_id"].hex() for row in rows_of(root, "outbox", "state = 'accepted'")}
    assert accepted <= {path.stem for path in mails(root)}
    disk.size(64)
    assert tactful("send", "--project", root).returncode == 0
    assert {p.name: p.read_bytes() for p in mails(root)} == {p.name: p.read_bytes() for p in mails(sent_shop)}
    assert not list((root / "out" / "mail" / "tmp").iterdir())
