"""What every command shares: where the project is, how errors end, and JSON for programs."""

from __future__ import annotations

import errno
import functools
import json
import os
import pwd
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tactful.words.errors import ProjectFaulty, StoreFaulty, TactfulError

_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_PATHS = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO)
INTERRUPTED = "\nInterrupted. What was done is kept: the same command goes on where it was."
FAILURE = 3
"""Exit code of what should not have happened."""


def command(name: str) -> Callable[[Callable[..., Any]], click.Command]:  # Any: the command's own options
    """Makes a click command that opens no door by itself: `--project` and `--json`, errors as one line and a code.

    The function gets `root`, the project's folder, and `as_json`; what it returns is printed as JSON where that was
    asked for; an `int` it returns is the exit code.
    """

    def make(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def guarded(*, project: Path, as_json: bool, **options: Any) -> None:
            try:
                answer = function(root=project.resolve(), as_json=as_json, **options)
                code, value = answer if isinstance(answer, tuple) else (0, answer)
                if as_json:
                    click.echo(json.dumps(value, ensure_ascii=False, default=_plain, indent=2))
                sys.stdout.flush()
            except BrokenPipeError:
                _stop_talking()
                sys.exit(128 + signal.SIGPIPE)
            except TactfulError as error:
                _complain(error, as_json=as_json)
                sys.exit(error.exit_code)
            except KeyboardInterrupt:
                click.echo(INTERRUPTED, err=True)
                sys.exit(128 + signal.SIGINT)
            except Exception as error:
                if (outside := _outside(error, project=project)) is not None:
                    _complain(outside, as_json=as_json)
                    sys.exit(FAILURE)
                traceback.print_exc()
                click.echo("This is our fault: please report what stands above, and how you came there.", err=True)
                sys.exit(FAILURE)
            sys.exit(code)

        wrapped = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")(guarded)
        wrapped = click.option(
            "--project",
            type=click.Path(file_okay=False, path_type=Path),
            default=Path(),
            show_default="this folder",
            help="The project's folder.",
        )(wrapped)
        return click.command(name)(wrapped)

    return make


def _stop_talking() -> None:
    """Nobody reads what is printed any more, as after `| head -1`: what is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def disk_is_full(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that there is no room on the disk; drivers say it in words only.

    >>> disk_is_full(OSError(28, "No space left on device")), disk_is_full(ValueError("no"))
    (True, False)
    """
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    cause = error.__cause__ or error.__context__
    return full or "No space left on device" in str(error) or (cause is not None and disk_is_full(cause))


def _outside(error: BaseException, *, project: Path) -> TactfulError | None:
    """What the machine refuses and a person can mend; None where it is our own fault."""
    if disk_is_full(error):
        return _full_disk(project)
    if isinstance(error, OSError) and error.errno in _REFUSED:
        where, what = str(error.filename or project), f"the machine refuses it ({(error.strerror or '').lower()})"
        do = "give this account the right to read and write the project's folder, or use a copy that it may write to"
        return StoreFaulty.say(where=where, what=what, do=do)
    if isinstance(error, OSError) and error.errno in _PATHS and error.filename:
        where, what = str(error.filename), f"this path cannot be used ({(error.strerror or '').lower()})"
        return StoreFaulty.say(where=where, what=what, do="name another one, or put right what stands there")
    return None


def _full_disk(project: Path) -> TactfulError:
    do = "make room and give the same command again; nothing that was done is lost"
    return StoreFaulty.say(where=str(project), what="the disk is full", do=do)


def login() -> str:
    """The name of the account that runs the command: who says yes where nobody else is named."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def _complain(error: TactfulError, *, as_json: bool) -> None:
    if as_json:
        findings = [str(f) for f in error.findings] if isinstance(error, ProjectFaulty) else []
        click.echo(
            json.dumps({"error": type(error).__name__, "message": str(error), "findings": findings}, ensure_ascii=False)
        )
    else:
        click.secho(str(error), err=True, fg="red" if sys.stderr.isatty() else None)


def _plain(value: object) -> object:
    """What JSON has no word for: ids as hex, instants and money as text."""
    return value.hex() if isinstance(value, bytes) else str(value)
