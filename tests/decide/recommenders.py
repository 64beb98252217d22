"""The battery that every recommender passes, and worlds with a known truth."""

import numpy as np
from scipy import sparse

from tactful.decide.recommend.filtered import Filtered
from tactful.decide.recommend.frequent import Frequent
from tactful.decide.recommend.history import Bench, History
from tactful.decide.recommend.linear import Linear
from tactful.decide.recommend.popular import Popular
from tactful.decide.recommend.port import Recommender
from tactful.decide.recommend.sequel import Sequel
from tactful.decide.recommend.similar import Similar
from tactful.decide.recommend.slots import Slots
from tactful.decide.recommend.worded import Worded

EVERY: tuple[Recommender, ...] = (
    Popular(),
    Frequent(),
    Similar(),
    Sequel(),
    Linear(ridge=10),
    Filtered(rank=4),
    Worded(),
    Slots(),
)


def groups(*, customers: int = 120, items: int = 24, kinds: int = 3, seed: int = 0) -> History:
    """Customers each of whom chooses eight different items of one kind; item i is of kind i % kinds, and titled so."""
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(items // kinds)[:6] * kinds + one % kinds for one in range(customers)]
    titles = sparse.csr_array(np.eye(kinds, dtype=np.float32)[np.arange(items) % kinds])
    return History(
        customers=customers, items=items, customer=np.repeat(np.arange(customers), 6), item=np.concatenate(chosen),
        age=np.tile(np.arange(6)[::-1], customers), ordered=True, content=titles,
    )  # fmt: skip


def battery(recommender: Recommender) -> None:
    """What every recommender owes its callers."""
    history = groups()
    scorer = recommender.fit(Bench(history=history))
    scores = scorer.scores(history)
    assert scores.shape == (history.customers, history.items)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    alone = np.concatenate([scorer.scores(history.part(one, one + 1)) for one in range(5)])
    np.testing.assert_allclose(alone, scores[:5], rtol=1e-4, atol=1e-5)
    nobody = History(customers=2, items=history.items, customer=np.zeros(0, int), item=np.zeros(0, int), ordered=True)
    assert np.isfinite(scorer.scores(nobody)).all()
    again = recommender.fit(Bench(history=history)).scores(history)
    np.testing.assert_allclose(again, scores, rtol=1e-4, atol=1e-5)
    for name, values in recommender.choices(history).items():
        assert hasattr(recommender, name)
        assert isinstance(values, list | tuple)
