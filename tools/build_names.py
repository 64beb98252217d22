"""Builds the table of given names that ships with the package from the SSA totals; the same input gives the same bytes.

Usage: python tools/build_names.py SSA_NAMES_TOTALS.csv.gz
"""

import gzip
import sys
from pathlib import Path

FEWEST = 100
TARGET = Path(__file__).resolve().parents[1] / "src" / "tactful" / "reckon" / "data" / "given_names.csv.gz"


def build(source: Path) -> bytes:
    """The packed table: name, female and male births, for names with at least 100 births, sorted by name."""
    header, *lines = gzip.decompress(source.read_bytes()).decode("ascii").splitlines()
    if header != "name,female,male":
        raise SystemExit(f"{source}: columns are {header!r}, and name,female,male are needed")
    rows = [line.split(",") for line in lines]
    kept = sorted(f"{name},{female},{male}" for name, female, male in rows if int(female) + int(male) >= FEWEST)
    return gzip.compress("\n".join([header, *kept, ""]).encode("ascii"), compresslevel=9, mtime=0)


if __name__ == "__main__":
    packed = build(Path(sys.argv[1]))
    TARGET.write_bytes(packed)
    print(f"{TARGET.name}: {len(packed):,} bytes")
