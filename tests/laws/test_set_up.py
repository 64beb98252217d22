"""Set-up says which Debian package is missing, and needs nothing but a shell to say so."""

import os
import shutil
import subprocess

import pytest

from tools.houseplan import ROOT


@pytest.fixture
def set_up(tmp_path):
    """Runs set-up where the only programs are the ones given, as shell scripts."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in ("rm", "sh"):
        (bin_folder / name).symlink_to(shutil.which(name))

    def run(**programs):
        for name, script in programs.items():
            path = bin_folder / name.replace("_", ".")
            path.write_text(f"#!{shutil.which('sh')}\n{script}\n", "utf-8")
            path.chmod(0o755)
        command = [shutil.which("sh"), str(ROOT / "tools" / "set_up.sh"), str(tmp_path / "venv"), "none.txt"]
        env = {key: value for key, value in os.environ.items() if key != "PYTHON"} | {"PATH": str(bin_folder)}
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_no_python_names_the_debian_packages(set_up):
    done = set_up()
    assert done.returncode == 3
    assert "Python is missing. On Debian:  apt-get install python3 python3-venv" in done.stderr


def test_an_old_python_is_named_with_its_version(set_up):
    done = set_up(python3='case "$1" in -V) echo "Python 3.9.2";; *) exit 1;; esac')
    assert done.returncode == 3
    assert "Python 3.9.2 is too old: Tactful needs 3.11 or later" in done.stderr


def test_a_newer_python_beside_an_old_one_is_taken(set_up):
    old = "exit 1"
    new = 'case "$*" in *ensurepip*) exit 1;; *python%d*) echo python3.12-venv;; -V) echo "Python 3.12.1";; esac'
    done = set_up(python3=old, python3_12=new)
    assert "Making" in done.stdout
    assert "Python 3.12.1" in done.stdout


def test_a_python_without_venv_names_the_debian_package(set_up):
    done = set_up(python3='case "$*" in *ensurepip*) exit 1;; *python%d*) echo python3.11-venv;; esac')
    assert done.returncode == 3
    assert "Python's venv is missing. On Debian:  apt-get install python3-venv   (or python3.11-venv)" in done.stderr
