"""`tactful suggest`: how well recommendations would have done, on any file of choices or on the project itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tactful.cli.door import command
from tactful.words.errors import Misuse

if TYPE_CHECKING:
    from tactful.flow.evaluating import Evaluated

PROJECT = Path("the project itself")
SPLITS = ("time", "leave-one-out", "given")
_FILE = click.Path(path_type=Path)
_TITLES = "What items are called: ids in the column --item or the first, text in the others."


@click.option("--evaluate", "file", type=_FILE, is_flag=False, flag_value=PROJECT, required=True, metavar="[FILE]",
              help="CSV, Parquet or JSON lines, plain or gzipped; without it the project's orders.")  # fmt: skip
@click.option("--customer", default=None, metavar="COL", help="The column that says who.")
@click.option("--item", default=None, metavar="COL", help="The column that says what.")
@click.option("--time", default=None, metavar="COL", help="The column that says when; else rows stand in order.")
@click.option("--titles", type=_FILE, default=None, metavar="FILE", help=_TITLES)
@click.option("--split", type=click.Choice(SPLITS), default=None,
              help="What is asked for: choices after a time, each customer's last, or those of --test.")  # fmt: skip
@click.option("--test", type=_FILE, default=None, metavar="FILE", help="With --split given.")
@click.option("--seen", type=click.Choice(["auto", "include", "exclude"]), default="auto", show_default=True,
              help="Whether items chosen before may be shown again; auto looks whether customers repeat.")  # fmt: skip
@click.option("--target", type=click.Choice(["all", "next"]), default="all", show_default=True,
              help="With --split time: all that is chosen later, or the next occasion only.")  # fmt: skip
@click.option("--share", type=float, default=0.2, show_default=True, help="With --split time: how much lies after.")
def _suggest(*, root: Path, as_json: bool, file: Path, **options: Any) -> Any:  # Any: options; printed as JSON
    """Evaluate recommendations on what customers really chose next; every item of the catalogue is ranked.

    Models and settings are chosen on a part of the training data; the test is looked at once. For each customer with a
    truth T (distinct items; where seen ones are excluded, without those) and a list of k: recall@k = hits / |T|;
    hit_rate@k = whether there is a hit; ndcg@k = sum of 1/log2(1+place) over hits, over the same for a perfect list of
    min(k, |T|) hits; map@k = sum of the precision at each hit, over min(k, |T|); mrr@k = 1 / place of the first hit;
    coverage@k = share of the catalogue shown to anybody; novelty@k = mean of -log2 (customers of the item / customers);
    ece@k = distance between promised and observed probability, in ten bins of equal size. Means over customers; of
    equal scores the better known item comes first, then the smaller id. Customers without a past are judged apart.
    """
    from tactful.cli.bars import Bars
    from tactful.flow.evaluating import evaluate, evaluate_project

    if file == PROJECT:
        from tactful.flow.workspace import open_workspace

        seen = "exclude" if options["seen"] == "auto" else options["seen"]
        asked = _asked(
            root, options | {"seen": seen, "customer": "customer_id", "item": "item_id", "time": "happened_at"}
        )
        with open_workspace(root) as space:
            found = evaluate_project(space, asked=asked, progress=Bars())
    else:
        found = evaluate(_asked(file, options), progress=Bars())
    if not as_json:
        show(found)
    return found.as_json()


def _asked(file: Path, options: dict[str, Any]) -> Any:  # Any: options as click gives them; flow's own type
    from tactful.flow.held_out import Asked

    if not options["customer"] or not options["item"]:
        raise Misuse.say(where="tactful suggest", what="which columns say who and what is not known",
                         do="give --customer COL and --item COL")  # fmt: skip
    likely = "given" if options["test"] else "time" if options["time"] else "leave-one-out"
    return Asked(file=file, **(options | {"split": options["split"] or likely}))


def show(found: Evaluated) -> None:
    """The measures as a table, popularity first, and what they mean in sentences."""
    from tactful.cli.tables import _OUT, _table

    for line in (*found.notes, *_head(found)):
        _OUT.print(line, soft_wrap=True, markup=False)
    columns = [f"{name}@{depth}" for depth in (10, 20) for name in ("recall", "hit_rate", "ndcg", "map", "coverage")]
    lines = _table("model", *columns, right=columns)
    for name, measures in found.measures.items():
        said = f"{name} (line to beat)" if name == "popular" else name
        lines.add_row(said, *(f"{measures[column]:.4f}" for column in columns))
    _OUT.print(lines)
    for line in _tail(found):
        _OUT.print(line, soft_wrap=True, markup=False)


def _head(found: Evaluated) -> list[str]:
    data, protocol = found.data, found.protocol
    again = "may be shown again" if protocol["seen"] == "include" else "is not shown again"
    return [
        (
            f"{data['training_rows']:,} choices of {data['customers']:,} customers among {data['items']:,} items. "
            f"{protocol['customers_judged']:,} customers judged on {data['test_pairs']:,} choices."
        ),
        (
            f"Split: {protocol['split']}. What a customer chose before {again} "
            f"({protocol['chosen_before']:.1%} of what they chose next they had chosen before).\n"
        ),
    ]


def _tail(found: Evaluated) -> list[str]:
    beyond: Any = found.beyond  # nested figures
    parts: Any = found.blend["parts"]
    low, middle, high = beyond["gain_over_popular"]["ndcg@10"]
    said = ", ".join(f"{part['weight']:g} × {part['model']}" for part in parts)
    lines = [
        f"\nThe blend is {said}.",
        f"Over popularity it gains {middle:+.4f} of NDCG@10 ({low:+.4f} to {high:+.4f}).",
    ]
    how, fresh = beyond["calibration"], beyond["new_customers"]
    if "ece@10" in how:
        lines.append(
            f"Of the items in the first ten places it promises that {how['promised@10']:.2%} are chosen; "
            f"{how['happened@10']:.2%} were (ECE {how['ece@10']:.4f})."
        )
    if fresh["judged"]:
        lines.append(f"{fresh['judged']:,} customers without a past: hit rate at 10 {fresh['hit_rate@10']:.4f}.")
    return lines


suggest_command = command("suggest")(_suggest)
