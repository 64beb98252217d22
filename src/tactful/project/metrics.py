"""`metrics.yaml`: what counts as success, measured from which table."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tactful.project.shape import ColumnName, Days, Declaration, Share, When


class Metric(Declaration):
    """One metric: a sum or count over a table's rows within a window after the decision."""

    table: Literal["transactions", "events"]
    measure: Literal["count", "sum"] = "sum"
    column: str | None = Field(default=None, description="for transactions: revenue, or quantity")
    margin: Share | None = Field(default=None, description="share of revenue that is margin")
    where: When | None = None
    window: Days
    guardrail: bool = False
    title: str = ""


class Metrics(Declaration):
    """The whole of `metrics.yaml`."""

    metrics: dict[ColumnName, Metric]
