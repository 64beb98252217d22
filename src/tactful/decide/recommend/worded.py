"""Items whose titles say the same as those a customer chose; what nobody has chosen yet is reached too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tactful.decide.recommend.history import Bench, History, Scores, Sparse
from tactful.words.errors import Misuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """The cosine between titles, by TF-IDF. Stability: full.

    Attributes:
        fading: what one occasion further back is worth.
        pull: how much popularity moves among equal titles.
    """

    name: ClassVar[str] = "worded"
    fading: float = 1.0
    pull: float = 0.1

    def fit(self, bench: Bench) -> WordedScorer:
        """Keeps the words and how well known each item is.

        Raises:
            Misuse: no titles are known.
        """
        history = bench.history
        if history.content is None:
            raise Misuse.say(where="worded", what="no titles are known", do="give a file of titles")
        count = np.bincount(history.chosen().indices, minlength=history.items)
        known = np.log1p(count) / np.log1p(max(int(count.max(initial=0)), 1))
        return WordedScorer(words=history.content, turned=history.content.T.tocsr(), fading=self.fading,
                            known=(1 - self.pull + self.pull * known).astype(np.float32))  # fmt: skip

    def choices(self, history: History) -> Mapping[str, Sequence[Any]]:
        """How fast the past fades where there is an order, and more of popularity."""
        return {"fading": (0.9, 0.7, 0.4) if history.ordered else (), "pull": (0.5, 1.0)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordedScorer:
    """Words of items, both ways round, and what popularity leaves of each."""

    words: Sparse
    turned: Sparse
    fading: float
    known: Scores

    def scores(self, visits: History) -> Scores:
        """The sum of likenesses to what was chosen."""
        said = (visits.recent(self.fading) @ self.words) @ self.turned
        return np.asarray(said.toarray(), dtype=np.float32) * self.known
