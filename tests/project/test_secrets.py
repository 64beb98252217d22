"""Secrets come by reference, are created readable by their owner only, and are never printed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tactful.project.secrets import Secret, ensure_key, reference_fault, resolve
from tactful.words.errors import Misuse


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = ensure_key("file:keys/token.key", root=tmp_path)
    path = tmp_path / "keys/token.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(first.value) >= 32
    assert ensure_key("file:keys/token.key", root=tmp_path) == first == resolve("file:keys/token.key", root=tmp_path)
    assert [entry.name for entry in path.parent.iterdir()] == ["token.key"]


def test_two_keys_differ(tmp_path: Path) -> None:
    assert ensure_key("file:a", root=tmp_path) != ensure_key("file:b", root=tmp_path)


def test_resolving_never_makes_a_key(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no such file"):
        resolve("file:keys/token.key", root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_environment_is_read_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", "chestnut")
    assert resolve("env:SHOP_KEY", root=tmp_path).value == b"chestnut"
    assert ensure_key("env:SHOP_KEY", root=tmp_path).value == b"chestnut"
    with pytest.raises(Misuse, match="no such variable"):
        ensure_key("env:SHOP_KEY_2", root=tmp_path)


def test_a_newline_at_the_end_of_a_key_file_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"chestnut\n")
    assert resolve("file:k", root=tmp_path).value == b"chestnut"
    (tmp_path / "k").write_bytes(b"\n")
    with pytest.raises(Misuse, match="empty"):
        resolve("file:k", root=tmp_path)


@pytest.mark.parametrize(
    "reference", ["file:../k", "file:/etc/passwd", "file:~/k", "file:", "env:", "env:A B", "chestnut", ""]
)
def test_E10_a_reference_that_leaves_the_project_or_is_none_is_refused(reference: str, tmp_path: Path) -> None:
    assert reference_fault(reference) is not None
    for ask in (resolve, ensure_key):
        with pytest.raises(Misuse) as raised:
            ask(reference, root=tmp_path)
        assert "chestnut" not in str(raised.value)


def test_E10_a_key_behind_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "keys").symlink_to(tmp_path)
    for ask in (resolve, ensure_key):
        with pytest.raises(Misuse, match="leads out"):
            ask("file:keys/token.key", root=root)


def test_a_secret_is_never_shown() -> None:
    secret = Secret(b"chestnut")
    shown = f"{secret} {secret!r} {[secret]} {secret!s}"
    assert "chestnut" not in shown
