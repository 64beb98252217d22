"""Beliefs, prices and the rule of drawing as the kernel reads them: sealed values that carry their own ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.reckon.chance import WHOLE
from tactful.reckon.mixing import PARTS
from tactful.words.errors import Misuse
from tactful.words.ids import customer_key, derived_id
from tactful.words.score import belief_cell, beliefs_id

MOST: Final = "exploration:most"
GAMMA: Final = "exploration:gamma"
CAP: Final = "exploration:cap:"
FLOOR: Final = "exploration:floor:"
BY_COST: Final = frozenset({"budget", "offer_budget"})
"""How the names of resources begin that are used by what an offer costs."""


@dataclass(frozen=True, kw_only=True)
class Beliefs:
    """What each arm is expected to bring. Stability: caller.

    Attributes:
        beliefs_id: 16 bytes.
        mean: score units by arm; 0 for nothing; int64, shape (k,).
        scale: score units of one standard deviation of an outcome, by arm; for nothing the smallest; shape (k,).
        finer: arm → its cells' keys in order and their means, where outcomes tell cells apart.
        features: what the coefficients multiply, in the order of `inputs.features`; empty where there are none.
        coefficients: whole numbers by arm and feature, 0 for nothing; int64, shape (k, len(features)).
        shift: bits by which an arm's product is shifted down; shape (k,).
    """

    beliefs_id: bytes
    mean: NDArray[np.int64]
    scale: NDArray[np.int64]
    finer: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]
    features: tuple[str, ...]
    coefficients: NDArray[np.int64]
    shift: NDArray[np.int64]

    @classmethod
    def of(cls, rows: pa.RecordBatch | pa.Table, *, arms: Arms) -> Beliefs:
        """From `beliefs` rows; their id is made again from what they say.

        Raises:
            Misuse: an arm has no belief, or coefficients are not one per feature.
        """
        table = rows.to_pylist()
        features = _features(table)
        coefficients, shift = np.zeros((len(arms), len(features)), dtype=np.int64), np.zeros(len(arms), dtype=np.int64)
        by_name = {(row["program"], row["cell"]): row for row in table}
        mean, scale = np.zeros(len(arms), dtype=np.int64), np.zeros(len(arms), dtype=np.int64)
        finer: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = {}
        for arm, program in enumerate(arms.program):
            if program is None:
                continue
            name = belief_cell(arms.touchpoint[arm], level=arms.level[arm].value, offer=arms.offer[arm])
            if (program, name) not in by_name:
                raise Misuse.say(where=f"beliefs of {program}", what=f"nothing about {name}", do="seal beliefs again")
            row = by_name[program, name]
            mean[arm], scale[arm] = row["mean"], row["scale"]
            if row["coefficients"] is not None:
                coefficients[arm], shift[arm] = _coefficients(row, width=len(features)), row["shift"] or 0
            below = sorted(
                (customer_key(cell.removeprefix(f"{name}/")), row["mean"])
                for (of, cell), row in by_name.items()
                if of == program and cell.startswith(f"{name}/")
            )
            if below:
                keys, means = zip(*below, strict=True)
                finer[arm] = np.array(keys, dtype=np.int64), np.array(means, dtype=np.int64)
        scale[scale == 0] = min((int(s) for s in scale if s), default=1)
        return cls(
            beliefs_id=beliefs_id(table), mean=mean, scale=scale, finer=finer, features=features,
            coefficients=coefficients, shift=shift,
        )  # fmt: skip


def _features(table: list[dict[str, Any]]) -> tuple[str, ...]:  # Any: rows of mixed columns
    """The features that every row with coefficients was made of, as the rows that name them say."""
    named = {tuple(row["features"]) for row in table if row["features"] is not None}
    if len(named) > 1:
        what = f"{len(named)} different lists of features"
        raise Misuse.say(where="beliefs", what=what, do="seal them together")
    return named.pop() if named else ()


def _coefficients(row: dict[str, Any], *, width: int) -> list[int]:  # Any: a row of mixed columns
    found: list[int] = row["coefficients"]
    if len(found) != width:
        what = f"{len(found)} coefficients for {width} features"
        raise Misuse.say(where=f"beliefs of {row['program']}, {row['cell']}", what=what, do="seal beliefs again")
    return found


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What using each resource costs, and how much of it there is. Stability: caller.

    Attributes:
        price: score units per arm: the sum over resources of price × use / per; int64, shape (k,).
        limits: resource → how much may be used; only where there is a limit.
        use: resource → how much one decision for each arm uses; int64, shape (k,).
        of_resource: resource → its part of `price`, where it has one.
        each: resource → its price, and of how many units that is.
        promised: resource → how much of it is owed, and what a unit that is missing costs in score units.
    """

    prices_id: bytes
    price: NDArray[np.int64]
    limits: dict[str, int]
    use: dict[str, NDArray[np.int64]]
    of_resource: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    each: dict[str, tuple[int, int]] = field(default_factory=dict)
    promised: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pa.RecordBatch | pa.Table, *, arms: Arms) -> Prices:
        """From `prices` rows."""
        use = uses(arms)
        price, limits, said = np.zeros(len(arms), dtype=np.int64), {}, []
        parts: dict[str, NDArray[np.int64]] = {}
        each, promised = {}, {}
        for row in sorted(rows.to_pylist(), key=lambda row: str(row["resource"])):
            if row["resource"].startswith("exploration:"):
                continue
            if row["use"] is not None:
                use[row["resource"]] = np.array(row["use"], dtype=np.int64)
            said += [row["resource"], str(row["price"]), str(row["per"]), str(row["most"]), str(row["use"])]
            part = row["price"] * use.get(row["resource"], np.zeros(len(arms), dtype=np.int64)) // row["per"]
            price, parts = price + part, parts | ({row["resource"]: part} if row["price"] else {})
            each[row["resource"]] = row["price"], row["per"]
            if row["most"] is not None:
                limits[row["resource"]] = row["most"]
            if row.get("least") is not None:
                promised[row["resource"]] = row["least"], row["missing"]
                said += [str(row["least"]), str(row["missing"])]
        return cls(
            prices_id=derived_id("prices", *said), price=price, limits=limits, use=use, of_resource=parts, each=each,
            promised=promised,
        )  # fmt: skip


def uses(arms: Arms) -> dict[str, NDArray[np.int64]]:
    """How much of each resource one decision for each push arm takes; nothing takes nothing."""
    found: dict[str, NDArray[np.int64]] = {}
    for arm, program in enumerate(arms.program):
        if program is None or arms.preview[arm]:
            continue
        offer = arms.offer[arm]
        taken = {f"sends:{program}": 1, f"budget:{program}": int(arms.cost[arm] + arms.offer_cost[arm])}
        if offer is not None:
            taken |= {f"stock:{offer}": 1, f"offer_budget:{offer}": int(arms.offer_cost[arm])}
        for resource, amount in taken.items():
            found.setdefault(resource, np.zeros(len(arms), dtype=np.int64))[arm] = amount
    return found


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule of drawing as deployed: how far it may stray from the best arm. Stability: caller.

    Attributes:
        gamma: units of 1/1024 per standard deviation.
        epsilon: most that all arms but the best may hold, units of 2^-52.
        caps: most that each arm may hold while it is not the best, units of 2^-52; shape (k,).
        floors: least that each arm holds where it may be chosen, units of 2^-52; shape (k,).
        former: the beliefs that the new ones are mixed with; None where the new ones stand alone.
        weight: of the new ones, in units of 1/1024.
    """

    policy_id: bytes
    gamma: int
    epsilon: int
    caps: NDArray[np.int64]
    floors: NDArray[np.int64]
    former: Beliefs | None = None
    weight: int = PARTS

    @classmethod
    def of(cls, rows: pa.RecordBatch | pa.Table, *, arms: Arms, baseline: pa.Table | None = None) -> Rule:
        """From the `exploration:` rows of `prices`, and the `baseline` rows of a run that mixes its beliefs in.

        Raises:
            Misuse: the rows do not say how far to stray.
        """
        said = {row["resource"]: row["most"] for row in rows.to_pylist() if row["resource"].startswith("exploration:")}
        if MOST not in said or GAMMA not in said:
            raise Misuse.say(where="prices", what=f"{MOST} or {GAMMA} is missing", do="make prices by prices.table")
        ids = arms.batch["arm_id"].to_pylist()
        caps = [said.get(f"{CAP}{arm_id.hex()}", WHOLE) for arm_id in ids]
        floors = [said.get(f"{FLOOR}{arm_id.hex()}", 0) for arm_id in ids]
        former = Beliefs.of(baseline, arms=arms) if baseline is not None and baseline.num_rows else None
        weight = PARTS if former is None or baseline is None else int(baseline["weight"][0].as_py())
        more = [f"floors {floors}"] if any(floors) else []
        more += [f"former {former.beliefs_id.hex()} {weight}"] if former is not None else []
        return cls(
            policy_id=derived_id("policy", str(said[GAMMA]), str(said[MOST]), *map(str, caps), *more),
            gamma=said[GAMMA],
            epsilon=said[MOST],
            caps=np.array(caps, dtype=np.int64),
            floors=np.array(floors, dtype=np.int64),
            former=former,
            weight=weight,
        )

    @property
    def is_plain(self) -> bool:
        """Whether boards are drawn from as they are."""
        return self.former is None and not self.floors.any()
