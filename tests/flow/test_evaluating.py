"""`tactful suggest` on files of every kind: what it reads, what it refuses, and what it finds."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from decide.recommenders import groups
from flow.shops import plant_small, tactful
from tactful.cli import main
from tactful.flow import interactions
from tactful.flow.evaluating import evaluate
from tactful.flow.held_out import Asked
from tactful.flow.progress import Silent
from tactful.words.errors import Misuse

BEGUN = datetime(2011, 1, 1, tzinfo=UTC)


def rows(*, days: bool = True) -> list[tuple[str, str, str]]:
    """A small world of three kinds of customers, as text."""
    history = groups(customers=240, items=36)
    assert history.age is not None
    spread = np.arange(history.item.size) % 7
    when = [BEGUN + timedelta(days=int(60 - 10 * age + more)) for age, more in zip(history.age, spread, strict=True)]
    told = [f"{one:%Y-%m-%d %H:%M:%S}" if days else str(int(one.timestamp())) for one in when]
    return [(f"c{c}", f"i{i}", t) for c, i, t in zip(history.customer, history.item, told, strict=True)]


def written(path: Path, *, lines: list[tuple[str, ...]], head: str = "who;what;when") -> Path:
    text = "\n".join([head, *(";".join(line) for line in lines)]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def found(path: Path, **how: Any) -> dict[str, Any]:
    asked = Asked(**({"file": path, "customer": "who", "item": "what"} | how))
    return evaluate(asked, progress=Silent()).as_json()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("suggest") / "rows.csv.gz", lines=rows())


def test_leave_one_out_by_time_beats_popularity(file: Path) -> None:
    made = found(file, time="when", split="leave-one-out")
    assert made["protocol"]["customers_judged"] == 240
    assert made["protocol"]["seen"] == "exclude"
    assert made["measures"]["blend"]["ndcg@10"] > 2 * made["measures"]["popular"]["ndcg@10"]
    low, middle, _ = made["beyond"]["gain_over_popular"]["ndcg@10"]
    assert 0 < low < middle
    assert made["beyond"]["calibration"]["ece@10"] < 0.05


def test_a_split_by_time_asks_for_what_came_after(file: Path) -> None:
    made = found(file, time="when", split="time", share=0.3)
    assert made["data"]["training_rows"] + made["data"]["test_pairs"] == 240 * 6
    assert made["data"]["unit_of_ages"] == "1 days"
    upcoming = found(file, time="when", split="time", share=0.3, target="next")
    assert upcoming["data"]["test_pairs"] < made["data"]["test_pairs"]


def test_a_given_test_with_titles_and_a_cold_customer(tmp_path: Path) -> None:
    lines = [(c, i) for c, i, _ in rows()]
    test, train = [*lines[5::6], ("nobody", "i1")], [one for k, one in enumerate(lines) if k % 6 != 5]
    titles = written(tmp_path / "t.csv", lines=[(f"i{n}", f"kind{n % 3}") for n in range(36)], head="what;title")
    files = {
        name: written(tmp_path / f"{name}.csv", lines=part, head="who;what")
        for name, part in (("a", train), ("b", test))
    }
    made = found(files["a"], split="given", test=files["b"], titles=titles)
    assert made["data"]["titles"]
    assert made["protocol"]["customers_judged"] == 240
    assert made["beyond"]["new_customers"]["judged"] == 1
    assert made["measures"]["blend"]["recall@20"] > made["measures"]["popular"]["recall@20"]


def test_a_given_test_is_met_as_it_was_cut(tmp_path: Path) -> None:
    """Each customer's latest third in the test file: the order counts, and what is held out is the latest too."""
    lines = [(f"c{c}", f"i{(c % 5 + n) % 20}", str(n)) for c in range(120) for n in range(9)]
    parts = {"a": [one for one in lines if int(one[2]) < 6], "b": [one for one in lines if int(one[2]) >= 6]}
    files = [written(tmp_path / f"{name}.csv", lines=part) for name, part in parts.items()]
    made = found(files[0], time="when", split="given", test=files[1])
    assert made["measures"]["blend"]["recall@10"] == 1
    assert any(one["model"] == "sequel" for one in made["blend"]["tried"])


def test_the_project_itself_is_evaluated(tmp_path: Path) -> None:
    root = plant_small(tmp_path / "shop")
    assert tactful("load", "--project", root).returncode == 0
    done = tactful("suggest", "--evaluate", "--json", "--project", root)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["protocol"]["split"] == "time"
    assert made["data"]["titles"]
    assert made["protocol"]["customers_judged"] > 0


def test_where_customers_repeat_what_they_chose_is_shown_again(tmp_path: Path) -> None:
    lines = [(f"c{c}", f"i{(7 * c + n) % 40}", str(100 * week + n)) for c in range(150) for week in range(8)
             for n in range(3)]  # fmt: skip
    file = written(tmp_path / "again.csv", lines=lines)
    made = found(file, time="when", split="time")
    assert made["protocol"]["seen"] == "include"
    assert made["measures"]["frequent"]["recall@10"] > 0.99
    assert made["measures"]["blend"]["recall@10"] > 0.95
    assert found(file, time="when", split="time", seen="auto", target="next")["protocol"]["chosen_before"] == 1
    with pytest.raises(Misuse, match="nothing is left to judge by"):
        found(file, time="when", split="time", seen="exclude")


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "csv"])
def test_every_kind_of_file_says_the_same(file: Path, tmp_path: Path, kind: str) -> None:
    lines = rows(days=False)
    path = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        columns = {"who": [one[0] for one in lines], "what": [one[1] for one in lines]}
        pq.write_table(pa.table(columns | {"when": pa.array([int(t) for *_, t in lines])}), path)
    elif kind == "jsonl":
        path.write_text("\n".join(json.dumps({"who": c, "what": i, "when": int(t)}) for c, i, t in lines), "utf-8")
    else:
        written(path, lines=lines)
    ours, theirs = (interactions.read(one, customer="who", item="what", time="when") for one in (path, file))
    assert ours.is_clock
    assert ours.time is not None
    assert theirs.time is not None
    assert np.array_equal(ours.time, theirs.time)
    assert ours.customer.equals(theirs.customer)


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        (("2011-12-01", "2011-12-02"), 86_400),
        (("2011-12-01T08:00:00Z", "2011-12-01T09:00:00Z"), 3_600),
        (("31/12/2011 08:00", "31/12/2011 08:01"), 60),
        (("12/31/2011 08:00", "12/31/2011 09:00"), 3_600),
        (("20111201", "20111203"), 2 * 86_400),
        (("1322726400000", "1322726460000"), 60),
        (("3", "5"), 2),
        (("2011-12-01 08:00:00 UTC", "2011-12-01 09:00:00 UTC"), 3_600),
        (("12/31/2011 11:00:00 AM", "12/31/2011 01:00:00 PM"), 7_200),
        (("01 Dec 2011", "02 Dec 2011"), 86_400),
        (("12 1, 2011", "12 2, 2011"), 86_400),
        (("1.3227264e+09", "1.3227265e+09"), 100),
    ],
)
def test_times_are_read_as_they_are_written(tmp_path: Path, texts: tuple[str, str], seconds: int) -> None:
    path = written(tmp_path / "t.csv", lines=[("a", "b", one) for one in texts])
    read = interactions.read(path, customer="who", item="what", time="when")
    assert read.time is not None
    assert int(read.time[1] - read.time[0]) == seconds


def test_rows_without_a_customer_are_left_out_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", lines=[("a", "b", "1"), ("", "b", ""), ("c", "b", "2")])
    read = interactions.read(path, customer="who", item="what", time="when")
    assert len(read.customer) == 2
    assert read.notes == ("1 of 3 rows name no customer or no item and are left out",)


def test_rows_without_a_time_are_left_out_and_counted_and_what_is_told_twice_counts_once(tmp_path: Path) -> None:
    again = rows()
    path = written(tmp_path / "t.csv", lines=[*again, *again[:5], ("c0", "i1", "")])
    made = found(path, time="when", split="leave-one-out")
    assert made["data"]["training_rows"] + made["data"]["test_pairs"] == 240 * 6
    assert made["notes"] == [
        "1 of 1,446 rows do not say when and are left out",
        "5 of 1,445 rows tell the same choice again and count once",
    ]


@pytest.mark.parametrize("kind", ["utf-16", "colons", "list"])
def test_files_as_they_come_without_names_in_other_letters_or_as_one_list(tmp_path: Path, kind: str) -> None:
    lines, path = rows(days=False)[:12], tmp_path / "rows"
    names = ("1", "2", "4") if kind == "colons" else ("who", "what", "when")
    if kind == "list":
        path.write_text(json.dumps([dict(zip(names, one, strict=True)) for one in lines]), "utf-8")
    elif kind == "colons":
        path.write_text("\n".join("::".join((c, i, "5", t)) for c, i, t in lines), "utf-8")
    else:
        path.write_text("\n".join([",".join(names), *map(",".join, lines)]), "utf-16")
    read = interactions.read(path, customer=names[0], item=names[1], time=names[2])
    assert read.customer.to_pylist() == [one[0] for one in lines]
    assert read.time is not None
    assert read.time.tolist() == [int(one[2]) for one in lines]


def test_a_zip_file_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "rows.zip"
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(Misuse, match="Unpack it first"):
        interactions.read(path, customer="who", item="what", time=None)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--customer", "custmer", "--item", "what"], "there is no column 'custmer'. Did you mean 'Customer'?"),
        (["--item", "what"], "Give --customer COL and --item COL"),
        (["--customer", "Customer", "--item", "what", "--time", "when"], "line 3: 'yesterday' is no time"),
        (["--customer", "Customer", "--item", "what", "--split", "time"], "--split time needs to know when"),
        (["--customer", "Customer", "--item", "what", "--split", "given"], "belong together"),
    ],
)
def test_bad_input_is_told_with_what_to_do(tmp_path: Path, options: list[str], says: str) -> None:
    path = written(tmp_path / "t.csv", lines=[("a", "b", "2011-12-01"), ("a", "c", "yesterday")],
                   head="Customer;what;when")  # fmt: skip
    done = CliRunner().invoke(main, ["suggest", "--evaluate", str(path), *options])
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(("content", "says"), [(b"", "the file is empty"), (b"who;what\n", "no row names a customer")])
def test_files_without_rows_are_told(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(Misuse, match=says):
        interactions.read(path, customer="who", item="what", time=None)
    with pytest.raises(Misuse, match=r"no such file. Did you mean t\.csv"):
        interactions.read(tmp_path / "t.cvs", customer="who", item="what", time=None)


def test_the_command_prints_the_line_to_beat_and_json_for_programs(file: Path) -> None:
    options = ["suggest", "--evaluate", str(file), "--customer", "who", "--item", "what", "--time", "when"]
    shown = CliRunner().invoke(main, [*options, "--split", "leave-one-out"])
    assert shown.exit_code == 0, shown.output
    assert "popular (line to beat)" in shown.output
    assert "Over popularity it gains +" in shown.output
    told = CliRunner().invoke(main, [*options, "--json"])
    made = json.loads(told.stdout)
    assert made["protocol"]["split"] == "time"
    assert {"popular", "blend"} <= made["measures"].keys()
