"""Sealed beliefs, prices and rule as a board of whole numbers, and rows of `inputs` as the people who ask about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs, Prices, Rule
from tactful.decide.contact_price import priced_channels, with_contacts
from tactful.decide.mixture import Mixture
from tactful.decide.own_costs import offers_of, with_own
from tactful.reckon.board import Board, People
from tactful.reckon.chance import WHOLE
from tactful.words.errors import Misuse

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How arms of one kind are scored. Stability: internal.

    Attributes:
        board: of the arms of this kind, in their order.
        grains: places in `inputs.cells` whose cells some arm is believed about, one per line of `People.cells`.
        keys: by line, the keys of those cells in order; place j of them is column j + 1 of `board.base`.
        of: how many grains there are in `inputs.cells`.
        kind: numbers of its arms among all arms.
        contacts: places in `inputs.contact_price` whose prices are taken off, as the board's last features but offers.
        offers: places in `inputs.offer_costs` that are taken off, as the board's last features.
    """

    board: Board
    grains: tuple[int, ...]
    keys: tuple[Whole, ...]
    of: int
    kind: Whole
    contacts: int = 0
    offers: int = 0

    @classmethod
    def among(
        cls, arms: Arms, *, beliefs: Beliefs, prices: Prices, policy: Rule | None, kind: Whole,
        channels: tuple[str, ...] = (),
    ) -> Scoring:  # fmt: skip
        """The scoring of some arms; without a policy it only scores; contacts on `channels` have a price."""
        finer = {arm: beliefs.finer[arm] for arm in kind.tolist() if arm in beliefs.finer and arms.grain[arm] >= 0}
        grains = tuple(sorted({int(arms.grain[arm]) for arm in finer}))
        keys = tuple(
            np.unique(np.concatenate([finer[arm][0] for arm in finer if arms.grain[arm] == grain])) for grain in grains
        )
        cost = arms.cost + arms.offer_cost + prices.price
        widest = max((known.size for known in keys), default=0)
        base = np.repeat((beliefs.mean - cost)[kind][:, None], widest + 1, axis=1)
        line = np.full(kind.size, -1, dtype=np.int64)
        for place, arm in enumerate(kind.tolist()):
            if arm in finer:
                line[place] = grains.index(int(arms.grain[arm]))
                columns = 1 + np.searchsorted(keys[line[place]], finer[arm][0])
                base[place, columns] = finer[arm][1] - cost[arm]
        coefficients, shift = with_contacts(arms, beliefs=beliefs, kind=kind, channels=channels)
        coefficients, shift = with_own(coefficients, shift=shift, arms=arms, prices=prices, kind=kind)
        board = Board(
            base=base, grain=line, coefficients=np.ascontiguousarray(coefficients, dtype=np.float64),
            shift=shift, scale=beliefs.scale[kind],
            caps=np.full(kind.size, WHOLE) if policy is None else policy.caps[kind],
            gamma=policy.gamma if policy else 0, epsilon=policy.epsilon if policy else WHOLE,
        )  # fmt: skip
        offers = len(offers_of(arms))
        return cls(
            board=board, grains=grains, keys=keys, of=len(arms.grains), kind=kind, contacts=len(channels), offers=offers
        )

    def people(self, batch: pa.RecordBatch, *, may: NDArray[np.uint64], chance: Whole) -> People:
        """The rows of a batch of `inputs` as this board sees them.

        Args:
            batch: `inputs` rows.
            may: which arms may be chosen, see `board.words_of`.
            chance: draws; zeros where nobody is drawn.

        Raises:
            Misuse: the rows hold other features than the beliefs were made of.
        """
        return People(features=self._features(batch), cells=self._cells(batch), may=may, chance=chance)

    def mixture(
        self, batch: pa.RecordBatch, *, arms: Arms, prices: Prices, policy: Rule, people: People
    ) -> Mixture | None:
        """What is laid over this board where new beliefs are mixed in, or some arms have a least chance.

        Args:
            batch: `inputs` rows.
            arms: what there is to say.
            prices: the same for both rules.
            policy: the rule as deployed.
            people: the batch as this board sees it.
        """
        if policy.is_plain:
            return None
        floors, former = policy.floors[self.kind], policy.former
        if former is None:
            return Mixture(board=None, people=None, weight=policy.weight, floors=floors)
        wears = priced_channels(batch, arms=arms, kind=self.kind)
        scoring = Scoring.among(arms, beliefs=former, prices=prices, policy=policy, kind=self.kind, channels=wears)
        asked = scoring.people(batch, may=people.may, chance=people.chance)
        return Mixture(board=scoring.board, people=asked, weight=policy.weight, floors=floors)

    def _features(self, batch: pa.RecordBatch) -> Whole:
        n, width = batch.num_rows, self.board.width - self.contacts - self.offers
        found: Whole = np.zeros((n, 0), dtype=np.int64)
        if width:
            found = self._believed(batch, width=width)
        if self.contacts:
            prices = batch["contact_price"].flatten().to_numpy().reshape(n, self.contacts)
            found = np.concatenate([found, prices], axis=1)
        if self.offers:
            costs = np.zeros((n, self.offers), dtype=np.int64)
            if not batch["offer_costs"].null_count:
                costs = batch["offer_costs"].flatten().to_numpy().reshape(n, self.offers)
            found = np.concatenate([found, costs], axis=1)
        return found

    def _believed(self, batch: pa.RecordBatch, *, width: int) -> Whole:
        n, flat = batch.num_rows, batch["features"].flatten()
        if len(flat) != n * width:
            what = f"{len(flat) // max(n, 1)} features by row for beliefs over {width}"
            raise Misuse.say(where="kernel", what=what, do="prepare the rows and seal the beliefs with one project")
        found: Whole = flat.to_numpy().reshape(n, width)
        return found

    def _cells(self, batch: pa.RecordBatch) -> Whole:
        n = batch.num_rows
        found = np.zeros((len(self.grains), n), dtype=np.int64)
        if self.grains:
            cells = batch["cells"].flatten().to_numpy().reshape(n, self.of)
            for line, (grain, keys) in enumerate(zip(self.grains, self.keys, strict=True)):
                at = np.minimum(np.searchsorted(keys, cells[:, grain]), keys.size - 1)
                found[line] = np.where(keys[at] == cells[:, grain], at + 1, 0)
        return found
