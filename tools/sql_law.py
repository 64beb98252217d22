"""The law of SQL: the same rows on every engine, in every order, on every run.

No sum or mean of floats; nothing that picks a row by accident; an order that is used is a total one; values are bound,
never formatted; only functions that are proven equal on the engines. `-- total order: why` in a statement says that an
order is total although its last key does not look like an identity.

    python -m tools.sql_law [FOLDER]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp

from tools.houseplan import Fault
from tools.named_sql import FOLDER, Named, read

FUNCTIONS = Path(__file__).with_name("sql_functions.txt")
ACCIDENTAL = {"mode", "first", "last", "any_value", "arbitrary", "first_value", "last_value", "approx_top_k"}
WORLD = {"now", "current_timestamp", "current_date", "current_time", "today", "random", "uuid", "rand", "randomblob"}
RANKS = {"row_number", "rank", "dense_rank", "ntile", "lag", "lead", "percent_rank", "cume_dist", "nth_value"}
GATHERS = {"array_agg", "list", "string_agg", "group_concat"}
PICKS = {"arg_max", "arg_min", "max_by", "min_by"}
FLOATS = {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
FLOATING = {"exp", "ln", "log", "log2", "log10", "sqrt", "cbrt", "pow", "power", "sin", "cos", "avg", "random"}
FORMATTED = re.compile(r"\{\w*\}|%s|%d|%\(\w+\)s")
IDENTITY = re.compile(r"(_id|_key|_hash|_name|^id|^line|^name|^key|^rowid|^ordinal|^position|^version)$")
SAYS_TOTAL = re.compile(r"^\s*-- total order: \S", re.MULTILINE)


def faults(folder: Path) -> Iterator[Fault]:
    """Every breach below a folder of SQL."""
    allowed = allowed_functions()
    for statement in read(folder):
        if isinstance(statement, Fault):
            yield statement
            continue
        if FORMATTED.search(statement.text):
            yield statement.fault("has a place for formatted text: bind values as $name")
        for node in (node for tree in statement.trees for node in tree.walk()):
            yield from node_faults(statement, node, allowed)


def node_faults(statement: Named, node: exp.Expr, allowed: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with one node of a statement's tree."""
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Case | exp.Cast | exp.If):
        yield from function_faults(statement, node, allowed)
    is_total = bool(SAYS_TOTAL.search(statement.text))
    if isinstance(node, exp.Window) and function_name(node.this) in RANKS and not is_total:
        yield from order_faults(statement, node.args.get("order"), function_name(node.this))
    if isinstance(node, exp.Limit) and node.parent and not is_total:
        yield from order_faults(statement, node.parent.args.get("order"), "LIMIT")
    if isinstance(node, exp.Distinct) and node.args.get("on") and node.parent and not is_total:
        yield from order_faults(statement, node.parent.args.get("order"), "DISTINCT ON")


def function_faults(statement: Named, node: exp.Func, allowed: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with calling this function, in this way."""
    name = function_name(node)
    is_total = bool(SAYS_TOTAL.search(statement.text))
    if name in ACCIDENTAL:
        yield statement.fault(f"uses {name}, whose answer changes from run to run: take arg_max with a total order")
    elif name in WORLD:
        yield statement.fault(f"uses {name}; time and chance are bound as values")
    elif name == "avg":
        yield statement.fault("uses avg, a mean of floats: keep the sum and the count, and divide when reading")
    elif name == "sum" and (why := floats_in(node.this)):
        yield statement.fault(f"sums floats ({why}): sum integers or decimals")
    elif name in PICKS and not is_total and not isinstance(node.expression, exp.Tuple | exp.Struct):
        yield statement.fault(f"uses {name} with one key: end it in an identity, as in {name}(x, (time, id))")
    elif name in GATHERS and not node.find(exp.Order) and not is_total:
        yield statement.fault(f"gathers with {name} in no order: write ORDER BY inside it")
    elif name not in allowed:
        yield statement.fault(f"uses {name}, not proven equal on the engines: tools/sql_functions.txt lists what is")


def order_faults(statement: Named, order: exp.Order | None, user: str) -> Iterator[Fault]:
    """An order that is missing, or whose last key is no identity."""
    if order is None or not order.expressions:
        yield statement.fault(f"uses {user} in no order")
        return
    last = order.expressions[-1]
    key = last.this if isinstance(last, exp.Ordered) else last
    if not IDENTITY.search(key.name.lower()):
        yield statement.fault(
            f"uses {user} in an order that ends in {key.sql()}, which may tie: end it in an identity, "
            "or say `-- total order: why`"
        )


def floats_in(node: exp.Expr | None) -> str:
    """Why an expression is made of floats, as far as the text tells; empty where it does not."""
    for part in node.walk() if node else ():
        if isinstance(part, exp.Cast) and part.to.this in FLOATS:
            return part.sql("duckdb")
        if isinstance(part, exp.Literal) and not part.is_string and "e" in part.name.lower():
            return part.name
        if isinstance(part, exp.Func) and function_name(part) in FLOATING:
            return function_name(part)
        if isinstance(part, exp.Div):
            return "a division"
        if isinstance(part, exp.Cast):
            return ""
    return ""


def function_name(node: exp.Expr) -> str:
    """The name of a function as one writes it, in small letters."""
    if isinstance(node, exp.Anonymous):
        return str(node.name).lower()
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else ""


def allowed_functions(path: Path = FUNCTIONS) -> frozenset[str]:
    """The functions proven equal, one to a line; what follows `#` says how, or where it stands alone."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return frozenset(line for line in lines if line)


def main(arguments: list[str]) -> int:
    """Print the breaches; 1 if there are any."""
    found = [str(fault) for fault in faults(Path(arguments[0]) if arguments else FOLDER)]
    print("\n".join(found) or "the SQL says the same everywhere")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
