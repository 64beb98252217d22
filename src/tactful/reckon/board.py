"""What is on the table and who asks: the whole numbers from which arms are scored, weighed and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from tactful.reckon.chance import WHOLE
from tactful.reckon.exact import COEFFICIENT_LIMIT, FEATURE_LIMIT, SUM_LIMIT
from tactful.words.errors import Misuse

Whole = NDArray[np.int64]
FARTHEST: Final = 1 << 51
"""Base scores are below this in magnitude, so that with features no score reaches 2^53."""
_PLACES: Final = (1 << np.arange(8)).astype(np.uint8)[:, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What arms are worth, as rows of features are multiplied with it.

    Attributes:
        table: coefficients shifted down (a power of two moves no digit), and the base where it fits; shape (k, d) or
            (k, d + 1), by columns, for which OpenBLAS has the quicker way.
        has_base: whether it does: then features have a last one of 1.
        grained: arms whose base differs by cell.
        scale: of all arms, where they have the same.
    """

    table: NDArray[np.float64]
    has_base: bool
    grained: tuple[int, ...]
    scale: float | None

    @classmethod
    def of(cls, board: Board) -> Lines:
        """From a board."""
        table = np.ldexp(board.coefficients, -board.shift[:, None].astype(np.int32))
        moved = np.abs(board.coefficients).sum(axis=1) * FEATURE_LIMIT
        base = board.base[:, :1].astype(np.float64)
        has_base = board.width > 0 and bool((moved + np.ldexp(np.abs(base[:, 0]), board.shift) < SUM_LIMIT).all())
        if has_base:
            table = np.hstack([table, base])
        return cls(
            table=np.asfortranarray(table),
            has_base=has_base,
            grained=tuple(np.flatnonzero(board.grain >= 0).tolist()),
            scale=float(board.scale[0]) if (board.scale == board.scale[0]).all() else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What every arm is worth and how it is drawn. Stability: full.

    The score of arm a is ``base[a, cell of the customer] + ((x · coefficients[a]) >> shift[a])``.

    Attributes:
        base: score units by cell, cost and prices taken off; column 0 is for every customer of no listed cell; (k, m).
        grain: which line of `People.cells` tells the customer's cell for this arm, -1 where none does; (k,).
        coefficients: whole numbers of at most 2^24 in magnitude as float64; shape (k, d), d may be 0.
        shift: bits by which the product is shifted down, rounding towards minus infinity; in [0, 52]; (k,).
        scale: score units in one standard deviation of an outcome; in [1, 2^32]; (k,).
        caps: most that each arm may hold while it is not the best, units of 2^-52; (k,).
        gamma: how sharply a gap is punished, units of 1/1024; at most 2^30.
        epsilon: most that all arms but the best may hold together, units of 2^-52.
        reach: no score is larger than this in magnitude, whatever the features; worked out.
        is_near: whether gamma times any gap, and K scales, are so small that estimates by float64 are at most one off;
            worked out.
        lines: what features are multiplied with; worked out.
    """

    base: Whole
    grain: Whole
    coefficients: NDArray[np.float64]
    shift: Whole
    scale: Whole
    caps: Whole
    gamma: int
    epsilon: int
    reach: int = field(init=False)
    is_near: bool = field(init=False)
    lines: Lines = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        k = len(self.base)
        if not k or any(len(part) != k for part in (self.grain, self.coefficients, self.shift, self.scale, self.caps)):
            raise ValueError("a board needs at least one arm, and one entry for each arm everywhere")
        reach = np.abs(self.coefficients).sum(axis=1)
        checks = {
            "a base score reaches 2^51": (np.abs(self.base) < FARTHEST).all(),
            "a coefficient is not whole or beyond 2^24": (np.abs(self.coefficients) <= COEFFICIENT_LIMIT).all()
            and (self.coefficients == np.rint(self.coefficients)).all(),
            "an arm's coefficients are together so large that a score may pass 2^53": (
                reach * FEATURE_LIMIT < SUM_LIMIT
            ).all(),
            "a shift is outside [0, 52], or leaves a score that may reach 2^52": (
                (self.shift >= 0) & (self.shift <= 52) & (reach * FEATURE_LIMIT < np.ldexp(1.0, 52 + self.shift))
            ).all(),
            "a scale is outside [1, 2^32]": ((self.scale >= 1) & (self.scale <= 1 << 32)).all(),
            "a cap is outside [0, 2^52]": ((self.caps >= 0) & (self.caps <= WHOLE)).all(),
            "gamma is outside [0, 2^30]": 0 <= self.gamma <= 1 << 30,
            "epsilon is outside [0, 2^52]": 0 <= self.epsilon <= WHOLE,
        }
        for what, holds in checks.items():
            if not holds:
                raise ValueError(f"{what}; see reckon.exact and reckon.chance for the units")
        moved = reach * np.ldexp(float(FEATURE_LIMIT), -self.shift)
        most = int((np.abs(self.base).max(axis=1) + moved).max()) + 2
        near = 2 * most * max(1, self.gamma) + k * 1024 * int(self.scale.max()) < 1 << 49
        object.__setattr__(self, "reach", most)
        object.__setattr__(self, "is_near", near)
        object.__setattr__(self, "lines", Lines.of(self))

    @property
    def arms(self) -> int:
        """How many arms there are."""
        return len(self.base)

    @property
    def width(self) -> int:
        """How many features a customer has."""
        return int(self.coefficients.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who asks. Stability: full.

    Attributes:
        features: whole numbers of at most 2^20 in magnitude; int32 or int64, shape (n, d).
        cells: by grain, which column of `Board.base` is this customer's, 0 where none; shape (g, n).
        may: which arms may be chosen, as bits: arm a is bit a % 64 of word a // 64; uint64, shape (words, n).
        chance: draws in [0, 2^52), see `chance.draws`; shape (n,).
    """

    features: NDArray[np.int32] | Whole
    cells: Whole
    may: NDArray[np.uint64]
    chance: Whole

    def __len__(self) -> int:
        return self.chance.size

    def take(self, rows: Whole) -> People:
        """Some of them, in this order."""
        return People(
            features=self.features[rows], cells=self.cells[:, rows], may=self.may[:, rows], chance=self.chance[rows]
        )

    def slice(self, start: int, stop: int) -> People:
        """Those from one place up to another."""
        return People(
            features=self.features[start:stop],
            cells=self.cells[:, start:stop],
            may=self.may[:, start:stop],
            chance=self.chance[start:stop],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What everybody gets. Stability: full.

    Attributes:
        arm: drawn; int64, shape (n,).
        best: arm of the highest score among those that may be chosen, the first of equals.
        score: of the arm drawn.
        propensity: of the arm drawn, units of 2^-52.
    """

    arm: Whole
    best: Whole
    score: Whole
    propensity: Whole

    @classmethod
    def empty(cls, rows: int) -> Answer:
        """Room for this many."""
        made = np.zeros((4, rows), dtype=np.int64)
        return cls(arm=made[0], best=made[1], score=made[2], propensity=made[3])

    def slice(self, start: int, stop: int) -> Answer:
        """A part of it, which may be written."""
        rows = slice(start, stop)
        return Answer(
            arm=self.arm[rows], best=self.best[rows], score=self.score[rows], propensity=self.propensity[rows]
        )


def check_shapes(board: Board, people: People) -> None:
    """That features, flags and cells are those of this board.

    Raises:
        Misuse: a shape does not fit.
    """
    n, words = len(people), -(-board.arms // 64)
    if people.features.shape != (n, board.width):
        what = f"{people.features.shape[-1]} features for coefficients over {board.width}"
        raise Misuse.say(where="drawing", what=what, do="prepare the rows and seal the beliefs with the same features")
    if people.may.shape != (words, n) or people.cells.shape[1:] != (n,):
        raise Misuse.say(where="drawing", what="flags or cells are not one per row", do="use board.words_of")


def check(people: People) -> None:
    """That everybody can be asked.

    Raises:
        Misuse: a chance is out of range, or somebody has no arm at all.
    """
    if len(people) and (int(people.chance.min()) < 0 or int(people.chance.max()) >= WHOLE):
        refuse_chance()
    nobody = np.flatnonzero(~people.may.any(axis=0))
    if nobody.size:
        refuse_nobody(int(nobody[0]), count=nobody.size, rows=len(people))


def refuse_chance() -> NoReturn:
    """Say that a chance is out of range."""
    raise Misuse.say(where="drawing", what="a chance is outside [0, 2^52)", do="use chance.draws")


def refuse_nobody(row: int, *, count: int, rows: int) -> NoReturn:
    """Say that somebody has no arm at all."""
    what, do = f"{count} of {rows} rows have no eligible arm", "nothing is an arm: it is always eligible"
    raise Misuse.say(where=f"drawing, row {row}", what=what, do=do)


def check_features(most: int) -> None:
    """That the largest feature in magnitude keeps products exact: asked where features are gone over anyway.

    Raises:
        Misuse: it is beyond 2^20.
    """
    if most > FEATURE_LIMIT:
        raise Misuse.say(where="drawing", what="a feature is beyond 2^20", do="use features.units")


def words_of(may: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Flags as bits: (n, k) flags become (words, n) words of 64 arms.

    >>> words_of(np.array([[True, False, True]])).tolist()
    [[5]]
    """
    n, k = may.shape
    whole = np.zeros((n, -(-k // 64) * 64), dtype=np.bool_)
    whole[:, :k] = may
    packed = np.packbits(whole.reshape(-1), bitorder="little").view("<u8").reshape(n, -1)
    return np.ascontiguousarray(packed.astype(np.uint64, copy=False).T)


def flags_of(may: NDArray[np.uint64], *, arms: int, into: NDArray[np.uint8] | None = None) -> NDArray[np.bool_]:
    """Bits as flags, one line per arm; bool, shape (arms, n).

    Args:
        may: bits as in `People`.
        arms: how many arms there are.
        into: memory for the flags, of arms filled up to eights; new when left out.

    >>> flags_of(np.array([[5]], dtype=np.uint64), arms=3).ravel().tolist()
    [True, False, True]
    """
    octets = np.ascontiguousarray(may.T).astype("<u8", copy=False).view(np.uint8)
    lines = np.ascontiguousarray(octets[:, : -(-arms // 8)].T)
    place = into[: lines.size * 8] if into is not None else np.empty(lines.size * 8, dtype=np.uint8)
    bits = place.reshape(len(lines), 8, may.shape[1])
    np.bitwise_and(lines[:, None], _PLACES, out=bits)
    np.not_equal(bits, 0, out=bits.view(np.bool_))
    return bits.reshape(-1, may.shape[1])[:arms].view(np.bool_)
