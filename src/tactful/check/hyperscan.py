"""Many patterns searched for in one run of bytes, by Hyperscan of the extra `fast`. The only file that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_there() -> bool:
    """Whether the extra is installed."""
    return find_spec("hyperscan") is not None


class Machine:
    """Patterns, compiled together. Stability: internal.

    Args:
        patterns: over UTF-8.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        import hyperscan

        self._database: Any = hyperscan.Database()  # Any: the driver publishes no types
        self._database.compile(
            expressions=[pattern.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            flags=[hyperscan.HS_FLAG_UTF8] * len(patterns),
        )

    def ends(self, data: memoryview) -> NDArray[np.int64]:
        """Behind which bytes any of them matches; some more than once."""
        found: list[int] = []

        def note(number: int, start: int, end: int, flags: int, context: object) -> None:  # noqa: ARG001, PLR0917  # the driver's signature
            found.append(end)

        if len(data):
            self._database.scan(data, match_event_handler=note)
        return np.array(found, dtype=np.int64)
