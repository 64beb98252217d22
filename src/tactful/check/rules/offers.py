"""Rules about offers: decided, declared, said as declared, alive when the letter is opened, and not in service mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tactful.check import patterns
from tactful.check.bones import unmarked
from tactful.check.encoded import together
from tactful.check.reading import days_in, offer_end, offer_starts
from tactful.check.rule import Hit, Messages, Rule, Use
from tactful.project.offers import Offer
from tactful.words.finding import Severity

EARLIEST_OPENING = timedelta(hours=24)
"""How long after the send an offer must still hold: many letters are opened the next day."""
_TICK = timedelta(microseconds=1)


def _offers(messages: Messages) -> Iterator[tuple[str, Offer | None, NDArray[np.int64]]]:
    """Offers decided, with the rows that have each; "none" is no offer."""
    column = messages.block.encoded("offer_id")
    for number, value in enumerate(column.values):
        offer = messages.scene.project.offers.get(value) if value else None
        if value and (offer is None or offer.kind != "none"):
            yield value, offer, column.rows([number])


def _without(messages: Messages) -> NDArray[np.int64]:
    """Rows without an offer."""
    rows = np.ones(len(messages.block), dtype=bool)
    for _, _, having in _offers(messages):
        rows[having] = False
    return np.flatnonzero(rows)


def _speaks(messages: Messages) -> bool:
    return bool(messages.use.bones.sources("offer."))


def _unknown(messages: Messages) -> Iterable[Hit]:
    for name, offer, rows in _offers(messages):
        if offer is None:
            yield Hit(what=f"the project declares no offer {name!r}", rows=rows)


def _ends_too_soon(messages: Messages) -> Iterable[Hit]:
    block, now = messages.block, messages.scene.clock.now
    names = [name for name in ("decided_at", "valid_until", "due_at") if name in block.tables.decisions.column_names]
    times = together([block.encoded(name) for name in names])
    zone = messages.scene.project.settings.zone
    for name, offer, rows in _offers(messages):

        def is_late(moments: tuple[Any, ...]) -> bool:  # Any: instants, the last may be None or absent
            decided, valid, due = (*moments, None)[:3]
            beyond = valid + _TICK  # `valid_until` is the last instant at which it still holds
            end = beyond if offer is None else min(beyond, offer_end(offer, decided_at=decided, zone=zone))  # noqa: B023  # called at once
            return bool(end < max(now, due or now) + EARLIEST_OPENING)

        here = times.taken(rows)
        late = [number for number, moments in enumerate(here.values) if is_late(moments)]
        if late:
            yield Hit(what=f"{name} ends before the letter is likely to be opened", rows=rows[here.rows(late)])


def _not_begun(messages: Messages) -> Iterable[Hit]:
    zone = messages.scene.project.settings.zone
    for name, offer, rows in _offers(messages):
        starts = offer_starts(offer, zone=zone) if offer else None
        if starts is not None and starts > messages.scene.clock.now:
            yield Hit(what=f"{name} begins on {starts.date().isoformat()}", rows=rows)


def _other_day(messages: Messages) -> Iterable[Hit]:
    """Days named in the offer's words must be its last day."""
    zone = ZoneInfo(messages.scene.project.settings.zone)
    block, near = messages.block, messages.scene.clock.today
    beside = [block.encoded(name) for name in ("offer_id", "decided_at", "valid_until")]
    offers = {name: offer for name, offer, _ in _offers(messages)}
    for number, slots in messages.use.bones.columns():
        column = block.columns.get(number)
        if not slots[0][1].source.startswith("offer.") or column is None:
            continue

        def differs(values: tuple[Any, ...]) -> bool:  # Any: a text, an offer's id, two instants
            text, offer_id, decided, valid = values
            named, offer = days_in(text or "", near=near), offers.get(offer_id)
            if not named or offer is None:
                return False
            last = offer_end(offer, decided_at=decided, zone=zone.key) - timedelta(microseconds=1)
            return bool(set(named) - {last.astimezone(zone).date(), valid.astimezone(zone).date()})

        told = together([column, *beside])
        wrong = [place for place, values in enumerate(told.values) if differs(values)]
        if wrong:
            yield Hit(what="the day in the words is not the offer's last", rows=told.rows(wrong),
                      place=slots[0][1].source)  # fmt: skip


def _on_service(messages: Messages) -> Iterable[Hit]:
    if messages.use.is_marketing:
        return
    for name, _, rows in _offers(messages):
        yield Hit(what=f"{name} stands in {messages.use.purpose.value} mail", rows=rows)
    if _speaks(messages):
        yield Hit(what=f"an offer is spoken in {messages.use.purpose.value} mail")


def _not_decided(messages: Messages) -> Iterable[Hit]:
    if _speaks(messages) and (rows := _without(messages)).size:
        yield Hit(what="an offer is spoken that was not decided", rows=rows)


def _not_said(messages: Messages) -> Iterable[Hit]:
    if not _speaks(messages):
        for name, _, rows in _offers(messages):
            yield Hit(what=f"{name} was decided and is not said", rows=rows)


def _other_words(messages: Messages) -> Iterable[Hit]:
    """What stands around `{date}` in the declared words must stand in the message."""
    for leaf in ("words", "terms"):
        column = messages.column(f"offer.{leaf}")
        if column is None:
            continue
        for name, offer, rows in _offers(messages):
            if offer is None:
                continue
            pieces = str(getattr(offer, leaf)).split("{date}")
            here = column.taken(rows)
            which = rows[here.rows(n for n, value in enumerate(here.values) if not _fits(value or "", pieces))]
            if which.size:
                yield Hit(what=f"the {leaf} of {name} are not as declared", rows=which, place=f"offer.{leaf}")


def _fits(value: str, pieces: list[str]) -> bool:
    if len(pieces) == 1:
        return value == pieces[0]
    return value.startswith(pieces[0]) and value.endswith(pieces[-1]) and "{date}" not in value


def _not_here(messages: Messages) -> Iterable[Hit]:
    countries = messages.block.profiled("country")
    for name, offer, rows in _offers(messages):
        if offer is None:
            continue
        if offer.channels and messages.use.channel.value not in offer.channels:
            yield Hit(what=f"{name} is not made by {messages.use.channel.value}", rows=rows)
        if offer.countries and countries is not None:
            here = countries.taken(rows)
            which = rows[here.rows(n for n, country in enumerate(here.values) if country not in offer.countries)]
            if which.size:
                yield Hit(what=f"{name} is not made in this customer's country", rows=which)


def _too_deep(messages: Messages) -> Iterable[Hit]:
    most = messages.scene.project.brand.most_discount
    for name, offer, rows in _offers(messages):
        if (
            offer is not None
            and offer.value is not None
            and (offer.value > 1 or (most is not None and offer.value > most))
        ):
            yield Hit(what=f"{name} is {offer.value:.0%} off; the brand goes to {most or 1:.0%}", rows=rows)


def _in_words(use: Use) -> Iterable[Hit]:
    for part, text in use.bones.said.items():
        if found := patterns.OFFER_WORDS.first(unmarked(text)):
            yield Hit(what=f"{found!r} is promised in the words, and by no offer", place=part.value)


def _rule(
    id_: str, *, severity: Severity = Severity.ERROR, place: str = "offer", **more: Any
) -> Rule:  # Any: its fields
    return Rule(id=id_, severity=severity, place=place, **more)


RULES = (
    _rule(
        "offer-unknown",
        why="An offer nobody declared has no terms, no budget and no approval.",
        fix="declare it under offers/",
        message=_unknown,
    ),
    _rule(
        "offer-expired",
        why="An offer that is over when the letter is opened is a broken promise.",
        fix="choose an offer that lasts at least a day beyond the send",
        message=_ends_too_soon,
    ),
    _rule(
        "offer-not-begun",
        why="An offer that does not hold yet is refused at the till.",
        fix="send later, or begin the offer earlier",
        message=_not_begun,
    ),
    _rule(
        "offer-date-differs",
        why="The day people read is the day we are held to.",
        fix="print `offer.words` or `offer.ends` as they are",
        message=_other_day,
    ),
    _rule(
        "offer-on-service-mail",
        why="Service mail that sells is advertising to people who said no to it.",
        fix="leave the offer out, or make the program marketing",
        message=_on_service,
    ),
    _rule(
        "offer-not-decided",
        why="A promise that is in no ledger cannot be kept or counted.",
        fix="speak of an offer only within `{% if offer %}`",
        message=_not_decided,
    ),
    _rule(
        "offer-not-said",
        severity=Severity.WARNING,
        why="An offer that costs and is not said cannot work.",
        fix="render the offer in this content, or take the offer from the program",
        message=_not_said,
    ),
    _rule(
        "offer-words-differ",
        why="Terms are agreed once; other words are other terms.",
        fix="print `offer.words` and `offer.terms` as they are",
        message=_other_words,
    ),
    _rule(
        "offer-not-allowed-here",
        why="An offer that is not valid for its reader is a promise we will break.",
        fix="decide again: eligibility comes before ranking",
        message=_not_here,
    ),
    _rule(
        "offer-too-deep",
        why="How far discounts go is the brand's decision, made once.",
        fix="lower the offer's value, or raise the brand's `most_discount` knowingly",
        message=_too_deep,
    ),
    _rule(
        "offer-in-words",
        severity=Severity.WARNING,
        place="any part",
        why="An offer typed into the words has no budget, no end and no holdout.",
        fix="declare it under offers/ and print `offer.words`",
        skeleton=_in_words,
    ),
)
