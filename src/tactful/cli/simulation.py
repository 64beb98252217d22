"""`tactful simulate`: policies side by side, in a world whose truth is known or on the project's own log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tactful.cli.door import command


@click.option("--on", "subject", type=click.Choice(["world", "log"]), default="world", show_default=True,
              help="A made-up world, or the runs of this project.")  # fmt: skip
@click.option("--world", default="shop", show_default=True, help="Which world: shop, tight or touchy.")
@click.option("--people", default=2_000, show_default=True, help="Customers of the world.")
@click.option("--days", default=365, show_default=True, help="Days to live through.")
@click.option("--seed", default=1, show_default=True, help="The same seed lives the same life.")
@click.option("--cap", "caps", multiple=True, type=int, help="Contacts a week of a fixed cap; may be repeated.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Where the page is written; out/simulation.html of a project where left out.")  # fmt: skip
def _simulate(
    *, root: Path, as_json: bool, subject: str, page: Path | None, caps: tuple[int, ...], **world: Any
) -> Any:  # Any: options of the world; printed as JSON
    """Compare the engine with fixed caps, one message for all and silence, day by day, as plots on one page."""
    from tactful.cli.tables import show_simulated
    from tactful.flow.simulating import CAPS, Wanted, simulate
    from tactful.flow.simulation_page import write_page

    if subject == "log":
        from tactful.flow.simulating_log import simulate_log

        found = simulate_log(root, caps=caps or CAPS)
    else:
        found = simulate(Wanted(caps=caps or CAPS, **world))
    written = write_page(found, root=root, page=page)
    if not as_json:
        show_simulated(found, page=written)
    return {"page": str(written), **found.facts()}


simulate_command = command("simulate")(_simulate)
