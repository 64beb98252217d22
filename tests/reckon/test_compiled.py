"""Loops are compiled where the extra `fast` is installed, and answer what the plain loop answers."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tactful.reckon import compiled


def _running(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.empty_like(numbers)
    total = 0
    for place in range(numbers.size):
        total += numbers[place]
        found[place] = total
    return found


def test_a_compiled_loop_answers_what_the_plain_loop_answers() -> None:
    if not compiled.is_there():
        pytest.skip("needs the extra `fast`")
    numbers = np.arange(1, 1000, dtype=np.int64) * 7919
    assert compiled.loop(_running)(numbers).tolist() == _running(numbers).tolist()
    assert compiled.loop(_running) is compiled.loop(_running)
