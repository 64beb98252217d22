"""Where an analysis stands in a template, and what the expressions there may stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tactful.compose.bindings import ROOTS, Behind, Binding, Names, joined
from tactful.compose.faults import ContentFault
from tactful.compose.limits import FILTERS
from tactful.compose.liquid import Expression, FilteredExpression, Path, RenderContext
from tactful.compose.template import Template
from tactful.words.analysis import Choice, Spoken
from tactful.words.finding import Finding

_KEEPING = {
    **dict.fromkeys(("where", "reject", "sort", "sort_natural", "reverse", "uniq", "compact"), ""),
    **dict.fromkeys(("first", "last", "find"), "[]"),
}
"""Filters that hand on the entries of a list, or one of them, as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the walk is. Stability: internal.

    Attributes:
        at: the tag that called the partial it is in; None in the template itself.
        via: the partials it is in.
        heard: what the capture it is in has heard so far.
        levels: the levels to which `message.level` confines it; None for all.
        left: the names at each `break` and `continue` of the loop it is in.
    """

    at: int | None = None
    via: tuple[str, ...] = ()
    heard: list[Binding] | None = None
    levels: frozenset[str] | None = None
    left: list[Names] | None = None


@dataclass(slots=True, kw_only=True)
class Walk:
    """The walk over one template. Stability: internal."""

    template: Template
    part: str
    context: RenderContext
    spoken: dict[tuple[str, int, bool, bool, frozenset[str] | None], Spoken] = field(default_factory=dict)
    filters: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    choices: dict[Choice, None] = field(default_factory=dict)
    visited: int = 0

    def line(self, index: int) -> int:
        """The author's line of a place."""
        return self.template.source.place(self.template.origins.of(index)).line or 1

    def note(self, binding: Binding, *, place: Place, printed: bool, selects: bool, end: str = "") -> None:
        """Note what a value reads, and what becomes of it."""
        for one, steps in binding.behind.items():
            key = (one.path, one.start, printed, selects, place.levels)
            known = self.spoken.get(key)
            flow = (*steps, end) if end and steps else steps
            if known is not None and len(known.flow) <= len(flow):
                continue
            at = self.template.source.place(self.template.origins.of(one.start))
            self.spoken[key] = Spoken(
                path=one.path, root=one.path.split(".")[0].split("[")[0], part=self.part, line=at.line or 1,
                column=at.column or 1, printed=printed, selects=selects, flow=flow,
                levels=tuple(sorted(place.levels)) if place.levels is not None else None,
            )  # fmt: skip

    def fault(self, index: int, *, rule: str, what: str, fix: str = "") -> None:
        """A finding at a place, once."""
        found = ContentFault.at(self.template.source, self.template.origins.of(index), rule=rule, what=what, fix=fix)
        self.findings += [one for one in found.findings if one not in self.findings]


def value_of(walk: Walk, expression: Expression, *, names: Names, place: Place) -> Binding:
    """What an expression may stand for."""
    if isinstance(expression, Path):
        return _path(walk, expression, names=names, place=place)
    if type(expression).__name__ == "StringLiteral":
        return Binding(words=frozenset({str(getattr(expression, "value", ""))}), is_known=True)
    if not isinstance(expression, FilteredExpression) or not expression.filters:
        inner = [value_of(walk, one, names=names, place=place) for one in expression.children()]
        return inner[0] if isinstance(expression, FilteredExpression) else joined(inner).changed
    value = value_of(walk, expression.left, names=names, place=place)
    for one in expression.filters:
        _filter(walk, one, place=place)
        given = [value_of(walk, arg, names=names, place=place) for arg in one.children()]
        if one.name in _KEEPING:
            for chosen in given:
                walk.note(chosen, place=place, printed=False, selects=True)
            value = joined([value.into(_KEEPING[one.name]) if _KEEPING[one.name] else value])
        elif one.name == "map" and len(given) == 1 and len(given[0].words) == 1 and not given[0].behind:
            value = value.into(f"[].{next(iter(given[0].words))}").changed
        else:
            value = joined([value.changed, *(arg.changed for arg in given)])
    return value


def _filter(walk: Walk, one: Any, *, place: Place) -> None:  # Any: a filter
    """Note a filter, and whether there is such a one."""
    walk.filters.add(one.name)
    if one.name not in FILTERS and not any(f.what.startswith(f"unknown filter '{one.name}'") for f in walk.findings):
        index = place.at if place.at is not None else one.token.start_index
        what, fix = f"unknown filter '{one.name}'", f"filters are {', '.join(sorted(FILTERS))}"
        walk.fault(index, rule="liquid-filter", what=what, fix=fix)


def _path(walk: Walk, path: Path, *, names: Names, place: Place) -> Binding:
    """What a path may reach; a step that is itself a value is every text it may be, or any entry."""
    index = place.at if place.at is not None else path.token.start_index
    steps = () if place.at is None else place.via
    root, *rest = path.path
    roots = _texts(walk, root, names=names, place=place)
    found: list[Binding] = []
    for one in roots if roots is not None else ("[]",):
        found += [names[one]] if one in names else []
        if one not in names or (one in ROOTS and names[one].is_partly):
            found.append(Binding(behind={Behind(one, index, True): steps}))
    value = joined(found)
    for segment in rest:
        keys = _texts(walk, segment, names=names, place=place)
        value = joined(value.into(f".{key}") for key in keys) if keys is not None else value.into("[]")
    return value


def _texts(walk: Walk, segment: object, *, names: Names, place: Place) -> tuple[str, ...] | None:
    """The names a step of a path may be; None where it is a number or cannot be known."""
    if isinstance(segment, str):
        return (segment,)
    if not isinstance(segment, Path):
        return None
    value = _path(walk, segment, names=names, place=place)
    walk.note(value, place=place, printed=False, selects=True)
    return tuple(sorted(value.words)) if value.is_known else None
