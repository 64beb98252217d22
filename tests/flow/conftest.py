"""The small shop, made once for all tests of flow: planted, and planted with its first run waiting for approval."""

from pathlib import Path

import pytest

from flow.shops import approve_and_send, copied, plant_small, run_once


@pytest.fixture(scope="session")
def planted_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant_small(tmp_path_factory.mktemp("planted") / "shop")


@pytest.fixture(scope="session")
def waiting_shop(planted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied(planted_shop, tmp_path_factory.mktemp("waiting") / "shop")
    done = run_once(root)
    assert done.state == "waiting", done.lines
    return root


@pytest.fixture(scope="session")
def sent_shop(waiting_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied(waiting_shop, tmp_path_factory.mktemp("sent") / "shop")
    approve_and_send(root)
    return root


@pytest.fixture
def planted(planted_shop: Path, tmp_path: Path) -> Path:
    """A shop in which nothing was done yet."""
    return copied(planted_shop, tmp_path / "shop")


@pytest.fixture
def waiting(waiting_shop: Path, tmp_path: Path) -> Path:
    """A shop whose first run waits for approval."""
    return copied(waiting_shop, tmp_path / "shop")


@pytest.fixture
def sent(sent_shop: Path, tmp_path: Path) -> Path:
    """A shop whose first run was approved and sent."""
    return copied(sent_shop, tmp_path / "shop")
