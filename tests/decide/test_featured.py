"""Features of profiles from Arrow columns: every kind of column, unknown values, and columns that are not there."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from tactful.decide.featured import features
from tactful.reckon.features import BASE, Feature, Form
from tactful.words.errors import Misuse

PROFILES = pa.RecordBatch.from_pydict(
    {
        "familiarity": pa.array([1 << 19, None], pa.int64()),
        "knowledge": pa.array([0, 1 << 20], pa.int64()),
        "orders": pa.array([7, None], pa.int64()),
        "spent": pa.array(["12.50", "0.00"]).cast(pa.decimal128(18, 4)),
        "stage": pa.array(["new", "active"]),
        "is_member": pa.array([True, None]),
        "last": pa.array([datetime(1970, 1, 3, 12, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
        "birth_date": pa.array([date(1970, 1, 11), None]),
    }
)


def of(feature: Feature) -> list[int]:
    return features(PROFILES, [feature])[:, 0].tolist()


def number(column: str, **said: float) -> Feature:
    return Feature(column=column, form=Form.NUMBER, **said)


def test_the_first_features_are_what_every_project_has():
    assert features(PROFILES, BASE).tolist() == [[1, 1 << 19, 1, 0, 1], [1, 0, 0, 1 << 20, 1]]


def test_every_kind_of_column_by_hand():
    assert of(number("orders", centre=3, spread=8)) == [1 << 15, 0]
    assert of(number("spent", centre=0, spread=12.5)) == [1 << 16, 0]
    assert of(number("is_member")) == [1 << 16, 0]
    assert of(number("last", spread=2.5)) == [1 << 16, 0]
    assert of(number("birth_date", spread=10)) == [1 << 16, 0]
    assert of(Feature(column="stage", form=Form.IS, value="active")) == [0, 1]
    assert of(Feature(column="last", form=Form.KNOWN)) == [1, 0]


def test_a_column_that_is_not_there_or_too_large_is_refused():
    with pytest.raises(Misuse, match="no such column"):
        of(number("visits"))
    large = PROFILES.set_column(0, "familiarity", pa.array([2 << 20, 0]))
    with pytest.raises(Misuse, match="above 1"):
        features(large, BASE)


def test_a_row_does_not_depend_on_the_rows_beside_it():
    declared = [*BASE, number("orders", centre=3, spread=8), Feature(column="stage", form=Form.IS, value="new")]
    whole = features(PROFILES, declared)
    assert [features(PROFILES.slice(row, 1), declared)[0].tolist() for row in range(2)] == whole.tolist()
