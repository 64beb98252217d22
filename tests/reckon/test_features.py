"""Features: hand-worked units of every form, within their limit, a row like the rows beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.reckon.exact import FEATURE_LIMIT, WIDEST
from tactful.reckon.features import BASE, Feature, Form, names, units
from tactful.words.errors import Misuse

NUMBER = Feature(column="orders", form=Form.NUMBER, centre=3.0, spread=2.0)


def test_every_form_by_hand():
    known = [True, True, False]
    assert units(BASE[0], values=(), known=known).tolist() == [1, 1, 1]
    assert units(BASE[1], values=[7, 1 << 20, 5], known=known).tolist() == [7, 1 << 20, 0]
    assert units(BASE[2], values=(), known=known).tolist() == [1, 1, 0]
    assert units(Feature(column="x", form=Form.IS, value="a"), values=[True, False, True], known=known).tolist() == [
        1,
        0,
        0,
    ]
    assert units(NUMBER, values=[5, 2, 9], known=known).tolist() == [65536, -32768, 0]


def test_a_number_far_away_is_brought_to_the_limit():
    assert units(NUMBER, values=[1e12, -1e12], known=[True, True]).tolist() == [FEATURE_LIMIT, -FEATURE_LIMIT]


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.booleans()), max_size=9))
def test_a_row_is_the_same_alone(rows):
    values, known = [v for v, _ in rows], [k for _, k in rows]
    together = units(NUMBER, values=values, known=known)
    assert (np.abs(together) <= FEATURE_LIMIT).all()
    for place, (value, there) in enumerate(rows):
        assert units(NUMBER, values=[value], known=[there])[0] == together[place]


def test_names_carry_their_map_and_are_not_too_many():
    assert names([NUMBER, Feature(column="stage", form=Form.IS, value="new")]) == [
        "number orders (x - 3.0) / 2.0",
        "is stage = new",
    ]
    with pytest.raises(Misuse, match="512 features"):
        names([NUMBER] * (WIDEST + 1))


@pytest.mark.parametrize("wrong", [{"column": ""}, {"spread": 0.0}, {"centre": float("nan")}])
def test_a_feature_without_a_scale_or_column_is_refused(wrong):
    with pytest.raises(ValueError, match=r"column|scale"):
        Feature(**({"column": "orders", "form": Form.NUMBER} | wrong))
