"""Rules of settings, brand and policy: zones, instants, languages, addresses, paths and references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.fact_use import check_purpose, check_use
from tactful.project.files import leaves_project
from tactful.project.guesses import guess, nearest
from tactful.project.policy import Exploration
from tactful.project.secrets import reference_fault
from tactful.project.wear import Fatigue
from tactful.words.fact import Purpose
from tactful.words.level import Level
from tactful.words.touchpoint import Channel

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(\.[^@\s<>,;\".]+)+")
_CARRIERS = ("file",)


def zone_fault(zone: str) -> tuple[str, str] | None:
    """What is wrong with a zone, and the fix.

    >>> zone_fault("Europe/Lodnon")
    ("there is no zone 'Europe/Lodnon'", "did you mean 'Europe/London'?")
    """
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        return f"there is no zone {zone!r}", guess(zone, among=available_timezones())
    return None


def instant_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with an ISO instant, and the fix."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return f"{text!r} is no instant", "write it as 2011-12-09T12:50:00"
    return None


def check_channel(document: Document, path: Path, *, word: str, of_key: bool = False) -> None:
    """A finding where a word (or the word before the point) is no channel."""
    channels = [channel.value for channel in Channel]
    name = word.split(".", 1)[0]
    if name not in channels:
        what = f"{name!r} is no channel"
        document.fault(path, rule="unknown-channel", what=what, fix=guess(name, among=channels), of_key=of_key)


def check_path(document: Document, path: Path, *, written: str) -> None:
    """A finding where a written path leads out of the project."""
    if why := leaves_project(written):
        fix = "write a path within the project, such as data/orders.csv"
        document.fault(path, rule="outside", what=f"this path may not be used: {why}", fix=fix)


def check_settings(draft: Draft) -> None:
    """Findings within `tactful.yaml`."""
    settings, document = draft.settings, draft.documents.get("tactful.yaml")
    if settings is None or document is None:
        return
    if fault := zone_fault(settings.zone):
        document.fault(("zone",), rule="unknown-zone", what=fault[0], fix=fault[1])
    if settings.clock != "system" and (fault := instant_fault(settings.clock)):
        document.fault(("clock",), rule="instant", what=fault[0], fix=f"{fault[1]}, or system")
    _check_languages(draft, document)
    for key in ("ledger", "lake", "out"):
        check_path(document, (key,), written=getattr(settings, key))
        for name, environment in settings.environments.items():
            if (written := getattr(environment, key, None)) is not None:
                check_path(document, ("environments", name, key), written=written)
    if fault := reference_fault(settings.token_key):
        document.fault(("token_key",), rule="literal-secret", what=fault[0], fix=fault[1])
    for channel, carrier in settings.deliver.items():
        path: Path = ("deliver", channel)
        check_channel(document, path, word=channel, of_key=True)
        if carrier not in _CARRIERS:
            fix = guess(carrier, among=_CARRIERS)
            document.fault(path, rule="unknown-carrier", what=f"nothing delivers by {carrier!r}", fix=fix)
    for number, seed in enumerate(settings.seeds):
        _check_address(document, document.one(("seeds",), number), written=seed)


def _check_languages(draft: Draft, document: Document) -> None:
    settings = draft.settings
    assert settings is not None
    if not settings.languages:
        document.fault(
            ("languages",),
            rule="languages",
            what="a project speaks at least one language",
            fix="write languages: [en]",
        )
    for number, language in enumerate(settings.languages):
        if not _LANGUAGE.fullmatch(language):
            document.fault(
                document.one(("languages",), number),
                rule="languages",
                what=f"{language!r} is no language",
                fix="write en, or pt-BR",
            )
    for language, chain in settings.fallback.items():
        if not _LANGUAGE.fullmatch(language):
            what = f"{language!r} is no language"
            document.fault(("fallback", language), rule="languages", what=what, fix="write en, or pt-BR", of_key=True)
        for number, other in enumerate(chain):
            if other not in settings.languages:
                what, fix = f"{other!r} is not among the project's languages", guess(other, among=settings.languages)
                document.fault(document.one(("fallback", language), number), rule="languages", what=what, fix=fix)


def _check_address(document: Document, path: Path, *, written: str) -> None:
    if not _ADDRESS.fullmatch(written):
        document.fault(path, rule="address", what=f"{written!r} is no e-mail address", fix="write name@example.com")


def is_web_address(written: str) -> bool:
    """Whether a text is an https URL with a host; on this machine, http will do.

    >>> is_web_address("https://shop.example"), is_web_address("http://shop.example"), is_web_address("https://[1")
    (True, False, False)
    """
    try:
        url = urlsplit(written)
        host = url.hostname
    except ValueError:
        return False
    is_local = host in {"localhost", "127.0.0.1"}
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and is_local))


def check_brand(draft: Draft) -> None:
    """Findings within `brand.yaml`."""
    brand, document = draft.brand, draft.documents.get("brand.yaml")
    if brand is None or document is None:
        return
    for key, written in (("from_address", brand.from_address), ("reply_to", brand.reply_to)):
        if written is not None:
            _check_address(document, (key,), written=written)
    for key, written in (("site", brand.site), ("public_url", brand.public_url)):
        if not is_web_address(written):
            document.fault((key,), rule="url", what=f"{written!r} is no https URL", fix="write https://shop.example")
    for number, host in enumerate(brand.hosts):
        if "/" in host or " " in host or not host:
            document.fault(
                document.one(("hosts",), number),
                rule="url",
                what=f"{host!r} is no host",
                fix="write shop.example",
            )
    if not brand.postal_address.strip():
        what = "mail needs a postal address"
        document.fault(("postal_address",), rule="empty-value", what=what, fix="write the sender's address")
    if "{name}" not in brand.salutation.named:
        what = "the salutation with a name does not say {name}"
        document.fault(("salutation", "named"), rule="value", what=what, fix="write Hello {name},")


def _check_floors(draft: Draft, document: Document, *, explore: Exploration) -> None:
    """Arms meant to be explored: they exist, and one of them alone does not take all that is left to chance."""
    contents = {plan.content for program in draft.programs.values() for plan in program.levels.values()}
    for number, floor in enumerate(explore.floors):
        path: Path = ("exploration", "floors", number)
        for word, kind, names in (
            (floor.program, "program", draft.names("programs")),
            (floor.offer, "offer", {*draft.names("offers"), "none"}),
            (floor.content, "content", contents),
        ):
            if word is not None and word not in names:
                fix = guess(word, among=names, called=f"{kind}s")
                document.fault((*path, kind), rule=f"unknown-{kind}", what=f"there is no {kind} {word!r}", fix=fix)
        if floor.least > explore.most:
            what = f"{floor.least:.2%} for one arm is more than is left to chance at all ({explore.most:.2%})"
            document.fault((*path, "least"), rule="value", what=what, fix="write less, or a larger exploration.most")


def _check_fatigue(draft: Draft, document: Document, *, declared: Fatigue) -> None:
    """Channels and segments that exist."""
    for channel in declared.weight:
        check_channel(document, ("fatigue", "weight", channel), word=channel, of_key=True)
    for number, one_class in enumerate(declared.classes):
        if one_class.segment not in draft.names("segments"):
            what = f"there is no segment {one_class.segment!r}"
            fix = guess(one_class.segment, among=draft.names("segments"), called="segments")
            document.fault(("fatigue", "classes", number, "segment"), rule="unknown-segment", what=what, fix=fix)


def _check_holidays(draft: Draft, document: Document, *, countries: Sequence[str]) -> None:
    """A warning where a country is nearly one that an offer names: its holidays would hold for nobody."""
    named = {country for offer in draft.offers.values() for country in offer.countries}
    for country in countries:
        if country not in {*named, "any"} and (near := nearest(country, among=named, closeness=0.85)):
            what = f"holidays of {country!r} hold where a profile says exactly that, and offers name {near!r}"
            document.warn(("holidays", country), rule="unknown-country", what=what, fix=f"did you mean {near!r}?")


def check_policy(draft: Draft) -> None:
    """Findings within `policy.yaml`."""
    policy, document = draft.policy, draft.documents.get("policy.yaml")
    if policy is None or document is None:
        return
    for kind, channels in (("caps", policy.caps), ("quiet_hours", policy.quiet_hours)):
        for number, channel in enumerate(entry.channel for entry in channels):
            if channel != "any":
                check_channel(document, (kind, number, "channel"), word=channel)
    for number, one in enumerate(policy.value.features):
        if one.fact is not None:
            at: Path = ("value", "features", number, "fact")
            check_use(document, at, draft=draft, name=one.fact)
            check_purpose(document, at, draft=draft, name=one.fact, purpose=Purpose.MARKETING)
    for number, quiet in enumerate(policy.quiet_hours):
        if quiet.holidays and not policy.holidays:
            what = "these quiet hours hold on public holidays too, and none are declared"
            fix = "write holidays: with a country and its days, such as United Kingdom: [2011-12-26]"
            document.fault(("quiet_hours", number, "holidays"), rule="missing-key", what=what, fix=fix)
    _check_holidays(draft, document, countries=tuple(policy.holidays))
    if policy.fatigue is not None:
        _check_fatigue(draft, document, declared=policy.fatigue)
    for channel in policy.contact_cost:
        check_channel(document, ("contact_cost", channel), word=channel, of_key=True)
    _check_floors(draft, document, explore=policy.exploration)
    sends, complaints = policy.capacity.sends, policy.capacity.complaints
    for shared, named in (("sends", [s.channel for s in sends]), ("complaints", [c.channel for c in complaints])):
        for number, channel in enumerate(named):
            check_channel(document, ("capacity", shared, number, "channel"), word=channel)
    for measure in ("familiarity", "knowledge"):
        needed = getattr(policy.ceiling, measure)
        ladder = sorted(needed, key=lambda level: level.rank)
        for lower, upper in pairwise(ladder):
            if needed[upper] < needed[lower]:
                what = f"{upper.value} asks for less {measure} than {lower.value}"
                path: Path = ("ceiling", measure, upper.value)
                document.fault(
                    path, rule="ladder", what=what, fix="let each level ask at least as much as the one below"
                )
        for level in (Level.ALL, Level.MANY, Level.FEW, Level.ONE):
            if level not in needed and level is not Level.ALL:
                what = f"the ceiling says no {measure} for level {level.value}"
                document.fault(
                    ("ceiling", measure),
                    rule="missing-key",
                    what=what,
                    fix=f"write {level.value}: 0.5, or another number",
                )
