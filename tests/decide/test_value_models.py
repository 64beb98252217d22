"""Features that a project declares and models that packages bring: frozen, versioned, in the rows that are sealed."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK, PROGRAM, profiles, shop, world
from tactful.decide import arms, eligibility
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs
from tactful.decide.featured import features
from tactful.decide.value_models import models_of, with_models
from tactful.learn import beliefs
from tactful.project.feature_maps import features_of
from tactful.project.value import Value
from tactful.reckon.features import BASE, names
from tactful.words.errors import PlugInFailed


class Trees:
    """What a learner of trees looks like from outside: a name, a version, and a number for each row."""

    name, version = "trees", "2"

    def predict(self, rows: pa.Table) -> np.ndarray:
        known = rows["knowledge"].to_pylist()
        return np.array([np.nan if one is None else one / 2**20 for one in known])


class OfTheBatch(Trees):
    name = "ranks"

    def predict(self, rows: pa.Table) -> np.ndarray:
        return np.arange(rows.num_rows, 0, -1.0)


MODEL = {"model": "trees", "version": "2", "centre": "0.5", "spread": "0.25"}
DECLARED = [
    {"fact": "familiarity", "edges": ["0", "262144", "524288"]},
    {"fact": "stage", "values": ["lapsing", "new"]},
    {"fact": "knowledge", "centre": 524288, "spread": 262144},
]


def test_declared_features_come_after_those_of_every_project_with_their_maps_in_their_names():
    project = shop(policy={"value": {"features": [*DECLARED, MODEL]}})
    found = features_of(project)
    assert found[: len(BASE)] == BASE
    assert names(found)[len(BASE) :] == [
        "between familiarity 0.0 and 262144.0",
        "between familiarity 262144.0 and 524288.0",
        "between familiarity 524288.0 and inf",
        "is stage = lapsing",
        "is stage = new",
        "number knowledge (x - 524288.0) / 262144.0",
        "number model trees@2 (x - 0.5) / 0.25",
        "known model trees@2",
    ]


def test_the_sealed_rows_hold_them():
    project = shop(policy={"value": {"features": DECLARED}})
    inputs = world(project, {"a": {"familiarity": 300_000, "knowledge": 786_432}, "b": {"knowledge": None}})
    rows = {r["customer_id"]: r["features"] for b in eligibility.prepare(inputs, project=project, clock=CLOCK,
            occasion="o") for r in b.to_pylist()}  # fmt: skip
    assert rows["a"][5:] == [0, 1, 0, 1, 0, 65_536]
    assert rows["b"][5:] == [0, 0, 1, 1, 0, 0]


def test_a_library_whose_last_bit_depends_on_the_number_of_rows_is_no_reason_to_stop():
    """Linear models do that: the product of one row is added up in another order than that of many."""

    class Linear(Trees):
        def predict(self, rows):
            said = super().predict(rows)
            return np.nextafter(said, 2) if rows.num_rows == 1 else said

    batch = profiles({name: {"knowledge": 700_001} for name in "abc"}).combine_chunks().to_batches()[0]
    alone = batch.slice(0, 1)
    models = {"model trees@2": Linear()}
    assert with_models(batch, models)[-1][0] == with_models(alone, models)[-1][0]


def test_a_model_fills_a_column_and_is_asked_about_facts_only():
    seen = []

    class Curious(Trees):
        def predict(self, rows):
            seen.append(set(rows.column_names))
            return super().predict(rows)

    project = shop(policy={"value": {"features": [MODEL]}})
    models = models_of(project, brought=[Curious()])
    batch = profiles({"a": {"knowledge": 1 << 20}, "b": {"knowledge": None}}).combine_chunks().to_batches()[0]
    rows = with_models(batch, models)
    made = dict(zip(rows["customer_id"].to_pylist(), features(rows, features_of(project)).tolist(), strict=True))
    assert made["a"][5:] == [2 * 65_536, 1]
    assert made["b"][5:] == [0, 0]
    assert not set.union(*seen) & {"customer_id", "customer_key", "email", "salutation_name", "birth_date"}


@pytest.mark.parametrize(
    ("brought", "declared", "says"),
    [
        ([], MODEL, "is not installed"),
        ([Trees()], MODEL | {"version": "3"}, "is version 2, and the project says 3"),
        ([object()], MODEL, "has no name, version and predict"),
    ],
)
def test_a_model_that_is_not_the_one_declared_is_refused(brought, declared, says):
    project = shop(policy={"value": {"features": [declared]}})
    with pytest.raises(PlugInFailed, match=says):
        models_of(project, brought=brought)


def test_a_model_that_looks_at_its_neighbours_is_refused():
    project = shop(policy={"value": {"features": [MODEL | {"model": "ranks"}]}})
    models = models_of(project, brought=[OfTheBatch()])
    batch = profiles(3).combine_chunks().to_batches()[0]
    with pytest.raises(PlugInFailed, match="otherwise about one row alone"):
        with_models(batch, models)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"fact": "a", "model": "b", "version": "1"}, "one of them"),
        ({"model": "b"}, "says its version"),
        ({"fact": "a", "values": ["x"], "edges": [1]}, "not both"),
        ({"fact": "a", "edges": [2, 1]}, "rise"),
    ],
)
def test_what_is_no_map_is_an_error(said, why):
    with pytest.raises(ValueError, match=why):
        Value.model_validate({"features": [said]})


def test_the_kernel_reads_coefficients_of_the_same_features():
    project = shop(policy={"value": {"features": DECLARED}})
    spoken = arms.table(project)
    rows = beliefs.prior(project, spoken, clock=CLOCK).to_pylist()
    named = names(features_of(project))
    for row in rows:
        if row["cell"] != "/":
            row |= {"features": named, "coefficients": [0] * len(named), "shift": 4}
    table = pa.Table.from_pylist(rows, schema=beliefs.prior(project, spoken, clock=CLOCK).schema)
    found = Beliefs.of(table, arms=Arms.of(spoken))
    assert found.features == tuple(named)
    assert PROGRAM["program"] in {row["program"] for row in rows}
