"""Asks other tools the same question, in `.venv-bench`, so that nothing of theirs is installed beside Tactful.

A peer is a script in `benchmarks/peers/` that prints one JSON object as its last line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import measured

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "benchmarks" / "peers"
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
ABSENT = re.compile(r"^(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A peer that could not be asked, and why: its name belongs in `Report.missing`."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} ({self.why})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a peer printed, and what it took as a whole process, start included."""

    printed: dict[str, Any]  # whatever that peer's script chose to say, as JSON
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def run_peer(
    script: str,
    args: Sequence[str] = (),
    *,
    timeout_seconds: float = 600,
    peers: Path = PEERS,
    python: Path = PYTHON,
) -> Answer | Missing:
    """Run `benchmarks/peers/<script>.py` in `.venv-bench`.

    Args:
        script: name of the script without its ending.
        args: given to the script as they are.
        timeout_seconds: after which it is stopped.
        peers: where the scripts are.
        python: the interpreter of the environment that they run in.

    Returns:
        Its answer; or what is missing: the environment, or a package in it.

    Raises:
        RuntimeError: the peer is there and failed; the message ends with what it said.
        FileNotFoundError: there is no such script.
    """
    path = peers / f"{script}.py"
    if not path.is_file():
        raise FileNotFoundError(f"there is no peer {path}")
    if not python.exists():
        return Missing(name=script, why="no .venv-bench: make bench-setup")
    done = measured([str(python), str(path), *args], cwd=ROOT, timeout_seconds=timeout_seconds)
    if done.code:
        if absent := ABSENT.search(done.stderr):
            return Missing(name=script, why=f"{absent.group(1)} is not in .venv-bench: make bench-setup")
        raise RuntimeError(f"peer {script} ended with {done.code}: {done.stderr[-2000:]}")
    printed = json.loads(done.stdout.strip().splitlines()[-1])
    return Answer(printed=printed, seconds=done.seconds, cpu_seconds=done.cpu_seconds, peak_bytes=done.peak_bytes)
