"""What the places of a letter gain: the stage of a run as it was on earlier days, judged by the orders that followed.

The starter's shop is loaded by the commands a user gives. On each of some earlier days the stage `suggestions` fills
the places of everybody who ordered something new within the next sixty days; an item counts where it is in the next
order and they did not have it before. Beside it: what sold best, and the rule that filled the places before the model.
Usage: python -m benchmarks.suggest_slots FOLDER DAYS_BEFORE_THE_END [...]
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from benchmarks.measure import measured
from tactful.decide import suggestions
from tactful.flow.manifest import loaded
from tactful.flow.workspace import open_workspace
from tactful.project.declared import Project
from tactful.project.programs import ItemsWanted
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.ids import customer_key
from tactful.words.level import Level

ROOT = Path(__file__).resolve().parents[1]
DAYS_BEFORE = (60, 120, 180, 240)
"""Days before the last order of the file on which the stage is run."""
WINDOW = timedelta(days=60)
TREND_DAYS = 15
"""Half-life of what sells best, as the model's own."""
FORMER_ANCHORS = 12
FORMER_PARTNERS = 24
FORMER_HALF_LIFE = 90
PLACES = (4, 10)
WAYS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("alongside_1", {"suggest": "alongside", "reasons": 1}),
    ("alongside_2", {"suggest": "alongside", "reasons": 2}),
    ("likely", {"suggest": "likely"}),
)
WANTED = {
    f"{name}@{count}": ItemsWanted(count=count, least=min(PLACES), **how) for count in PLACES for name, how in WAYS
} | {"new@2": ItemsWanted(suggest="again_and_new", count=4, least=1)}
Lists = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What the starter's commands loaded."""

    project: Project
    transactions: pa.Table
    items: pa.Table
    countries: dict[str, str]

    @property
    def end(self) -> Any:  # Any: a moment, as Arrow gives it
        """When the last line was written."""
        return pc.max(self.transactions["happened_at"]).as_py()


def opened(here: Path) -> Shop:
    """Plants the starter and loads it, as a user would."""
    for command, place in ((["init", "shop", "--starter", "retail"], here), (["load"], here / "shop")):
        done = measured([sys.executable, "-m", "tactful", *command], cwd=place, timeout_seconds=120)
        if done.code:
            raise RuntimeError(f"tactful {command[0]} ended with {done.code}: {done.stderr[-2000:]}")
    with open_workspace(here / "shop") as space, space.ledger.reading() as tx:
        read = {name: lake.read(loaded(tx, name, root=space.lake)) for name in ("transactions", "items", "customers")}
        people = read["customers"]
        countries = dict(zip(people["customer_id"].to_pylist(), people["country"].to_pylist(), strict=True))
        return Shop(project=space.project, transactions=read["transactions"], items=read["items"], countries=countries)


@dataclass(frozen=True, kw_only=True, eq=False)
class Day:
    """The shop as it was on a day, and what was ordered next."""

    shop: Shop
    clock: Clock

    @classmethod
    def before_end(cls, shop: Shop, *, days: int) -> Day:
        """So many days before the last line."""
        at = (shop.end - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(shop=shop, clock=Clock.at(at.strftime("%Y-%m-%dT%H:%M:%S"), zone="Europe/London"))

    @cached_property
    def known(self) -> pa.Table:
        """The lines of all orders before the day."""
        lines = self.shop.transactions
        return lines.filter(pc.less(lines["happened_at"], pa.scalar(self.clock.now)))

    @cached_property
    def had(self) -> pa.Table:
        """What each customer was sold before: `customer_id`, `item_id`, `order_id`, `happened_at`."""
        lines = self.known
        mine = lines.filter(pc.and_(pc.equal(lines["kind"], "sale"), pc.is_valid(lines["customer_id"])))
        mine = mine.filter(pc.is_in(mine["item_id"], value_set=self.named))
        return mine.select(["customer_id", "item_id", "order_id", "happened_at"])

    @cached_property
    def named(self) -> pa.Array:
        """The items that may be named."""
        items = self.shop.items
        good = pc.and_(items["sellable"], pc.is_null(items["sensitive_topic"]))
        good = pc.and_(good, pc.fill_null(pc.greater(items["list_price"], 0), True))
        return pc.unique(items.filter(good)["item_id"])

    @cached_property
    def offered(self) -> set[str]:
        """Those of them that are in stock and on sale."""
        items, now = self.shop.items, pa.scalar(self.clock.now)
        there = pc.fill_null(pc.greater(items["stock"], 0), True)
        begun = pc.fill_null(pc.less_equal(items["active_from"], now), True)
        ended = pc.fill_null(pc.less_equal(items["active_to"], now), False)
        rows = items.filter(pc.and_(pc.and_(there, begun), pc.invert(ended)))
        return set(rows["item_id"].to_pylist()) & set(self.named.to_pylist())

    @cached_property
    def truth(self) -> dict[str, set[str]]:
        """The new items of each known customer's next order within the window; who ordered nothing new is not asked."""
        lines = self.shop.transactions
        later = lines.filter(pc.and_(pc.equal(lines["kind"], "sale"), pc.is_in(lines["item_id"], value_set=self.named)))
        later = later.filter(pc.and_(pc.greater_equal(later["happened_at"], pa.scalar(self.clock.now)),
                                     pc.less(later["happened_at"], pa.scalar(self.clock.now + WINDOW))))  # fmt: skip
        first: dict[str, tuple[Any, str]] = {}
        columns = [later[name].to_pylist() for name in ("customer_id", "happened_at", "order_id", "item_id")]
        rows = list(zip(*columns, strict=True))
        for who, when, order, _ in rows:
            if who in self.own and (who not in first or (when, order) < first[who]):
                first[who] = (when, order)
        found: dict[str, set[str]] = {}
        for who, when, order, item in rows:
            if first.get(who) == (when, order) and item not in self.own[who]:
                found.setdefault(who, set()).add(item)
        return found

    @cached_property
    def own(self) -> dict[str, set[str]]:
        """What each customer has."""
        found: dict[str, set[str]] = {}
        for who, item in zip(self.had["customer_id"].to_pylist(), self.had["item_id"].to_pylist(), strict=True):
            found.setdefault(who, set()).add(item)
        return found

    def by_stage(self) -> dict[str, Lists]:
        """What the stage of a run shows everybody who is asked about, for each way of filling."""
        template = self.shop.project.programs["win-back"]
        programs = {}
        for name, items in WANTED.items():
            plan = template.levels[Level.ONE].model_copy(update={"items": items})
            programs[name] = template.model_copy(update={"program": name, "levels": {Level.ONE: plan}, "web": {}})
        project = replace(self.shop.project, programs=programs)
        inputs = {"transactions": self.known, "items": self.shop.items} | self._people()
        found: dict[str, Lists] = {name: {} for name in WANTED}
        for batch in suggestions.build(inputs, project=project, clock=self.clock):
            if batch.schema.metadata[b"table"] != b"suggestions":
                continue
            for row in batch.to_pylist():
                role = "new" if row["program"].startswith("new") else None
                shown = [
                    one["item_id"] for one in row["items"] if one["role"] != "anchor" and role in (None, one["role"])
                ]
                found[row["program"]][row["customer_id"]] = shown
        return found

    def _people(self) -> dict[str, pa.Table]:
        names = sorted(self.truth)
        keys = np.array([customer_key(name) for name in names], dtype=np.int64)
        order = np.argsort(keys)
        who = pa.array([names[one] for one in order])
        schema = contracts.table("profiles").schema
        empty = {field.name: pa.nulls(len(who), field.type) for field in schema}
        said = {"customer_id": who, "customer_key": pa.array(keys[order]),
                "country": pa.array([self.shop.countries.get(names[one]) for one in order], pa.string())}  # fmt: skip
        said["as_of"] = pa.array([self.clock.now] * len(who), schema.field("as_of").type)
        profiles = pa.table({name: said.get(name, column) for name, column in empty.items()})
        segment = self.shop.project.programs["win-back"].audience
        members = {"segment": pa.repeat(segment, len(who)), "customer_id": who, "customer_key": said["customer_key"],
                   "as_of": said["as_of"]}  # fmt: skip
        return {"profiles": profiles, "segments": pa.table(members),
                "portfolio": contracts.table("portfolio").schema.empty_table()}  # fmt: skip

    def by_sales(self) -> Lists:
        """What most customers ordered lately that one does not have."""
        had = self.had
        last = had.group_by(["customer_id", "item_id"]).aggregate([("happened_at", "max")])
        ages = [(self.clock.now - when).days for when in last["happened_at_max"].to_pylist()]
        sums: dict[str, float] = {}
        for item, age in zip(last["item_id"].to_pylist(), ages, strict=True):
            sums[item] = sums.get(item, 0.0) + 0.5 ** (age / TREND_DAYS)
        ranked = sorted((item for item in sums if item in self.offered), key=lambda item: (-sums[item], item))
        return {
            who: list(islice((item for item in ranked if item not in self.own[who]), max(PLACES))) for who in self.truth
        }

    def by_former_rule(self) -> Lists:
        """As before the model: what most orders hold beside the item ordered most and latest, for its size."""
        with_each, orders = _together(_baskets(self.had))
        least, partners = self.shop.project.policy.k_words, {}
        for item, beside in with_each.items():
            good = {one: times for one, times in beside.items() if times >= least and one in self.offered}
            ranked = sorted(good, key=lambda one: (-(good[one] ** 2 * 1_000_000 // orders[one]), one))
            partners[item] = ranked[:FORMER_PARTNERS]
        found: Lists = {}
        for who, anchors in self._anchors().items():
            lists = ([one for one in partners.get(item, ()) if one not in self.own[who]] for item in anchors)
            found[who] = next((one for one in lists if len(one) >= min(PLACES)), [])
        return found

    def _anchors(self) -> dict[str, list[str]]:
        """The items that each customer asked about ordered most and latest."""
        sums: dict[str, dict[str, float]] = {}
        once = self.had.group_by(["customer_id", "item_id", "order_id"]).aggregate([("happened_at", "max")])
        for who, item, when in zip(*(once[name].to_pylist() for name in ("customer_id", "item_id", "happened_at_max")),
                                   strict=True):  # fmt: skip
            if who in self.truth:
                mine = sums.setdefault(who, {})
                mine[item] = mine.get(item, 0.0) + 0.5 ** ((self.clock.now - when).days / FORMER_HALF_LIFE)
        return {who: sorted(mine, key=lambda item: (-mine[item], item))[:FORMER_ANCHORS] for who, mine in sums.items()}


def _baskets(lines: pa.Table) -> list[list[str]]:
    """The different items of each order that says what goes together: of two to sixty."""
    held: dict[str, set[str]] = {}
    for order, item in zip(lines["order_id"].to_pylist(), lines["item_id"].to_pylist(), strict=True):
        held.setdefault(order, set()).add(item)
    return [sorted(one) for one in held.values() if 2 <= len(one) <= 60]


def _together(baskets: list[list[str]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """How often two items stand in one order, and in how many orders each does."""
    names = sorted({item for basket in baskets for item in basket})
    place = {name: number for number, name in enumerate(names)}
    rows = np.repeat(np.arange(len(baskets)), [len(one) for one in baskets])
    columns = np.array([place[item] for basket in baskets for item in basket])
    table = sparse.csr_array((np.ones(rows.size, np.int64), (rows, columns)), shape=(len(baskets), len(names)))
    both = (table.T @ table).tocsr()
    orders = dict(zip(names, both.diagonal().tolist(), strict=True))
    found = {}
    for number, name in enumerate(names):
        mine = slice(*both.indptr[number : number + 2])
        beside = zip(both.indices[mine].tolist(), both.data[mine].tolist(), strict=True)
        found[name] = {names[one]: times for one, times in beside if one != number}
    return found, orders


def judged(lists: Lists, truth: dict[str, set[str]], *, count: int) -> dict[str, np.ndarray]:
    """Of each customer, whether a shown item was ordered, and NDCG; who is shown nothing has neither."""
    worth = 1 / np.log2(np.arange(2, 2 + count))
    hits, gains = [], []
    for who in sorted(truth):
        hit = np.array([item in truth[who] for item in lists.get(who, [])[:count]], dtype=float)
        hits.append(float(hit.any()))
        gains.append(float(hit @ worth[: hit.size]) / float(worth[: min(count, len(truth[who]))].sum()))
    return {"hit_rate": np.array(hits), "ndcg": np.array(gains)}


def measure(here: Path, *, days: tuple[int, ...]) -> dict[str, Any]:
    """The measures of every way of filling, over all days together, and how many customers were asked about."""
    shop = opened(here)
    parts: dict[str, list[dict[str, np.ndarray]]] = {}
    shown: dict[str, list[float]] = {}
    asked = 0
    for before in days:
        day = Day.before_end(shop, days=before)
        sales, former = day.by_sales(), day.by_former_rule()
        lists = (
            day.by_stage()
            | {f"sales@{count}": sales for count in PLACES}
            | {f"former@{count}": former for count in PLACES}
        )
        asked += len(day.truth)
        for name, one in lists.items():
            parts.setdefault(name, []).append(judged(one, day.truth, count=int(name.split("@")[1])))
            shown.setdefault(name, []).append(sum(bool(items) for items in one.values()))
    figures: dict[str, Any] = {"customers": asked, "days": len(days)}
    for name, many in parts.items():
        merged = {key: np.concatenate([one[key] for one in many]) for key in ("hit_rate", "ndcg")}
        figures[name] = {key: round(float(values.mean()), 4) for key, values in merged.items()}
        figures[name]["shown_to"] = round(sum(shown[name]) / asked, 4)
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), days=tuple(map(int, sys.argv[2:])))))
