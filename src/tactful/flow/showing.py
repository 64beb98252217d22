"""Shows one message exactly as it was made, a year later too."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tactful.flow.letters import Letters
from tactful.flow.manifest import Run, runs, sealed_in
from tactful.flow.workspace import Workspace
from tactful.words.errors import Misuse
from tactful.words.message import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message as it was made. Stability: caller."""

    run: str
    message_id: str
    decision_id: str
    skeleton_id: str
    language: str
    parts: dict[str, str]

    @property
    def letter(self) -> str:
        """The message as somebody reads it: subject and preheader above the text, or whatever parts there are."""
        heads = [f"{name.capitalize()}: {self.parts[name]}" for name in ("subject", "preheader") if name in self.parts]
        body = next((self.parts[name] for name in ("text", "html", "payload") if name in self.parts), "")
        return "\n".join([*heads, "", body] if heads else [body])

    def words(self, part: str) -> str:
        """One part's words.

        Raises:
            Misuse: the message has no such part.
        """
        if part not in self.parts:
            raise Misuse.say(
                where="tactful show", what=f"the message has no part {part!r}", do=f"it has {', '.join(self.parts)}"
            )
        return self.parts[part]


def show(space: Workspace, wanted: str) -> Shown:
    """The message of this id, or the last one made for this customer.

    Raises:
        Misuse: there is none.
        StoreFaulty: its words are not those that were written.
    """
    for run in runs(space, kind="run"):
        decision = _decision(space, run, wanted=wanted)
        if decision is None:
            continue
        for joined in Letters.of(space, run).joined([decision]):
            return Shown(
                run=run.name,
                message_id=joined.message_id.hex(),
                decision_id=joined.decision_id.hex(),
                skeleton_id=joined.skeleton_id.hex(),
                language=joined.language,
                parts={part.value: joined.parts[part] for part in Part if part in joined.parts},
            )
    raise Misuse.say(
        where="tactful show",
        what=f"no message {wanted!r}, and none for a customer of that id",
        do="see `tactful explain CUSTOMER`",
    )


def _decision(space: Workspace, run: Run, *, wanted: str) -> bytes | None:
    """The decision behind a message id, its beginning, or a customer id; None where the run has none."""
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake)
    if "messages" not in sealed:
        return None
    if len(wanted) >= 8 and all(c in "0123456789abcdef" for c in wanted):
        for path in sealed["messages"].paths:
            rows = pq.read_table(path, columns=["message_id", "decision_id"]).to_pylist()
            for row in rows:
                if row["message_id"].hex().startswith(wanted) or row["decision_id"].hex().startswith(wanted):
                    return bytes(row["decision_id"])
    for path in sealed["decisions"].paths:
        table = pq.read_table(path, columns=["decision_id", "customer_id"])
        found = table.filter(pc.equal(table["customer_id"], wanted))["decision_id"].to_pylist()
        if found:
            return bytes(found[0])
    return None
