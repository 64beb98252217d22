"""Decisions by Vowpal Wabbit: cb_explore_adf with SquareCB, from text and from examples parsed beforehand."""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import vowpalwabbit

path, rows = sys.argv[1], int(sys.argv[2])
world = np.load(path)
features, flags = world["features"][:rows].astype(np.float32), world["flags"][:rows]
scale = float(np.abs(features).max())


def text(x: np.ndarray, may: np.ndarray) -> str:
    """One decision: the customer's features once, and a line for every arm that may be chosen."""
    shared = "shared |S " + " ".join(f"f{place}:{value:.5f}" for place, value in enumerate(x / scale))
    return "\n".join([shared, *(f"|A arm={arm}" for arm in np.flatnonzero(may))])


def rate(act: Callable[[], object]) -> float:
    """Decisions per second of processor time."""
    begun = time.process_time()
    act()
    return len(texts) / (time.process_time() - begun)


texts = [text(x, may) for x, may in zip(features, flags, strict=True)]
work = vowpalwabbit.Workspace("--cb_explore_adf --squarecb --quiet --interactions SA")
for said in texts[:50]:  # it learns a little, so that scores differ
    lines = said.split("\n")
    lines[1] = f"0:-1:0.1 {lines[1]}"
    work.learn(lines)
from_text = rate(lambda: [work.predict(said) for said in texts])
parsed = [work.parse(said) for said in texts]
ready = rate(lambda: [work.predict(one) for one in parsed])
for one in parsed:
    work.finish_example(one)
print(json.dumps({"text_per_second": from_text, "parsed_per_second": ready, "version": vowpalwabbit.__version__}))
