"""Reading a whole project: the retail starter, its programs, segments and contents multiplied to two thousand files."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import measured
from benchmarks.report import Goal, Report
from tactful.project.reading import read_project
from tactful.project.starters import plant

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 2.0
REPEATS = 5
ENDINGS = (".yaml", ".sql", ".mjml", ".liquid")
IN_A_PROCESS = (
    "import sys; from pathlib import Path; from tactful.project.reading import read_project; "
    "read_project(Path(sys.argv[1]))"
)


def files_of(root: Path) -> int:
    """How many files of a project the loader reads."""
    return sum(1 for path in root.rglob("*") if path.suffix in ENDINGS and path.is_file())


def multiply(root: Path, *, files: int) -> int:
    """Copies programs, segments and contents under new names until there are so many files; returns how many."""
    programs = sorted((root / "programs").glob("*.yaml"))
    segments = sorted((root / "segments").glob("*.yaml"))
    there, copy = files_of(root), 0
    while there < files:
        copy += 1
        before = there
        for path in segments:
            text = path.read_text("utf-8").replace(f"segment: {path.stem}", f"segment: {path.stem}-{copy}")
            path.with_stem(f"{path.stem}-{copy}").write_text(text, "utf-8")
            there += 1
        for path in programs:
            there += copied(root, path, copy=copy)
        assert there > before, "a starter without programs cannot be multiplied"
    return there


def copied(root: Path, path: Path, *, copy: int) -> int:
    """One more program with contents of its own; returns the number of files written."""
    name = path.stem
    text = path.read_text("utf-8").replace(f"program: {name}", f"program: {name}-{copy}")
    path.with_stem(f"{name}-{copy}").write_text(text.replace(f"content: {name}/", f"content: {name}-{copy}/"), "utf-8")
    folder = root / "content" / f"{name}-{copy}"
    folder.mkdir()
    contents = [one for one in sorted((root / "content" / name).iterdir()) if one.is_file()]
    for one in contents:
        (folder / one.name).write_bytes(one.read_bytes())
    return 1 + len(contents)


def best(root: Path) -> float:
    """The shortest of several readings, in seconds."""
    taken = float("inf")
    for _ in range(REPEATS):
        begun = time.perf_counter()
        read_project(root)
        taken = min(taken, time.perf_counter() - begun)
    return taken


def run(*, quick: bool) -> Report:
    """Two thousand files (500 if quick) read and validated, and once more in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        plant("retail", small)
        plant("retail", large)
        few, many = files_of(small), multiply(large, files=500 if quick else 2_000)
        few_seconds, many_seconds = best(small), best(large)
        fresh = measured([sys.executable, "-c", IN_A_PROCESS, str(large)], cwd=ROOT)
    if fresh.code:
        raise RuntimeError(f"reading ended with {fresh.code}: {fresh.stderr[-2000:]}")
    return Report(
        figures={
            "files": many,
            "read_seconds": round(many_seconds, 3),
            "files_per_second": int(many / many_seconds),
            "starter_files": few,
            "starter_seconds": round(few_seconds, 3),
            "fresh_process_seconds": round(fresh.seconds, 3),
            "peak_bytes": fresh.peak_bytes,
        },
        ratios={"cost_per_file_large_to_starter": round((many_seconds / many) / (few_seconds / few), 2)},
        goals=(
            Goal(
                name="seconds per 2,000 files",
                value=round(many_seconds * 2_000 / many, 3),
                at_most=MOST_SECONDS,
            ),
        ),
    )
