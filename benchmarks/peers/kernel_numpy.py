"""Decisions in float32 by plain NumPy on one core: scores, eligibility, inverse-gap weights, cap, draw, propensity.

As a good engineer would write it: blocks of 4,096 rows, one thread of BLAS, propensities of the drawn arms only.
"""

import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

path, repeats = sys.argv[1], int(sys.argv[2])
world = np.load(path)
features, flags = world["features"].astype(np.float32), world["flags"]
weights, base, gamma, epsilon = world["weights"], world["base"], float(world["gamma"]), float(world["epsilon"])
chance = np.random.default_rng(0).random(len(features), dtype=np.float32)
BLOCK = 4096


def decide(x: np.ndarray, may: np.ndarray, *, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Arm and propensity of a block of rows."""
    rows = np.arange(len(x))
    score = x @ weights.T
    score += base
    score[~may] = -np.inf
    best = score.argmax(axis=1)
    gap = score[rows, best][:, None] - score
    share = 1 / (may.sum(axis=1, dtype=np.float32)[:, None] + gamma * gap)
    share[rows, best] = 0
    total = share.sum(axis=1)
    share *= np.minimum(1, epsilon / np.maximum(total, 1e-9))[:, None]
    share[rows, best] = 1 - share.sum(axis=1)
    arm = (share.cumsum(axis=1) <= u[:, None]).sum(axis=1)
    arm = np.minimum(arm, len(weights) - 1)
    return arm, share[rows, arm]


def everybody() -> tuple[np.ndarray, np.ndarray]:
    """Arm and propensity of all rows."""
    arms, propensities = np.empty(len(features), np.int64), np.empty(len(features), np.float32)
    for start in range(0, len(features), BLOCK):
        part = slice(start, start + BLOCK)
        arms[part], propensities[part] = decide(features[part], flags[part], u=chance[part])
    return arms, propensities


arm, propensity = everybody()
taken = []
for _ in range(repeats):
    begun = time.process_time()
    arm, propensity = everybody()
    taken.append(time.process_time() - begun)
print(
    json.dumps(
        {
            "per_second": len(features) / min(taken),
            "rows": len(features),
            "counts": np.bincount(arm, minlength=len(weights)).tolist(),
            "version": np.__version__,
        }
    )
)
