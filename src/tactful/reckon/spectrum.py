"""The strongest directions of a large sparse table, by a random start and a few passes; the whole is never dense."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tactful.reckon.pair_counts import Sparse
from tactful.words.errors import Misuse

Floats32: TypeAlias = NDArray[np.float32]
SPARE: Final = 32
"""Directions more than asked for, which make those asked for exact."""
PASSES: Final = 4


def normalised(rows: Sparse, *, row_power: float, column_power: float) -> Sparse:
    """Each entry over powers of its row's and its column's sum; float32, sparse.

    >>> normalised(sparse.csr_array(np.array([[1, 1], [0, 1]])), row_power=1, column_power=1).toarray().tolist()
    [[0.5, 0.25], [0.0, 0.5]]
    """
    by_row = np.maximum(np.asarray(rows.sum(axis=1), dtype=np.float64), 1) ** -row_power
    by_column = np.maximum(np.asarray(rows.sum(axis=0), dtype=np.float64), 1) ** -column_power
    return (sparse.diags_array(by_row) @ rows @ sparse.diags_array(by_column)).tocsr().astype(np.float32)


def directions(table: Sparse, *, rank: int, seed: int = 0) -> tuple[Floats32, Floats32]:
    """The largest eigenvalues of A'A and their eigenvectors.

    Halko, Martinsson & Tropp (2011), "Finding structure with randomness": a random start, four passes with
    orthogonalisation, then the small problem exactly. Memory is about three dense tables of columns x rank in float32.

    Args:
        table: A, float32, sparse; shape (rows, columns).
        rank: how many; from 1 to the number of columns.
        seed: of the start; the answer hardly depends on it.

    Returns:
        Eigenvalues falling, shape (rank,), and vectors as columns, shape (columns, rank); the signs are arbitrary.

    Raises:
        Misuse: the rank is not from 1 to the number of columns.

    >>> values, vectors = directions(sparse.csr_array(np.diag([3.0, 1.0, 2.0]).astype(np.float32)), rank=2)
    >>> values.round(3).tolist(), np.abs(vectors).round(3).tolist()
    ([9.0, 4.0], [[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    """
    columns = table.shape[1]
    if not 1 <= rank <= columns:
        raise Misuse.say(where="spectrum", what=f"rank {rank} of {columns} columns", do="ask for 1 to that many")
    wide = min(columns, rank + SPARE)
    turned = table.T.tocsr()
    span = np.random.default_rng(seed).standard_normal((columns, wide), dtype=np.float32)
    for _ in range(PASSES):
        span = upright(turned @ (table @ span))
    image = table @ span
    values, small = np.linalg.eigh(image.T @ image)
    order = np.argsort(-values, kind="stable")[:rank]
    return values[order].astype(np.float32), (span @ small[:, order]).astype(np.float32)


def upright(span: Floats32) -> Floats32:
    """The same space with columns at right angles, each of length one, or zero where the space has no more.

    By the eigenvectors of the small square S'S: twenty times faster than a QR of a tall table, and as exact as passes
    need it, since each pass does it again.

    >>> upright(np.array([[2.0, 0.0], [0.0, 0.0]], np.float32)).round(3).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    values, turn = np.linalg.eigh((span.T @ span).astype(np.float64))
    lengths = np.where(values > 1e-7 * max(float(values[-1]), 1e-30), np.sqrt(np.maximum(values, 1e-30)), np.inf)
    return np.asarray(span @ (turn / lengths).astype(np.float32))
