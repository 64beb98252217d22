"""Rules of offers: what each kind needs, how deep it may go, in which currency, and when it ends."""

from __future__ import annotations

import re
from datetime import datetime

from tactful.project.document import Document, Path
from tactful.project.draft import Draft
from tactful.project.fact_use import check_purpose, check_use, kind_of
from tactful.project.offers import Offer
from tactful.project.rules_of_settings import check_channel, instant_fault
from tactful.project.shape import Declaration
from tactful.words.fact import Purpose
from tactful.words.money import Money

_SLOT = re.compile(r"\{([^}]*)\}")


def check_offers(draft: Draft) -> None:
    """Findings within each offer, and against the brand's deepest discount."""
    most = draft.brand.most_discount if draft.brand else None
    for name, offer in draft.offers.items():
        document = draft.documents[f"offers/{name}.yaml"]
        _check_kind(document, offer=offer)
        _check_words(document, offer=offer)
        _check_times(document, offer=offer)
        if most is not None and offer.kind == "percent" and offer.value is not None and offer.value > most:
            what = f"{offer.value * 100:f}% off is deeper than the brand allows ({most * 100:f}%)"
            document.fault(("value",), rule="too-deep-discount", what=what, fix="offer less, or change brand.yaml")
        for number, channel in enumerate(offer.channels):
            check_channel(document, document.one(("channels",), number), word=channel)
        if offer.cost is not None and "used" not in offer.model_fields_set:
            what = "the cost of an offer counts by the share that uses it"
            document.fault(("cost",), rule="missing-key", what=what, fix="write used: 10%, or another share")
        _check_cost_of(draft, document, offer=offer)


def _check_cost_of(draft: Draft, document: Document, *, offer: Offer) -> None:
    """A cost that goes with a fact: a number that may be used so, and a cost for those of whom it is not known."""
    if offer.cost_of is None:
        return
    path: Path = ("cost_of", "fact")
    name = offer.cost_of.fact
    check_use(document, path, draft=draft, name=name)
    check_purpose(document, path, draft=draft, name=name, purpose=Purpose.MARKETING)
    if (held := kind_of(draft, name)) not in (None, "number"):
        fix = "name a fact that sums money, such as sum(revenue)"
        document.fault(path, rule="kind", what=f"{name!r} holds no numbers ({held})", fix=fix)
    if offer.cost is None:
        what = "what does it cost with those of whom the fact is not known?"
        document.fault(("cost_of",), rule="missing-key", what=what, fix="write cost: beside it, and used:")


def _check_kind(document: Document, *, offer: Offer) -> None:
    """Each kind has its own value and no other's."""
    needs = {"percent": "value", "amount": "amount"}.get(offer.kind)
    for key, given in (("value", offer.value), ("amount", offer.amount)):
        if key == needs and given is None and not document.has((key,)):
            document.fault(("kind",), rule="missing-key", what=f"kind {offer.kind} needs {key}", fix=f"write {key}:")
        elif key != needs and given is not None:
            fix = f"remove it, or write kind: {'percent' if key == 'value' else 'amount'}"
            document.fault((key,), rule="value", what=f"kind {offer.kind} has no {key}", fix=fix)
    if needs == "value" and offer.value == 0:
        document.fault(("value",), rule="value", what="0% off is no offer", fix="write 10%, or kind: none")
    if needs == "amount" and offer.amount is not None and offer.amount.amount <= 0:
        document.fault(("amount",), rule="value", what="nothing off is no offer", fix="write an amount above 0")


def _check_words(document: Document, *, offer: Offer) -> None:
    if offer.kind != "none" and not offer.words.strip():
        what = "an offer says what the customer reads"
        document.fault(("words",), rule="missing-key", what=what, fix="write words: 10% off until {date}")
    if offer.kind == "none" and offer.words.strip():
        document.fault(("words",), rule="value", what="kind none has no words", fix="remove them")
    for key, text in (("words", offer.words), ("terms", offer.terms)):
        for slot in _SLOT.findall(text):
            if slot != "date":
                document.fault(
                    (key,), rule="unknown-slot", what=f"{{{slot}}} is no slot of an offer", fix="write {date}"
                )


def _check_times(document: Document, *, offer: Offer) -> None:
    instants = {}
    for key, text in (("starts", offer.starts), ("ends", offer.ends)):
        if text is None:
            continue
        if fault := instant_fault(text):
            document.fault((key,), rule="instant", what=fault[0], fix=fault[1])
        else:
            instants[key] = datetime.fromisoformat(text).replace(tzinfo=None)
    if len(instants) == 2 and instants["ends"] <= instants["starts"]:
        document.fault(("ends",), rule="value", what="the offer ends before it starts", fix="swap them")


def check_currencies(draft: Draft) -> None:
    """Findings for every amount in another currency than the project's."""
    settings = draft.settings
    if settings is None:
        return
    whole = {file: one for file, one in draft.whole.items() if file != "tactful.yaml"}
    many = {f"{folder}/{name}.yaml": one for folder, parts in draft.many.items() for name, one in parts.items()}
    for file, declaration in {**whole, **many}.items():
        for path, money in _amounts(declaration):
            if money.currency != settings.currency:
                what = f"{money} is not in the project's currency, {settings.currency}"
                fix = f"write the amount in {settings.currency}"
                draft.documents[file].fault(path, rule="currency", what=what, fix=fix)
    for name, source in draft.sources.items():
        for table, mapping in source.tables.items():
            stated = mapping.columns.get("currency")
            if stated is not None and stated.value is not None and stated.value != settings.currency:
                what = f"amounts in {stated.value}, the project reckons in {settings.currency}; nothing here converts"
                fix = f"write  currency: {stated.value}  in tactful.yaml, or load amounts in {settings.currency}"
                at = ("tables", table, "columns", "currency", "value")
                draft.documents[f"sources/{name}.yaml"].fault(at, rule="currency", what=what, fix=fix)


def _amounts(part: object) -> list[tuple[tuple[str | int, ...], Money]]:
    """Every amount of money in a declaration, with the path at which the user wrote it."""
    if isinstance(part, Money):
        return [((), part)]
    inner: list[tuple[str | int, object]] = []
    if isinstance(part, Declaration):
        fields = type(part).model_fields
        inner = [(fields[name].alias or name, getattr(part, name)) for name in sorted(part.model_fields_set)]
    elif isinstance(part, dict):
        inner = [(str(getattr(key, "value", key)), value) for key, value in part.items()]
    elif isinstance(part, tuple):
        inner = list(enumerate(part))
    return [((key, *path), money) for key, value in inner for path, money in _amounts(value)]
