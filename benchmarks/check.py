"""Checking keeps pace: the gate with every rule of the house over good letters of 14 KB, beside composing them.

The letter is the mail of the benchmark `compose`, made lawful (language, footer, subject, preheader, a text part): 12
slots, two conditions, four items with a money filter, escaping on. Every message has a decision with four items and
perhaps an offer, a profile with ten facts, two order lines, checked links. Measured are, in one run and on the same
messages: composing them to UTF-8 bytes; `gate.inspect` over `messages` and `skeletons` as compose hands them on, all
rules of the house, from the reading of the skeletons to the last finding; python-liquid's render of the same parts; and
the scan of all bytes, by the core dependencies and by the extra `fast`. Rates are by processor time on one core; those
on two cores by the clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import liquid
import pyarrow as pa

from benchmarks import letters
from benchmarks.report import Goal, Report
from tactful.check import gate, hyperscan
from tactful.check.rules import RULES
from tactful.check.scan import Scanner
from tactful.words.message import Part

PARTS = (Part.SUBJECT, Part.PREHEADER, Part.HTML, Part.TEXT)


class World:
    """Letters to so many people, ready to be composed and checked."""

    def __init__(self, count: int) -> None:
        self.count = count
        crowd, items = letters.people(count), letters.catalogue()
        self.writer = letters.Writer.of(crowd, items=items)
        self.inputs: dict[str, pa.Table] = {
            **self.writer.tables(),
            "decisions": letters.decisions(crowd),
            "profiles": letters.profiles(crowd),
            "items": items,
            "links": letters.checked(items),
            "transactions": letters.orders(crowd),
        }

    def render(self) -> None:
        """Every message to its bytes, each chunk let go before the next."""
        for _ in self.writer.bytes():
            pass

    def check(self) -> int:
        """All rules over all messages; how many findings."""
        found = gate.inspect(self.inputs, project=letters.project(), clock=letters.CLOCK)
        return sum(batch.num_rows for batch in found)

    def render_and_scan(self, scanner: Scanner) -> int:
        """Every message to its bytes, and every byte searched; how many finds."""
        return sum(len(list(scanner.scan(words))) for made in self.writer.bytes() for words in made.values())


def seconds(act: Callable[[], object], *, repeats: int) -> float:
    """Processor seconds of the quickest of several."""
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        act()
        taken.append(time.process_time() - begun)
    return min(taken)


def scanner(*, is_fast: bool) -> Scanner:
    """What looks for forbidden bytes."""
    return Scanner(never=letters.project().brand.never, is_fast=is_fast)


def python_liquid(world: World, *, count: int, repeats: int) -> float:
    """Microseconds in which python-liquid renders the parts of one letter."""
    texts = {Part.SUBJECT: letters.SUBJECT, Part.PREHEADER: letters.PREHEADER, Part.TEXT: letters.TEXT}
    parsed = []
    for part in PARTS:
        env = liquid.Environment(autoescape=part is Part.HTML)
        env.add_filter("money", lambda value, _: f"£{float(value):,.2f}")
        parsed.append(env.from_string(texts.get(part) or letters.html()))
    contexts = world.writer.contexts(count)

    def act() -> None:
        for one in contexts:
            for template in parsed:
                template.render(**one).encode()

    return seconds(act, repeats=repeats) / count * 1e6


def worker(count: int) -> dict[str, float]:
    """Seconds by the clock that one process takes for its share, after warming up: checked, and scanned either way."""
    world = World(count)
    world.check()
    taken = {}
    for kind in kinds():
        search = scanner(is_fast=kind == "fast") if kind != "check" else None
        begun = time.perf_counter()
        if search is None:
            world.render()
        else:
            world.render_and_scan(search)
        world.check()
        taken[kind] = time.perf_counter() - begun
    return taken


def kinds() -> tuple[str, ...]:
    """What is measured on two cores: rendered and checked, and every byte scanned by core dependencies or the extra."""
    return ("check", "core", "fast") if hyperscan.is_there() else ("check", "core")


def on_two_cores(count: int) -> dict[str, int]:
    """Messages per second by the clock, two processes at once."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        taken = list(pool.map(worker, [count, count]))
    return {kind: int(2 * count / max(one[kind] for one in taken)) for kind in taken[0]}


def run(*, quick: bool) -> Report:
    """262,144 letters, 163,840 if quick, and as many of python-liquid's as seconds allow."""
    count, slow, repeats = (163_840, 300, 2) if quick else (262_144, 4_000, 3)
    world = World(count)
    findings = world.check()
    render = seconds(world.render, repeats=repeats) / count * 1e6
    check = seconds(world.check, repeats=repeats) / count * 1e6
    theirs = python_liquid(world, count=slow, repeats=repeats)
    scans = {}
    for kind in kinds()[1:]:
        search = scanner(is_fast=kind == "fast")
        taken = seconds(lambda: world.render_and_scan(search), repeats=repeats - 1)  # noqa: B023  # called at once
        scans[kind] = taken / count * 1e6 - render
    both = on_two_cores(count // 2)
    made = next(world.writer.bytes())
    return Report(
        figures={
            "messages": count,
            "bytes_of_a_message": sum(len(made[part][0].as_py().encode()) for part in PARTS),
            "rules": len(RULES),
            "findings": findings,
            "render_microseconds": round(render, 2),
            "check_microseconds": round(check, 2),
            "python_liquid_microseconds": round(theirs, 1),
            "scan_microseconds": {name: round(taken, 2) for name, taken in scans.items()},
            "per_second_on_two_cores": both,
        },
        ratios={
            "check_over_render": round(check / render, 2),
            "check_over_python_liquid": round(check / theirs, 4),
            "render_and_check_per_second_and_core": round(1e6 / (render + check)),
        },
        goals=(
            Goal(name="findings in good letters", value=findings, at_most=0),
            Goal(name="check time over compose time", value=round(check / render, 3), at_most=1),
            Goal(name="check time over python-liquid's render", value=round(check / theirs, 4), at_most=0.05),
            Goal(name="rendered and checked a second, 2 cores", value=both["check"], at_least=120_000),
            Goal(name="and every byte scanned, core", value=both["core"], at_least=35_000),
            Goal(name="and every byte scanned, fast", value=both.get("fast"), at_least=50_000),
        ),
        missing=() if hyperscan.is_there() else ("hyperscan (uv sync --extra fast)",),
    )
