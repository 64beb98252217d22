"""The numbers behind a decision in print: what each arm adds up from, and what was promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tactful.decide.adding_up import AddedUp
from tactful.decide.arms import Arms
from tactful.decide.promised import Promise
from tactful.decide.reasons import arm_name
from tactful.words.score import told

_SHOWN = 2
"""Arms whose numbers are printed: what they got, and the best of the others; `--json` has all of them."""


def lines(made: Sequence[AddedUp], *, arms: Arms, got: str, currency: str) -> Iterator[str]:
    """How what they got, and the best of the rest, adds up.

    Args:
        made: every arm that could be chosen, the best first.
        arms: what there was to say.
        got: the arm they got, in words.
        currency: of the project.
    """
    spoken = [one for one in made if one.parts]
    first = [one for one in spoken if arm_name(arms, one.arm) == got]
    rest = [one for one in spoken if one not in first]
    for one in (*first, *rest)[:_SHOWN]:
        yield ""
        yield f"  How {arm_name(arms, one.arm)} adds up"
        for pull in one.pulls:
            days = "a day" if pull.days == 1 else f"{pull.days} days"
            after = f", after {days} of outcomes of {pull.rows:,} decisions" if pull.days else ""
            yield (
                f"      believed of {pull.of}: {told(pull.believed, currency=currency)} "
                f"(stated {told(pull.stated, currency=currency)}; worth {pull.precision:,} customers{after})"
            )
        for part in one.parts:
            yield f"    {told(part.amount, currency=currency):>12}  {part.what}"
        below = f"{one.gap / one.scale:.3f} deviations below the best" if one.gap else "the best"
        yield f"    {told(one.score, currency=currency):>12}  in all: {below}, drawn with a chance of {one.chance:.2%}"


def facts(made: Sequence[AddedUp], *, arms: Arms) -> list[dict[str, Any]]:  # Any: mixed values
    """The same for programs, of every arm that could be chosen; score units and whole numbers of 2^-52.

    Args:
        made: every arm that could be chosen, the best first.
        arms: what there was to say.
    """
    return [
        {
            "name": arm_name(arms, one.arm),
            "parts": [{"what": part.what, "amount": part.amount} for part in one.parts],
            "pulls": [
                {
                    "of": p.of,
                    "stated": p.stated,
                    "believed": p.believed,
                    "precision": p.precision,
                    "days": p.days,
                    "decisions": p.rows,
                }
                for p in one.pulls
            ],
            "score": one.score,
            "gap": one.gap,
            "scale": one.scale,
            "propensity": one.propensity,
        }
        for one in made
    ]


def promised(promises: Sequence[Promise], *, shown: Sequence[Promise]) -> Iterator[str]:
    """What was promised and still holds, and whether it is shown here.

    Args:
        promises: those in force.
        shown: those that are shown.
    """
    for one in promises:
        terms = ", ".join(f"{name} {value}" for name, value in one.terms.items() if name in {"share", "amount"})
        said = f"{one.offer} ({terms})" if terms else one.offer
        by = f" by {one.program}" if one.program else ""
        here = "shown here" if one in shown else "no arm of this place can show it"
        yield f"  promised{by}: {said} until {one.valid_until:%Y-%m-%d %H:%M} UTC; {here}"
