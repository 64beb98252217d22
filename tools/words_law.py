"""No file of the repository speaks of the machine it was written on: no absolute home path, no private package host.

python -m tools.words_law [FOLDER]
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.houseplan import ROOT, Fault

FORBIDDEN = {
    # Written as alternatives, so that this file does not trip over itself. A web address is not a path of a machine.
    "an absolute path of one machine": re.compile(r"(?<![\w.~%$})\]-])/(?:work|root|home|Users)/[\w.]"),
    "where packages come from on one machine": re.compile(
        r"(?:--(?:extra-)?index(?:-url)?|--find-links)[= ]\S|(?:PIP|UV)_\w*(?:INDEX|FIND_LINKS)\w*="
    ),
    "a private package host": re.compile(
        r"https?://[^/\s\"'>)]*(?:artifactory|devpi|jfrog|mirror|nexus|registry)[^/\s\"'>)]*", re.IGNORECASE
    ),
    "an address inside a network": re.compile(r"https?://(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+"),
}
BINARY = b"\0"


def faults(folder: Path) -> Iterator[Fault]:
    """Every line of a tracked text file that names the machine."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = folder / name
        if not path.is_file() or path.is_symlink() or BINARY in (data := path.read_bytes())[:8192]:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
            for what, pattern in FORBIDDEN.items():
                if found := pattern.search(line):
                    yield Fault(Path(name), number, f"{what}: {found.group().strip()}")


def main(arguments: list[str]) -> int:
    """Print the breaches; 1 if there are any."""
    found = [str(fault) for fault in faults(Path(arguments[0]) if arguments else ROOT)]
    print("\n".join(found) or "no file speaks of the machine it was written on")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
