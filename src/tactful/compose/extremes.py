"""Invented people for a content: a usual one, and those who differ from them in one thing, out to the extremes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tactful.compose.contents import compile_content
from tactful.compose.context import PERMITTED_FROM, Sight, permitted_facts, salutation, spoken_offer
from tactful.compose.links import PATHS
from tactful.compose.recorded import Recorded
from tactful.project.declared import ContentFile, Project
from tactful.project.programs import LevelPlan, Program
from tactful.words.clock import Clock
from tactful.words.fact import Purpose
from tactful.words.level import Level
from tactful.words.message import Part

_LITERAL = re.compile(r"\b(facts|cell)\.(\w+)\s*(?:==|!=|contains)\s*['\"]([^'\"]*)['\"]")
_CASE = re.compile(r"\{%-?\s*case\s+(facts|cell)\.(\w+)(.*?)endcase", re.DOTALL)
_WHEN = re.compile(r"\{%-?\s*when\s+(.*?)-?%\}", re.DOTALL)
_NUMBER = re.compile(r"\b(facts|cell)\.(\w+)\s*(?:==|!=|>=|<=|>|<)\s*(\d+)")
_OF_ITEMS = re.compile(r"\{%-?\s*case\s+\w+\.id\b(.*?)endcase", re.DOTALL)
_ROLE = re.compile(r"\.role\s*[!=]=\s*['\"](\w+)['\"]")
LONG_TITLE = "Hand-finished stoneware serving bowl with a reactive glaze, extra large"
LONG_NOTE = (
    "Rinse it warm by hand and dry it at once; the glaze keeps its depth, and small marks only make it more its own."
)
_TITLES = (
    "White hanging heart T-light holder",
    "Regency cake stand, 3 tier",
    "Jam making set",
    "Slate heart chalkboard",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a content is used. Stability: full."""

    program: Program | None
    level: Level
    plan: LevelPlan | None
    touchpoint: str

    @property
    def decision(self) -> dict[str, Any]:  # Any: mixed columns
        """What a decision says of it."""
        return {
            "level": self.level.value,
            "program": self.program.program if self.program else "preview",
            "purpose": (self.program.purpose if self.program else Purpose.MARKETING).value,
            "touchpoint": self.touchpoint,
        }


def usages(content: ContentFile, project: Project) -> tuple[Usage, ...]:
    """The programs and levels that use a content, in order; one of its own where none does."""
    found = []
    for name in sorted(project.programs):
        program = project.programs[name]
        for touchpoint in program.touchpoints:
            plans = program.web if touchpoint.startswith("web") and program.web else program.levels
            for level, plan in plans.items():
                if plan.content == content.content_id and touchpoint.split(".", 1)[0] == content.touchpoint:
                    found.append(Usage(program=program, level=level, plan=plan, touchpoint=touchpoint))
    alone = Usage(program=None, level=Level.ONE, plan=None, touchpoint=content.touchpoint)
    return tuple(found) or (alone,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented reader. Stability: full.

    Attributes:
        says: how they differ from the usual one.
        context: all that the template sees.
    """

    says: str
    context: Mapping[str, object]


def people(content: ContentFile, *, usage: Usage, sight: Sight, clock: Clock) -> Iterator[Person]:
    """A usual reader, then those who differ: without an offer, a fact, items or pictures; with long words.

    Args:
        content: what is read.
        usage: by which program and at which level.
        sight: project and catalogue; where the catalogue is empty, its items are invented too.
        clock: now, for the end of an offer.
    """
    usual = _usual(content, usage=usage, sight=sight, clock=clock)
    yield Person(says="a usual reader", context=usual)
    yield Person(
        says="nobody's name", context={**usual, "customer": {"salutation": _greet(None, content, sight=sight)}}
    )
    yield from _offers(content, usual, usage=usage, sight=sight, clock=clock)
    yield from _facts(content, usual, project=sight.project)
    yield from _items(usual)
    yield from _named(content, usual, project=sight.project)
    yield longest(content, usage=usage, sight=sight, clock=clock)


def together(known: Sequence[Person]) -> Iterator[Person]:
    """Every two of some people in one: what distinguishes either from the first."""
    usual = known[0].context
    for number, one in enumerate(known):
        changes = {name: value for name, value in one.context.items() if value is not usual[name]}
        for other in known[number + 1 :]:
            others = {name: value for name, value in other.context.items() if value is not usual[name]}
            if changes and not changes.keys() & others.keys():
                yield Person(says=f"{one.says}, {other.says}", context={**usual, **changes, **others})


def longest(content: ContentFile, *, usage: Usage, sight: Sight, clock: Clock) -> Person:
    """The reader whose every value is as long as values plausibly are."""
    usual = _usual(content, usage=usage, sight=sight, clock=clock)
    facts = {name: _long(value) for name, value in _mapping(usual, "facts").items()}
    items = [{**item, "title": LONG_TITLE, "note": LONG_NOTE} for item in _list(usual)]
    offers = _spoken(content, usage=usage, sight=sight, clock=clock)
    offer = max(offers, key=lambda one: len(str(one)), default=usual["offer"])
    name = _greet("Wilhelmina-Alexandra", content, sight=sight)
    return Person(
        says="everything as long as it gets",
        context={**usual, "customer": {"salutation": name}, "facts": facts, "items": items, "offer": offer},
    )


def _usual(content: ContentFile, *, usage: Usage, sight: Sight, clock: Clock) -> dict[str, object]:
    project = sight.project
    values = _literals(content, project)
    facts = {name: _value(name, values, project=project) for name in permitted_facts(project, usage.level)}
    by = usage.plan.by if usage.plan else tuple(facts)
    count = usage.plan.items.count if usage.plan and usage.plan.items else 4
    items = _in_roles(_shown(sight, count=count), content, project=project)
    public = project.brand.public_url.rstrip("/")
    offers = _spoken(content, usage=usage, sight=sight, clock=clock)
    return {
        **sight.constants(content, usage.decision),
        "customer": {"salutation": _greet("Anna", content, sight=sight)},
        "facts": facts,
        "cell": {name: _value(name, values, project=project) for name in by},
        "items": items,
        "anchor": {**items[0], "role": "anchor"} if items else None,
        "offer": offers[0] if offers else None,
        "links": {**{one: f"{public}/{path}/preview" for one, path in PATHS.items()}, "shop": project.brand.site},
    }


def _greet(name: str | None, content: ContentFile, *, sight: Sight) -> str:
    return salutation(name, project=sight.project, language=content.language)


def _spoken(content: ContentFile, *, usage: Usage, sight: Sight, clock: Clock) -> list[dict[str, object]]:
    names = usage.program.offers if usage.program else tuple(sight.project.offers)
    made = (
        spoken_offer(name, project=sight.project, decided_at=clock.now, language=content.language) for name in names
    )
    return [offer for offer in made if offer]


def _shown(sight: Sight, *, count: int) -> list[dict[str, object]]:
    """Items of the catalogue, or invented ones; every other with a note."""
    known = [row for row in sight.catalogue.items.values() if row.get("sellable", True)]
    known.sort(key=lambda row: (row["list_price"] is None, str(row["item_id"])))
    found = [sight.catalogue.shown(row["item_id"], role="pick", because=None) for row in known[:count]]
    real = [item for item in found if item]
    if real:
        return [{**item, "because": real[0]["title"]} for item in real]
    site = sight.project.brand.site.rstrip("/")
    return [
        {
            "id": f"invented-{number}",
            "title": _TITLES[number % len(_TITLES)],
            "price": "£2.95",
            "price_note": "incl. VAT",
            "url": f"{site}/item/{number}",
            "image": None,
            "note": None if number % 2 else LONG_NOTE,
            "role": "pick",
            "because": _TITLES[0],
        }
        for number in range(count)
    ]


def _in_roles(items: list[dict[str, object]], content: ContentFile, *, project: Project) -> list[dict[str, object]]:
    """The items in the roles that a content asks about, in turn."""
    roles = list(dict.fromkeys(_ROLE.findall("\n".join((content.body, *project.partials.values()))))) or ["pick"]
    return [{**item, "role": roles[number % len(roles)]} for number, item in enumerate(items)]


def _literals(content: ContentFile, project: Project) -> dict[str, list[object]]:
    """What a content compares its facts with, in the order in which it does."""
    text = "\n".join((content.subject, content.preheader, content.body, *project.partials.values()))
    found: dict[str, list[object]] = {}
    for _, name, value in _LITERAL.findall(text):
        found.setdefault(name, []).append(value)
    for _, name, number in _NUMBER.findall(text):
        found.setdefault(name, []).extend((int(number), int(number) + 1, max(0, int(number) - 1)))
    for _, name, inside in _CASE.findall(text):
        words = [word for when in _WHEN.findall(inside) for word in re.findall(r"['\"]([^'\"]*)['\"]", when)]
        found.setdefault(name, []).extend(words)
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def _value(name: str, values: Mapping[str, list[object]], *, project: Project) -> object:
    if values.get(name):
        return values[name][0]
    kind = project.facts[name].type if name in project.facts else "text"
    usual: dict[str, object] = {"integer": 3, "decimal": 3, "flag": True, "instant": "2011-11-24"}
    return usual.get(kind, "baking and tea" if "range" in name else name.replace("_", " "))


def _long(value: object) -> object:
    return f"{value} and everything that goes with it in the house" if isinstance(value, str) else value


def _mapping(context: Mapping[str, object], root: str) -> dict[str, object]:
    value = context[root]
    return dict(value) if isinstance(value, dict) else {}


def _list(context: Mapping[str, object]) -> list[dict[str, object]]:
    value = context["items"]
    return list(value) if isinstance(value, list) else []


def _offers(
    content: ContentFile, usual: Mapping[str, object], *, usage: Usage, sight: Sight, clock: Clock
) -> Iterator[Person]:
    offers = _spoken(content, usage=usage, sight=sight, clock=clock)
    if offers:
        yield Person(says="no offer", context={**usual, "offer": None})
    for offer in offers:
        yield Person(says=f"the offer {offer['id']}", context={**usual, "offer": offer})
        yield Person(says=f"the offer {offer['id']} without terms", context={**usual, "offer": {**offer, "terms": ""}})


def _facts(content: ContentFile, usual: Mapping[str, object], *, project: Project) -> Iterator[Person]:
    """Each fact missing, and each value a content compares it with."""
    values = _literals(content, project)
    for root in ("facts", "cell"):
        known = _mapping(usual, root)
        for name in known:
            if PERMITTED_FROM.get(project.facts[name].speak) is None and root == "facts":
                continue
            for value in (*values.get(name, [])[1:], "something else", None):
                said = f"{root}.{name} is {value!r}" if value is not None else f"{root}.{name} is missing"
                yield Person(says=said, context={**usual, root: {**known, name: value}})


def _items(usual: Mapping[str, object]) -> Iterator[Person]:
    items = _list(usual)
    if not items:
        return
    yield Person(says="one item", context={**usual, "items": items[:1]})
    yield Person(says="no items", context={**usual, "items": [], "anchor": None})
    roles = ("steady", "new", "again", "range", "pair")
    mixed = [{**item, "role": roles[number % len(roles)]} for number, item in enumerate(items * 2)]
    yield Person(says="items in every role", context={**usual, "items": mixed})
    for role in roles:
        yield Person(says=f"items of role {role}", context={**usual, "items": [{**one, "role": role} for one in items]})
    for missing in ("price", "price_note", "url", "note", "image", "because"):
        bare = [{**item, missing: None} for item in items]
        yield Person(says=f"items without {missing}", context={**usual, "items": bare})
    yield Person(
        says="prices without VAT", context={**usual, "items": [{**one, "price_note": "excl. VAT"} for one in items]}
    )
    pictured = [{**item, "image": f"{item['url']}.jpg"} for item in items]
    yield Person(says="items with pictures", context={**usual, "items": pictured})


def _named(content: ContentFile, usual: Mapping[str, object], *, project: Project) -> Iterator[Person]:
    """The items that a content names, a letterful at a time."""
    items, text = _list(usual), "\n".join((content.body, *project.partials.values()))
    cases = (when for inside in _OF_ITEMS.findall(text) for when in _WHEN.findall(inside))
    ids = list(dict.fromkeys(one for when in cases for one in re.findall(r"['\"]([^'\"]*)['\"]", when)))
    for start in range(0, len(ids) if items else 0, len(items) or 1):
        some = ids[start : start + len(items)]
        named = [{**item, "id": one} for item, one in zip(items, some, strict=False)]
        yield Person(says=f"the items {', '.join(some)}", context={**usual, "items": named})


def longest_letter(content: ContentFile, *, sight: Sight, clock: Clock) -> int:
    """Bytes of the HTML of the longest branch, its slots as long as they plausibly are; 0 where it has no HTML.

    Raises:
        ContentFault: the content cannot be compiled.
    """
    template = compile_content(content, sight.project).templates.get(Part.HTML)
    sizes = [0]
    for usage in usages(content, sight.project) if template else ():
        far = longest(content, usage=usage, sight=sight, clock=clock)
        usual = _usual(content, usage=usage, sight=sight, clock=clock)
        offers = _spoken(content, usage=usage, sight=sight, clock=clock)
        contexts = [far.context, *({**far.context, "offer": offer} for offer in offers)]
        roles = ("steady", "new", "again", "range", "pair", "pick")
        contexts += [
            {
                **far.context,
                "items": [{**item, "role": roles[n % len(roles)]} for n, item in enumerate(_list(far.context))],
            }
        ]
        values = _literals(content, sight.project)
        for root in ("facts", "cell"):
            known = _mapping(usual, root)
            contexts += [
                {**far.context, root: {**_mapping(far.context, root), name: value}}
                for name in known
                for value in values.get(name, ())
            ]
        for context in contexts:
            made = template.render(context) if template else None
            if isinstance(made, Recorded):
                sizes.append(len(made.joined(escaped=True).encode("utf-8", "replace")))
    return max(sizes)
