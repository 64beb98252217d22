"""Recommenders: the battery, numbers by hand, worlds with a known truth, and the choice among them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from decide.recommenders import EVERY, battery, groups
from tactful.decide.recommend.blend import Blend
from tactful.decide.recommend.choosing import choose
from tactful.decide.recommend.filtered import Filtered
from tactful.decide.recommend.frequent import Frequent
from tactful.decide.recommend.history import Bench, History, of_counts
from tactful.decide.recommend.judging import Tally, gain, listed, task
from tactful.decide.recommend.linear import Linear
from tactful.decide.recommend.popular import Popular, popularity
from tactful.decide.recommend.port import Recommender, tuned
from tactful.decide.recommend.sequel import Sequel
from tactful.decide.recommend.similar import Similar
from tactful.decide.recommend.splits import (
    after,
    asked_ones,
    by_popularity,
    drawn,
    last_left_out,
    latest_left_out,
)
from tactful.decide.recommend.worded import Worded
from tactful.words.errors import Misuse


@pytest.mark.parametrize("recommender", EVERY, ids=lambda one: one.name)
def test_every_recommender_passes_the_battery(recommender: Recommender) -> None:
    battery(recommender)


@pytest.mark.parametrize("recommender", EVERY[2:], ids=lambda one: one.name)
def test_what_customers_alike_chose_is_found(recommender: Recommender) -> None:
    """Everybody chooses of one kind: the best unseen item is of that kind."""
    history = groups()
    lists = listed(recommender.fit(Bench(history=history)), history, excludes=True, count=2)
    kinds = np.arange(history.customers) % 3
    assert (lists % 3 == kinds[:, None]).mean() > 0.99


def test_popularity_is_customers_and_with_a_half_life_the_latest_choice() -> None:
    history = History(customers=2, items=2, customer=np.array([0, 0, 1]), item=np.array([0, 0, 1]),
                      age=np.array([9, 2, 1]), ordered=True)  # fmt: skip
    assert popularity(history, half_life=None).tolist() == [1, 1]
    assert popularity(history, half_life=1).tolist() == [2**28, 2**29]


def test_frequency_comes_first_and_popularity_breaks_its_ties() -> None:
    rows = sparse.csr_array(np.array([[2, 0, 0, 0], [0, 1, 1, 0], [0, 1, 0, 0]]))
    scores = Frequent().fit(Bench(history=of_counts(rows))).scores(of_counts(rows[:1]))
    assert np.argsort(-scores[0], kind="stable").tolist() == [0, 1, 2, 3]
    assert scores[0, 0] == pytest.approx(np.log(3) + 0.005)
    assert scores[0, 1] == pytest.approx(0.01)


def test_similar_by_hand() -> None:
    rows = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]]))
    model = Similar(powers=(0.5, 0.5, 0.0), shrinkage=0)
    scores = model.fit(Bench(history=of_counts(rows))).scores(of_counts(sparse.csr_array(np.array([[1, 0, 0]]))))
    np.testing.assert_allclose(scores, [[0, 2 / 6**0.5, 1 / 3**0.5]], rtol=1e-4)


def test_a_sequel_is_found_in_its_direction_and_the_last_choice_says_most() -> None:
    item = np.tile([0, 1, 2, 3], 20)
    history = History(customers=20, items=5, customer=np.repeat(np.arange(20), 4), item=item, ordered=True)
    asked = History(customers=1, items=5, customer=np.array([0, 0]), item=np.array([0, 2]), ordered=True)
    scorer = Sequel(spread=0.5, fading=0.5).fit(Bench(history=history))
    assert listed(scorer, asked, excludes=True, count=1).tolist() == [[3]]


def test_ease_on_merged_grams_is_ease_on_all_and_content_reaches_a_cold_item() -> None:
    history = groups()
    cold = replace(history, items=25, content=sparse.vstack([history.content, history.content[:1]], format="csr"))
    plain = Linear(ridge=10).fit(Bench(history=cold)).scores(cold)
    with_words = Linear(ridge=10, content_weight=10).fit(Bench(history=cold)).scores(cold)
    assert not plain[:, 24].any()
    assert (with_words[0::3, 24] > with_words[1::3, 24]).all()


def test_a_cold_item_is_reached_by_its_words() -> None:
    history = groups()
    cold = replace(history, items=25, content=sparse.vstack([history.content, history.content[:1]], format="csr"))
    scores = Worded().fit(Bench(history=cold)).scores(cold.part(0, 2))
    assert scores[0, 24] > 0
    assert scores[1, 24] == 0
    with pytest.raises(Misuse, match="titles"):
        Worded().fit(Bench(history=replace(history, content=None)))


def test_the_head_of_a_large_catalogue_is_modelled_and_the_rest_gets_nothing() -> None:
    scores = Linear(ridge=10, largest=6).fit(Bench(history=groups())).scores(groups())
    assert (np.abs(scores).sum(axis=0) > 0).sum() == 6


def test_ranks_of_a_filter_share_one_decomposition_and_say_the_same() -> None:
    history = groups()
    shared = Bench(history=history, deepest=6)
    Filtered(rank=6).fit(shared)
    a, b = Filtered(rank=3).fit(shared).scores(history), Filtered(rank=3).fit(Bench(history=history)).scores(history)
    np.testing.assert_allclose(a, b, atol=0.02)


def test_fading_counts_occasions_not_rows() -> None:
    history = History(customers=1, items=3, customer=np.zeros(3, int), item=np.array([0, 1, 2]),
                      age=np.array([5, 5, 1]), ordered=True)  # fmt: skip
    assert history.steps.tolist() == [0, 0, 1]
    assert history.recent(0.5).toarray().tolist() == [[0.5, 0.5, 1.0]]


def test_counts_with_ages_make_a_history_in_order_of_time() -> None:
    counts = sparse.csr_array(np.array([[1, 2, 0]]))
    made = of_counts(counts, age=sparse.csr_array(np.array([[3, 9, 0]])))
    assert (made.item.tolist(), made.age is not None and made.age.tolist()) == ([1, 1, 0], [9, 9, 3])
    with pytest.raises(Misuse, match="places"):
        of_counts(counts, age=sparse.csr_array(np.array([[3, 0, 1]])))


def test_splits_lose_nothing_and_hide_what_they_ask_for() -> None:
    history = groups()
    for split in (last_left_out(history), after(history, age=2), drawn(history, share=0.3, repeats=False)):
        assert split.train.item.size + split.truth.nnz == history.item.size
        assert split.repeated == 0
        renumbered = by_popularity(split)
        known = np.bincount(renumbered.train.item, minlength=history.items)
        assert (np.diff(known) <= 0).all()
        assert renumbered.truth.nnz == split.truth.nnz
    kept = drawn(history, share=0.9, repeats=False).train
    assert np.unique(kept.customer).size == history.customers


def test_what_was_chosen_before_is_neither_shown_nor_asked_for() -> None:
    rows = {"customer": np.array([0, 0, 0, 1]), "item": np.array([0, 0, 1, 0]), "age": np.array([9, 1, 1, 9])}
    split = after(History(customers=2, items=3, ordered=True, **rows), age=5)
    assert split.repeated == 0.5
    excluding, including = (task(split, excludes=one) for one in (True, False))
    assert (excluding.sizes.tolist(), including.sizes.tolist()) == ([1], [2])
    assert gain(Popular().fit(Bench(history=split.train)), excluding) == 1.0


def test_the_tally_of_two_customers_by_hand() -> None:
    tally = Tally(known=np.array([4, 2, 1, 0]), customers=4)
    tally.add(np.array([[0, 1], [1, -1]]), np.array([[True, False], [False, False]]), sizes=np.array([2, 1]))
    found = tally.measures()
    assert found["recall@10"] == 0.25
    assert found["hit_rate@10"] == 0.5
    assert found["coverage@10"] == 0.5
    assert found["novelty@10"] == pytest.approx(((0 + 1) / 2 + 1) / 2)


def test_settings_are_changed_one_after_the_other_and_the_best_stays() -> None:
    bench = Bench(history=groups())
    found = tuned(Similar(), bench, judge=lambda scorer: -abs(getattr(scorer, "fading", 0) - 0.7))
    assert isinstance(found.recommender, Similar)
    assert found.recommender.fading == 0.7


def test_the_chosen_blend_beats_popularity_and_its_probabilities_are_true() -> None:
    history = groups(customers=600, items=60)
    split = last_left_out(history)
    choice = choose(last_left_out(split.train), excludes=True)
    scorer = choice.blend.fit(Bench(history=split.train))
    asked = task(split, excludes=True)
    assert gain(scorer, asked) > 2 * gain(Popular().fit(Bench(history=split.train)), asked)
    made = [part.scores(asked.visits) for part in scorer.parts]
    total, about = scorer.blended(made, visits=asked.visits)
    lists = listed(scorer, asked.visits, excludes=True)
    chances = scorer.chances(total, lists, about=about)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert chances.sum() == pytest.approx(asked.hits(lists, first=0).sum(), rel=0.15)


def test_of_some_customers_alone_something_is_held_out_and_the_others_stay_whole() -> None:
    history = groups(customers=60)
    among = asked_ones(history, most=15)
    assert among.sum() == 15
    for split in (last_left_out(history, among=among), latest_left_out(history, share=0.3, among=among),
                  drawn(history, share=0.3, repeats=False, among=among)):  # fmt: skip
        asked = np.diff(split.truth.indptr) > 0
        assert asked.any()
        assert not (asked & ~among).any()
        kept = np.bincount(split.train.customer, minlength=60)
        assert np.array_equal(kept[~among], np.bincount(history.customer, minlength=60)[~among])
        assert split.train.item.size + split.truth.nnz == history.item.size


def test_what_helps_by_chance_alone_is_not_blended() -> None:
    """Customers choose by what is popular: two models of likeness find nothing that popularity would not."""
    draw = np.random.default_rng(3)
    share = 1.0 / np.arange(1, 61)
    item = np.concatenate([draw.choice(60, size=8, replace=False, p=share / share.sum()) for _ in range(400)])
    history = History(customers=400, items=60, customer=np.repeat(np.arange(400), 8), item=item)
    split = last_left_out(history)
    choice = choose(last_left_out(split.train), excludes=True)
    asked = task(split, excludes=True)
    bench = Bench(history=split.train)
    best = gain(Popular().fit(bench), asked)
    assert gain(choice.blend.fit(bench), asked) > 0.93 * best


def test_a_history_without_anybody_to_hold_out_still_gets_a_blend() -> None:
    history = History(customers=3, items=2, customer=np.arange(3), item=np.array([0, 0, 1]))
    choice = choose(last_left_out(history), excludes=True)
    assert choice.tried == ()
    scores = choice.blend.fit(Bench(history=history)).scores(history)
    assert scores[2].argmax() == 0


def test_a_blend_has_positive_weights_and_a_history_known_numbers() -> None:
    with pytest.raises(ValueError, match="weights"):
        Blend(parts=(Popular(),), weights=(0.0,))
    with pytest.raises(ValueError, match="item's number"):
        History(customers=1, items=1, customer=np.array([0]), item=np.array([1]))
    with pytest.raises(ValueError, match="order of customers"):
        History(customers=2, items=1, customer=np.array([1, 0]), item=np.array([0, 0]))
