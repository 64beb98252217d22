"""For every rule a letter in which it speaks, and one that comes near and in which it must not."""

from __future__ import annotations

from check import cases_of_brand, cases_of_form, cases_of_goods, cases_of_runs, cases_of_sources, cases_of_values
from check.world import World

CASES: dict[str, tuple[World, World]] = {
    **cases_of_values.CASES,
    **cases_of_goods.CASES,
    **cases_of_form.CASES,
    **cases_of_brand.CASES,
    **cases_of_sources.CASES,
    **cases_of_runs.CASES,
}
