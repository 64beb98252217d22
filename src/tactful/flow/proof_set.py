"""The proofs of a run as one set: which they are, their words, their page, and the hash of exactly this."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import proofs, verdict
from tactful.check.proofs import Proofs
from tactful.check.verdict import Verdict
from tactful.compose import join
from tactful.compose.join import Joined
from tactful.flow.letters import verify_run
from tactful.flow.manifest import Run, empty
from tactful.flow.workspace import Workspace
from tactful.store import lake
from tactful.words.errors import NotApproved
from tactful.words.message import bytes_hash
from tactful.words.sealed import Sealed

Tables = Mapping[str, "Sealed | pa.Table"]
LOOKED_AT = ("messages", "skeletons", "decisions", "findings")
SHORT = 12
"""How many characters of a hash people see and give."""


@dataclass(frozen=True, kw_only=True)
class ProofSet:
    """The proofs of a run. Stability: caller.

    Attributes:
        chosen: which, and why each.
        letters: their words, by message id.
        set_hash: over their ids and bytes, in hex.
    """

    chosen: Proofs
    letters: Mapping[bytes, Joined]
    set_hash: str


def choose(space: Workspace, *, tables: Tables, judged: Verdict) -> ProofSet:
    """The proofs of what may leave, and their words; of all messages where the run is stopped, and none may.

    Raises:
        StoreFaulty: a message's words are not those that were written.
    """
    chosen = proofs.choose(tables, leaving=None if judged.must_stop else judged.good)
    messages = lake.read(tables["messages"])
    wanted = pa.array([proof.message_id for proof in chosen.chosen], messages.schema.field("message_id").type)
    rows = messages.filter(pc.is_in(messages["message_id"], value_set=wanted))
    joined = join.joined(rows, tables["skeletons"], brand=space.project.brand, keys=[space.key])
    letters = {one.message_id: one for one in joined}
    hashes = {message_id: bytes_hash(one.parts) for message_id, one in letters.items()}
    return ProofSet(chosen=chosen, letters=letters, set_hash=proofs.set_hash(hashes).hex())


def noted(made: ProofSet, *, page: str, text: str) -> dict[str, Any]:  # Any: numbers and texts
    """What a run's summary keeps of its proofs: no word and no id of them, so that nobody has to be forgotten there.

    Args:
        made: the proofs.
        page: the page's path within the output.
        text: what was written there.
    """
    return {
        "shown": len(made.chosen.chosen),
        "features": made.chosen.features,
        "uncovered": len(made.chosen.uncovered),
        "set_hash": made.set_hash,
        "page": page,
        "page_hash": hashlib.sha256(text.encode()).hexdigest(),
    }


def shown(space: Workspace, run: Run, *, claimed: str | None = None) -> bytes:
    """The hash of the proofs that a run's page shows, if they are what the run would send now.

    Args:
        space: the project.
        run: which run.
        claimed: the beginning of the hash that stands on the page somebody looked at.

    Raises:
        NotApproved: the page is gone or changed, shows other proofs, or was another one.
        StoreFaulty: a sealed file is not what was sealed.
    """
    note = run.summary.get("proofs")
    if not note:
        raise _refused(run, what="no proof page was drawn for it")
    page: Path = space.out / note["page"]
    if not page.is_file():
        raise _refused(run, what=f"its proof page {page} is gone")
    if hashlib.sha256(page.read_bytes()).hexdigest() != note["page_hash"]:
        raise _refused(run, what=f"its proof page {page} is not as it was drawn")
    now = _now(space, run)
    if now.set_hash != note["set_hash"]:
        raise _refused(run, what="the proofs on its page are not those of what would leave now")
    if claimed is not None and not (len(claimed) >= SHORT and now.set_hash.startswith(claimed.lower())):
        raise NotApproved.say(
            where=f"run {run.name}",
            what=f"its proofs are {now.set_hash[:SHORT]}, not {claimed}: you have looked at other ones",
            do=f"open {page}, look, and approve with the command that stands there",
        )
    return bytes.fromhex(now.set_hash)


def _now(space: Workspace, run: Run) -> ProofSet:
    sealed = verify_run(space, run)
    tables: dict[str, Sealed | pa.Table] = {name: sealed.get(name) or empty(name) for name in LOOKED_AT}
    messages = lake.read(tables["messages"], columns=["message_id", "skeleton_id"])
    judged = verdict.judge(lake.read(tables["findings"]), messages=messages, policy=space.project.policy)
    return choose(space, tables=tables, judged=judged)


def _refused(run: Run, *, what: str) -> Exception:
    return NotApproved.say(
        where=f"run {run.name}", what=what, do=f"draw the page again with `tactful proofs '{run.name}'`, and look"
    )
