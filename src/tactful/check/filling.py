"""Values that can change how a letter is read stand in it before it is parsed: messages are parted by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tactful.check.block import Block
from tactful.check.rule import Use


def parted(use: Use, block: Block, *, is_only: bool) -> Iterator[tuple[Use, Block, bool]]:
    """Messages of a use by the values of the columns that must be parsed in their place; most uses have none.

    Args:
        use: a skeleton in use.
        block: its messages.
        is_only: whether all messages of the skeleton are among them.
    """
    columns = [number for number in use.bones.filling if number in block.columns]
    if not columns:
        yield use, block, is_only
        return
    codes = np.stack([block.columns[number].codes for number in columns], axis=1)
    distinct, group = np.unique(codes, axis=0, return_inverse=True)
    for number, combination in enumerate(distinct.tolist()):
        values = {c: block.columns[c].values[code] or "" for c, code in zip(columns, combination, strict=True)}
        rows = np.flatnonzero(group.reshape(-1) == number)
        yield replace(use, bones=use.bones.with_values(values)), block.rows(rows), False
