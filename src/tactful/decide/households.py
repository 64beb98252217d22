"""What somebody of a shared household just ordered or sent back, so that no other of them is shown it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide.members import Keys
from tactful.decide.order_lines import Ints, Lines
from tactful.decide.sums import TIME
from tactful.store import lake
from tactful.words.clock import Clock
from tactful.words.sealed import Sealed


class Households:
    """Members of shared households, and their latest lines. Stability: internal.

    Args:
        profiles: everybody, with `household_id`.
        days: how far back lines are kept; None keeps nothing.
        clock: now.
    """

    def __init__(self, profiles: Sealed | pa.Table, *, days: int | None, clock: Clock) -> None:
        self._keys, self._home = np.empty(0, np.int64), np.empty(0, np.int64)
        self._parts: list[tuple[Ints, Ints, Ints]] = []
        if days is not None:
            self._since = pa.scalar(clock.days_before(days), TIME).value
            self._keys, self._home = _shared(profiles)

    def add(self, lines: Lines) -> None:
        """Keeps the late lines of members, those that came back too."""
        if not self._keys.size:
            return
        named = lines.nameable()
        late = np.flatnonzero(named.at >= self._since)
        keys = named.keys[late]
        home = self._of(keys)
        mine = home >= 0
        self._parts.append((home[mine], keys[mine], named.items[late[mine]]))

    def near(self, keys: Keys, *, goods: int) -> Ints:
        """What others of their household just ordered or sent back.

        Args:
            keys: of some customers.
            goods: how many items there are.

        Returns:
            place among the keys * goods + item, rising, each once.
        """
        homes = self._of(keys)
        asked = np.flatnonzero(homes >= 0)
        if not asked.size or not self._parts:
            return np.empty(0, np.int64)
        home, buyer, item = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.argsort(home, kind="stable")
        home, buyer, item = home[order], buyer[order], item[order]
        low, high = (np.searchsorted(home, homes[asked], side=side) for side in ("left", "right"))
        who = np.repeat(asked, high - low)
        place = np.arange(who.size) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
        place += np.repeat(low, high - low)
        others = buyer[place] != keys[who]
        return np.unique(who[others] * goods + item[place[others]])

    def _of(self, keys: Keys) -> Ints:
        """The household of each key; -1 where nobody shares it."""
        if not self._keys.size:
            return np.full(keys.size, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), self._keys.size - 1)
        return np.where(self._keys[at] == keys, self._home[at], -1)


def _shared(profiles: Sealed | pa.Table) -> tuple[Keys, Ints]:
    """Keys of everybody whose household has another member, rising, and the number of each one's household."""
    rows = lake.read(profiles, columns=["customer_key", "household_id"])
    rows = rows.filter(pc.is_valid(rows["household_id"]))
    coded = rows["household_id"].combine_chunks().dictionary_encode()
    home = np.asarray(coded.indices).astype(np.int64)
    many = np.bincount(home, minlength=1)[home] > 1
    keys = rows["customer_key"].to_numpy()[many]
    order = np.argsort(keys, kind="stable")
    return keys[order], home[many][order]
