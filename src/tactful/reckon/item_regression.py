"""Each item's presence predicted from all the others': EASE in closed form, from the Gram matrix alone.

Steck (2019), "Embarrassingly shallow autoencoders for sparse data"; with content, Jeunen, Van Balen & Goethals (2020),
"Closed-form models for collaborative filtering with side-information".
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from tactful.words.errors import Misuse

Floats32: TypeAlias = NDArray[np.float32]
IN_DOUBLE = 2_000
"""Up to so many items the inverse is made in double precision; beyond, in half the time and memory."""


def regression(
    gram: ArrayLike, *, ridge: float, content: ArrayLike | None = None, content_weight: float = 0.0
) -> Floats32:
    """The item-to-item weights that predict a row best, where no item may predict itself.

    B = I - P diag(1 / P_jj) with P = (G + a T T' + l I)^-1. Grams that are merged first give the same answer as all
    their rows. The inverse is by Cholesky: m^3 operations, and some 16 m^2 bytes for m items.

    Args:
        gram: in how many rows each two items stand; symmetric, shape (m, m).
        ridge: l; positive.
        content: T T', how alike items are by their words; shape (m, m).
        content_weight: a; not negative.

    Returns:
        B with nothing on the diagonal: a row's scores are row @ B; float32, shape (m, m).

    Raises:
        Misuse: the ridge is not positive, or the weight negative.

    >>> regression([[2, 1], [1, 2]], ridge=1.0).astype(float).round(4).tolist()  # 1 / (2 + 1)
    [[0.0, 0.3333], [0.3333, 0.0]]
    """
    if not ridge > 0 or content_weight < 0:
        raise Misuse.say(where="regression", what=f"ridge {ridge}, content weight {content_weight}",
                         do="give a positive ridge and a weight of 0 or more")  # fmt: skip
    kind: Any = np.float64 if len(np.asarray(gram)) <= IN_DOUBLE else np.float32
    whole: Any = np.array(gram, dtype=kind)
    if content is not None and content_weight:
        whole += kind(content_weight) * np.asarray(content, dtype=kind)
    whole[np.diag_indices_from(whole)] += kind(ridge)
    factor, _ = linalg.cho_factor(whole, lower=True, overwrite_a=True, check_finite=False)
    invert = linalg.lapack.dpotri if kind is np.float64 else linalg.lapack.spotri
    inverse, _ = invert(factor, lower=True, overwrite_c=True)
    lower = np.tril(inverse, -1)
    diagonal = np.diag(inverse).copy()
    lower += lower.T
    lower /= -diagonal
    return np.asarray(lower + kind(0), dtype=np.float32)
