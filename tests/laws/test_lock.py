"""The lock, its hashed export, and what no file of the repository may say."""

import shutil
import subprocess
import tomllib

import pytest

from tools import lock_law, words_law
from tools.houseplan import ROOT


@pytest.fixture
def copy(tmp_path):
    for name in (lock_law.LOCK, *lock_law.EXPORTS, lock_law.PROJECT):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def change(path, *, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def said(folder):
    return [str(fault) for fault in lock_law.faults(folder)]


def test_the_lock_and_its_export_agree():
    assert said(ROOT) == []


def test_another_version_in_the_export_is_named(copy):
    version = tomllib.loads((copy / "uv.lock").read_text("utf-8"))
    apsw = next(package["version"] for package in version["package"] if package["name"] == "apsw")
    change(copy / "requirements.txt", old=f"apsw=={apsw}", new="apsw==0.0.1")
    (fault,) = said(copy)
    assert "apsw 0.0.1 is not in uv.lock" in fault
    assert fault.startswith("requirements.txt:")


def test_another_hash_in_the_export_is_named(copy):
    line = next(line for line in (copy / "requirements.txt").read_text("utf-8").splitlines() if "--hash=" in line)
    change(copy / "requirements.txt", old=line, new=line.replace(line.split(":")[1][:8], "00000000"))
    assert any("other hashes than uv.lock" in fault for fault in said(copy))


def test_a_dependency_that_is_not_exported_is_named(copy):
    change(copy / "pyproject.toml", old='    "apsw>=', new='    "absent-package>=1",\n    "apsw>=')
    assert said(copy) == [
        "requirements.txt:1: absent-package is asked for by pyproject.toml and not exported: make lock"
    ]


@pytest.mark.parametrize(
    "address",
    ["http://index.example.org/simple", "https://packages.example.com/simple", "https://u:p@index.example.org"],
)
def test_an_address_of_one_machine_in_the_lock_is_named(copy, address):
    lock = tomllib.loads((copy / "uv.lock").read_text("utf-8"))
    public = next(p["source"]["registry"] for p in lock["package"] if "registry" in p["source"])
    change(copy / "uv.lock", old=f'"{public}"', new=f'"{address}"')
    assert any("more than one registry" in fault for fault in said(copy))
    assert any(f"{address} is not the public index" in fault for fault in said(copy))


def planted(folder, text):
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / "page.md").write_text(f"first\n{text}\n", "utf-8")
    (folder / "picture.bin").write_bytes(b"\0" + text.encode())
    return [str(fault) for fault in words_law.faults(folder)]


@pytest.mark.parametrize(
    "text",
    [
        "see /" + "home/somebody/project",
        'path = "/' + 'work/data"',
        "(/" + "root/.config)",
        "pip install --index" + "-url https://x.example/simple",
        "PIP_INDEX" + "_URL=https://x.example/simple",
        "https://artif" + "actory.example.com/api",
        "http://10." + "0.0.7/simple",
    ],
)
def test_a_file_that_speaks_of_one_machine_is_named(tmp_path, text):
    (fault,) = planted(tmp_path, text)
    assert fault.startswith("page.md:2: ")


@pytest.mark.parametrize("text", ["https://example.com/home/page", "web.home_hero", "{base}/work/x", "../work/plan.md"])
def test_an_address_or_a_relative_path_is_left_alone(tmp_path, text):
    assert planted(tmp_path, text) == []


def test_no_file_speaks_of_the_machine_it_was_written_on():
    assert [str(fault) for fault in words_law.faults(ROOT)] == []
