"""Messages written by several processes: the same files to the bit, also after a kill, and faults told as they are."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from compose.world import CLOCK, KEY, decision, decisions, items, mail, profiles, project, shown
from tactful.compose.faults import ContentFault
from tactful.compose.messages import Pace, write
from tactful.project.declared import Project
from tactful.store import lake
from tactful.words.sealed import Sealed

RUN = bytes(16)
ALONE, BESIDE = Pace(rows=7, processes=1), Pace(rows=7, processes=1, is_here=False)
TABLES = ("messages", "skeletons", "unwritten")
GOOD = (
    "{{ customer.salutation }}{% for i in items %}{{ i.title }} {% endfor %}{{ facts.favourite_range }}{{ links.why }}"
)
Parts = dict[tuple[str, str], Sealed]


def world(body: str = GOOD) -> tuple[dict[str, pa.Table], Project]:
    """Two contents, one of them for the web, and sixty people, one of whom is unknown."""
    chance = random.Random(11)
    rows: list[dict[str, object]] = [
        decision(
            f"c{n}",
            items=shown(*range(chance.randrange(5))),
            content_id="other" if n % 3 == 0 else "test",
            touchpoint="web.home" if n % 3 == 0 else "email",
        )
        for n in range(60)
    ]
    people: list[dict[str, object]] = [
        {"customer_id": f"c{n}", "favourite_range": chance.choice(["tea", "<i>"]), "salutation_name": f"N{n}"}
        for n in range(60)
        if n != 7
    ]
    inputs = {"decisions": decisions(rows), "profiles": profiles(people), "items": items()}
    return inputs, project({"test": mail(body), "other": "{{ facts.favourite_range }} {{ items[0].title }}"})


def sealed(root: Path, pace: Pace) -> Parts:
    """The files of a run."""
    inputs, made = world()
    rows = write(inputs, project=made, clock=CLOCK, key=KEY, pace=pace)
    return lake.seal_all(rows, tables=TABLES, root=root, run_id=RUN)


def hashes(parts: Parts) -> dict[tuple[str, str], bytes]:
    return {key: one.content_hash for key, one in parts.items()}


def die_after(root: Path, batches: int) -> None:
    """Writes in a process beside this one and seals, and dies as a power cut would when so many batches are written."""
    inputs, made = world()

    def dying() -> object:
        for number, batch in enumerate(write(inputs, project=made, clock=CLOCK, key=KEY, pace=BESIDE)):
            if number == batches:
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    lake.seal_all(dying(), tables=TABLES, root=root, run_id=RUN)  # type: ignore[arg-type]  # a generator of batches


def test_several_processes_seal_the_same_bytes_as_one(tmp_path: Path) -> None:
    one = sealed(tmp_path / "alone", ALONE)
    assert one["messages", "test.email.en"].rows > 30
    assert hashes(sealed(tmp_path / "two beside", Pace(rows=7, processes=2, is_here=False))) == hashes(one)
    assert hashes(sealed(tmp_path / "one beside", Pace(rows=7, processes=2))) == hashes(one)


def test_a_run_killed_while_processes_write_seals_the_same_when_it_is_run_again(tmp_path: Path) -> None:
    act = f"from compose.test_processes import *; die_after(Path({str(tmp_path / 'lake')!r}), 3)"
    script = f"import sys; sys.path[:] = {sys.path!r}\n{act}"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    lake.sweep(tmp_path / "lake", sealed=())
    assert not list((tmp_path / "lake").rglob("*.parquet*"))
    assert hashes(sealed(tmp_path / "lake", ALONE)) == hashes(sealed(tmp_path / "calm", ALONE))


@pytest.mark.parametrize("pace", [ALONE, BESIDE])
def test_a_content_that_cannot_be_compiled_is_told_with_its_findings(pace: Pace) -> None:
    inputs, made = world("{% if %}")
    with pytest.raises(ContentFault) as told:
        list(write(inputs, project=made, clock=CLOCK, key=KEY, pace=pace))
    assert told.value.findings
