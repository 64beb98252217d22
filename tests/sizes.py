"""How large a scenario is made: small in every suite, as large as its catalogue says where the whole is asked for.

`TACTFUL_SIZES=whole` asks for it; a machine does that by night, for it takes minutes a scenario.
"""

from __future__ import annotations

import os

WHOLE = os.environ.get("TACTFUL_SIZES") == "whole"


def size(few: int, *, whole: int) -> int:
    """The number to try.

    >>> size(2, whole=1_000) == (1_000 if WHOLE else 2)
    True
    """
    return whole if WHOLE else few
