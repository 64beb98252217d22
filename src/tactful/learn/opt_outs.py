"""Who leaves after a message, by how many they had lately: counts from the log, and the hazard they make of a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import log
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.learn.matching import Source
from tactful.learn.outcomes import Deployed
from tactful.learn.windows import TOLD
from tactful.project.declared import Project
from tactful.project.wear import Fatigue
from tactful.reckon.hazard import Hazard, Periods, fitted
from tactful.store import contracts, lake
from tactful.words.consent import ConsentState
from tactful.words.estimate import Undefined

Whole = NDArray[np.int64]

METRIC: Final = "opt_out"
"""The first word of the metric under which `outcomes` keeps who left."""
LEAST: Final = 30
"""Opt-outs below which a channel's own risk is not told from what is declared."""
PER_UNIT: Final = 2
"""Cells of fatigue in one contact that is felt in full."""
MOST: Final = 40
_FINER: Final = 1000
"""Counts are multiplied by it, so that shares of an expected opt-out are whole; the likeliest hazard stays the same."""
_DAY: Final = 86_400_000_000
_INSTANT: Final = pa.timestamp("us", tz="UTC")


def name_of(channel: str, *, declared: Fatigue, cell: int) -> str:
    """The metric of a contact's row: the channel, how fatigue was counted, and its cell.

    >>> from tactful.words.money import Money
    >>> name_of("email", declared=Fatigue(remaining=Money.read("30 GBP")), cell=3)
    'opt_out/email/14/7/1/3'
    """
    weight = format(Decimal(declared.weight.get(channel, 1)), "f")
    return f"{METRIC}/{channel}/{declared.half_life}/{declared.every}/{weight}/{cell}"


def rows(of: Deployed, *, declared: Fatigue, contact: pa.Table, left: pa.Table) -> pa.RecordBatch:
    """The `outcomes` rows of everybody told: 1 where they left before the next decision, else 0.

    Args:
        of: a run of which nothing more can come.
        declared: says how long a contact is felt, and how many days lie between two decisions.
        contact: the ledger's rows.
        left: customer_id and happened_at of every opt-out, from consents and from events.
    """
    told = np.flatnonzero(of.kind == TOLD)
    people = of.decisions.take(pa.array(told))
    channels = np.array([row["channel"] for row in of.arm_rows], dtype=object)[of.arm[told]]
    cells = np.minimum(np.rint(_felt(of, declared, told=told, contact=contact) * PER_UNIT), MOST).astype(np.int64)
    until = of.decided_at + timedelta(days=declared.every)
    mine = left.filter(
        pc.and_(
            pc.greater(left["happened_at"], pa.scalar(of.decided_at, _INSTANT)),
            pc.less_equal(left["happened_at"], pa.scalar(until, _INSTANT)),
        )
    )
    gone = pc.is_in(people["customer_id"], value_set=mine["customer_id"].combine_chunks())
    names = [
        name_of(channel, declared=declared, cell=cell)
        for channel, cell in zip(channels.tolist(), cells.tolist(), strict=True)
    ]
    columns = {
        "customer_id": people["customer_id"].combine_chunks(),
        "decision_id": people["decision_id"].combine_chunks(),
        "metric": pa.array(names, pa.string()),
        "value": gone.combine_chunks().cast(pa.int64()),
        "happened_at": pa.repeat(pa.scalar(of.decided_at, type=_INSTANT), told.size),
        "matured_at": pa.repeat(pa.scalar(until, type=_INSTANT), told.size),
        "class": pa.nulls(told.size, pa.string()),
    }
    schema = contracts.table("outcomes").schema
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _felt(of: Deployed, declared: Fatigue, *, told: Whole, contact: pa.Table) -> NDArray[np.float64]:
    """How many contacts are felt at the decision, those before it that is; as the price of a contact counts them."""
    ids = of.decisions["customer_id"].combine_chunks().take(pa.array(told))
    own = pc.fill_null(pc.is_in(contact["decision_id"], value_set=of.decisions["decision_id"].combine_chunks()), False)
    before = pc.less_equal(contact["happened_at"], pa.scalar(of.decided_at, _INSTANT))
    rows = contact.filter(pc.and_(before, pc.invert(own)))
    place = pc.index_in(rows["customer_id"].combine_chunks(), value_set=ids)
    there = place.is_valid().to_numpy(zero_copy_only=False)
    at = rows["happened_at"].cast(_INSTANT).cast(pa.int64()).to_numpy()[there]
    weight = np.array([float(declared.weight.get(one, 1)) for one in rows["channel"].to_pylist()])[there]
    ages = np.maximum((of.clock_at - at) // _DAY - declared.every, 0)
    each = weight * 0.5 ** (ages / declared.half_life)
    found = np.zeros(told.size)
    np.add.at(found, place.drop_null().to_numpy(), each)
    return found


def leavers(consent: pa.Table, events: Sequence[pa.Table]) -> pa.Table:
    """Who opted out, and when: what was taken back or refused for marketing, and events that count as leaving.

    Args:
        consent: the ledger's rows.
        events: customer_id and happened_at of such events.
    """
    no = pa.array([ConsentState.WITHDRAWN.value, ConsentState.DENIED.value])
    said = pc.and_(pc.is_in(consent["state"], value_set=no), pc.equal(consent["purpose"], "marketing"))
    columns = ["customer_id", "happened_at"]
    schema = pa.schema([("customer_id", pa.string()), ("happened_at", _INSTANT)])
    return pa.concat_tables([table.select(columns).cast(schema) for table in (consent.filter(said), *events)])


def counted(outcomes: Source, *, zone: str) -> pa.Table:
    """The `learn_sums` rows of opt-outs: contacts and those of them that were the last, by cell and day.

    Args:
        outcomes: `outcomes` rows of one run or of one person; those of other metrics are not looked at.
        zone: of the project's days.
    """
    table = lake.read(outcomes)
    mine = table.filter(pc.starts_with(table["metric"], f"{METRIC}/"))
    found: dict[tuple[str, str, object], list[int]] = {}
    for row in mine.select(["metric", "value", "happened_at"]).to_pylist():
        name, cell = row["metric"].rsplit("/", 1)
        sums = found.setdefault((name, cell, row["happened_at"].astimezone(ZoneInfo(zone)).date()), [0, 0])
        sums[0], sums[1] = sums[0] + 1, sums[1] + row["value"]
    rows = [
        {"sum": name, "cell": cell, "day": day, "count": count, "total": total, "products": None}
        for (name, cell, day), (count, total) in sorted(found.items(), key=lambda item: str(item[0]))
    ]
    return pa.Table.from_pylist(rows, schema=contracts.table("learn_sums").schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A hazard with what it rests on. Stability: caller.

    Attributes:
        hazard: of opting out at a contact.
        contacts, opt_outs: behind it, by channel.
    """

    hazard: Hazard
    contacts: Mapping[str, int]
    opt_outs: Mapping[str, int]


def learned(sums: pa.Table, *, declared: Fatigue) -> Learned | Undefined:
    """The risk that a contact is the last, from what is declared and what was seen.

    What is declared counts for `weight_of_guess` contacts on each channel that was seen enough, spread over the
    fatigue that occurred; a channel with fewer than `LEAST` opt-outs keeps what is declared.

    Args:
        sums: `learn_sums` rows; those counted by another half-life, weight or rhythm are not looked at.
        declared: the policy's.
    """
    counts = _by_cell(sums, declared=declared)
    opt_outs = {name: sum(total for _, total in cells.values()) for name, cells in counts.items()}
    channels = sorted(name for name in counts if opt_outs[name] >= LEAST)
    if not channels:
        return Undefined(f"fewer than {LEAST} people have opted out on any channel: what is declared stands")
    count, events, design = [], [], []
    for number, channel in enumerate(channels):
        seen = sum(n for n, _ in counts[channel].values())
        for cell, (n, total) in sorted(counts[channel].items()):
            felt = cell / PER_UNIT
            guess = declared.weight_of_guess * _FINER * n // seen
            risk = -np.expm1(-np.exp(_base(declared) + float(declared.growth) * felt))
            count.append(n * _FINER + guess)
            events.append(total * _FINER + round(float(risk) * guess))
            design.append([*(float(number == place) for place in range(len(channels))), felt])
    fit = fitted(Periods(count=np.array(count), events=np.array(events)), design=design)
    if isinstance(fit, Undefined):
        return fit
    base = {channel: float(fit.coefficients[place]) for place, channel in enumerate(channels)}
    return Learned(
        hazard=Hazard(base=base, growth=max(0.0, float(fit.coefficients[-1]))),
        contacts={name: sum(n for n, _ in counts[name].values()) for name in channels},
        opt_outs={name: opt_outs[name] for name in channels},
    )


def _base(declared: Fatigue) -> float:
    return log(-log(1 - min(max(float(declared.opt_out), 1e-9), 0.999)))


def _by_cell(sums: pa.Table, *, declared: Fatigue) -> dict[str, dict[int, tuple[int, int]]]:
    """By channel and cell of fatigue: contacts, and those that were the last."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for row in sums.filter(pc.starts_with(sums["sum"], f"{METRIC}/")).to_pylist():
        channel = row["sum"].split("/")[1]
        if row["sum"] != name_of(channel, declared=declared, cell=0).rsplit("/", 1)[0]:
            continue
        cells = found.setdefault(channel, {})
        n, total = cells.get(int(row["cell"]), (0, 0))
        cells[int(row["cell"])] = n + row["count"], total + row["total"]
    return found


def hazard(sums: pa.Table, *, project: Project) -> Hazard | None:
    """The risk that the log shows; None where it shows too little, or contacts have no price.

    Args:
        sums: `learn_sums` rows.
        project: its policy.
    """
    declared = project.policy.fatigue
    found = None if declared is None else learned(sums, declared=declared)
    return found.hazard if isinstance(found, Learned) else None
