"""What the templates of many messages see, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tactful.compose.limits import entries
from tactful.compose.placed import place
from tactful.compose.values import Codes, Column, Distinct, Lists, Tree, factorised


def frame(contexts: Sequence[Mapping[str, Any]]) -> dict[str, object]:  # Any: whatever a template sees
    """Roots of a frame from the contexts of its rows, which all have the same names.

    Mappings become trees, lists become lists of columns, all else becomes a column of what is distinct.

    Raises:
        TooMuch: a row sees more values than any message does.
    """
    for one in contexts:
        entries(one)
    return {name: _symbolic([one[name] for one in contexts], name, depth=0) for name in contexts[0]}


def _symbolic(values: list[Any], at: str, *, depth: int) -> object:
    if depth < 2 and all(isinstance(one, Mapping) for one in values):
        names = {tuple(one) for one in values}
        if len(names) == 1:
            keys = names.pop()
            return Tree(
                {key: _symbolic([one[key] for one in values], f"{at}.{key}", depth=depth + 1) for key in keys}, at
            )
    if depth == 0 and all(isinstance(one, list | tuple) for one in values):
        lengths = np.array([len(one) for one in values], np.int64)

        def entries() -> list[object]:
            return [
                column([one[place_] if len(one) > place_ else None for one in values], f"{at}[{place_}]")
                for place_ in range(int(lengths.max(initial=0)))
            ]

        return Lists(lengths, entries, at=at)
    return column(values, at)


def column(values: Sequence[Any], at: str) -> Column:
    """A column of values at a path."""
    try:
        distinct, codes = factorised(values)
    except TypeError:  # mappings and lists are told apart by their spelling
        spelt, codes = factorised([repr(one) for one in values])
        first: dict[str, Any] = {}
        for one in values:
            first.setdefault(repr(one), one)
        distinct = [first[one] for one in spelt]
    return placed(distinct, codes, at=at)


def placed(distinct: Sequence[Any], codes: Codes, *, at: str) -> Column:
    """A column of distinct values, which know where they stand."""
    is_text = all(type(one) is str for one in distinct)
    return Column(Distinct([place(one, at) for one in distinct], at=at if is_text else ""), codes)
