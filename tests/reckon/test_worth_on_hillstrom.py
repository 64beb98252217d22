"""A real trial of e-mails: choosing by shrunken uplift costs next to nothing where raw means cost a sixth."""

import csv
import gzip
import io

import numpy as np
import pytest

from datasets import dataset
from tactful.reckon.hierarchy import Evidence, Prior, Tree, hang
from tactful.reckon.uplift import Baseline, Sums, against, residual

ARMS = ("No E-Mail", "Womens E-Mail", "Mens E-Mail")
SPLITS = 8


def table() -> dict[str, np.ndarray]:
    raw = (dataset("hillstrom") / "hillstrom.csv.gz").read_bytes()
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(raw).decode())))
    bought = np.array([int(row["mens"]) + 2 * int(row["womens"]) - 1 for row in rows])
    newbie = np.array([int(row["newbie"]) for row in rows])
    recent = np.array([int(row["recency"]) <= 6 for row in rows]).astype(int)
    zips, channels = (np.unique([row[c] for row in rows], return_inverse=True)[1] for c in ("zip_code", "channel"))
    twelve = (bought * 2 + newbie) * 2 + recent
    return {
        "arm": np.array([ARMS.index(row["segment"]) for row in rows]), "12": twelve, "108": (twelve * 3 + zips) * 3
        + channels, "conversion": np.array([float(row["conversion"]) for row in rows]),
        "visit": np.array([float(row["visit"]) for row in rows]),
    }  # fmt: skip


def sums(y: np.ndarray) -> Sums:
    n = float(y.size)
    return Sums(count=n, xx=np.array([[n]]), xy=np.array([float(y.sum())]), yy=float(y @ y))


def shrunken(y: np.ndarray, arm: np.ndarray, segment: np.ndarray, *, groups: int) -> np.ndarray:
    """Uplift of each arm in each segment: segments around their arm, arms around each other; nothing is 0."""
    told = [[sums(y[(arm == a) & (segment == g)]) for g in range(groups)] for a in range(3)]
    variance = residual([each for row in told for each in row], prior=float(y.var()), worth=1.0)
    left = sums(y[arm == 0])
    base = Baseline(mean=left.xy / left.count, rows=left.count / groups)
    evidence = [
        against(told[a][g], told[0][g], variance=variance, baseline=base) for a in (1, 2) for g in range(groups)
    ]
    parents = np.array([-1, 0, 0, *([1] * groups), *([2] * groups)])
    information = np.concatenate([np.zeros((3, 1, 1)), np.array([one for one, _ in evidence])])
    weighted = np.concatenate([np.zeros((3, 1)), np.array([two for _, two in evidence])])
    sd = np.sqrt(variance / 2_000)
    tree = Tree(parents=parents, designs=np.ones((parents.size, 1)), offsets=np.zeros((parents.size, 1)))
    prior = Prior(mean=np.zeros((1, 1)), sd=np.full((1, 1), 10 * sd), spread=np.array([[sd], [sd], [sd / 2]]))
    found = hang(Evidence(information=information, weighted=weighted), tree=tree, prior=prior).means[3:, 0]
    return np.column_stack([np.zeros(groups), found[:groups], found[groups:]])


def raw(y: np.ndarray, arm: np.ndarray, segment: np.ndarray, *, groups: int) -> np.ndarray:
    """Means of each arm in each segment; 0 where there is nobody."""
    cells = [(segment == g) & (arm == a) for g in range(groups) for a in range(3)]
    means = [float(y[cell].mean()) if cell.any() else 0.0 for cell in cells]
    return np.array(means).reshape(groups, 3)


def values(outcome: str, by: str) -> dict[str, float]:
    """Value per customer of each way of choosing, learned on one half and measured on the other, both ways round."""
    data, total = table(), {"raw": 0.0, "shrunken": 0.0, "best": 0.0}
    y, arm, segment = data[outcome], data["arm"], data[by]
    groups = int(by)
    for split in range(SPLITS):
        half = np.random.default_rng(split).permutation(y.size) < y.size // 2
        for learn, test in ((half, ~half), (~half, half)):
            means = np.array([y[learn & (arm == a)].mean() for a in range(3)])
            chosen = {
                "best": np.full(groups, means.argmax()),
                "raw": raw(y[learn], arm[learn], segment[learn], groups=groups).argmax(axis=1),
                "shrunken": shrunken(y[learn], arm[learn], segment[learn], groups=groups).argmax(axis=1),
            }
            share = np.array([(arm[test] == a).mean() for a in range(3)])
            for name, choice in chosen.items():
                told = choice[segment[test]]
                hit = (arm[test] == told) / share[told]
                total[name] += float((means[told] + hit * (y[test] - means[told])).mean()) / (2 * SPLITS)
    return total


@pytest.mark.parametrize("outcome", ["conversion", "visit"])
@pytest.mark.parametrize("by", ["12", "108"])
def test_shrinkage_never_loses_more_than_a_little_against_one_for_all(outcome: str, by: str) -> None:
    found = values(outcome, by)
    assert found["shrunken"] > 0.987 * found["best"], found
    if (outcome, by) == ("conversion", "108"):
        assert found["raw"] < 0.9 * found["best"], found
    assert found["shrunken"] > 0.995 * found["raw"], found
