"""Holdouts: the same people every time, independent of each other, and what they would have got is noted."""

from math import erfc, sqrt

import numpy as np

from decide.worlds import CLOCK, PROGRAM, outcomes, prepared, run, shop, why_not, world
from tactful.reckon.chance import draws, share_of_draws
from tactful.words.clock import Clock
from tactful.words.level import Level

HALF = share_of_draws("0.5")


def test_the_universal_holdout_gets_nothing_and_the_ghost_is_noted():
    project = shop(policy={"universal_holdout": "100%", "exploration": {"most": "0%"}})
    inputs = run(project, 10)
    best = outcomes(run(shop(policy={"exploration": {"most": "0%"}}), 10))
    for name, row in outcomes(inputs).items():
        assert (row["outcome_kind"], row["level"], row["held_out_of"]) == ("held_out", "none", ["universal"])
        assert row["ghost_arm_id"] == best[name]["arm_id"]
        assert row["reasons"] == ["held_out"]


def test_a_program_holdout_leaves_other_programs_in_the_running():
    weaker = PROGRAM | {"program": "news", "expect": PROGRAM["expect"] | {"margin": "10 GBP"}}
    project = shop(programs=[PROGRAM | {"holdout": "100%"}, weaker], policy={"exploration": {"most": "0%"}})
    for row in outcomes(run(project, 10)).values():
        assert (row["outcome_kind"], row["program"], row["held_out_of"]) == ("chosen", "news", ["win-back"])
        assert row["ghost_arm_id"] not in (None, row["arm_id"])


def test_who_could_not_have_been_written_to_is_held_out_of_nothing():
    project = shop(policy={"universal_holdout": "100%"})
    row = outcomes(run(project, {"a": {"consents": []}}))["a"]
    assert (row["outcome_kind"], row["held_out_of"], row["ghost_arm_id"]) == ("ineligible", [], None)


def test_a_household_is_held_out_together():
    project = shop(policy={"universal_holdout": "50%"})
    people = {f"c{n}": {"household_id": f"h{n // 4}"} for n in range(400)}
    rows = {
        row["customer_id"]: row["universal_holdout"] for row in prepared(project, world(project, people)).to_pylist()
    }
    homes = [{rows[f"c{n}"] for n in range(4 * home, 4 * home + 4)} for home in range(100)]
    assert all(len(home) == 1 for home in homes)
    assert 30 < sum(home == {True} for home in homes) < 70


def test_M2_the_same_person_stays_whatever_else_is_there():
    people = {f"c{n}": {} for n in range(300)}
    alone = shop(programs=[PROGRAM | {"holdout": "20%"}])
    more = shop(programs=[PROGRAM | {"holdout": "20%"}, PROGRAM | {"program": "news", "holdout": "30%"}])
    held = []
    for project, who in ((alone, people), (more, people), (more, dict(list(people.items())[:100]))):
        inputs = world(project, who)
        rows = prepared(project, inputs).to_pylist()
        held.append({row["customer_id"]: "win-back" in row["held_out_of"] for row in rows})
    assert held[0] == held[1]
    assert held[2] == {name: held[0][name] for name in held[2]}
    later = Clock.at("2011-10-03T12:00:00", zone="Europe/London")  # the same quarter
    rows = prepared(alone, world(alone, people), clock=later).to_pylist()
    assert {row["customer_id"]: "win-back" in row["held_out_of"] for row in rows} == held[0]
    next_quarter = Clock.at("2012-01-03T12:00:00", zone="Europe/London")
    rows = prepared(alone, world(alone, people), clock=next_quarter).to_pylist()
    assert {row["customer_id"]: "win-back" in row["held_out_of"] for row in rows} != held[0]


def test_M2_fifty_holdouts_are_independent_of_each_other():
    """Chi-square with one degree of freedom over all 1,225 pairs; 1% for the whole family by Bonferroni."""
    keys = np.random.default_rng(2).integers(-(2**63), 2**63 - 1, size=20_000)
    flags = [draws(keys, point="salt", purpose="program", salt=f"p{n} 2011Q4") < HALF for n in range(50)]
    pairs = [(a, b) for a in range(50) for b in range(a)]
    worst = 0.0
    for a, b in pairs:
        both = int(np.count_nonzero(flags[a] == flags[b]))
        z = (both - keys.size / 2) / sqrt(keys.size / 4)
        worst = max(worst, abs(z))
    assert erfc(worst / sqrt(2)) > 0.01 / len(pairs)


def test_a_share_is_kept_and_service_is_never_held_out():
    project = shop(programs=[PROGRAM | {"holdout": "20%"}])
    rows = prepared(project, world(project, 3000)).to_pylist()
    assert 500 < sum(bool(row["held_out_of"]) for row in rows) < 700
    service = shop(programs=[PROGRAM | {"purpose": "transactional"}], policy={"universal_holdout": "100%"})
    assert why_not(service, world(service, {"a": {}}), "a", level=Level.ALL, offer=None) == {None}
    assert CLOCK.today.year == 2011
