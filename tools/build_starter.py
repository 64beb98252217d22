"""Builds the retail starter's derived and invented files; the same inputs give the same bytes.

Usage: python -m tools.build_starter [FOLDER]

Reads `online_retail.parquet`, `ranges.csv`, `titles.csv` and `care_notes.csv`; writes `catalogue.csv`, `links.csv`, the
invented people's files and the partial with the range notes.
"""

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tools.starter_catalogue import catalogue, links, read_lines
from tools.starter_people import consents, contacts, past_sends, preferences, suppressions

STARTER = Path(__file__).resolve().parents[1] / "src" / "tactful" / "project" / "starters" / "retail"


def csv_bytes(rows: Iterable[Mapping[str, object]], *, columns: Sequence[str]) -> bytes:
    """Rows as UTF-8 CSV with a header and plain newlines."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a hand-written CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def range_note_partial(notes: Sequence[Mapping[str, str]]) -> bytes:
    """The Liquid partial that speaks a range's care note: one branch per range, nothing for the others."""
    branches = [f"{{% when '{note['key']}' %}}{note['note']}" for note in notes if note["scope"] == "range"]
    head = "{% comment %}Written by tools/build_starter.py from data/care_notes.csv.{% endcomment %}"
    return "\n".join(
        [head + "{% case facts.last_order_range %}" + branches[0], *branches[1:], "{% endcase %}"]
    ).encode()


def build(data: Path) -> dict[str, bytes]:
    """Every derived file of the starter, by its path within the project.

    Args:
        data: the starter's `data` folder.
    """
    notes = table(data / "care_notes.csv")
    lines = read_lines(data / "online_retail.parquet")
    items = catalogue(
        lines,
        titles={row["item_id"]: row["title"] for row in table(data / "titles.csv")},
        ranges=table(data / "ranges.csv"),
        notes=notes,
    )
    people = contacts(lines)
    made = {
        "catalogue": items,
        "links": links(items),
        "contacts": people,
        "consents": consents(people),
        "preferences": preferences(people),
        "suppressions": suppressions(people),
        "past_sends": past_sends(people),
    }
    files = {f"data/{name}.csv": csv_bytes(rows, columns=list(rows[0])) for name, rows in made.items()}
    return files | {"content/_partials/range-note.liquid": range_note_partial(notes)}


def main(root: Path) -> None:
    """Writes the files and prints what was made."""
    for name, content in build(root / "data").items():
        (root / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes, {len(content.splitlines()):,} lines")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else STARTER)
