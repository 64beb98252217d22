"""Everybody's arm and its propensity, block by block and on several cores; the same bits whichever way it is done."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import numpy as np

from tactful.reckon import alone, compiled, loops, vectors, weighting
from tactful.reckon.board import Answer, Board, People, Whole, check, check_features, check_shapes, flags_of

PAYS: Final = 50_000_000
"""Scores after which compiled loops have paid for being made ready, which takes a second, and ten the first time."""
_CELLS: Final = 1 << 18
"""Scores worked on at once: those of a block of this many stay in the processor's own memory."""
_SHARE: Final = 16_384
_FEW: Final = 4
"""Rows up to which whole numbers of Python are quicker than the calls of NumPy."""
_DONE: Final = [0]
_IDLE: Final[deque[vectors.Room]] = deque(maxlen=os.cpu_count() or 1)


def draw(
    board: Board, people: People, *, fast: bool | None = None, threads: int | None = None, into: Answer | None = None
) -> Answer:
    """The arm of everybody by inverse-gap weighting and their own chance, as `weighting.weights` and `draw` define it.

    A row depends on nothing but itself: alone, in any block and on any number of cores it has the same bits. What is
    kept is what is logged: the propensities of the arms that were not drawn are not.

    Args:
        board: what the arms are worth, and the rule.
        people: who asks.
        fast: by compiled loops (extra `fast`) or by NumPy; left out, compiled where it is there and pays.
        threads: how many work at once; one per core when left out.
        into: where the answer is written, of as many rows; new when left out.

    Raises:
        Misuse: the people do not fit the board, see `board.check_shapes` and `board.check`.
    """
    check_shapes(board, people)
    answer = Answer.empty(len(people)) if into is None else into
    work, is_fast = _by_vectors, _is_fast(board, people, fast=fast)
    if not is_fast and len(people) <= _FEW:
        alone.decide(board, people, answer=answer)
        return answer
    check(people)
    if is_fast:
        compiled.loop(loops.decide)  # made once, before several threads ask for it
        work = _compiled
    step = max(_SHARE, -(-len(people) // 64))
    parts = [(start, min(start + step, len(people))) for start in range(0, len(people), step)]
    _share(
        lambda part: work(board, people=people.slice(*part), answer=answer.slice(*part)),
        parts,
        threads=threads,
    )
    return answer


def _is_fast(board: Board, people: People, *, fast: bool | None) -> bool:
    if fast is not None:
        return fast
    _DONE[0] += len(people) * board.arms
    return _DONE[0] >= PAYS and compiled.is_there()


def _share(work: Callable[[tuple[int, int]], None], parts: list[tuple[int, int]], *, threads: int | None) -> None:
    cores = threads or _cores()
    if len(parts) <= 1 or cores == 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(cores) as pool:
        for _ in pool.map(work, parts):
            pass


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compiled(board: Board, *, people: People, answer: Answer) -> None:
    block = int(np.clip((1 << 13) // board.arms & ~15, 16, 256))
    most = compiled.loop(loops.decide)(
        (board.base, board.grain, board.shift, board.scale, board.caps),
        board.coefficients,
        (board.gamma, board.epsilon, board.is_near, block),
        (people.features, people.cells, people.may, people.chance),
        (answer.arm, answer.best, answer.score, answer.propensity),
    )
    check_features(most)


def _by_vectors(board: Board, *, people: People, answer: Answer) -> None:
    block = max(16, min(_CELLS // board.arms & ~15, 4096))
    size = {"arms": board.arms, "rows": min(block, len(people)), "width": board.width}
    with _room(**size) as room, vectors.unbuffered(size["rows"]):
        for start in range(0, len(people), block):
            stop = min(start + block, len(people))
            vectors.decide(board, people.slice(start, stop), answer=answer.slice(start, stop), room=room)


@contextmanager
def _room(*, arms: int, rows: int, width: int) -> Iterator[vectors.Room]:
    """Memory that nobody uses now: new memory is slow, and threads that ask for it wait for each other."""
    try:
        room = _IDLE.pop()
    except IndexError:
        room = None
    if room is None or not room.holds(arms=arms, rows=rows, width=width):
        room = vectors.Room.of(arms=arms, rows=rows, width=width)
    try:
        yield room
    finally:
        _IDLE.append(room)


def scores(board: Board, people: People) -> Whole:
    """Score of every arm for every row, whether it may be chosen or not; int64, shape (n, k)."""
    found = vectors.scores(board, people, into=np.empty((board.arms, len(people))))
    return np.ascontiguousarray(found.T.astype(np.int64))


def weighed(board: Board, people: People) -> tuple[Whole, Whole]:
    """Scores and probabilities of every arm for every row, by the plain reference; int64, shapes (n, k).

    This is the definition that `draw` is held against, and what is logged of a sample of decisions.
    """
    score = scores(board, people)
    may = flags_of(people.may, arms=board.arms).T
    if not len(people):
        return score, score.copy()
    best = np.where(may, score, vectors.NO_SCORE).argmax(axis=1)
    probability = np.zeros_like(score)
    for size in np.unique(board.scale[best]):
        rows = np.flatnonzero(board.scale[best] == size)
        rule = weighting.Exploration(
            gamma=board.gamma, scale=int(size), epsilon=board.epsilon, caps=tuple(board.caps.tolist())
        )
        probability[rows] = weighting.weights(score[rows], eligible=may[rows], exploration=rule).probabilities
    return score, probability
