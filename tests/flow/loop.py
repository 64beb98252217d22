"""A small shop over several weeks: decided, sent, and answered by customers whose answers are known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.town import Shop, Told, agreed, fill, item, link, person, plant, sale, sent, told
from tactful.flow.workspace import Workspace, open_workspace
from tactful.words.ids import customer_key

START = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
WEEK = timedelta(days=7)
METRIC = "net_margin_28d"
Row = Mapping[str, Any]
Spends = Callable[[Row | None, np.random.Generator], float]
"""What somebody spends in the week after a decision, in pounds of revenue; 0 for nothing."""


@dataclass(kw_only=True)
class Loop:
    """The shop, its people and the week it is."""

    shop: Shop
    people: list[dict[str, object]]
    week: int = 0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    @property
    def now(self) -> datetime:
        return START + self.week * WEEK

    def open(self) -> Any:
        """The shop as of this week."""
        return open_workspace(self.shop.root)

    def step(self, spends: Spends, *, send: bool = True) -> Told:
        """One occasion, sent; then a week passes in which people order as they are known to."""
        with self.open() as space:
            found = told(space, occasion=self.now.date().isoformat())
            if send:
                sent(space, found.run)
            self.live(space, found, spends=spends)
        return found

    def live(self, space: Workspace, found: Told, *, spends: Spends) -> None:
        """A week: orders are loaded, and the clock goes on."""
        rows = [order(str(one["customer_id"]), at=self.now + timedelta(days=int(self.rng.integers(1, 6))),
                      pounds=pounds, number=self.week)
                for one in self.people
                if (pounds := spends(found.decisions.get(str(one["customer_id"])), self.rng))]  # fmt: skip
        # somebody without a name orders on the last day: so the week is known to be over
        rows.append(order("nobody", at=self.now + WEEK, pounds=1.0, number=self.week) | {"customer_id": None,
                    "customer_key": None})  # fmt: skip
        fill(space, transactions=rows)
        before = self.now.isoformat()
        self.week += 1
        self.shop.change("tactful.yaml", before, self.now.isoformat())


def order(name: str, *, at: datetime, pounds: float, number: int, kind: str = "sale") -> dict[str, object]:
    """One line."""
    return sale(
        name, "cup", order_id=f"o-{name}-{number}-{kind}", happened_at=at, kind=kind,
        unit_price=Decimal(str(round(pounds, 2))), quantity=1 if kind == "sale" else -1,
    )  # fmt: skip


def planted(folder: Path, *, people: int = 240, holdout: str = "40%", more: str = "") -> Loop:
    """The shop with so many customers, a program of which some are held out, and a metric of a week."""
    shop = plant(folder)
    shop.change("metrics.yaml", "window: 28 days", "window: 7 days")
    shop.change("programs/letter.yaml", "expect:", f"holdout: {holdout}\nexpect:")
    shop.change("policy.yaml", "exploration: {most: 0%}", f"exploration: {{most: 45%}}\n{more}")
    everybody = [person(f"p{number}") for number in range(people)]
    loop = Loop(shop=shop, people=everybody)
    with loop.open() as space:
        fill(
            space,
            customers=everybody,
            items=[item("cup"), item("bowl")],
            transactions=[sale(str(one["customer_id"]), bought) for one in everybody for bought in ("cup", "bowl")],
            consents=agreed(everybody),
            links=[link("cup"), link("bowl")],
        )
    return loop


def key_of(name: str) -> int:
    return customer_key(name)
