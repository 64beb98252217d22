"""One writer per table, in SQL: a file named after a room writes only that room's tables. It may read any.

python -m tools.one_writer [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp

from tools.houseplan import Fault, writers
from tools.named_sql import FOLDER, Named, read

WRITES = exp.Insert | exp.Update | exp.Delete | exp.Merge | exp.Create | exp.Drop | exp.Alter | exp.TruncateTable
# What has no place in a named statement: the engine and its settings are set up in Python, in one file.
FOREIGN = exp.Copy | exp.Attach | exp.Detach | exp.Command | exp.Pragma | exp.Set | exp.Use


def faults(folder: Path, tables: dict[str, str]) -> Iterator[Fault]:
    """Every statement that writes what its room may not."""
    for statement in read(folder):
        if isinstance(statement, Fault):
            yield statement
        else:
            yield from written(statement, tables)


def written(statement: Named, tables: dict[str, str]) -> Iterator[Fault]:
    """What a named statement writes and may not."""
    for node in (node for tree in statement.trees for node in tree.walk()):
        if isinstance(node, FOREIGN):
            yield statement.fault(f"uses {type(node).__name__.upper()}, which only the store's Python may")
        if not isinstance(node, WRITES) or is_temporary(node):
            continue
        for name in targets(node):
            writer = tables.get(name)
            if writer is None:
                yield statement.fault(f"writes {name}, which store/contracts.py does not know")
            elif writer != statement.room:
                yield statement.fault(f"writes {name}; only {writer}.sql may")


def targets(node: exp.Expr) -> list[str]:
    """The tables that a statement writes; "?" where they cannot be told."""
    listed = [*(node.args.get("tables") or ()), *(node.expressions if isinstance(node, exp.TruncateTable) else ())]
    target = node.this if isinstance(node.this, exp.Table) else node.this and node.this.find(exp.Table)
    return [table.name for table in (*listed, target) if table] or ["?"]


def is_temporary(node: exp.Expr) -> bool:
    """Whether a CREATE makes something that ends with its connection."""
    properties = node.args.get("properties")
    return isinstance(node, exp.Create) and bool(properties and properties.find(exp.TemporaryProperty))


def main(arguments: list[str]) -> int:
    """Print the breaches; 1 if there are any."""
    folder = Path(arguments[0]) if arguments else FOLDER
    found = [str(fault) for fault in faults(folder, writers())]
    print("\n".join(found) or "one writer per table")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
