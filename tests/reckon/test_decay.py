"""Decay weights halve exactly at the half-life and never rise."""

import numpy as np
import pytest

from tactful.reckon import decay
from tactful.words.errors import Misuse


@pytest.mark.parametrize("half_life", [1, 7, 30, 90, 365])
def test_weights_halve_and_never_rise(half_life: int) -> None:
    found = decay.table(half_life)
    assert found[::half_life][:31].tolist() == [1 << (30 - i) for i in range(31)]
    assert (np.diff(found) <= 0).all()
    real = 2.0 ** (30 - np.arange(found.size) / half_life)
    assert np.abs(found - real).max() <= 0.5 + 1e-5
    assert found[-1] == 1


def test_older_than_the_table_is_nothing_and_tomorrow_is_refused() -> None:
    assert decay.weights([[0], [10**9]], half_life_days=90).tolist() == [[1 << 30], [0]]
    with pytest.raises(Misuse, match="negative"):
        decay.weights([-1], half_life_days=90)
    with pytest.raises(Misuse, match="half-life"):
        decay.table(0)
