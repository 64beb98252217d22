"""Runs a command and measures it as a whole process: time, processor time, peak memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STARTER = Path(__file__).with_name("starter.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A command that has ended.

    Attributes:
        code: its exit code; negative where a signal ended it.
        seconds: wall time.
        cpu_seconds: user and system time, its own children included.
        peak_bytes: most memory resident at once in the largest single process of it.
        stdout: what it printed.
        stderr: what it said beside that.
    """

    code: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    stdout: str
    stderr: str


def measured(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_seconds: float = 600,
) -> Measured:
    """Run a command to its end, and measure it. Linux only: memory is counted in kibibytes there.

    Args:
        command: program and arguments.
        cwd: where it runs; here, if not given.
        env: set on top of the present environment.
        timeout_seconds: after which it is killed, and its code is -9.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        result = Path(folder) / "used.json"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(STARTER), str(result), *command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        stopped = {"code": -signal.SIGKILL, "seconds": timeout_seconds, "cpu_seconds": 0.0, "peak_bytes": 0}
        used = json.loads(result.read_text("utf-8")) if result.exists() else stopped
        out.seek(0)
        err.seek(0)
        stdout, stderr = (stream.read().decode("utf-8", "replace") for stream in (out, err))
    return Measured(**used, stdout=stdout, stderr=stderr)
