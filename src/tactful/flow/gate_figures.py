"""What the gate came to, for the summary of a run: by rule and place, what was let pass, and what was read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.tally import tally
from tactful.compose.branches import told
from tactful.compose.contents import compile_content
from tactful.project.declared import Project
from tactful.store import lake
from tactful.words.sealed import Sealed

MOST = 200
"""Places kept in a run's summary; the rest is in its findings."""
SHOWN = 5
"""Places told at the end of a run."""


def gate_figures(
    tables: Mapping[str, Sealed | pa.Table], *, project: Project
) -> dict[str, Any]:  # Any: numbers, lists and texts
    """`found` by rule, program, level and branch; `suppressed` findings; how many were `audited` and read the same.

    A branch is told by its lines, as suppressions name it, and under `says` by its conditions.
    """
    findings, audits = lake.read(tables["findings"]), lake.read(tables["audits"])
    messages = lake.read(tables["messages"], columns=["message_id", "decision_id", "skeleton_id"])
    decisions = lake.read(tables["decisions"], columns=["decision_id", "program", "level"])
    skeletons = lake.read(tables["skeletons"], columns=["skeleton_id", "content_id", "branch", "content_hash"])
    places = tally(findings, messages=messages, decisions=decisions, skeletons=skeletons)[:MOST]
    says = _conditions({(one.content, one.branch) for one in places}, skeletons=skeletons, project=project)
    return {
        "found": [
            {**asdict(one), "severity": one.severity.value, "says": says.get((one.content, one.branch), "")}
            for one in places
        ],
        "suppressed": int(pc.sum(pc.is_valid(findings["suppressed_by"])).as_py() or 0),
        "audited": {"read": audits.num_rows, "same": int(pc.sum(audits["same"]).as_py() or 0)},
    }


def _conditions(
    wanted: Set[tuple[str, str]], *, skeletons: pa.Table, project: Project
) -> dict[tuple[str, str], str]:  # fmt: skip
    """The branches of contents by their conditions; those of several languages after one another."""
    files = {(one.content_id, one.content_hash): one for one in project.contents.values()}
    found: dict[tuple[str, str], dict[str, None]] = {}
    names = ("content_id", "branch", "content_hash")
    for name, branch, digest in sorted(set(zip(*(skeletons[one].to_pylist() for one in names), strict=True))):
        file = files.get((name, digest))
        if (name, branch) in wanted and file is not None and branch:
            found.setdefault((name, branch), {})[told(branch, compile_content(file, project))] = None
    return {key: " / ".join(words) for key, words in found.items()}


def gate_lines(summary: Mapping[str, Any]) -> Iterator[str]:  # Any: as above
    """The same for people, in a few lines.

    >>> print(*gate_lines({"messages": 1851, "found": [], "suppressed": 0, "audited": {"read": 19, "same": 19}}))
    19 of 1,851 were assembled and read again whole; all the same.
    """
    read, same = summary["audited"]["read"], summary["audited"]["same"]
    if read:
        words = "all the same" if read == same else f"{read - same:,} were judged otherwise"
        yield f"{read:,} of {summary['messages']:,} were assembled and read again whole; {words}."
    if summary["suppressed"]:
        yield f"{summary['suppressed']:,} findings were let pass for a declared reason."
    for one in summary["found"][:SHOWN]:
        place = ", ".join(word for word in (one["program"], one["level"], one["content"]) if word)
        yield f"  {one['severity']:<8}{one['rule']:<28}{one['messages']:>7,}  {place}"
    if len(summary["found"]) > SHOWN:
        yield f"  and in {len(summary['found']) - SHOWN:,} more places: `tactful report --gate`"
