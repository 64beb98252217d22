"""Which things stand together in the same rows: exact sums over pairs, and likeness of each thing to its nearest."""

from __future__ import annotations

import itertools
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tactful.words.errors import Misuse

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Sparse: TypeAlias = Any  # a scipy CSR array; scipy publishes no types
UNIT: Final = 1 << 16
"""Weights of rows are whole numbers of 2^-16, so that their sums are exact and the same in any order."""
PAIRS_AT_ONCE: Final = 8_000_000
"""About so many pairs are held while a block of things is counted."""


def gram(rows: Sparse) -> Sparse:
    """In how many rows each two things stand together; the diagonal says in how many each stands.

    Grams of parts of the rows add up to the Gram of all of them, exactly.

    Args:
        rows: whole numbers, sparse; shape (rows, things). Numbers above one count as their product.

    Returns:
        int64, sparse, shape (things, things).

    >>> gram(sparse.csr_array(np.array([[1, 1, 0], [1, 0, 1]]))).toarray().tolist()
    [[2, 1, 1], [1, 1, 0], [1, 0, 1]]
    """
    whole = rows.astype(np.int64)
    return (whole.T.tocsr() @ whole).tocsr()


def row_weights(sizes: Ints, *, power: float) -> Ints:
    """What a row of so many things says about each pair of them: size^-power, in units of 2^-16.

    >>> row_weights(np.array([1, 4, 0]), power=0.5).tolist()
    [65536, 32768, 65536]
    """
    return np.rint(UNIT * np.maximum(sizes, 1).astype(np.float64) ** -power).astype(np.int64)


def strongest(matrix: Sparse, *, keep: int) -> Sparse:
    """The same matrix with only the `keep` largest entries of each row; of equal ones the first columns stay.

    >>> strongest(sparse.csr_array(np.array([[3.0, 1.0, 3.0], [0.0, 2.0, 0.0]])), keep=1).toarray().tolist()
    [[3.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """
    matrix = matrix.tocsr()
    sizes = np.diff(matrix.indptr)
    if matrix.nnz == 0 or int(sizes.max()) <= keep:
        return matrix
    stays = np.ones(matrix.nnz, bool)
    for row in np.flatnonzero(sizes > keep).tolist():
        span = slice(int(matrix.indptr[row]), int(matrix.indptr[row + 1]))
        stays[span] = _largest(matrix.data[span], matrix.indices[span], keep=keep)
    bounds = np.concatenate([[0], np.cumsum(np.minimum(sizes, keep))])
    return sparse.csr_array((matrix.data[stays], matrix.indices[stays], bounds), shape=matrix.shape)


def _largest(values: Floats, columns: Ints, *, keep: int) -> NDArray[np.bool_]:
    least = np.partition(values, values.size - keep)[values.size - keep]
    chosen = values > least
    ties = np.flatnonzero(values == least)
    spare = keep - int(np.count_nonzero(chosen))
    chosen[ties if ties.size == spare else ties[np.argsort(columns[ties], kind="stable")[:spare]]] = True
    return np.asarray(chosen)


def likeness(
    rows: Sparse, *, powers: tuple[float, float, float], shrinkage: float, keep: int, at_once: int = PAIRS_AT_ONCE
) -> Sparse:
    """How much each thing speaks for each other one: weighted pair counts over powers of both counts.

    s_ij = sum over rows that hold both of size^-r, divided by (n_i + h)^a (n_j + h)^b. With (a, b, r) = (.5, .5, 0) it
    is the cosine with shrinkage h, with (.5, .5, 1) the normalised Gram of a graph filter, with (1, b, 1) RP3-beta.

    Args:
        rows: ones, sparse; shape (rows, things).
        powers: a of the thing that speaks, b of the one spoken for, r of the row's size.
        shrinkage: h, added to both counts.
        keep: entries kept for each thing that speaks; the strongest.
        at_once: about so many pairs are held at a time.

    Returns:
        float32, sparse, shape (things, things), nothing on the diagonal.

    Raises:
        Misuse: nothing would be kept.

    >>> both = sparse.csr_array(np.array([[1, 1], [1, 1], [1, 0], [1, 0]]))
    >>> likeness(both, powers=(0.5, 0.5, 0), shrinkage=0, keep=5).toarray().astype(float).round(3).tolist()
    [[0.0, 0.707], [0.707, 0.0]]
    """
    if keep < 1:
        raise Misuse.say(where="likeness", what=f"keep is {keep}", do="keep at least one")
    ones = rows.astype(np.int64).tocsr()
    sizes, counts = np.diff(ones.indptr), np.bincount(ones.indices, minlength=ones.shape[1])
    weighted = ones.copy()
    weighted.data *= np.repeat(row_weights(sizes, power=powers[2]), sizes)
    columns = ones.T.tocsr()
    speaks = (np.maximum(counts, 1) + shrinkage) ** -powers[0] / UNIT
    spoken = (np.maximum(counts, 1) + shrinkage) ** -powers[1]
    parts = [
        _block(columns[start:stop] @ weighted, first=start, speaks=speaks, spoken=spoken, keep=keep)
        for start, stop in _blocks(columns, sizes, at_once=at_once)
    ]
    return sparse.vstack(parts, format="csr") if parts else sparse.csr_array(ones.shape[1:] * 2, dtype=np.float32)


def _blocks(columns: Sparse, sizes: Ints, *, at_once: int) -> list[tuple[int, int]]:
    """Ranges of things whose pairs are at most about `at_once`."""
    work = np.add.reduceat(np.append(sizes[columns.indices], 0), np.minimum(columns.indptr[:-1], columns.nnz))
    done = np.cumsum(np.where(np.diff(columns.indptr) > 0, work, 0))
    edges = [0]
    while edges[-1] < columns.shape[0]:
        before = done[edges[-1] - 1] if edges[-1] else 0
        edges.append(max(edges[-1] + 1, int(np.searchsorted(done, before + at_once, side="right"))))
    return list(itertools.pairwise(edges))


def _block(counts: Sparse, *, first: int, speaks: Floats, spoken: Floats, keep: int) -> Sparse:
    counts = counts.tocsr()
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr)) + first
    values = (counts.data * speaks[row] * spoken[counts.indices]).astype(np.float32)
    values[row == counts.indices] = 0
    found = sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    found.eliminate_zeros()
    return strongest(found, keep=keep)
