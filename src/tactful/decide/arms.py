"""Arms: everything that could be said to somebody, as touchpoint × program × level × content × offer; nothing is one.

Costs are whole numbers in the score's unit: a thousandth of the currency's smallest unit (for GBP a thousandth of a
penny), so that a share of a penny is not rounded away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.wanted import grain_of
from tactful.project.declared import Project
from tactful.project.offers import Offer
from tactful.project.programs import LevelPlan, Program
from tactful.store import contracts
from tactful.words import score
from tactful.words.errors import Misuse
from tactful.words.fact import Purpose
from tactful.words.ids import derived_id
from tactful.words.level import Level
from tactful.words.money import Money
from tactful.words.touchpoint import PUSH, Channel

NO_OFFER: Final = "none"


def units(money: Money, *, project: Project) -> int:
    """An amount in the score's unit.

    Raises:
        Misuse: the amount is in another currency than the project's.
    """
    if money.currency != project.settings.currency:
        raise Misuse.say(
            where="costs and margins",
            what=f"{money} is not in the project's currency {project.settings.currency}",
            do="state every amount in the project's currency",
        )
    return score.units(money)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one level of one program says on one kind of touchpoint. Stability: internal.

    Attributes:
        kind: `levels`, or `web` where the program says something of its own on the web.
    """

    program: str
    kind: str
    level: Level
    says: LevelPlan


def plans(project: Project) -> tuple[Plan, ...]:
    """Every plan of a project, in the order of programs, kinds and levels."""
    found = []
    for name in sorted(project.programs):
        program = project.programs[name]
        for kind, levels in (("levels", program.levels), ("web", program.web)):
            found += [Plan(program=name, kind=kind, level=level, says=levels[level]) for level in sorted(levels)]
    return tuple(found)


def plan_kind(program: Program, *, touchpoint: str, level: Level) -> str:
    """Which plan speaks on a touchpoint: the web's own where there is one."""
    return "web" if not Channel.of(touchpoint).is_push and level in program.web else "levels"


def table(project: Project) -> pa.RecordBatch:
    """The `arms` rows of a project: first the nothing arm of each decision kind, then all arms in a fixed order.

    Raises:
        Misuse: a program's push content is missing, or a channel has no stated contact cost.
    """
    touchpoints = sorted({t for p in project.programs.values() for t in p.touchpoints})
    pull = [t for t in touchpoints if not Channel.of(t).is_push]
    rows = [_nothing(kind) for kind in (PUSH, *pull)]
    own = sorted(name for name, offer in project.offers.items() if offer.cost_of is not None)
    for name in sorted(project.programs):
        for touchpoint in project.programs[name].touchpoints:
            rows += list(_arms_of(project, project.programs[name], touchpoint=touchpoint))
    for number, row in enumerate(rows):
        row["arm"] = number
        row["own_cost"] = own.index(row["offer_id"]) if row.get("offer_id") in own else None
    return pa.RecordBatch.from_pylist(rows, schema=contracts.table("arms").schema)


def _nothing(kind: str) -> dict[str, Any]:  # Any: one row of mixed columns
    return {
        "arm_id": derived_id("nothing", kind),
        "touchpoint": kind,
        "channel": PUSH if kind == PUSH else Channel.of(kind).value,
        "purpose": Purpose.MARKETING.value,
        "level": Level.NONE.value,
        "cell_by": [],
        "cost": 0,
        "offer_cost": 0,
        "preview_only": kind != PUSH,
    }


def _arms_of(project: Project, program: Program, *, touchpoint: str) -> Iterator[dict[str, Any]]:  # Any: mixed columns
    channel = Channel.of(touchpoint)
    for level in sorted({*program.levels, *program.web} if not channel.is_push else program.levels):
        plan = (
            program.web[level]
            if plan_kind(program, touchpoint=touchpoint, level=level) == "web"
            else program.levels[level]
        )
        versions = sorted(
            (language, file.content_hash.hex())
            for (content, kind, language), file in project.contents.items()
            if content == plan.content and kind == channel.value
        )
        content = project.content(plan.content, touchpoint=touchpoint, language=project.settings.languages[0])
        if content is None:
            if channel.is_push:
                raise Misuse.say(
                    where=f"program {program.program}",
                    what=f"content {plan.content} has no {channel.value} file",
                    do=f"write content/{plan.content}.mjml",
                )
            continue
        for name in program.offers:
            offer = None if name == NO_OFFER or project.offers[name].kind == "none" else project.offers[name]
            words = [part for version in versions for part in version]
            yield {
                "arm_id": derived_id(touchpoint, program.program, level.value, *words, offer.offer if offer else ""),
                "touchpoint": touchpoint,
                "channel": channel.value,
                "program": program.program,
                "purpose": program.purpose.value,
                "level": level.value,
                "content_id": plan.content,
                "content_hash": content.content_hash,
                "offer_id": offer.offer if offer else None,
                "cell_by": list(grain_of(plan)),
                "cost": _cost(project, plan, channel=channel, level=level),
                "offer_cost": offer_cost(offer, project=project),
                "preview_only": not channel.is_push,
            }


def _cost(project: Project, plan: LevelPlan, *, channel: Channel, level: Level) -> int:
    """Cost of contact and of complexity; pull touchpoints cost no contact unless the policy says so."""
    if plan.cost is not None:
        return units(plan.cost, project=project)
    policy = project.policy
    contact = policy.contact_cost.get(channel.value)
    if contact is None and channel.is_push:
        raise Misuse.say(
            where="policy.yaml, contact_cost",
            what=f"says nothing about {channel.value}",
            do=f"state what one message costs, such as {channel.value}: 0.01 {project.settings.currency}",
        )
    stated = [amount for amount in (contact, policy.level_cost.get(level)) if amount is not None]
    return sum(units(amount, project=project) for amount in stated)


def offer_cost(offer: Offer | None, *, project: Project) -> int:
    """Expected cost of promising an offer once: its cost when used times the share that uses it, rounded up."""
    if offer is None or offer.cost is None:
        return 0
    numerator, denominator = offer.used.as_integer_ratio()
    return -(-units(offer.cost, project=project) * numerator // denominator)


def _places(said: Sequence[int | None], *, arms: int) -> NDArray[np.int64]:
    """Places by arm, -1 where none is said; arms sealed before there were any say nothing."""
    return np.array([-1 if place is None else place for place in said or [None] * arms], dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Arms:
    """The arms in memory, by column, for the kernel and for eligibility. Stability: caller.

    Attributes:
        batch: the `arms` rows.
        program, touchpoint, channel, level, offer, content: by arm; None where there is none.
        cost, offer_cost: score units; int64, shape (k,).
        own_cost: place in `inputs.offer_costs` where the offer's cost differs by customer, -1 elsewhere; shape (k,).
    """

    batch: pa.RecordBatch
    program: tuple[str | None, ...]
    touchpoint: tuple[str, ...]
    channel: tuple[str, ...]
    purpose: tuple[str, ...]
    level: tuple[Level, ...]
    offer: tuple[str | None, ...]
    content: tuple[str | None, ...]
    by: tuple[tuple[str, ...], ...]
    cost: NDArray[np.int64]
    offer_cost: NDArray[np.int64]
    preview: NDArray[np.bool_]
    own_cost: NDArray[np.int64]

    @classmethod
    def of(cls, batch: pa.RecordBatch | pa.Table) -> Arms:
        """From `arms` rows, in the order of their number."""
        rows = batch.combine_chunks().to_batches()[0] if isinstance(batch, pa.Table) else batch
        rows = rows.take(np.argsort(rows["arm"].to_numpy(), kind="stable"))
        text = {name: tuple(rows[name].to_pylist()) for name in rows.schema.names}
        return cls(
            batch=rows,
            program=text["program"],
            touchpoint=text["touchpoint"],
            channel=text["channel"],
            purpose=text["purpose"],
            level=tuple(Level(level) for level in text["level"]),
            offer=text["offer_id"],
            content=text["content_id"],
            by=tuple(tuple(by) for by in text["cell_by"]),
            cost=rows["cost"].to_numpy(),
            offer_cost=rows["offer_cost"].to_numpy(),
            preview=np.asarray(text["preview_only"], dtype=np.bool_),
            own_cost=_places(text.get("own_cost", ()), arms=rows.num_rows),
        )

    def __len__(self) -> int:
        """How many arms there are."""
        return len(self.program)

    @cached_property
    def arms_id(self) -> bytes:
        """16 bytes that name exactly this set of arms and what they cost."""
        costs = [f"{a}:{b}" for a, b in zip(self.cost.tolist(), self.offer_cost.tolist(), strict=True)]
        return derived_id("arms", *(i.hex() for i in self.batch["arm_id"].to_pylist()), *costs)

    @cached_property
    def ids(self) -> NDArray[np.bytes_]:
        """The arm ids; 16 bytes each, shape (k,)."""
        return np.frombuffer(b"".join(self.batch["arm_id"].to_pylist()), dtype="V16")

    @cached_property
    def grains(self) -> tuple[tuple[str, ...], ...]:
        """The different `by` of the arms, in order; `inputs.cells` has one entry for each."""
        return tuple(dict.fromkeys(by for by in self.by if by))

    @cached_property
    def grain(self) -> NDArray[np.int64]:
        """Index of each arm's `by` among the grains, or -1; shape (k,)."""
        return np.array([self.grains.index(by) if by else -1 for by in self.by], dtype=np.int64)

    def of_kind(self, touchpoint: str) -> NDArray[np.int64]:
        """The arms that compete at a decision point: all push arms, or those of one pull touchpoint; nothing first."""
        chosen = [
            arm
            for arm in range(len(self))
            if (not self.preview[arm] if touchpoint == PUSH else self.touchpoint[arm] == touchpoint)
        ]
        if not chosen or self.program[chosen[0]] is not None:
            raise Misuse.say(where="arms", what=f"no arm speaks on {touchpoint}", do="name a touchpoint of a program")
        return np.array(chosen, dtype=np.int64)

    @cached_property
    def _found(self) -> dict[tuple[tuple[str, object], ...], tuple[int, ...]]:
        """What was looked for so far: one customer asks a hundred times for the same arms."""
        return {}

    def where(self, **wanted: object) -> tuple[int, ...]:
        """The arms with these values of channel, purpose, program, offer or level; never the nothing arms."""
        name = tuple(wanted.items())
        if name not in self._found:
            columns = [(getattr(self, column), value) for column, value in name]
            self._found[name] = tuple(
                arm for arm, program in enumerate(self.program)
                if program is not None and all(column[arm] == value for column, value in columns)
            )  # fmt: skip
        return self._found[name]

    @property
    def pull_touchpoints(self) -> tuple[str, ...]:
        """Touchpoints that are decided when asked, in order."""
        return tuple(dict.fromkeys(t for t, preview in zip(self.touchpoint, self.preview, strict=True) if preview))
