"""Who is in which audience, as sorted keys that a batch of customers is looked up in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.project.declared import Project
from tactful.reckon.distinct import distinct
from tactful.store import lake
from tactful.words.sealed import Sealed

Inputs = Mapping[str, Sealed | pa.Table]
Keys = NDArray[np.int64]
Number = TypeVar("Number", np.int64, np.uint64)


def audiences(inputs: Inputs, *, project: Project) -> dict[str, Keys]:
    """The customer keys in each program's audience, sorted; from `segments`."""
    rows = lake.read(inputs["segments"], columns=["segment", "customer_key"])
    found = {}
    for name, program in project.programs.items():
        mine = rows.filter(pc.equal(rows["segment"], program.audience))
        found[name] = distinct(mine["customer_key"].to_numpy())
    return found


def everybody(found: Mapping[str, Keys]) -> Keys:
    """The keys in any audience, sorted."""
    return distinct(np.concatenate([np.empty(0, dtype=np.int64), *found.values()]))


def among(keys: NDArray[Number], members: NDArray[Number]) -> NDArray[np.bool_]:
    """Which keys are among the members, which are sorted; shape of `keys`."""
    if members.size == 0:
        return np.zeros(keys.size, dtype=np.bool_)
    at = np.minimum(np.searchsorted(members, keys), members.size - 1)
    found: NDArray[np.bool_] = members[at] == keys
    return found


def counted(keys: Keys, *, of: Keys) -> Keys:
    """How often each key occurs in `of`, which is sorted; shape of `keys`."""
    found: Keys = np.searchsorted(of, keys, side="right") - np.searchsorted(of, keys, side="left")
    return found
