"""One customer's profile in plain words: familiarity, knowledge and each fact, taken apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tactful.know.relationship import UNIT
from tactful.project.declared import Project
from tactful.project.facts import Fact
from tactful.words.clock import Clock
from tactful.words.fact import Sensitivity

Profile = Mapping[str, Any]  # Any: a row of profiles, whatever its facts hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One thing that we know, or do not, and what it rests on. Stability: full.

    Attributes:
        name: familiarity, knowledge, stage, or a fact.
        value: as a person reads it; empty where it does not exist.
        because: what it is made of, or why it does not exist.
    """

    name: str
    value: str
    because: tuple[str, ...]


def explain(profile: Profile, *, project: Project, clock: Clock) -> tuple[Explained, ...]:
    """What we know of a customer, and what it rests on.

    Args:
        profile: a row of `profiles`.
        project: the declarations.
        clock: as of when ages are told.
    """
    return (
        _familiarity(profile),
        _knowledge(profile),
        _stage(profile, project=project),
        _said(profile),
        *(_fact(name, fact, profile=profile, clock=clock) for name, fact in project.facts.items()),
    )


def _familiarity(profile: Profile) -> Explained:
    parts = _parts(profile, "familiarity_parts")
    if "undefined" in parts:
        return Explained(name="familiarity", value="", because=(parts["undefined"],))
    expected, days = parts["expected_in_12_months"], _days(parts["order_days"])
    lines = (
        (
            f"relationship {parts['relationship']:.3f} = e / (1 + e), where e = {expected:.2f} days with an order are "
            "expected in the next 12 months"
        ),
        (
            f"reciprocity {parts['reciprocity']:.3f} = (1 + answered) / (2 + contacts), at most 1: they came or "
            f"answered {_times(parts['answered'])}, we wrote {_times(parts['contacts'])}"
        ),
        (
            f"ordered on {days}, {_days(parts['first_to_last_days'])} from first to last, "
            f"{_days(parts['first_to_now_days'])} from the first until now"
        ),
        f"{100 * parts['still_there']:.0f}% likely to be still there",
    )
    return Explained(name="familiarity", value=_share(profile["familiarity"]), because=lines)


def _knowledge(profile: Profile) -> Explained:
    parts = _parts(profile, "knowledge_parts")
    if "undefined" in parts:
        return Explained(name="knowledge", value="", because=(parts["undefined"],))
    lines = (
        (
            f"their history foretold {parts['foretold']} choices with {parts['gain_bits']:+.3f} bits each beyond what "
            f"the segment {parts['segment']!r} tells"
        ),
        (
            f"pulled towards the segment: {parts['shrunk_bits']:+.3f} of the {parts['segment_entropy_bits']:.3f} bits "
            f"to be known, a share of {parts['share_unclipped']:+.3f}, kept between 0 and 1"
        ),
    )
    return Explained(name="knowledge", value=_share(profile["knowledge"]), because=lines)


def _stage(profile: Profile, *, project: Project) -> Explained:
    found = next((stage for stage in project.stages if stage.stage == profile["stage"]), None)
    title = found.title if found and found.title else profile["stage"]
    return Explained(name="stage", value=profile["stage"], because=(title,))


def _said(profile: Profile) -> Explained:
    yes, no = profile.get("consents") or (), profile.get("withdrawn") or ()
    because = [f"yes to {place.replace(':', ' on ')}" for place in yes]
    because += [f"took back {place.replace(':', ' on ')}" for place in no]
    if profile.get("dial"):
        because.append(f"asked for messages no more personal than {profile['dial']}")
    because += [f"does not want to hear of {topic}" for topic in profile.get("topics_off") or ()]
    return Explained(name="said", value=", ".join(yes), because=tuple(because) or ("nothing, and nothing means no",))


def _fact(name: str, fact: Fact, *, profile: Profile, clock: Clock) -> Explained:
    value, as_of = profile.get(name), profile.get(f"{name}__as_of")
    because = [f"{fact.provenance.value}; may be spoken: {fact.speak.value}"]
    if fact.sensitivity is not Sensitivity.ORDINARY:
        because.append(fact.sensitivity.value)
    if fact.keep is not None:
        because.append(_origin(fact))
    if as_of is not None:
        day = as_of.astimezone(ZoneInfo(clock.zone)).date()
        because.append(f"latest of {_days((clock.today - day).days)} ago")
    if value is None:
        because.append(_silence(fact, as_of=as_of))
    return Explained(name=name, value=_plain(value), because=tuple(because))


def _origin(fact: Fact) -> str:
    keep = fact.keep
    assert keep is not None  # the caller looked
    of = f" of {keep.column}" if keep.column else ""
    by = f" by {keep.by}" if keep.by else ""
    window = "" if fact.window == "all" else f", the {fact.window} days before today"
    fading = f", halving every {fact.half_life} days" if fact.half_life else ""
    return f"{keep.how.replace('_', ' ')}{of}{by} over {fact.from_}{window}{fading}"


def _silence(fact: Fact, *, as_of: datetime | None) -> str:
    if as_of is not None and fact.stale_after is not None:
        return f"silent: older than {fact.stale_after} days"
    if fact.needs_count > 1:
        return f"unknown: fewer than {fact.needs_count} rows behind it"
    return "unknown: nothing behind it"


def _parts(profile: Profile, name: str) -> dict[str, Any]:  # Any: numbers and words
    found = profile.get(name)
    return json.loads(found) if found else {"undefined": "not worked out"}


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return value.date().isoformat()
    return str(value)


def _share(units: int) -> str:
    return f"{units / UNIT:.3f}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
