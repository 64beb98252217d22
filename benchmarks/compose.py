"""Rendering a realistic mail of 14 KB: ours in columns and by row, beside python-liquid, Jinja2 and minijinja.

Everyone starts from data in memory and ends with the UTF-8 bytes of every message. Peers get dictionaries that are
ready; ours gets Arrow columns. Rates are messages per second of processor time on one core, the best of several; the
rate on two cores is by the clock.
"""

from __future__ import annotations

import html
import json
import math
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import liquid
import numpy as np
import pyarrow as pa

from benchmarks import mail
from benchmarks.peer import Missing, run_peer
from benchmarks.report import Goal, Report
from tactful.compose.contents import CompiledContent
from tactful.compose.faults import Source
from tactful.compose.frames import placed
from tactful.compose.joining import joined
from tactful.compose.liquid import Parsed, environment
from tactful.compose.plan import compose
from tactful.compose.rows import RowFunction
from tactful.compose.skeletons import Composer
from tactful.compose.template import Template
from tactful.compose.values import Column, Distinct, Lists, Rows, Tree
from tactful.compose.views import of_array
from tactful.project.declared import ContentFile
from tactful.words.message import Part

MONEY = 'money: "GBP"'
FRAME = 65_536
Joined = tuple[Rows, pa.Array]


def content() -> CompiledContent:
    """The mail as a content with one part."""
    text = mail.template(money=MONEY)
    file = ContentFile(
        content_id="benchmark", kind="liquid", touchpoint="web", language="en", subject="", preheader="", body=text,
        text=None, body_line=1, subject_line=1, preheader_line=1, register="", topics=(), path="mail.liquid",
        content_hash=bytes(16),
    )  # fmt: skip
    template = Template(text, env=environment({}, escaped=True), source=Source.plain(text))
    return CompiledContent(file=file, templates={Part.PAYLOAD: template})


def table(people: list[dict[str, object]], chosen: list[list[int]]) -> pa.Table:
    """Customers and the numbers of their items as Arrow columns."""
    names = {name: [one[name] for one in people] for name in people[0]}
    numbers = {f"item{place}": pa.array([one[place] for one in chosen], pa.int64()) for place in range(4)}
    return pa.table({**names, **numbers})


def shelves(items: list[dict[str, object]]) -> list[Distinct]:
    """The catalogue as it stands at each of the four places: made once for a run."""
    return [placed(items, np.zeros(0, np.int64), at=f"items[{place}]").distinct for place in range(4)]


def columnar(composer: Composer, rows: pa.Table, *, items: list[Distinct]) -> Iterator[Joined]:
    """Every message's bytes, as Arrow arrays: the rows, from which on they count, and the words."""
    for start in range(0, rows.num_rows, FRAME):
        share = rows.slice(start, FRAME)
        known = [name for name in share.column_names if not name.startswith("item")]
        customer = {name: of_array(share[name], f"customer.{name}") for name in known}
        entries: list[object] = [Column(items[place], share[f"item{place}"].to_numpy()) for place in range(4)]
        lengths = np.full(share.num_rows, 4, np.int64)
        roots = {"customer": Tree(customer, "customer"), "items": Lists(lengths, entries, at="items")}
        done = compose(composer, roots, rows=share.num_rows)
        assert not len(done.left), done.reasons
        for group in done.groups:
            begun = 0
            for parts in joined(group.skeleton, group.columns, rows=group.rows):
                words = parts[Part.PAYLOAD]
                yield group.rows[begun : begun + len(words)] + start, words
                begun += len(words)


def in_order(found: Iterable[Joined], count: int) -> list[str]:
    """The messages in the order of their rows."""
    made = [""] * count
    for rows, words in found:
        for row, text in zip(rows.tolist(), words.to_pylist(), strict=True):
            made[row] = text
    return made


def consume(made: Iterable[object]) -> None:
    """Everything that is made, each let go before the next."""
    deque(made, maxlen=0)


def in_turns(*acts: tuple[Callable[[], object], int], repeats: int) -> list[float]:
    """Messages per second of processor time of each act, the best of several.

    They take turns, so that a machine that is slower for a while is slower for all that are compared.
    """
    least = [math.inf] * len(acts)
    for _ in range(repeats):
        for number, (act, _count) in enumerate(acts):
            begun = time.process_time()
            act()
            least[number] = min(least[number], time.process_time() - begun)
    return [count / taken for (_act, count), taken in zip(acts, least, strict=True)]


def by_python_liquid() -> Callable[[dict[str, object]], str]:
    """The mail by python-liquid itself."""
    env = liquid.Environment(autoescape=True)
    env.add_filter("money", lambda value, _: f"£{value:,.2f}")
    parsed = env.from_string(mail.template(money=MONEY))
    return lambda one: str(parsed.render(**one))


def worker(count: int, passes: int) -> list[float]:
    """Seconds by the clock of each pass of one process over its share, begun together with the other's."""
    people, chosen = mail.customers(count), mail.choices(count)
    composer, rows, items = Composer(content()), table(people, chosen), shelves(mail.catalogue())
    taken = []
    for _ in range(passes):
        TOGETHER[0].wait(120)
        begun = time.perf_counter()
        consume(columnar(composer, rows, items=items))
        taken.append(time.perf_counter() - begun)
    return taken


TOGETHER: list[Any] = []
"""The barrier at which the processes wait for each other."""


def meet(barrier: Any) -> None:
    """Tell a process where to wait."""
    TOGETHER.append(barrier)


def on_two_cores(count: int, *, passes: int) -> float:
    """Messages per second by the clock, two processes at once, the best of several passes."""
    context = get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context, initializer=meet, initargs=(context.Barrier(2),)) as pool:
        first, second = (pool.submit(worker, count, passes) for _ in range(2))
        taken = zip(first.result(), second.result(), strict=True)
        return 2 * count / min(max(pair) for pair in taken)


def run(*, quick: bool) -> Report:
    """65,536 messages in columns (16,384 if quick), and as many of the others as seconds allow."""
    count, slow, repeats = (32_768, 1_000, 3) if quick else (131_072, 4_000, 5)
    people, chosen, items = mail.customers(count), mail.choices(count), mail.catalogue()
    contexts: list[dict[str, object]] = [
        {"customer": one, "items": [items[number] for number in numbers]}
        for one, numbers in zip(people[:slow], chosen[:slow], strict=True)
    ]
    by_liquid = by_python_liquid()
    composer, rows, stocked = Composer(content()), table(people, chosen), shelves(items)
    expected = [by_liquid(one) for one in contexts[:600]]
    made = in_order(columnar(composer, rows.slice(0, 600), items=stocked), 600)
    differing = sum(ours != theirs for ours, theirs in zip(made, expected, strict=True))
    function = RowFunction(cast("Parsed", composer.content.templates[Part.PAYLOAD].parsed))
    differing += sum(function.text(one) != want for one, want in zip(contexts, expected, strict=False))
    ours, theirs, alone, noted, recorded = in_turns(
        (lambda: consume(columnar(composer, rows, items=stocked)), count),
        (lambda: consume(by_liquid(one).encode() for one in contexts), slow),
        (lambda: consume(function.words(one) for one in contexts), slow),
        (lambda: consume(composer.write(one) for one in contexts), slow),
        (lambda: consume(map(composer.by_reference, contexts[:300])), 300),
        repeats=2 * repeats,
    )
    differing += sum(composer.write(one) != composer.by_reference(one) for one in contexts[:300])
    peers = {name: peer(name, contexts, repeats=repeats) for name in ("jinja2", "minijinja")}
    answers = {name: one for name, one in peers.items() if not isinstance(one, Missing)}
    rates = {name: float(one["per_second"]) for name, one in answers.items()}
    plain = [html.unescape(one) for one in expected]
    same = {
        name: sum(html.unescape(made) != want for made, want in zip(one["first"], plain, strict=False))
        for name, one in answers.items()
    }
    both = on_two_cores(count, passes=repeats + 2)
    return Report(
        figures={
            "bytes_of_a_message": round(sum(len(one.encode()) for one in expected) / len(expected)),
            "messages": count,
            "columnar_per_second_and_core": int(ours),
            "columnar_per_second_on_two_cores": int(both),
            "row_per_second_and_core": int(alone),
            "row_to_skeleton_and_slots_per_second_and_core": int(noted),
            "reference_to_skeleton_and_slots_per_second_and_core": int(recorded),
            "python_liquid_per_second_and_core": int(theirs),
            "peers_per_second_and_core": {name: int(one) for name, one in rates.items()},
            "messages_that_differ_from_peers_once_unescaped": same,
        },
        ratios={
            "columnar_over_python_liquid": round(ours / theirs, 1),
            "row_over_python_liquid": round(alone / theirs, 1),
            "row_to_skeleton_and_slots_over_reference": round(noted / recorded, 1),
            **{f"columnar_over_{name}": round(ours / one, 1) for name, one in rates.items()},
        },
        goals=(
            Goal(name="messages that differ from python-liquid", value=differing, at_most=0),
            Goal(name="times python-liquid, in columns", value=round(ours / theirs, 1), at_least=20),
            Goal(name="times python-liquid, by row", value=round(alone / theirs, 1), at_least=10),
            Goal(name="times the reference, by row to skeletons", value=round(noted / recorded, 1), at_least=10),
            Goal(name="times Jinja2, in columns", value=ratio(ours, rates.get("jinja2")), at_least=7),
            Goal(name="times minijinja, in columns", value=ratio(ours, rates.get("minijinja")), at_least=3),
            Goal(name="messages per second on 2 cores", value=int(both), at_least=200_000),
        ),
        missing=tuple(str(one) for one in peers.values() if isinstance(one, Missing)),
    )


def ratio(ours: float, theirs: float | None) -> float | None:
    """Ours to theirs; None where they could not be asked."""
    return None if theirs is None else round(ours / theirs, 2)


def peer(name: str, contexts: list[dict[str, object]], *, repeats: int) -> dict[str, Any] | Missing:
    """A peer's rate and its first messages."""
    job = {"template": mail.template(money='money("GBP")'), "contexts": contexts, "repeats": repeats}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(json.dumps(job), "utf-8")
        answer = run_peer(f"render_{name}", [str(path)])
    return answer if isinstance(answer, Missing) else answer.printed
