"""Whatever a file holds, memory stays bounded: each case runs in a process of its own, and its peak is read."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sizes import size

LOAD = """
import json, resource, sys
from pathlib import Path
from tactful.load.columns import read_typed
from tactful.load.delimited import open_delimited
from tactful.load.kinds import Column, Integer
from tactful.store.ahead import ahead
from tactful.words.errors import SourceHeld

resource.setrlimit(resource.RLIMIT_CPU, (300, 300))
good, bad, said = 0, [], ""
try:
    file = open_delimited(Path(sys.argv[1]))
    columns = (Column(name="a", kind=Integer()),)
    for chunk in ahead(file.chunk, file.windows(), workers=2):
        typed = read_typed(chunk, columns=columns)
        good += typed.columns.num_rows
        bad += [[row.line, row.rule.value, len(row.raw), row.reason] for row in chunk.bad_rows()]
except SourceHeld as error:
    said = str(error)
# The peak of getrusage is inherited from the process that started this one; this one is not.
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps({"good": good, "bad": bad, "said": said, "peak": peak}))
"""
MOST = 512 << 20


def loaded(path: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(path)], capture_output=True, text=True, check=True, timeout=600
    )
    found = json.loads(done.stdout)
    assert found["peak"] < MOST, f"{found['peak'] >> 20} MiB"
    return found


def test_F80_a_ten_megabyte_cell_is_one_bad_row(tmp_path):
    path = tmp_path / "cell.csv"
    path.write_bytes(b"a,b\n1,x\n2," + b"y" * (10 << 20) + b"\n3,z\n")
    found = loaded(path)
    assert (found["good"], [row[:3] for row in found["bad"]]) == (2, [[3, "row_too_long", 4 << 20]])


def test_F80_a_line_without_end_is_passed_over_in_bounded_memory(tmp_path):
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,x\n2,")
        for _ in range(size(16, whole=128)):
            file.write(b"y" * (8 << 20))
        file.write(b"\n3,z\n")
    found = loaded(path)
    assert (found["good"], [row[:3] for row in found["bad"]]) == (2, [[3, "row_too_long", 4 << 20]])
    assert f"{size(16, whole=128) * (8 << 20) + 3:,} bytes" in found["bad"][0][3]


def test_F80_a_packed_bomb_is_refused_early(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=6) as file:
        for _ in range(size(32, whole=512)):
            file.write(b"0" * (8 << 20))
    assert "bomb" in loaded(path)["said"]


@pytest.mark.parametrize("line", [b'7,"seven, or so"\n', b"7,\n", b"\n", "7,\u00e9t\u00e9\n".encode()])
def test_B6_a_large_file_is_read_in_bounded_memory(tmp_path, line):
    path = tmp_path / "large.csv"
    count = size(64 << 20, whole=2 << 30) // len(line) // 10_000
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(count):
            file.write(line * 10_000)
    assert loaded(path)["good"] == (count * 10_000 if line.strip() else 0)
