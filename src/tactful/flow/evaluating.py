"""How well recommendations would have done on what customers really chose next: any file, or the project's orders."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.recommend.blend import BlendScorer
from tactful.decide.recommend.choosing import Choice, choose, starts
from tactful.decide.recommend.frequent import Frequent
from tactful.decide.recommend.history import Bench, History, Ints, Scores
from tactful.decide.recommend.judging import DEPTHS, LONGEST, Tally, Task, allowed, task
from tactful.decide.recommend.popular import Popular
from tactful.decide.recommend.port import Recommender
from tactful.decide.recommend.splits import Split
from tactful.decide.recommend.taught import by as taught_by
from tactful.flow import interactions
from tactful.flow.held_out import Asked, history_of, split_of
from tactful.flow.interactions import Interactions
from tactful.flow.manifest import loaded
from tactful.flow.progress import Progress
from tactful.flow.workspace import Workspace
from tactful.reckon import calibration, ranking
from tactful.store import lake, sql
from tactful.store.engines.duckdb import Engine
from tactful.words.errors import Misuse
from tactful.words.estimate import Undefined

FEWEST_JUDGED: Final = 10_000
JUDGED_CELLS: Final = 6_000_000_000
"""Customers x items that are ranked in the test by each model: some minutes; but so many customers at least."""
REPEATS: Final = 0.05
"""Where customers chose at least this share of their next items before, what was chosen before is shown again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluated:
    """What was found. Stability: caller.

    Attributes:
        data: how much of everything there was.
        protocol: how it was cut and what is shown.
        measures: of each model, by name; `popular` is the line to beat.
        blend: its parts with weights and settings, and how settings did on what was held out of the training data.
        beyond: the blend's gain over popularity with a 95 % interval, calibration, customers and items never seen.
        seconds: what took how long.
        notes: what was left out or guessed.
    """

    data: Mapping[str, object]
    protocol: Mapping[str, object]
    measures: Mapping[str, Mapping[str, float]]
    blend: Mapping[str, object]
    beyond: Mapping[str, object]
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:  # Any: printed as JSON
        """As it is printed for programs."""
        names = ("data", "protocol", "measures", "blend", "beyond", "seconds")
        return {name: dict(getattr(self, name)) for name in names} | {"notes": list(self.notes)}


def evaluate(asked: Asked, *, progress: Progress) -> Evaluated:
    """Reads the files, chooses models on a part of the training data, and judges them on what they never saw.

    Raises:
        Misuse: a file, column or time cannot be read, or nothing is left to judge by; says where.
    """
    began = time.monotonic()
    with progress.step("read", says="Reading", total=None) as count:
        rows = interactions.read(asked.file, customer=asked.customer, item=asked.item, time=asked.time)
        test = None
        if asked.test is not None:
            test = interactions.read(asked.test, customer=asked.customer, item=asked.item, time=asked.time)
        words = interactions.titles(asked.titles, item=asked.item) if asked.titles else {}
        count(len(rows.customer) + (len(test.customer) if test else 0))
    return judged(rows, test=test, words=words, asked=asked, progress=progress, began=began)


def evaluate_project(space: Workspace, *, asked: Asked, progress: Progress) -> Evaluated:
    """The same on the orders that the project has loaded, of items that may be named, with their titles.

    `slots` is the model that fills the places of a run's letters, with settings found in the same way.
    """
    began = time.monotonic()
    with progress.step("read", says="Reading the project's orders", total=None) as count:
        with space.ledger.reading() as tx:
            orders, items = (loaded(tx, name, root=space.lake) for name in ("transactions", "items"))
        names = ["customer_id", "item_id", "happened_at", "kind"]
        lines = lake.read(orders, columns=names)
        mine = lines.filter(pc.and_(pc.equal(lines["kind"], "sale"), pc.is_valid(lines["customer_id"])))
        if not mine.num_rows:
            raise Misuse.say(where=str(space.project.root), what="no orders of known customers are loaded",
                             do="run `tactful load` first, or name a file with --evaluate FILE")  # fmt: skip
        with Engine.open() as engine:
            now = engine.table(sql.named("know.items_now"), tables={"items": items})
        words = {
            row["item_id"]: f"{row['title'] or ''} {row['category'] or ''}" for row in now.to_pylist() if _named(row)
        }
        mine = mine.filter(pc.is_in(mine["item_id"], value_set=pa.array(sorted(words), pa.string())))
        moments = mine["happened_at"].cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() // 1_000_000
        rows = Interactions(customer=interactions.text(mine["customer_id"]), item=interactions.text(mine["item_id"]),
                            time=moments, is_clock=True)  # fmt: skip
        count(mine.num_rows)
    return judged(rows, test=None, words=words, asked=asked, progress=progress, began=began)


def _named(item: Mapping[str, Any]) -> bool:  # Any: one row of mixed columns
    """Whether an item may be named to anybody, as in a run."""
    price = item["list_price"]
    return bool(item["sellable"]) and item["sensitive_topic"] is None and (price is None or price > 0)


def judged(
    rows: Interactions, *, test: Interactions | None, words: Mapping[str, str], asked: Asked, progress: Progress,
    began: float,
) -> Evaluated:  # fmt: skip
    """Cut, choose, fit, judge."""
    history, later, unit, twice = history_of(rows, test, words=words)
    split, cut_again = split_of(history, later, asked=asked)
    repeated = split.repeated if later is not None else cut_again(split, False).repeated
    excludes = repeated < REPEATS if asked.seen == "auto" else asked.seen == "exclude"
    inner = cut_again(split, not excludes)
    known = task(split, excludes=excludes, most=max(FEWEST_JUDGED, JUDGED_CELLS // split.train.items))
    if not known.visits.customers:
        raise Misuse.say(where=str(asked.test or asked.file), what="nothing is left to judge by: no known customer"
                         " chooses anything new afterwards", do="cut elsewhere, or try --seen include")  # fmt: skip
    steps = len(starts(inner.train, excludes=excludes)) + 1
    with progress.step("choose", says="Choosing models on a part of the training data", total=steps) as tell:
        choice = choose(inner, excludes=excludes, tell=tell)
    chosen = time.monotonic()
    with progress.step("fit", says="Learning from all training data", total=None):
        lined = _line_to_beat(choice, excludes=excludes)
        if excludes and inner.train.age is not None:
            lined["slots"] = taught_by(inner, days=0).model
        bench = Bench(history=split.train)
        blend, lines = choice.blend.fit(bench), {name: one.fit(bench) for name, one in lined.items()}
    fitted = time.monotonic()
    with progress.step("judge", says="Judging on the test", total=known.visits.customers) as tell:
        found = _Judged(known, split=split)
        found.run(blend, choice=choice, lines=lines, tell=tell)
    seconds = {"choose": chosen - began, "fit": fitted - chosen, "judge": time.monotonic() - fitted}
    cold = _cold(split, blend=blend, excludes=excludes)
    return Evaluated(
        data=_data(split, unit=unit),
        protocol={"split": asked.split, "target": asked.target if asked.split == "time" else "all",
                  "seen": "exclude" if excludes else "include", "chosen_before": round(repeated, 4),
                  "customers_judged": known.visits.customers, "ranked": split.train.items},
        measures={name: tally.measures() for name, tally in found.tallies.items()},
        blend=_told(choice), beyond=found.beyond() | cold,
        seconds={name: round(value, 1) for name, value in seconds.items()},
        notes=rows.notes + (test.notes if test else ()) + twice + _drawn(known, split=split),
    )  # fmt: skip


def _drawn(known: Task, *, split: Split) -> tuple[str, ...]:
    """A note where not everybody who could be was judged."""
    many = int(((np.diff(split.truth.indptr) > 0) & (np.diff(split.train.bounds) > 0)).sum())
    if known.visits.customers < JUDGED_CELLS // split.train.items or many <= known.visits.customers:
        return ()
    return (
        f"{known.visits.customers:,} customers are judged, spread evenly over {many:,} whose next choices are known",
    )


def _line_to_beat(choice: Choice, *, excludes: bool) -> dict[str, Recommender]:
    """Popularity with its best half-life and, where choices are repeated, personal frequency with its best."""
    best = {recommender.name: recommender for recommender, _ in choice.tried}
    lines: dict[str, Recommender] = {"popular": best.get("popular", Popular())}
    if not excludes:
        lines["frequent"] = best.get("frequent", Frequent())
    return lines


def _data(split: Split, *, unit: str) -> dict[str, object]:
    train, truth = split.train, split.truth
    return {
        "customers": train.customers, "items": train.items, "training_rows": int(train.item.size),
        "training_pairs": int(train.chosen().nnz), "test_pairs": int(truth.nnz), "unit_of_ages": unit,
        "titles": train.content is not None,
        "new_items_in_test": round(float(truth[:, _unknown(train)].nnz / max(truth.nnz, 1)), 4),
    }  # fmt: skip


def _unknown(train: History) -> Ints:
    return np.flatnonzero(np.bincount(train.item, minlength=train.items) == 0)


def _told(choice: Choice) -> dict[str, object]:
    def settings(one: Recommender) -> dict[str, object]:
        return {name: getattr(one, name) for name in getattr(one, "__slots__", ())}

    parts = zip(choice.blend.parts, choice.blend.weights, strict=True)
    return {
        "parts": [{"model": one.name, "weight": round(weight, 3), "settings": settings(one)} for one, weight in parts],
        "ndcg@20_held_out": round(choice.score, 5),
        "tried": [{"model": one.name, "ndcg@20_held_out": round(score, 5), "settings": settings(one)}
                  for one, score in choice.tried],
    }  # fmt: skip


def _cold(split: Split, *, blend: BlendScorer, excludes: bool) -> dict[str, object]:
    """How customers fare of whom nothing was known: they get what is popular."""
    asked = task(split, excludes=excludes, cold=True, most=2_000)
    if not asked.visits.customers:
        return {"new_customers": {"judged": 0}}
    hits = []
    for first, visits in asked.blocks():
        lists = ranking.best(blend.scores(visits), count=DEPTHS[0])
        hits.append(asked.hits(lists, first=first).any(axis=1))
    return {"new_customers": {"judged": asked.visits.customers,
                              f"hit_rate@{DEPTHS[0]}": round(float(np.concatenate(hits).mean()), 5)}}  # fmt: skip


class _Judged:
    """One pass over the customers in which every model makes its lists."""

    def __init__(self, asked: Task, *, split: Split) -> None:
        self.asked = asked
        chosen = np.bincount(split.train.chosen().indices, minlength=split.train.items)
        buyers = int(np.count_nonzero(np.diff(split.train.bounds)))
        self._known, self._buyers = chosen, buyers
        self.tallies: dict[str, Tally] = {}
        self._chances: list[np.ndarray] = []
        self._outcomes: list[np.ndarray] = []

    def run(self, blend: BlendScorer, *, choice: Choice, lines: Mapping[str, Any], tell: Any) -> None:  # Any: scorers
        """Judges the lines to beat, the parts of the blend that are not among them, and the blend."""
        names = [part.name for part in choice.blend.parts]
        for first, visits in self.asked.blocks():
            for name, line in lines.items():
                self._list(name, line.scores(visits), visits=visits, first=first)
            made = [part.scores(visits) for part in blend.parts]
            for name, scores in zip(names, made, strict=True):
                if name not in lines and len(names) > 1:
                    self._list(name, scores.copy(), visits=visits, first=first)
            total, about = blend.blended(made, visits=visits)
            lists, hit = self._list("blend", total, visits=visits, first=first)
            if blend.calibration is not None:
                self._chances.append(blend.chances(np.maximum(total, -1), lists, about=about))
                self._outcomes.append(hit)
            tell(visits.customers)

    def _list(self, name: str, scores: Scores, *, visits: History, first: int) -> tuple[Ints, np.ndarray]:
        lists = ranking.best(allowed(scores, visits, excludes=self.asked.excludes), count=LONGEST)
        hit = self.asked.hits(lists, first=first)
        sizes = self.asked.sizes[first : first + len(lists)]
        self.tallies.setdefault(name, Tally(known=self._known, customers=self._buyers)).add(lists, hit, sizes=sizes)
        return lists, hit

    def beyond(self) -> dict[str, object]:
        """The gain over popularity, customer by customer, and how true the probabilities were."""
        gains = {}
        for name in (f"{measure}@{depth}" for measure in ("recall", "ndcg") for depth in DEPTHS):
            more = self.tallies["blend"].each(name) - self.tallies["popular"].each(name)
            wide = 1.96 * float(more.std()) / max(more.size, 1) ** 0.5
            gains[name] = [round(float(more.mean()) + side * wide, 5) for side in (-1, 0, 1)]
        return {"gain_over_popular": gains, "calibration": self._calibration()}

    def _calibration(self) -> dict[str, object]:
        if not self._chances:
            why = Undefined("no customers of the training data could be held out")
            return {"undefined": why.reason}
        chances, outcomes = np.concatenate(self._chances), np.concatenate(self._outcomes)
        found: dict[str, object] = {
            f"ece@{depth}": round(calibration.error(chances[:, :depth].ravel(), outcomes[:, :depth].ravel()), 5)
            for depth in DEPTHS
        }
        shown = slice(None), slice(None, DEPTHS[0])
        found["promised@10"], found["happened@10"] = (round(float(one[shown].mean()), 5) for one in (chances, outcomes))
        return found
