"""An hour of chance: templates and values by three paths, guided by the branches they reach.

The seed fixes what is tried as long as the code stays the same. Every find is kept with its template and rows' seed.
"""

from __future__ import annotations

import importlib
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.fuzzing import reached
from benchmarks.fuzzing.grammar import PARTIALS, Grammar, Tree, text_of
from benchmarks.report import Goal, Report

SEED = 20_111_223
SECONDS, QUICK_SECONDS = 3_540, 40
_MOST_MEMORY = 3 * 2**30
_HANGS_AFTER = 5
_WATCHED = ("tactful.compose", "liquid")


class Hang(BaseException):
    """An input took longer than any message may."""


@dataclass(slots=True, kw_only=True)
class Hunt:
    """What one run has tried and found."""

    grammar: Grammar
    chance: Random
    corpus: list[Tree] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    executions: int = 0
    rows: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    finds: dict[str, dict[str, object]] = field(default_factory=dict)
    slowest: list[tuple[float, str]] = field(default_factory=list)

    def tree(self) -> Tree:
        """The next template: a new one, or one of the corpus changed; the later ones more often."""
        if not self.corpus or self.chance.random() < 0.15:
            return self.grammar.template()
        newest = int(len(self.corpus) * self.chance.random() ** 0.5)
        return self.grammar.changed(self.corpus[newest], donor=self.chance.choice(self.corpus))

    def note_find(self, name: str, what: str, *, text: str, seed: int, escaped: bool) -> None:
        """Keep the first of each kind, and count the rest."""
        known = self.finds.setdefault(
            name, {"count": 0, "what": what[:600], "template": text[:2_000], "seed": seed, "escaped": escaped}
        )
        if known["count"] == 0 or len(text) < len(str(known["template"])):
            known.update(what=what[:600], template=text[:2_000], seed=seed, escaped=escaped)
            said = f"{self.executions} {name}: {what[:300]!r}\n    {text[:400]!r} {seed} {escaped}"
            print(said, file=sys.stderr, flush=True)
        known["count"] = int(str(known["count"])) + 1

    def note_time(self, seconds: float, text: str) -> None:
        """Keep the twenty slowest."""
        if len(self.slowest) < 20 or seconds > self.slowest[-1][0]:
            self.slowest = sorted([*self.slowest, (round(seconds, 4), text[:1_000])], reverse=True)[:20]


def attempt(hunt: Hunt, *, oracle: Any, envs: dict[bool, Any]) -> None:  # Any: modules imported after the marks
    """One template for four rows by every path."""
    tree, seed, escaped = hunt.tree(), hunt.chance.getrandbits(32), hunt.chance.random() < 0.7
    text = text_of(tree)
    rows = rows_of(seed, filters=hunt.grammar.filters)
    reached.wipe()
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS_AFTER)
    try:
        outcome = oracle.judge(text, env=envs[escaped], rows=rows)
    except oracle.Found as found:
        outcome = "found"
        hunt.note_find(found.args[0], found.args[1], text=text, seed=seed, escaped=escaped)
    except (Exception, Hang) as fault:
        outcome = "found"
        where = traceback.extract_tb(fault.__traceback__)[-1]
        name = f"escaped {type(fault).__name__} in {where.filename.rsplit('/', 1)[-1]}:{where.name}"
        hunt.note_find(name, str(fault), text=text, seed=seed, escaped=escaped)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    hunt.note_time(time.process_time() - begun, text)
    hunt.executions += 1
    hunt.rows += len(rows)
    hunt.outcomes[outcome] = hunt.outcomes.get(outcome, 0) + 1
    fresh = set(reached.reached()) - hunt.seen
    if fresh:
        hunt.seen |= fresh
        if outcome != "refused" or hunt.chance.random() < 0.2:  # what does not parse teaches little when it is changed
            hunt.corpus.append(tree)


def rows_of(seed: int, *, filters: list[str]) -> list[dict[str, Any]]:
    """The four rows of a seed."""
    grammar = Grammar(Random(seed), filters=filters)
    return [grammar.row() for _ in range(4)]


def _hang(*_: object) -> None:
    raise Hang(f"more than {_HANGS_AFTER} s of processor time")


def prepared() -> tuple[Hunt, Any, dict[bool, Any]]:  # Any: modules imported after the marks
    """Everything an attempt needs, imported with the marks in."""
    sys.path.insert(0, str(__import__("pathlib").Path(__file__).parents[1]))
    reached.watch(_WATCHED)
    liquid = importlib.import_module("tactful.compose.liquid")
    limits = importlib.import_module("tactful.compose.limits")
    oracle = importlib.import_module("benchmarks.fuzzing.oracle")
    own = importlib.import_module("tactful.compose.idioms").EXAMPLES
    chance = Random(SEED)
    hunt = Hunt(grammar=Grammar(chance, filters=sorted(limits.FILTERS), tags=tuple(own)), chance=chance)
    return hunt, oracle, {flag: liquid.environment(PARTIALS, escaped=flag) for flag in (True, False)}


def run(*, quick: bool) -> Report:
    """An hour, forty seconds if quick; finds are printed as they come."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    signal.signal(signal.SIGVTALRM, _hang)
    hunt, oracle, envs = prepared()
    begun, told = time.monotonic(), 0.0
    lasts = QUICK_SECONDS if quick else SECONDS
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    while (taken := time.monotonic() - begun) < lasts and not asked:
        attempt(hunt, oracle=oracle, envs=envs)
        if taken - told > 60:
            told = taken
            counts = f"{hunt.executions:,} executions, corpus {len(hunt.corpus):,}, finds {len(hunt.finds)}"
            said = f"{taken:.0f} s: {counts}"
            print(said, file=sys.stderr, flush=True)
    return report(hunt, seconds=time.monotonic() - begun)


def report(hunt: Hunt, *, seconds: float) -> Report:
    """What was tried, reached and found."""
    own, liquid = (reached.share(hunt.seen, package) for package in _WATCHED)
    return Report(
        figures={
            "seed": SEED, "seconds": round(seconds), "executions": hunt.executions, "rows": hunt.rows,
            "corpus": len(hunt.corpus), "outcomes": hunt.outcomes,
            "coverage": {
                "compose_branches": own[0], "compose_branches_in_all": own[1],
                "liquid_branches": liquid[0], "liquid_branches_in_all": liquid[1],
            },
            "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "slowest": [{"seconds": taken, "template": text} for taken, text in hunt.slowest],
            "finds": hunt.finds,
        },
        goals=(Goal(name="kinds of finds", value=len(hunt.finds), at_most=0),),
    )  # fmt: skip
