"""The draw is the same in every language, even, and independent between purposes."""

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.stats import chi2

from tactful.reckon import chance
from tactful.words.errors import Misuse

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
PUBLISHED = json.loads((VECTORS / "chance.json").read_text("utf-8"))["vectors"]


def test_vectors_cover_the_hard_cases() -> None:
    keys = {int(v["customer_key"]) for v in PUBLISHED}
    assert len(PUBLISHED) >= 40
    assert {-(1 << 63), (1 << 63) - 1, -1, 0} <= keys
    assert any(v["salt"] == "" for v in PUBLISHED)
    assert any(not v["point"].isascii() for v in PUBLISHED)


def test_python_reproduces_the_vectors() -> None:
    for v in PUBLISHED:
        found = chance.draw(int(v["customer_key"]), point=v["point"], purpose=v["purpose"], salt=v["salt"])
        assert found == int(v["draw"]), v


def test_numpy_reproduces_the_vectors_alone_and_by_row_words() -> None:
    for v in PUBLISHED:
        key = [int(v["customer_key"])]
        alone = chance.draws(key, point=v["point"], purpose=v["purpose"], salt=v["salt"])
        words = np.array([chance.hash_word(v["point"])], dtype=np.uint64)
        by_row = chance.draws(key, point=words, purpose=v["purpose"], salt=v["salt"])
        assert alone.tolist() == by_row.tolist() == [int(v["draw"])]


def test_sql_reproduces_the_vectors() -> None:
    with duckdb.connect() as connection:
        connection.execute(chance.SQL)
        connection.execute(
            "CREATE TABLE v (customer_key BIGINT, point VARCHAR, purpose VARCHAR, salt VARCHAR, draw BIGINT)"
        )
        connection.executemany("INSERT INTO v VALUES (?, ?, ?, ?, ?)", [tuple(v.values()) for v in PUBLISHED])
        wrong = connection.execute(
            "SELECT count(*) FILTER (WHERE tactful_draw(customer_key, point, purpose, salt) <> draw), count(*) FROM v"
        ).fetchone()
    assert wrong == (0, len(PUBLISHED))


@pytest.mark.skipif(
    shutil.which("node") is None, reason="never where node is not installed: it checks the JavaScript text"
)
def test_javascript_reproduces_the_vectors() -> None:
    subprocess.run(["node", str(VECTORS / "chance.js"), str(VECTORS / "chance.json")], check=True, capture_output=True)


def test_a_row_does_not_depend_on_its_block() -> None:
    keys = np.random.default_rng(1).integers(-(1 << 63), 1 << 63, 1000)
    whole = chance.draws(keys, point="p", purpose="arm", salt="s")
    parts = np.concatenate(
        [chance.draws(part, point="p", purpose="arm", salt="s") for part in np.split(keys, [1, 8, 333])]
    )
    assert np.array_equal(whole, parts)


@pytest.mark.parametrize("keys", [np.arange(1 << 18), np.arange(1 << 18) << 40])
def test_draws_are_even_for_keys_in_a_row_and_for_keys_far_apart(keys: np.ndarray) -> None:
    """Chi-square over 1,024 bins; the keys are the seed."""
    found = chance.draws(keys, point="2011-12-01", purpose="arm", salt="seed 1")
    for bits in (found >> 42, found & 1023):
        counts = np.bincount(bits, minlength=1024)
        statistic = ((counts - keys.size / 1024) ** 2 / (keys.size / 1024)).sum()
        assert chi2.ppf(0.0005, 1023) < statistic < chi2.ppf(0.9995, 1023)


@pytest.mark.parametrize("other", [{"purpose": "holdout"}, {"salt": "t"}, {"point": "q"}])
def test_purposes_salts_and_points_are_independent(other: dict[str, str]) -> None:
    """Chi-square of a 32 × 32 table of both draws of the same customers."""
    keys = np.arange(200_000)
    a = chance.draws(keys, point="p", purpose="arm", salt="s") >> 47
    b = chance.draws(keys, **{"point": "p", "purpose": "arm", "salt": "s", **other}) >> 47
    table = np.bincount(a * 32 + b, minlength=1024).reshape(32, 32)
    expected = table.sum(1)[:, None] * table.sum(0)[None] / table.sum()
    assert ((table - expected) ** 2 / expected).sum() < chi2.ppf(0.9995, 31 * 31)


def test_a_tenth_of_the_draws_is_a_tenth_of_the_customers() -> None:
    found = chance.draws(np.arange(100_000), point="", purpose="holdout", salt="2011") < chance.share_of_draws(0.1)
    assert abs(found.mean() - 0.1) < 4 * np.sqrt(0.09 / 100_000)
    assert chance.share_of_draws(Fraction(1)) == 1 << 52
    with pytest.raises(Misuse, match="outside"):
        chance.share_of_draws(1.1)


def test_what_no_encoding_can_write_is_refused() -> None:
    with pytest.raises(Misuse, match="lone surrogate"):
        chance.hash_word("\ud800")
    with pytest.raises(Misuse, match="int64"):
        chance.draw(1 << 63, point="", purpose="", salt="")
