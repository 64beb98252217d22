"""The price of a contact: beside the exact dynamic programme of every customer, beside fixed caps, and the inverted U.

Everything happens in public worlds whose truth is known (`tactful.reckon.wearing`, `tactful.testing.mailing`). The
hazards of the inverted U are learned from counts by person and period, as a project would learn them.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.report import Goal, Report
from tactful.reckon.fatigue import POINTS, followed, worn
from tactful.reckon.hazard import Fit, fitted
from tactful.reckon.policies import alone, capped, engine, grouped, nothing, one_for_all, stakes
from tactful.reckon.wearing import Diary, Policy, WearingWorld
from tactful.testing.mailing import MOST, MailingWorld

FINE = 121
HURDLES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


def against_exact(world: WearingWorld, *, people: int) -> dict[str, Any]:
    """Expected value for ever of deciding by the table, as a share of what is best for each single customer."""
    crowd = world.crowd(people, seed=5)
    at_stake = stakes(world, crowd=crowd)
    begun = time.process_time()
    exact = worn(world.wear, classes=at_stake, points=FINE)
    between = time.process_time()
    classes, usual, shared = grouped(at_stake, groups=12)
    table = worn(world.wear, classes=shared)
    done = time.process_time()
    fine = np.linspace(0, world.wear.most, FINE)
    price = table.price[classes][:, :, table.at(fine)] * usual[:, None, None]
    got = followed(world.wear, classes=at_stake, price=price)
    return {
        "customers": people,
        "value_classes": len(shared.remaining),
        "points": POINTS,
        "share_of_exact": float(got.value[:, 0].sum() / exact.value[:, 0].sum()),
        "least_share_of_any_customer": float((got.value[:, 0] / exact.value[:, 0]).min()),
        "exact_seconds": round(between - begun, 3),
        "table_seconds": round(done - between, 3),
    }


def told(diary: Diary, *, people: int) -> dict[str, Any]:
    """A year in a few numbers."""
    return {
        "value": round(float(diary.value.sum())),
        "contacts_per_customer": round(float(diary.contacts.sum()) / people, 1),
        "opt_outs": int(diary.opt_outs.sum()),
        "complaints": int(diary.complaints.sum()),
    }


def year(world: WearingWorld, *, people: int, exact_people: int) -> dict[str, Any]:
    """Twelve months of every policy, the same chance for all."""
    crowd = world.crowd(people, seed=7)
    policies: dict[str, Policy] = {"engine": engine(world, crowd=crowd), "nothing": nothing}
    policies |= {f"at most {n} a week": capped(world, most=n) for n in range(1, 8)}
    policies |= {f"one message for all every {n} days": one_for_all(world, every=n) for n in (3, 7, 14)}
    found = {name: told(world.lived(p, people=people, days=365, seed=7), people=people) for name, p in policies.items()}
    hurdles = {
        f"at most {n} a week above {h}": told(
            world.lived(capped(world, most=n, hurdle=h), people=people, days=365, seed=7), people=people
        )
        for n in (1, 2, 3, 7)
        for h in HURDLES[1:]
    }
    few = world.crowd(exact_people, seed=8)
    both = {
        name: world.expected(policy, people=exact_people, days=365, seed=8)
        for name, policy in (("engine", engine(world, crowd=few)), ("exact", alone(world, crowd=few, points=FINE)))
    }
    return {
        "policies": found,
        "best_cap_with_a_hurdle": max(hurdles.items(), key=lambda item: item[1]["value"]),
        "engine_to_exact_in_twelve_months": both["engine"] / both["exact"],
    }


def inverted_u(*, people: int) -> dict[str, Any]:
    """Lifetime profit by mails a period: planted, and from hazards fitted to the counts of a randomised test."""
    world = MailingWorld()
    number, profit, counts = world.lived(people, periods=48, seed=11)
    mails = np.arange(1, MOST + 1)
    fit = fitted(counts, design=np.column_stack([np.ones(MOST), mails]))
    assert isinstance(fit, Fit), fit
    base, growth = fit.coefficients.tolist()
    learned = MailingWorld(base=base, growth=growth).lifetime(mails)
    seen = profit / number
    curves = {"planted": world.lifetime(mails), "learned": learned, "within_48_periods": seen}
    return {
        "customers": people,
        "base": {"planted": world.base, "learned": base, "error": float(fit.errors[0])},
        "growth": {"planted": world.growth, "learned": growth, "error": float(fit.errors[1])},
        **{
            name: {
                "best": int(mails[curve.argmax()]),
                "lost_at_4": float(1 - curve[3] / curve.max()),
                "lost_at_10": float(1 - curve[9] / curve.max()),
                "curve": [round(float(v), 3) for v in curve / curve.max()],
            }
            for name, curve in curves.items()
        },
    }


def run(*, quick: bool) -> Report:
    """A crowd of 20,000 over a year, 400 others decided exactly, a test among a million; if quick, a tenth or so."""
    world = WearingWorld()
    people, few = (2_000, 40) if quick else (20_000, 400)
    exact = against_exact(world, people=few)
    lived = year(world, people=people, exact_people=few)
    shape = inverted_u(people=250_000 if quick else 1_000_000)
    caps = [one for name, one in lived["policies"].items() if name.startswith("at most")]
    best, ours = max(caps, key=lambda one: one["value"]), lived["policies"]["engine"]
    over, hurdle = ours["value"] / best["value"], lived["best_cap_with_a_hurdle"][1]
    learned = shape["learned"]
    return Report(
        figures={"exact": exact, "year": lived, "inverted_u": shape},
        ratios={
            "value_over_best_cap": round(over, 3),
            "value_over_best_cap_with_a_hurdle": round(ours["value"] / hurdle["value"], 3),
            "opt_outs_over_best_cap": round(ours["opt_outs"] / best["opt_outs"], 3),
            "times_faster_than_exact": round(exact["exact_seconds"] / max(exact["table_seconds"], 1e-3), 1),
        },
        goals=(
            Goal(name="share of the exact dynamic programme", value=exact["share_of_exact"], at_least=0.99),
            Goal(name="the same, twelve months lived", value=lived["engine_to_exact_in_twelve_months"], at_least=0.99),
            Goal(name="twelve-month value over the best fixed cap", value=over, at_least=1.10),
            Goal(name="opt-outs beyond the best fixed cap's", value=ours["opt_outs"] - best["opt_outs"], at_most=0),
            Goal(name="mails a period found best", value=learned["best"], at_least=7, at_most=7),
            Goal(name="share lost at 4 mails", value=learned["lost_at_4"], at_least=0.30, at_most=0.34),
            Goal(name="share lost at 10 mails", value=learned["lost_at_10"], at_least=0.14, at_most=0.18),
        ),
    )
