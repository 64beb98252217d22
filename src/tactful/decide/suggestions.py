"""Suggestions: which items a level shows, to a cell or to one person, from orders alone: how often, what with what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from tactful.decide import slot_model
from tactful.decide.arms import Plan, plans
from tactful.decide.bought import Gathered, gather
from tactful.decide.learned import Learned, homes_of, learn
from tactful.decide.lists import Item, Pair, Shelf, listed
from tactful.decide.members import Inputs, audiences, everybody
from tactful.decide.own_lists import Span, clashing
from tactful.decide.wanted import INDIVIDUAL, grain_of
from tactful.project.declared import Project
from tactful.store import contracts, lake, sql
from tactful.store.engines.duckdb import Engine
from tactful.store.scratch import Scratch
from tactful.store.spans import Spans
from tactful.words.clock import Clock
from tactful.words.score import WHOLE_CELL

PROFILE = ("customer_id", "customer_key", "country")
"""What is read of everybody's profile, beside the facts that lists must lie within."""


def build(inputs: Inputs, *, project: Project, clock: Clock) -> Iterator[pa.RecordBatch]:
    """Rows of four tables, each batch saying which: `cell_suggestions`, `slot_model`, then `suggestions` and `clashes`.

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
    spill = project.root / ".spill"
    with (
        Scratch.within(spill) as scratch,
        Engine.open(memory=settings.memory, threads=settings.threads, scratch=spill) as engine,
    ):
        gathered = gather(engine, inputs, project=project, scratch=scratch, clock=clock)
        shared = _for_cells(engine, inputs, wanted=wanted, project=project, clock=clock)
        yield shared
        members = audiences(inputs, project=project)
        anybody, of_cells = everybody(members), clashing(shared)
        mine = [plan for plan in wanted if _items(plan).suggest in INDIVIDUAL]
        learned = _learned(inputs, gathered=gathered, project=project)
        yield slot_model.told(learned)
        named = sorted({_items(plan).within for plan in mine} - {None, *PROFILE})
        people = Spans(inputs["profiles"], by="customer_key", columns=[*PROFILE, *named])
        for bought in gathered.spans:
            here = people.up_to(bought.high)
            span = Span.of(
                bought, people=here, gathered=gathered, learned=learned, given=(engine, scratch), clock=clock
            )
            for plan in mine:
                yield from span.lists(plan, members=members[plan.program])
            yield from span.clashes(of_cells, members=anybody)


def _learned(inputs: Inputs, *, gathered: Gathered, project: Project) -> Learned:
    """What goes with what, and sells where, from the customers that were drawn to learn from."""
    history, keys = gathered.sampled.history(items=len(gathered.goods), content=gathered.goods.content)
    rows = lake.read(inputs["profiles"], columns=["customer_key", "country"]).sort_by("customer_key")
    homes = homes_of(keys, known=rows["customer_key"].to_numpy(), countries=rows["country"].to_pylist())
    policy = project.policy
    return learn(history, goods=gathered.goods, pairs=gathered.together, homes=homes, rules=policy.items,
                 least=policy.k_facts)  # fmt: skip


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
