"""The features of a project, in the order of `inputs.features`: those of every project, then those it declares."""

from __future__ import annotations

from collections.abc import Iterator

from tactful.project.declared import Project
from tactful.project.value import ValueFeature
from tactful.reckon.exact import check_width
from tactful.reckon.features import BASE, Feature, Form


def features_of(project: Project) -> tuple[Feature, ...]:
    """Every feature with the map that makes it a whole number; frozen, for the map is part of its name.

    Args:
        project: `value:` of its policy declares them.

    Raises:
        Misuse: more features than any score can hold exactly.
    """
    declared = [feature for one in project.policy.value.features for feature in _maps(one)]
    found = tuple(dict.fromkeys((*BASE, *declared)))
    check_width(len(found))
    return found


def _maps(declared: ValueFeature) -> Iterator[Feature]:
    column = declared.column
    if declared.values:
        yield from (Feature(column=column, form=Form.IS, value=value) for value in declared.values)
    elif declared.edges:
        yield from (Feature(column=column, form=Form.BETWEEN, low=low, high=high) for low, high in declared.bins)
    else:
        centre, spread = float(declared.centre), float(declared.spread)
        yield Feature(column=column, form=Form.NUMBER, centre=centre, spread=spread)
        yield Feature(column=column, form=Form.KNOWN)
