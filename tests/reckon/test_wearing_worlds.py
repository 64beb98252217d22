"""Worlds with wear: the table's prices are nearly exact, caps are worse, and the inverted U is learned from counts."""

import numpy as np

from tactful.reckon.fatigue import followed, worn
from tactful.reckon.hazard import Fit, fitted
from tactful.reckon.policies import capped, engine, grouped, nothing, one_for_all, stakes
from tactful.reckon.wearing import WearingWorld
from tactful.testing.mailing import MOST, MailingWorld


def test_a_table_of_value_classes_is_nearly_the_programme_of_every_customer():
    world = WearingWorld()
    crowd = world.crowd(30, seed=2)
    at_stake = stakes(world, crowd=crowd)
    exact = worn(world.wear, classes=at_stake, points=61)
    classes, usual, shared = grouped(at_stake, groups=8)
    table = worn(world.wear, classes=shared)
    fine = np.linspace(0, world.wear.most, 61)
    price = table.price[classes][:, :, table.at(fine)] * usual[:, None, None]
    got = followed(world.wear, classes=at_stake, price=price)
    assert (got.value[:, 0] > 0.99 * exact.value[:, 0]).all()


def test_the_price_beats_every_cap_with_fewer_opt_outs_than_the_best():
    world, people = WearingWorld(), 600
    crowd = world.crowd(people, seed=3)
    ours = world.lived(engine(world, crowd=crowd), people=people, days=180, seed=3)
    caps = [world.lived(capped(world, most=n), people=people, days=180, seed=3) for n in range(1, 6)]
    best = max(caps, key=lambda diary: float(diary.value.sum()))
    assert ours.value.sum() > 1.1 * best.value.sum()
    assert ours.opt_outs.sum() <= best.opt_outs.sum()


def test_a_day_adds_up_and_silence_costs_nothing():
    world = WearingWorld()
    diary = world.lived(one_for_all(world, every=7), people=200, days=30, seed=4)
    assert diary.contacts.tolist()[:8] == [200, 0, 0, 0, 0, 0, 0, diary.reachable[6]]
    assert np.allclose(diary.spend, diary.contacts * 0.02)
    assert np.allclose(diary.value, diary.earned - diary.spend - diary.lost)
    assert (200 - np.cumsum(diary.opt_outs) == diary.reachable).all()
    quiet = world.lived(nothing, people=200, days=30, seed=4)
    assert quiet.value.sum() == 0
    assert quiet.reachable[-1] == 200


def test_no_budget_is_passed_by_a_penny_and_the_same_seed_lives_the_same_life():
    world = WearingWorld(budget=0.50)
    one, other = (world.lived(capped(world, most=7), people=200, days=20, seed=5) for _ in range(2))
    assert (one.spend <= 0.50 + 1e-9).all()
    assert one.contacts.max() == 25
    assert (one.earned == other.earned).all()


def test_the_inverted_u_is_planted_and_found():
    world, mails = MailingWorld(), np.arange(1, MOST + 1)
    assert world.lifetime(mails).argmax() == 6
    _, _, counts = world.lived(60_000, periods=24, seed=6)
    fit = fitted(counts, design=np.column_stack([np.ones(MOST), mails]))
    assert isinstance(fit, Fit)
    learned = MailingWorld(base=float(fit.coefficients[0]), growth=float(fit.coefficients[1])).lifetime(mails)
    assert learned.argmax() == 6
    assert abs(1 - learned[3] / learned.max() - 0.32) < 0.03
    assert abs(1 - learned[9] / learned.max() - 0.16) < 0.03


def test_what_is_expected_is_what_many_lives_come_to():
    world, people = WearingWorld(), 3_000
    policy = capped(world, most=2)
    lived = float(world.lived(policy, people=people, days=60, seed=7).value.sum())
    assert abs(lived / world.expected(policy, people=people, days=60, seed=7) - 1) < 0.03
