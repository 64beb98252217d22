"""A shop of one's own for every story."""

from pathlib import Path

import pytest

from scenarios.town import Shop, plant


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return plant(tmp_path)
