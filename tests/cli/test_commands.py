"""The command line as a person and a program meet it: help, JSON, exit codes, errors that say what to do."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flow.shops import copied, edit, plant_small, table_of, tactful
from tactful.cli import COMMANDS

HEAVY = ("duckdb", "pyarrow", "numpy", "scipy", "pydantic", "apsw", "yaml", "liquid", "mrml", "rich")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that was run by commands alone."""
    root = plant_small(tmp_path_factory.mktemp("cli") / "shop")
    done = tactful("run", "--project", root, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "waiting"
    return root


@pytest.fixture
def fresh(shop: Path, tmp_path: Path) -> Path:
    return copied(shop, tmp_path / "shop")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    from click.testing import CliRunner

    from tactful.cli import main

    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert f"Usage: main {name}" in done.output
    for option in ("--json", "--project", "--help"):
        assert option in done.output


def test_help_lists_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from tactful.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
    for name, (_, says) in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert says.split()[0] in done.stdout


def test_every_command_that_help_lists_is_there() -> None:
    import importlib

    for name, (module, _) in COMMANDS.items():
        assert hasattr(importlib.import_module(f"tactful.cli.{module}"), f"{name.replace('-', '_')}_command")


def test_the_version_is_told() -> None:
    from tactful import __version__

    done = tactful("--version")
    assert done.returncode == 0
    assert __version__ in done.stdout


@pytest.mark.parametrize(("typed", "meant"), [("aprove", "approve"), ("rum", "run"), ("explian", "explain")])
def test_a_mistyped_command_is_guessed(typed: str, meant: str) -> None:
    done = tactful(typed)
    assert done.returncode == 2
    assert f"there is no command '{typed}'. Did you mean '{meant}'?" in done.stderr


def test_a_word_that_is_like_no_command_leads_to_help() -> None:
    done = tactful("xyzzy")
    assert done.returncode == 2
    assert "`tactful --help` lists what there is" in done.stderr


@pytest.mark.parametrize("name", ["check", "plan", "run", "load", "send", "status", "replay", "report"])
def test_outside_a_project_every_command_says_what_to_do(name: str, tmp_path: Path) -> None:
    done = tactful(name, cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no project here" in done.stderr
    assert "tactful init" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_option_is_misuse(shop: Path) -> None:
    done = tactful("approve", "--bye", "Ada", "--project", shop)
    assert done.returncode == 2
    assert "--by" in done.stderr


def test_check_prints_file_line_column_and_a_caret(fresh: Path) -> None:
    edit(fresh / "policy.yaml", {"k_words:": "k_wrods:"})
    done = tactful("check", "--project", fresh)
    assert done.returncode == 1
    said = (done.stdout + done.stderr).splitlines()
    number = next(n for n, line in enumerate(said) if line.startswith("policy.yaml:"))
    line, column = said[number].split(":")[1:3]
    written = (fresh / "policy.yaml").read_text("utf-8").splitlines()[int(line) - 1]
    assert written[int(column) - 1 :].startswith("k_wrods")
    assert "k_words" in said[number]
    assert said[number + 2].index("^") - said[number + 1].index("k_wrods") == 0
    for other in ("plan", "run"):
        blocked = tactful(other, "--project", fresh)
        assert blocked.returncode == 1
        assert "policy.yaml:" in blocked.stderr


def test_check_in_json_is_for_programs(fresh: Path) -> None:
    good = tactful("check", "--project", fresh, "--json")
    assert good.returncode == 0
    assert json.loads(good.stdout)["may_run"] is True
    edit(fresh / "policy.yaml", {"k_words:": "k_wrods:"})
    bad = tactful("check", "--project", fresh, "--json")
    assert bad.returncode == 1
    assert any("k_wrods" in str(finding) for finding in json.loads(bad.stdout)["findings"])


def test_errors_in_json_are_json(tmp_path: Path) -> None:
    done = tactful("status", "--json", "--project", tmp_path)
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert said["error"] == "Misuse"
    assert "no tactful.yaml" in said["message"]


def test_the_whole_journey_by_commands_for_programs(fresh: Path) -> None:
    def said(*words: str, code: int = 0) -> object:
        done = tactful(*words, "--project", fresh, "--json")
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return json.loads(done.stdout)

    plan = said("plan")
    assert isinstance(plan, dict)
    assert [stage["name"] for stage in plan["stages"]][:2] == ["know", "gather"]
    refused = said("send", code=1)
    assert isinstance(refused, dict)
    assert refused["error"] == "NotApproved"
    said("approve", "--by", "Ada")
    said("stop", "--by", "Ada")
    said("send", code=1)
    said("stop", "--by", "Ada", "--release")
    sent = said("send")
    assert isinstance(sent, dict)
    assert sent["accepted"] == len(list((fresh / "out" / "mail" / "new").glob("*.eml"))) > 0
    status = said("status")
    assert status
    said("replay")
    said("report")
    loads = said("load")
    assert isinstance(loads, list)
    assert {account["state"] for account in loads} == {"known"}
    row = next(r for r in table_of(fresh, "decisions").to_pylist() if r["outcome_kind"] == "chosen")
    customer = str(row["customer_id"])
    explained = said("explain", customer)
    assert isinstance(explained, dict)
    assert explained["customer"] == customer
    said("explain", customer, "--as-visit")
    said("export", customer)
    assert said("forget", customer)
    said("forget", customer, "--yes")
    said("explain", customer, code=2)


def test_the_journey_by_commands_for_people(fresh: Path) -> None:
    plan = tactful("plan", "--project", fresh)
    assert "know everybody" in plan.stdout
    assert "nothing leaves before that" in plan.stdout
    assert "Ada approved run 2011-12-09" in tactful("approve", "--by", "Ada", "--project", fresh).stdout
    sent = tactful("send", "--project", fresh)
    assert "messages have left" in sent.stdout
    customer = str(
        next(r for r in table_of(fresh, "decisions").to_pylist() if r["outcome_kind"] == "chosen")["customer_id"]
    )
    shown = tactful("show", customer, "--part", "subject", "--project", fresh)
    assert shown.returncode == 0
    assert shown.stdout.strip()
    told = tactful("explain", customer, "--project", fresh).stdout
    assert f"Customer {customer}" in told
    assert "What was sent" in told
    assert "2011-12-09" in tactful("status", "--project", fresh).stdout
    assert "every bit the same" in tactful("replay", "--project", fresh).stdout


def test_a_damaged_store_ends_with_3(fresh: Path) -> None:
    path = next((fresh / "lake" / "decisions").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-8] + b"\0" * 8)
    done = tactful("replay", "--project", fresh)
    assert done.returncode == 3
    assert "is not what was sealed" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ledger_that_is_none_ends_with_3(fresh: Path) -> None:
    for path in fresh.glob("ledger.db*"):
        path.unlink()
    (fresh / "ledger.db").write_bytes(b"this is no database" * 100)
    done = tactful("status", "--project", fresh)
    assert done.returncode == 3
    assert "estore it from a backup" in done.stderr


def test_two_commands_at_once_do_not_meet(fresh: Path) -> None:
    import fcntl

    with (fresh / "ledger.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = tactful("run", "--project", fresh)
    assert done.returncode == 2
    assert "another tactful command is at work" in done.stderr


def test_init_plants_and_never_writes_over(tmp_path: Path) -> None:
    done = tactful("init", "shop", cwd=tmp_path)
    assert done.returncode == 0
    assert "Next: cd shop && tactful check" in done.stdout
    again = tactful("init", "shop", cwd=tmp_path)
    assert again.returncode == 2
    assert "something is here already" in again.stderr
    other = tactful("init", "other", "--starter", "retial", cwd=tmp_path)
    assert other.returncode == 2
    assert "retail" in other.stderr
    assert not (tmp_path / "other").exists()


def test_without_a_terminal_progress_is_plain_lines_on_stderr(fresh: Path) -> None:
    done = tactful("load", "--project", fresh, **{key: value for key, value in os.environ.items() if key == "PATH"})
    assert done.returncode == 0
    assert "\x1b[" not in done.stderr + done.stdout
    assert "was loaded before" in done.stderr


@pytest.mark.parametrize(
    ("occasion", "said"),
    [("tomorrow", "'tomorrow' is no occasion"), ("2011-02-30", "2011-02-30 is no day of the calendar")],
)
def test_an_occasion_is_a_day(shop: Path, occasion: str, said: str) -> None:
    for name in ("plan", "run"):
        done = tactful(name, "--occasion", occasion, "--project", shop)
        assert done.returncode == 2
        assert f"{said}. Name the day of the schedule slot, such as 2011-12-09" in done.stderr


def test_a_stop_for_a_run_that_is_not_there_is_misuse(fresh: Path) -> None:
    done = tactful("stop", "--scope", "2011-12-90", "--project", fresh)
    assert done.returncode == 2
    assert "there is no run '2011-12-90'. Did you mean 2011-12-09?" in done.stderr
    assert (
        "tactful stop --release --scope 2011-12-09`"
        in tactful("stop", "--scope", "2011-12-09", "--project", fresh).stdout
    )


def test_status_and_explain_say_who_approved_which_proofs(fresh: Path) -> None:
    customer = str(table_of(fresh, "decisions")["customer_id"][0].as_py())
    assert "Nobody has; unless a standing approval" in tactful("explain", customer, "--project", fresh).stdout
    drawn = tactful("proofs", "--project", fresh)
    assert drawn.returncode == 0
    given = drawn.stdout.rpartition("--proofs ")[2][:12]
    assert f"tactful approve 2011-12-09 --proofs {given}" in (fresh / "out" / "index.html").read_text("utf-8")
    approved = tactful("approve", "--proofs", given, "--by", "Ada", "--project", fresh)
    assert f"The proofs that were looked at are {given}." in approved.stdout
    again = tactful("approve", "--by", "Grace", "--project", fresh)
    assert "Ada approved run 2011-12-09 already, on 2011-12-09 12:50 UTC" in again.stdout
    for words in (("status",), ("explain", customer)):
        said = tactful(*words, "--project", fresh).stdout
        assert "Ada" in said
        assert given in said
    (known,) = json.loads(tactful("status", "--json", "--project", fresh).stdout)[0]["approvals"]
    assert known["approved_by"] == "Ada"
    assert known["proofs_hash"].startswith(given)


def test_show_reads_like_a_letter(fresh: Path) -> None:
    message = table_of(fresh, "messages")["message_id"][0].as_py().hex()
    lines = tactful("show", message, "--project", fresh).stdout.splitlines()
    assert lines[0].startswith("Subject: ")
    assert lines[1].startswith("Preheader: ")
    assert lines[2] == ""
    assert (
        tactful("show", message, "--part", "subject", "--project", fresh).stdout
        == lines[0].removeprefix("Subject: ") + "\n"
    )


def test_init_says_what_it_will_not_do(fresh: Path, tmp_path: Path) -> None:
    inside = tactful("init", "another", cwd=fresh)
    assert inside.returncode == 2
    assert "is a project already. Go out of it first" in inside.stderr
    mistyped = tactful("init", "shop", "--starter", "retial", cwd=tmp_path / "..")
    assert (
        mistyped.stderr.strip() == "tactful init: there is no starter 'retial'. Did you mean 'retail'? There is retail."
    )
    nowhere = tactful("init", "/proc/shop", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "no folder can be made here" in nowhere.stderr
    assert "Traceback" not in nowhere.stderr


def test_what_the_machine_refuses_is_no_fault_of_ours() -> None:
    from tactful.cli.door import _outside

    refused = _outside(PermissionError(errno.EROFS, "Read-only file system", "/shop/ledger.db"), project=Path("/shop"))
    assert "/shop/ledger.db: the machine refuses it (read-only file system). Give this account the right" in str(
        refused
    )
    assert _outside(ValueError("x"), project=Path("/shop")) is None


def test_a_path_that_cannot_be_used_is_named(fresh: Path) -> None:
    (fresh / "notes").write_text("a file")
    known = table_of(fresh, "decisions")["customer_id"][0].as_py()
    refused = tactful("export", known, "--project", fresh, "--to", fresh / "notes" / "here")
    assert refused.returncode == 3
    assert "this path cannot be used" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tactful init shop 2>said | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "141\n"
    assert (tmp_path / "said").read_text() == ""


def test_an_interrupted_command_says_that_it_goes_on(fresh: Path) -> None:
    from click.testing import CliRunner

    from tactful.cli.door import command

    def interrupted(*, root: Path, as_json: bool) -> None:
        del root, as_json
        raise KeyboardInterrupt

    done = CliRunner().invoke(command("wait")(interrupted), ["--project", str(fresh)])
    assert done.exit_code == 130
    assert "the same command goes on where it was" in done.output
