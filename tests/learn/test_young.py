"""Young outcomes foretold by an index: right on average where early signals carry the effect, and as sure as said."""

import numpy as np
import pyarrow as pa
import pytest

from decide.worlds import CLOCK
from learn.outcomes import world
from tactful.learn.evidence import evidence_of, foretold
from tactful.learn.value_sums import by_cell, lifted
from tactful.reckon.features import BASE
from tactful.words.score import UNITS_PER_MINOR

ALL = "/email/all/none"
MAP = BASE[:1]
EFFECT, NOISE, ROWS, WORLDS = 120.0, 300.0, 1_500, 60


def believed(made: pa.Table) -> tuple[float, float]:
    """What a letter is found to bring in pence, and how sure that is said to be (one standard deviation)."""
    sums = by_cell(lifted(made, metric="m", features=MAP), today=CLOCK.today)
    own = {(kind, cell.removeprefix("win-back")): dated for (kind, cell), dated in sums.items()}
    cells = foretold(own, half_life=3_650, features=MAP)
    said = evidence_of([cells[ALL]], prior=(NOISE * UNITS_PER_MINOR) ** 2, worth=1)
    information = float(said.information[0, 0, 0])
    return float(said.weighted[0, 0]) / information / UNITS_PER_MINOR, information**-0.5 / UNITS_PER_MINOR


def found(*, late: float, beside: float = 0.0) -> np.ndarray:
    """Many worlds; `beside` of the effect is pence that no early signal shows."""
    rows = []
    for seed in range(WORLDS):
        made = world(ROWS, features=MAP, truth={ALL: np.array([EFFECT - beside])}, seed=seed, held=0.3, noise=NOISE,
                     days=1, late=late)  # fmt: skip
        value = made["value"].to_numpy() + np.where(made["told"].to_numpy(), round(beside), 0)
        rows.append(believed(made.set_column(7, made.schema.field("value"), pa.array(value))))
    return np.array(rows)


@pytest.mark.parametrize("late", [0.5, 0.9])
def test_young_rows_bring_no_bias_and_intervals_hold_the_truth(late: float) -> None:
    worlds = found(late=late)
    assert abs(worlds[:, 0].mean() - EFFECT) < 4 * worlds[:, 0].std() / np.sqrt(WORLDS)
    held = float((np.abs(worlds[:, 0] - EFFECT) < 1.96 * worlds[:, 1]).mean())
    assert abs(held - 0.95) < 4 * np.sqrt(0.95 * 0.05 / WORLDS)


def test_where_hardly_anything_has_matured_the_doubt_of_the_index_is_missed() -> None:
    """Of fifteen hundred only some forty-five have matured: what is believed is less sure than it says."""
    worlds = found(late=0.97)
    assert worlds[:, 0].std() > 1.1 * worlds[:, 1].mean()


def test_what_no_early_signal_shows_is_not_foretold() -> None:
    """Half the effect comes without a visit: of young rows it is missed until they have matured."""
    worlds = found(late=0.9, beside=EFFECT / 2)
    ripe = found(late=0.001, beside=EFFECT / 2)
    assert worlds[:, 0].mean() < 0.8 * EFFECT
    assert abs(ripe[:, 0].mean() - EFFECT) < 5
