"""How customers stand with us before anything is weighed: contacts, promises, suppression, shared addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.decide.members import Inputs, Keys, among
from tactful.reckon.distinct import distinct
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.consent import ANY_CHANNEL
from tactful.words.ids import DecisionPoint, customer_key

_EMPTY = np.empty(0, dtype=np.int64)


def keys_of(ids: pa.ChunkedArray | pa.Array) -> Keys:
    """The customer keys of customer ids, in order; each different id is hashed once."""
    if len(ids) == 0:
        return _EMPTY
    coded = (ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids).dictionary_encode()
    known = np.array([customer_key(text) for text in coded.dictionary.to_pylist()], dtype=np.int64)
    found: Keys = known[coded.indices.to_numpy()]
    return found


def micros(column: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Instants as microseconds since 1970."""
    found: NDArray[np.int64] = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return found


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """Contacts that count: those of this occasion left out, so that running it twice decides the same.

    Stability: internal. All columns have shape (n,) and the order of key.
    """

    key: Keys
    channel: NDArray[np.str_]
    purpose: NDArray[np.str_]
    program: NDArray[np.str_]
    happened_at: NDArray[np.int64]

    @classmethod
    def of(cls, inputs: Inputs, *, occasion: str) -> Contacts:
        """From the ledger's `contact` rows, reserved ones included; none where there is no such input."""
        if "contact" not in inputs:
            none = np.empty(0, dtype=np.str_)
            return cls(key=_EMPTY, channel=none, purpose=none, program=none, happened_at=_EMPTY)
        rows = lake.read(inputs["contact"])
        rows = rows.filter(pc.fill_null(pc.not_equal(rows["occasion"], occasion), True))
        key = keys_of(rows["customer_id"])
        order = np.argsort(key, kind="stable")
        text = {
            name: np.array([v or "" for v in rows[name].to_pylist()], dtype=np.str_)
            for name in ("channel", "purpose", "program")
        }
        return cls(
            key=key[order],
            channel=text["channel"][order],
            purpose=text["purpose"][order],
            program=text["program"][order],
            happened_at=micros(rows["happened_at"])[order],
        )

    def since(self, days: int, *, clock: Clock, where: NDArray[np.bool_]) -> Keys:
        """The keys of chosen contacts within the last so many project days, today being one of them; sorted."""
        first = int(clock.days_before(days - 1).timestamp()) * 1_000_000
        return self.key[where & (self.happened_at >= first)]


@dataclass(frozen=True, kw_only=True)
class Promises:
    """Incentives promised before this occasion. Stability: internal.

    Attributes:
        taken: offer → key of every customer once per promise that still counts, sorted.
        held: offer → keys of customers who may still redeem it, sorted.
    """

    taken: dict[str, Keys]
    held: dict[str, Keys]

    @classmethod
    def of(cls, inputs: Inputs, *, occasion: str, touchpoint: str, clock: Clock) -> Promises:
        """From the ledger's `incentive` rows; those of this occasion's own decisions are left out."""
        taken: dict[str, list[int]] = {}
        held: dict[str, list[int]] = {}
        for row in lake.read(inputs["incentive"]).to_pylist() if "incentive" in inputs else ():
            point = DecisionPoint(occasion=occasion, customer_id=row["customer_id"], touchpoint=touchpoint)
            if row["decision_id"] == point.decision_id:
                continue
            key = customer_key(row["customer_id"])
            if row["state"] != "expired":
                taken.setdefault(row["offer_id"], []).append(key)
            if row["state"] == "issued" and row["valid_until"] > clock.now:
                held.setdefault(row["offer_id"], []).append(key)
        return cls(
            taken={offer: np.sort(np.array(keys, dtype=np.int64)) for offer, keys in taken.items()},
            held={offer: np.unique(np.array(keys, dtype=np.int64)) for offer, keys in held.items()},
        )


def suppressed(inputs: Inputs) -> dict[str, Keys]:
    """By channel the keys of customers whose address is suppressed, sorted; from (customer_id, channel)."""
    if "suppressed" not in inputs:
        return {}
    rows = lake.read(inputs["suppressed"], columns=["customer_id", "channel"])
    channels = sorted(set(rows["channel"].to_pylist()))
    return {
        channel: distinct(keys_of(rows.filter(pc.equal(rows["channel"], channel))["customer_id"]))
        for channel in channels
    }


@dataclass(frozen=True, kw_only=True)
class SharedAddresses:
    """Customers who share an e-mail address: one is written to, and one's no is everybody's. Stability: internal.

    Attributes:
        passed_over: keys of those not chosen, sorted.
        chosen: keys of those chosen, sorted.
        withdrawn: what anybody at the address took back → keys of everybody there, sorted.
    """

    passed_over: Keys
    chosen: Keys
    withdrawn: dict[str, Keys]

    @classmethod
    def of(cls, inputs: Inputs, *, members: Keys) -> SharedAddresses:
        """From `profiles`. Chosen is who is in an audience and has said yes, then the one with the lowest key."""
        rows = lake.read(inputs["profiles"], columns=["customer_key", "email"])
        address = pc.utf8_lower(pc.utf8_trim_whitespace(rows["email"])).combine_chunks()
        address = pc.if_else(pc.equal(address, ""), None, address).dictionary_encode()
        code = address.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        often = np.bincount(code[code >= 0], minlength=1) > 1
        shared = (code >= 0) & often[np.maximum(code, 0)]
        at = dict(zip(rows["customer_key"].to_numpy()[shared].tolist(), code[shared].tolist(), strict=True))
        people: list[tuple[int, bool, int, list[str]]] = []
        wanted = np.sort(np.fromiter(at, dtype=np.int64, count=len(at)))
        for batch in lake.batches(inputs["profiles"], columns=["customer_key", "consents", "withdrawn"]) if at else ():
            mine = batch.filter(pa.array(among(batch["customer_key"].to_numpy(), wanted)))
            for row in mine.to_pylist():
                key, yes = row["customer_key"], bool(row["consents"])
                no = yes and bool(among(np.array([key]), members)[0])
                people.append((at[key], not no, key, row["withdrawn"] or []))
        return cls._chosen(people)

    @classmethod
    def _chosen(cls, people: Sequence[tuple[int, bool, int, list[str]]]) -> SharedAddresses:
        everyone: dict[int, list[int]] = {}
        chosen: dict[int, int] = {}
        no: dict[tuple[str, int], None] = {}
        for address, _, key, withdrawn in sorted(people, key=lambda person: person[:3]):
            everyone.setdefault(address, []).append(key)
            chosen.setdefault(address, key)
            no |= {(word, address): None for word in withdrawn}
        words, picked = sorted({word for word, _ in no}), set(chosen.values())
        return cls(
            passed_over=_sorted(k for keys in everyone.values() for k in keys if k not in picked),
            chosen=_sorted(chosen.values()),
            withdrawn={w: _sorted(k for word, a in no if word == w for k in everyone[a]) for w in words},
        )

    def took_back(self, keys: Keys, *, words: Sequence[str]) -> NDArray[np.bool_]:
        """Whether anybody at the same address took one of these back; shape of `keys`."""
        found: NDArray[np.bool_] = np.logical_or.reduce([among(keys, self.withdrawn.get(w, _EMPTY)) for w in words])
        return found


def words_for(purpose: str, *, channel: str) -> tuple[str, str]:
    """How a consent for a purpose is written: on this channel, and on all.

    >>> words_for("marketing", channel="email")
    ('marketing:email', 'marketing:any')
    """
    return f"{purpose}:{channel}", f"{purpose}:{ANY_CHANNEL}"


def _sorted(keys: object) -> Keys:
    return distinct(np.fromiter(keys, dtype=np.int64))  # type: ignore[call-overload]  # any iterable of whole numbers
