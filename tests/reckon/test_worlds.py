"""The worlds hold what they promise, and the same seed is the same world."""

import subprocess
import sys

import numpy as np
import pytest

from tactful.reckon.worlds import CoinWorld, PooledWorld, RetailWorld


def test_the_coin_worlds_truth_is_its_value() -> None:
    log = CoinWorld(q=0.8).log(100_000, seed=1)
    value = (log["reward"] * log["target"] / log["logged"]).mean()
    assert value == pytest.approx(CoinWorld(q=0.8).truth, abs=0.01)


def test_seeds_are_worlds() -> None:
    a, b, c = (RetailWorld().customers(50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(a.recency, b.recency)
    assert not np.array_equal(a.recency, c.recency)
    assert (a.recency <= a.age).all()
    assert not (a.coming > 0)[~a.is_alive].any()


def test_pooled_worlds_have_their_spread() -> None:
    cells = PooledWorld(segments=200, cells=20).draw(1)
    assert cells.truth[1:201].std() == pytest.approx(0.03, rel=0.15)
    assert (cells.totals <= cells.counts).all()


def test_the_kernels_arithmetic_loads_no_scipy() -> None:
    code = "import sys, tactful.reckon.chance, tactful.reckon.weighting, tactful.reckon.exact, tactful.reckon.gram\n"
    code += "import tactful.reckon.decay, tactful.reckon.names; print('scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "False"
