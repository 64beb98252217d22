"""The lock and its hashed export say the same, and name only the public index.

python -m tools.lock_law            check
python -m tools.lock_law --write    write the exports from uv.lock (needs uv)
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tools.houseplan import ROOT, Fault

LOCK, EXPORT, PROJECT = Path("uv.lock"), Path("requirements.txt"), Path("pyproject.toml")
PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)")
EXTRAS = Path("requirements-extras.txt")
_PLAIN = ("--no-emit-project", "--no-header", "--no-annotate", "--quiet")
EXPORTS = {
    EXPORT: ("uv", "export", "--frozen", "--all-groups", *_PLAIN),
    EXTRAS: ("uv", "export", "--frozen", "--no-default-groups", "--extra", "fast", "--extra", "preview", *_PLAIN),
}
"""What is installed to work on the project, and the extras that benchmarks and some tests want beside it."""


def faults(root: Path) -> Iterator[Fault]:
    """What the lock, its export and the project say differently; what the lock should not know."""
    lock = tomllib.loads((root / LOCK).read_text("utf-8"))
    locked = {(package["name"], package.get("version", "")): hashes_of(package) for package in lock["package"]}
    for export in EXPORTS:
        for (name, version), (line, hashes) in read_export(root / export).items():
            if (name, version) not in locked:
                yield Fault(export, line, f"{name} {version} is not in {LOCK}: make lock")
            elif hashes != locked[name, version]:
                yield Fault(export, line, f"{name} {version} has other hashes than {LOCK}: make lock")
    named = {name for name, _ in read_export(root / EXPORT)}
    for name in sorted(asked_for(root / PROJECT) - named):
        yield Fault(EXPORT, 1, f"{name} is asked for by {PROJECT} and not exported: make lock")
    yield from address_faults(lock)


def hashes_of(package: dict[str, Any]) -> frozenset[str]:
    """The hashes of everything that a locked package may be installed from."""
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    return frozenset(file["hash"] for file in files if "hash" in file)


def read_export(path: Path) -> dict[tuple[str, str], tuple[int, frozenset[str]]]:
    """The pinned packages of a hashed list, with the line of each."""
    found: dict[tuple[str, str], tuple[int, frozenset[str]]] = {}
    key = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if pinned := PINNED.match(line):
            key = (pinned["name"], pinned["version"])
            found[key] = (number, frozenset())
        if key and (hashes := re.findall(r"--hash=(\S+)", line)):
            found[key] = (found[key][0], found[key][1] | frozenset(hashes))
    return found


def asked_for(path: Path) -> set[str]:
    """The packages that the project itself names, for use and for work on it."""
    project = tomllib.loads(path.read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0].lower().replace("_", "-") for name in asked}


def address_faults(lock: dict[str, Any]) -> Iterator[Fault]:
    """Addresses that only one machine would know. The public index is one address, its files lie on one host."""
    registries = {package["source"]["registry"] for package in lock["package"] if "registry" in package["source"]}
    files = [file["url"] for package in lock["package"] for file in package.get("wheels", []) if "url" in file]
    hosts = {urlsplit(url).netloc for url in files}
    for what, found in (("registry", registries), ("file host", hosts)):
        if len(found) > 1:
            yield Fault(LOCK, 1, f"names more than one {what}: {', '.join(sorted(found))}")
    for address in sorted({*registries, *(f"https://{host}/" for host in hosts)}):
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.port or parts.username or not (parts.hostname or "").endswith(".org"):
            yield Fault(LOCK, 1, f"{address} is not the public index")
    for package in lock["package"]:
        if not {"registry", "editable"} & set(package["source"]):
            yield Fault(LOCK, 1, f"{package['name']} comes from {package['source']}, not from the public index")


def uv_faults(root: Path) -> Iterator[Fault]:
    """What uv itself says, where it is present: the lock answers pyproject.toml, and the export is its own."""
    if shutil.which("uv") is None:
        return
    checked = subprocess.run(["uv", "lock", "--check"], cwd=root, capture_output=True, text=True, check=False)
    said = checked.stderr.strip()
    if "needs to be updated" in said:
        yield Fault(LOCK, 1, f"does not answer {PROJECT}: make lock")
    elif checked.returncode:
        print(f"uv could not compare {LOCK} with {PROJECT}; only the export was checked:\n{said}", file=sys.stderr)
    for export, command in EXPORTS.items():
        exported = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
        if exported != (root / export).read_text("utf-8"):
            yield Fault(export, 1, f"is not the export of {LOCK}: make lock")


def main(arguments: list[str]) -> int:
    """Check, or write the export; 1 if anything is wrong."""
    if arguments == ["--write"]:
        for export, command in EXPORTS.items():
            exported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
            (ROOT / export).write_text(exported, "utf-8")
    found = [str(fault) for fault in (*faults(ROOT), *uv_faults(ROOT))]
    print("\n".join(found) or "the lock and its export agree")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
