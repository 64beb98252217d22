"""implicit's ALS on a given split: seconds to train, and recall and NDCG at 20 over the whole catalogue, per size."""

import json
import math
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from implicit import __version__
from implicit.als import AlternatingLeastSquares
from scipy import sparse

train_path, test_path, *sizes = sys.argv[1:]


def pairs(path: str) -> np.ndarray:
    """Rows of `customer,item` numbers below one line of names."""
    return np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.int64)


train, test = pairs(train_path), pairs(test_path)
shape = tuple(np.maximum(train.max(axis=0), test.max(axis=0)) + 1)
rows = sparse.csr_matrix((np.ones(len(train), np.float32), train.T), shape=shape)
truth = sparse.csr_matrix((np.ones(len(test), np.float32), test.T), shape=shape)
known = np.flatnonzero((np.diff(truth.indptr) > 0) & (np.diff(rows.indptr) > 0))
worth = 1 / np.log2(np.arange(2, 22))
ideal = np.concatenate([[0], np.cumsum(worth)])
answers = []
for size in map(int, sizes):
    model = AlternatingLeastSquares(
        factors=size, regularization=0.05, alpha=4.0, iterations=12, random_state=0, use_gpu=False
    )
    begun, used = time.perf_counter(), time.process_time()
    model.fit(rows, show_progress=False)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    recall = gain = 0.0
    for start in range(0, len(known), 2000):
        who = known[start : start + 2000]
        lists, _ = model.recommend(who, rows[who], N=20, filter_already_liked_items=True)
        for one, items in zip(who, lists, strict=True):
            mine = truth.indices[truth.indptr[one] : truth.indptr[one + 1]]
            hit = np.isin(items, mine)
            recall += hit.sum() / len(mine)
            gain += float(hit @ worth) / ideal[min(20, len(mine))]
    answers.append(
        {
            "factors": size,
            "train_seconds": seconds,
            "train_cpu_seconds": cpu,
            "recall@20": recall / len(known),
            "ndcg@20": gain / len(known),
        }
    )
assert all(math.isfinite(one["recall@20"]) for one in answers)
print(json.dumps({"sizes": answers, "version": __version__}))
