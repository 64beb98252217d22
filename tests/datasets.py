"""Where the tests find real data: a folder `shared/data` beside the repository, or nothing and the test skips."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def dataset(name: str) -> Path:
    """The folder of one real data set; skips the test where the data are not on this machine.

    Args:
        name: folder name of the set, such as `cdnow`.
    """
    for parent in ROOT.parents:
        found = parent / "shared" / "data" / name
        if found.is_dir():
            return found
    pytest.skip(f"data set {name} is not on this machine")
