"""Customers, arms and a rule for the kernel's benchmark, in memory and as Parquet, and how they are decided."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tactful.reckon import drawing
from tactful.reckon.board import Answer, Board, People, words_of
from tactful.reckon.chance import WHOLE, draws

ARMS: Final = 50
FEATURES: Final = 32
SCALE: Final = 217_945
GAMMA: Final = 20
EPSILON: Final = 0.1
GROUP: Final = 65_536
SHARE: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is decided from.

    Attributes:
        features: fixed point, as the kernel reads them; int32, shape (n, 32).
        flags: which arms may be chosen: bool, shape (n, 50); or as the kernel reads them, bits of a word, shape (1, n).
        keys: customer_key; shape (n,).
    """

    board: Board
    features: Any
    flags: Any
    keys: Any

    def __len__(self) -> int:
        return int(self.keys.size)

    def share(self, start: int, stop: int) -> World:
        """Some of the customers."""
        part = slice(start, stop)
        return World(
            board=self.board,
            features=self.features[part],
            flags=self.flags[part] if self.flags.dtype == np.bool_ else self.flags[:, part],
            keys=self.keys[part],
        )


def board() -> Board:
    """Fifty arms whose scores spread by about a third of an outcome's standard deviation; a tenth may explore."""
    rng = np.random.default_rng(4)
    base = rng.integers(-50_000, 50_000, (ARMS, 1))
    return Board(
        base=base, grain=np.full(ARMS, -1),
        coefficients=rng.integers(-(1 << 18), 1 << 18, (ARMS, FEATURES)).astype(np.float64),
        shift=np.full(ARMS, 20), scale=np.full(ARMS, SCALE), caps=np.full(ARMS, WHOLE), gamma=GAMMA << 10,
        epsilon=int(EPSILON * WHOLE),
    )  # fmt: skip


def world(rows: int) -> World:
    """As many customers, 60 per cent of whose arms may be chosen."""
    rng = np.random.default_rng(5)
    features = rng.integers(-(1 << 17), 1 << 17, (rows, FEATURES), dtype=np.int32)
    flags = rng.random((rows, ARMS), dtype=np.float32) < 0.6
    flags[:, 0] = True
    return World(
        board=board(), features=features, flags=flags, keys=np.sort(rng.integers(-(1 << 63), (1 << 63) - 1, rows))
    )


def people(some: World) -> People:
    """Flags become bits, keys become chances: part of every decision."""
    return People(
        features=some.features,
        cells=np.zeros((0, len(some)), dtype=np.int64),
        may=words_of(some.flags) if some.flags.dtype == np.bool_ else some.flags,
        chance=draws(some.keys, point="2011-12-01", purpose="arm", salt="salt"),
    )


def decide(some: World, *, fast: bool, threads: int = 1) -> Answer:
    """Everybody's arm, score and propensity, from features, flags and keys."""
    found = Answer.empty(len(some))

    def one(at: int) -> None:
        part, stop = some.share(at, at + SHARE), min(at + SHARE, len(some))
        drawing.draw(part.board, people(part), fast=fast, threads=1, into=found.slice(at, stop))

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(one, range(0, len(some), SHARE)):
            pass
    return found


def write(some: World, path: Path) -> None:
    """The customers as Parquet, compressed as the lake's files are; eligibility is a word of bits."""
    n = len(some)
    offsets = np.arange(n + 1, dtype=np.int32)
    table = pa.table(
        {
            "customer_key": some.keys,
            "features": pa.ListArray.from_arrays(offsets * FEATURES, pa.array(some.features.ravel())),
            "eligible": words_of(some.flags)[0],
        }
    )
    pq.write_table(table, path, compression="zstd", row_group_size=GROUP)


def read(path: Path) -> Iterator[World]:
    """The customers of a file, a row group at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield customers(file.read_row_group(group, use_threads=False))


def customers(table: pa.Table) -> World:
    """A table's customers."""
    rows = table.combine_chunks()
    n = rows.num_rows
    features = rows["features"].chunk(0).flatten().to_numpy().reshape(n, FEATURES)
    return World(
        board=board(), features=features, flags=rows["eligible"].to_numpy()[None], keys=rows["customer_key"].to_numpy()
    )


def log(source: Path, target: Path, *, fast: bool, threads: int = 2) -> int:
    """From a file of customers to a written log of decisions; returns its rows."""
    ids = pa.array([bytes([arm]) * 16 for arm in range(ARMS)], pa.binary(16))
    groups = range(pq.ParquetFile(source).metadata.num_row_groups)

    def one(group: int) -> pa.Table:
        with pq.ParquetFile(source) as file:
            some = customers(file.read_row_group(group, use_threads=False))
        found = decide(some, fast=fast)
        return pa.table(
            {
                "customer_key": some.keys,
                "occasion": pa.DictionaryArray.from_arrays(np.zeros(len(some), np.int8), ["2011-12-01"]),
                "arm_id": pa.DictionaryArray.from_arrays(found.arm.astype(np.int8), ids),
                "score": found.score,
                "propensity": found.propensity,
                "is_best": found.arm == found.best,
            }
        )

    rows, writer = 0, None
    with ThreadPoolExecutor(threads) as pool:
        for table in pool.map(one, groups):
            writer = writer or pq.ParquetWriter(
                target, table.schema, compression="zstd", use_dictionary=["occasion", "arm_id"]
            )
            writer.write_table(table)
            rows += table.num_rows
    if writer is not None:
        writer.close()
    return rows
