"""Value models that packages bring: frozen, versioned columns that enter as features and are learned upon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.project.declared import Project
from tactful.words.errors import PlugInFailed
from tactful.words.ports import ValueModel

GROUP: Final = "tactful.value_models"
"""An entry point of this group names a `ValueModel`, or a class of which one is made without arguments."""


def models_of(project: Project, *, brought: Iterable[object] | None = None) -> dict[str, ValueModel]:
    """The models that a project's `value:` names, by the column each one fills.

    Args:
        project: says name and version of each.
        brought: models to look among; those of installed packages when left out.

    Raises:
        PlugInFailed: a model is missing, is none, or has another version than the project says.
    """
    wanted = [one for one in project.policy.value.features if one.model is not None]
    if not wanted:
        return {}
    known: dict[str, ValueModel] = {}
    for model in _installed() if brought is None else brought:
        if not isinstance(model, ValueModel):
            raise _failed(repr(model), "has no name, version and predict")
        known[model.name] = model
    found = {}
    for one in wanted:
        name = str(one.model)
        if name not in known:
            raise _failed(name, f"is not installed; there are: {', '.join(sorted(known)) or 'none'}")
        if known[name].version != one.version:
            raise _failed(name, f"is version {known[name].version}, and the project says {one.version}")
        found[one.column] = known[name]
    return found


def _installed() -> Iterable[object]:
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            loaded = entry.load()
            yield loaded() if isinstance(loaded, type) else loaded
        except Exception as error:
            raise _failed(entry.name, f"raised {type(error).__name__}: {error}") from error


def with_models(batch: pa.RecordBatch, models: Mapping[str, ValueModel]) -> pa.RecordBatch:
    """The rows with a column of predictions for each model; null where a model says nothing.

    Args:
        batch: `profiles` rows; a model sees facts, and neither name, address nor id.
        models: column → model.

    Raises:
        PlugInFailed: a model raised, gave another number of rows, or answers otherwise when asked about one row alone.
    """
    seen = pa.Table.from_batches([batch.select([name for name in batch.schema.names if name not in _HIDDEN])])
    for column, model in sorted(models.items()):
        said = _predicted(model, seen)
        if batch.num_rows > 1 and not np.array_equal(_predicted(model, seen.slice(0, 1)), said[:1], equal_nan=True):
            raise _failed(model.name, "answers otherwise about one row alone than among others")
        batch = batch.append_column(column, pa.array(said, mask=~np.isfinite(said)))
    return batch


_HIDDEN: Final = frozenset({"customer_id", "customer_key", "email", "salutation_name", "household_id", "birth_date"})


def _predicted(model: ValueModel, rows: pa.Table) -> NDArray[np.float64]:
    """What a model says, to 24 bits: a library's product of one row differs in the 53rd from that of many."""
    try:
        with np.errstate(over="ignore"):
            said = np.asarray(model.predict(rows), dtype=np.float64).astype(np.float32).astype(np.float64)
    except Exception as error:
        raise _failed(model.name, f"raised {type(error).__name__}: {error}") from error
    if said.shape != (rows.num_rows,):
        raise _failed(model.name, f"gave {said.shape} for {rows.num_rows} rows")
    return said


def _failed(name: str, what: str) -> Exception:
    do = "mend or install the package, or take the model out of value: in policy.yaml"
    return PlugInFailed.say(where=f"value model {name} ({GROUP})", what=what, do=do)
