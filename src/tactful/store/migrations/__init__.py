"""Numbered steps from an empty ledger to this version's schema: `0001_pre_first.sql`, forward only.

`pre` steps may run before the new code does, `post` steps only after the old code is gone.
"""

from importlib import resources


def migrations() -> tuple[str, ...]:
    """The text of every step, in order.

    >>> len(migrations()) >= 1
    True
    """
    files = sorted(f for f in resources.files(__package__).iterdir() if f.name.endswith(".sql"))  # type: ignore[type-var]
    return tuple(file.read_text("utf-8") for file in files)
