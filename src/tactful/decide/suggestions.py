"""Suggestions: which items a level shows, to a cell or to one person, from orders alone: how often, what with what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide import bought
from tactful.decide.arms import Plan, plans
from tactful.decide.lists import NEW_DAYS, Item, Pair, Shelf, listed
from tactful.decide.members import Inputs, among, audiences, everybody
from tactful.decide.wanted import INDIVIDUAL, grain_of, least_of
from tactful.project.declared import Project
from tactful.store import contracts, lake, sql
from tactful.store.engines.duckdb import Engine
from tactful.store.table import ITEMS
from tactful.words.clock import Clock
from tactful.words.score import WHOLE_CELL

JUST_BOUGHT_DAYS: Final = 14
"""What was bought within so many days is not suggested."""
RETURNED_DAYS: Final = 90
"""What was sent back within so many days is not shown to a cell; to a person never."""
ANCHORS: Final = 3
"""Of how many of a person's items partners are looked for."""
AGAIN: Final = 2
PEOPLE_AT_ONCE: Final = 1 << 18
"""For so many people the statements are asked at once."""
LEAST_BUYERS: Final = 5
"""Customers that an item needs before it is shown to a person as new."""


def build(inputs: Inputs, *, project: Project, clock: Clock) -> Iterator[pa.RecordBatch]:
    """Rows of three tables, each batch saying which: `cell_suggestions`, `suggestions`, then `clashes`.

    Only what may be sold and is there is suggested, nothing on a sensitive topic. A person's own list names nothing
    they own but for `again`, and nothing they sent back; `because` is the item that led to it. A pair stands in at
    least `k_words` orders. A clash is a cell's list that holds what a customer just bought or sent back:
    they do not get it.

    Args:
        inputs: `transactions`, `items`, `profiles`, `segments`, `portfolio`; `stock` where it is counted.
        project: its programs say which items they want.
        clock: now.
    """
    wanted = [plan for plan in plans(project) if plan.says.items is not None]
    if not wanted:
        return
    settings = project.settings
    with Engine.open(memory=settings.memory, threads=settings.threads, scratch=project.root / ".spill") as engine:
        bought.gather(engine, inputs, least=project.policy.k_words, clock=clock)
        shared = _for_cells(engine, inputs, wanted=wanted, project=project, clock=clock)
        yield shared
        members = audiences(inputs, project=project)
        for plan in (plan for plan in wanted if _items(plan).suggest in INDIVIDUAL):
            yield from _for_people(engine, inputs, plan=plan, members=members[plan.program], clock=clock)
        yield from _clashes(engine, inputs, shared=shared, members=everybody(members), clock=clock)


def _items(plan: Plan) -> Any:  # Any: ItemsWanted; callers chose plans that have it
    return plan.says.items


def _for_cells(engine: Engine, inputs: Inputs, *, wanted: list[Plan], project: Project, clock: Clock) -> pa.RecordBatch:
    shelf = Shelf(
        items=tuple(Item(**row) for row in engine.table(sql.named("decide.all_item_sums")).to_pylist()),
        pairs=tuple(Pair(**row) for row in engine.table(sql.named("decide.all_pairs")).to_pylist()),
        now=clock.now,
        least=project.policy.k_words,
    )
    rows: list[dict[str, Any]] = []  # Any: one row of mixed columns
    parts: dict[str, Shelf] = {}
    cells = _open_cells(inputs)
    for plan in (plan for plan in wanted if _items(plan).suggest not in INDIVIDUAL):
        within = _items(plan).within
        for cell in cells.get((plan.program, plan.level.value), []):
            values = json.loads(cell)
            if set(values) != set(grain_of(plan.says)):
                continue
            category = values.get(within) if within else None
            if category is not None and category not in parts:
                parts[category] = shelf.within(category)
            found = listed(_items(plan), shelf=shelf if category is None else parts[category])
            head = {"program": plan.program, "plan": plan.kind, "level": plan.level.value, "cell": cell}
            rows.append(head | {"items": found})
    return pa.RecordBatch.from_pylist(rows, schema=contracts.table("cell_suggestions").schema)


def _open_cells(inputs: Inputs) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in lake.read(inputs["portfolio"]).to_pylist():
        if row["open"]:
            found.setdefault((row["program"], row["level"]), {WHOLE_CELL: None} if row["cell"] == WHOLE_CELL else {})
            found[row["program"], row["level"]][row["cell"]] = None
    return {name: sorted(cells) for name, cells in found.items()}


def _for_people(
    engine: Engine, inputs: Inputs, *, plan: Plan, members: np.ndarray, clock: Clock
) -> Iterator[pa.RecordBatch]:
    """One row per person who can be shown something, a bounded number of people at a time."""
    items, schema = _items(plan), contracts.table("suggestions").schema
    columns = ["customer_id", "customer_key", *([items.within] if items.within else [])]
    for batch in lake.batches(inputs["profiles"], columns=columns, rows=PEOPLE_AT_ONCE):
        mine = batch.filter(pa.array(among(batch["customer_key"].to_numpy(), members)))
        if mine.num_rows == 0:
            continue
        within = mine[items.within].cast(pa.string()) if items.within else pa.nulls(mine.num_rows, pa.string())
        people = pa.table({"customer_key": mine["customer_key"], "within_value": within})
        found = _asked(engine, plan, people=people, clock=clock)
        if found.num_rows:
            yield _gathered(found, people=mine, plan=plan, schema=schema)


def _asked(engine: Engine, plan: Plan, *, people: pa.Table, clock: Clock) -> pa.Table:
    items = _items(plan)
    tables, within = {"members": people}, items.within is not None
    match items.suggest:
        case "alongside":
            values: dict[str, object] = {"anchors": ANCHORS, "count": items.count, "least": least_of(items)}
            return engine.table(sql.named("decide.alongside"), tables=tables, values=values | {"within": within})
        case "again_and_new":
            again = min(AGAIN, items.count)
            values = {"again": again, "fresh": items.count - again, "within": within, "buyers": LEAST_BUYERS}
            values |= {"just": clock.days_before(JUST_BOUGHT_DAYS), "new_since": clock.days_before(2 * NEW_DAYS)}
            return engine.table(sql.named("decide.again_and_new"), tables=tables, values=values)
        case _:
            keys = people["customer_key"]
            values = {"count": items.count, "now": clock.now, "low": pc.min(keys).as_py(), "high": pc.max(keys).as_py()}
            return engine.table(sql.named("decide.ordered"), tables=tables, values=values)


def _gathered(found: pa.Table, *, people: pa.RecordBatch, plan: Plan, schema: pa.Schema) -> pa.RecordBatch:
    """Rows of one item each, in order of customer and place, as one row per customer."""
    keys = found["customer_key"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    offsets = pa.array(np.append(starts, keys.size).astype(np.int32))
    fields = [found[name].combine_chunks().cast(pa.string()) for name in ("item_id", "role", "because")]
    lists = pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(fields, names=["item_id", "role", "because"]))
    mine = people["customer_key"].to_numpy()
    order = np.argsort(mine, kind="stable")
    place = order[np.searchsorted(mine, keys[starts], sorter=order)]
    text = {"program": plan.program, "plan": plan.kind, "level": plan.level.value}
    columns = {
        "customer_id": people["customer_id"].take(pa.array(place)),
        "customer_key": pa.array(keys[starts]),
        "items": lists.cast(ITEMS),
    } | {name: pa.repeat(pa.scalar(value), starts.size) for name, value in text.items()}
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _clashes(
    engine: Engine, inputs: Inputs, *, shared: pa.RecordBatch, members: np.ndarray, clock: Clock
) -> Iterator[pa.RecordBatch]:
    rows = [
        {name: row[name] for name in ("program", "plan", "level", "cell")}
        | {"item_id": item["item_id"], "role": item["role"]}
        for row in shared.to_pylist()
        for item in row["items"]
    ]
    if not rows:
        return
    values: dict[str, datetime] = {
        "returned_since": clock.days_before(RETURNED_DAYS), "just": clock.days_before(JUST_BOUGHT_DAYS),
    }  # fmt: skip
    people = lake.read(inputs["profiles"], columns=["customer_id", "customer_key"])
    people = people.filter(pa.array(among(people["customer_key"].to_numpy(), members)))
    tables = {"cell_items": pa.Table.from_pylist(rows), "members": people}
    schema = contracts.table("clashes").schema
    for batch in engine.stream(sql.named("decide.clashes"), tables=tables, values=values):
        yield pa.RecordBatch.from_arrays([batch[name] for name in schema.names], schema=schema)
