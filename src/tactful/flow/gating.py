"""What the check stage gives the gate besides the run's tables: former letters, and letters joined for the audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.audit import Audit
from tactful.compose import join
from tactful.flow.authoring import authored
from tactful.flow.manifest import loaded
from tactful.flow.stage import Inputs, Work
from tactful.store import lake
from tactful.words.message import Part

NINETY_DAYS = 90
"""As long as an opening or a reason is remembered."""
_FORMER = pa.schema(
    [
        pa.field("customer_id", pa.string()),
        pa.field("skeleton_id", pa.binary(16)),
        pa.field("happened_at", pa.timestamp("us", tz="UTC")),
    ]
)


def given(inputs: Inputs, work: Work) -> Inputs:
    """The tables of the run, which skeletons come out the same when written again, and what was sent before."""
    previous, skeletons = _former(inputs, work)
    return {**inputs, "authored": authored(inputs, work.space), "previous": previous, "skeletons": skeletons}


def audit_of(inputs: Inputs, work: Work) -> Audit:
    """The audit of a run: who is drawn, and how their letters are joined."""
    project = work.space.project

    @cache
    def skeletons() -> pa.Table:
        return lake.read(inputs["skeletons"])

    return Audit(
        join=lambda messages: _joined(skeletons(), work, messages=messages),
        share=project.policy.risk.audited,
        point=work.run_id.hex(),
        salt=project.settings.salt,
    )


def _joined(every: pa.Table, work: Work, *, messages: pa.Table) -> Iterator[tuple[bytes, Mapping[Part, str]]]:
    """The bytes of messages as they would leave, checked against the hash that was stored with them."""
    needed = every.filter(pc.is_in(every["skeleton_id"], value_set=messages["skeleton_id"].unique()))
    space = work.space
    for one in join.joined(messages, needed, brand=space.project.brand, keys=[space.key]):
        yield one.message_id, one.parts


def _former(inputs: Inputs, work: Work) -> tuple[pa.Table, pa.Table]:
    """What was sent within ninety days, on other occasions, and all skeletons: this run's and of those letters."""
    skeletons = lake.read(inputs["skeletons"])
    contact = lake.read(inputs["contact"])
    recent = pc.greater_equal(contact["happened_at"], pa.scalar(work.space.clock.days_before(NINETY_DAYS)))
    other = pc.fill_null(pc.not_equal(contact["occasion"], work.occasion), fill_value=True)
    contact = contact.filter(pc.and_(pc.and_(recent, other), pc.is_valid(contact["decision_id"])))
    if not contact.num_rows:
        return _FORMER.empty_table(), skeletons
    with work.space.ledger.reading() as tx:
        messages, former = (loaded(tx, name, root=work.space.lake) for name in ("messages", "skeletons"))
    decisions = contact["decision_id"].combine_chunks()
    kept = [
        batch.filter(pc.is_in(batch["decision_id"], value_set=decisions))
        for batch in lake.batches(messages, columns=["decision_id", "skeleton_id"])
    ]
    sent = pa.Table.from_batches(kept) if kept else None
    if sent is None or not sent.num_rows:
        return _FORMER.empty_table(), skeletons
    whose = contact.take(pc.index_in(sent["decision_id"], value_set=decisions))
    columns = [whose["customer_id"], sent["skeleton_id"], whose["happened_at"]]
    previous = pa.Table.from_arrays([c.cast(f.type) for c, f in zip(columns, _FORMER, strict=True)], schema=_FORMER)
    every = lake.read(former)
    known = skeletons["skeleton_id"].unique()
    wanted = pc.and_(
        pc.is_in(every["skeleton_id"], value_set=previous["skeleton_id"].unique()),
        pc.invert(pc.is_in(every["skeleton_id"], value_set=known)),
    )
    return previous, pa.concat_tables([skeletons, every.filter(wanted)], promote_options="default")
