"""Builds the wheel, and proves that it holds every file of the package and can start a project by itself.

python -m tools.wheel FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools.houseplan import ROOT


def build(folder: Path) -> Path:
    """Build the wheel with the back end of pyproject.toml, which set-up installed; nothing is fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    code = f"import uv_build; print(uv_build.build_wheel({str(folder)!r}))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PATH": beside},
        check=True,
        capture_output=True,
        text=True,
    )
    return folder / said.stdout.splitlines()[-1]


def missing(wheel: Path) -> Iterator[str]:
    """The package's files that git knows and the wheel does not hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src/tactful"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    for name in filter(None, listed.split("\0")):
        if name.removeprefix("src/") not in held and (ROOT / name).exists():
            yield name


def start(wheel: Path, folder: Path) -> int:
    """Start a project from the wheel's files alone; the exit code of `tactful init`."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    command = [sys.executable, "-m", "tactful", "init", str(folder / "shop"), "--starter", "retail"]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder / "unpacked")}, check=False
    ).returncode


def main(arguments: list[str]) -> int:
    """Build, look inside, start; 1 if anything is missing."""
    folder = Path(arguments[0]).resolve()
    wheel = build(folder)
    absent = list(missing(wheel))
    print("\n".join(f"{name} is not in {wheel.name}" for name in absent) or f"{wheel.name} holds every file")
    if absent:
        return 1
    if code := start(wheel, folder):
        print(f"`tactful init` from the wheel alone ended with {code}")
    return int(bool(code))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
