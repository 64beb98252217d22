"""Contents of the starter: each compiles, renders at its level with every offer, and says what it reads."""

# ruff: noqa: E501  # a template or an attack is read on one line

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from compose.world import CLOCK, KEY, NOW, content, decision, items, mail, project, shown, starter
from tactful.compose.contents import analyse, analyse_content, compile_content
from tactful.compose.context import Catalogue, Sight
from tactful.compose.links import message_links
from tactful.compose.preview import Preview, preview
from tactful.project.declared import ContentFile
from tactful.words.message import Part

GOLDEN = Path(__file__).parent / "golden"


def contexts_of(file: ContentFile) -> list[dict[str, object]]:
    """Every level that uses a content, with every offer and customers of several kinds."""
    found = []
    for program in starter().programs.values():
        plans = program.levels if file.touchpoint == "email" else {**program.levels, **program.web}
        for level, plan in plans.items():
            if plan.content != file.content_id:
                continue
            for offer in program.offers:
                for many in (False, True):
                    row = decision(
                        "c1", level=level.value, program=program.program, purpose=program.purpose.value, offer_id=offer,
                        touchpoint=file.touchpoint, content_id=file.content_id, items=[
                            *shown(0, 1, role="again"), *shown(2, 3, role="pair"), *shown(4, role="new"),
                            {"item_id": "i5", "role": "anchor", "because": None},
                        ],
                    )  # fmt: skip
                    values = {
                        name: {"text": "baking and tea", "integer": 4 if many else 1, "flag": many}.get(fact.type)
                        for name, fact in starter().facts.items()
                    }
                    profile = {"salutation_name": "Anna" if many else None, **values}
                    sight = Sight(project=starter(), catalogue=Catalogue.of(items()))
                    links = message_links(b"m" * 16, brand=starter().brand, key=KEY)
                    context = sight.context(row, profile, content=file)
                    found.append({**context, **sight.constants(file, row), "links": links})
    return found


@pytest.mark.parametrize("key", sorted(starter().contents), ids="-".join)
def test_every_content_of_the_starter_renders_at_its_levels_with_every_offer(key: tuple[str, str, str]) -> None:
    file = starter().contents[key]
    contexts = contexts_of(file)
    for context in contexts:
        made = preview(file, context, project=starter())
        assert isinstance(made, Preview), made
        words = " ".join(made.parts.values())
        for residue in ("{{", "{%", "tqz", "\ue000", "None", "Undefined"):
            assert residue not in words
        if file.touchpoint == "email":
            assert made.parts[Part.SUBJECT].strip()
            is_marketing = not file.content_id.startswith("thank-you/")
            assert (str(context["links"]["unsubscribe"]) in made.parts[Part.TEXT]) is is_marketing  # type: ignore[index]
            assert len(made.parts[Part.HTML].encode()) < 100_000
    assert contexts or file.touchpoint == "web"


def test_no_content_of_the_starter_has_a_finding() -> None:
    assert [str(finding) for one in analyse(starter()) for finding in one.findings] == []


def test_a_golden_mail() -> None:
    """Renewed by `TACTFUL_RENEW=1 pytest tests/compose/test_contents.py -k golden`; look at the difference before you commit."""
    body = (
        "{% for item in items %}<p>{{ item.title }}{% if item.price %} {{ item.price }}{% endif %}</p>{% endfor %}"
        "<p><a href='{{ links.unsubscribe }}'>Unsubscribe</a></p>"
    )
    file = content("golden/one", mail(f"<p>{{{{ customer.salutation }}}}</p>{body}"), preheader="Chosen by us")
    made = compile_content(file, project())
    parts = {part.value: template.text for part, template in made.templates.items()}
    path = GOLDEN / "one.json"
    if os.environ.get("TACTFUL_RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(parts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == parts


def test_a_version_is_compiled_once() -> None:
    file = content("once/one", mail("{{ customer.salutation }}"))
    assert compile_content(file, project()) is compile_content(file, project())


def test_analysis_says_what_is_printed_and_what_selects_with_its_place() -> None:
    body = (
        "<mjml>\n<mj-body><mj-section><mj-column><mj-text>{% if facts.often > 2 %}x{% endif %}\n"
        "{% for item in items %}{{ item.title | upcase }}{% endfor %}{% assign r = facts.range | downcase %}{{ r }}"
        "{% assign q = facts.quiet | downcase %}{% if q == 'a' %}y{% endif %}{% capture c %}{{ facts.deep }}{% endcapture %}"
        "{{ c }}{% assign first = items[0] %}{{ first.price }}{% render 'own', v: facts.passed %}"
        "</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    made = project(partials={"own": "{{ v }}{{ brand.name }}"})
    read = analyse_content(content("a/one", body, subject="Hi {{ facts.said }}"), made)
    printed = {s.path for s in read.spoken if s.printed}
    selecting = {s.path for s in read.spoken if not s.printed}
    assert printed == {
        "items[].title", "facts.range", "facts.deep", "items[].price", "facts.said", "facts.passed", "brand.name",
    }  # fmt: skip
    assert {"facts.often", "items", "facts.quiet"} <= selecting
    assert {"facts.often", "facts.quiet"}.isdisjoint(printed)
    places = {s.path: (s.line, s.column, s.part) for s in read.spoken}
    assert places["facts.often"] == (7, 48, "html")
    assert places["facts.said"] == (2, 16, "subject")
    assert read.filters == ("downcase", "upcase")
    assert {"if", "for", "assign", "capture", "render"} <= set(read.tags)


def test_analysis_finds_unknown_filters_and_syntax_with_their_places() -> None:
    read = analyse_content(content("a/two", mail("x {{ facts.a | shout }}"), subject="{{ a"), project())
    assert {f.rule for f in read.findings} == {"liquid-filter", "liquid-syntax"}
    assert all(f.place is not None and f.place.line for f in read.findings)


def test_a_web_fragment_is_a_payload_and_is_escaped() -> None:
    file = content("w/one", "<section>{{ offer.words }}</section>")
    made = preview(file, {"offer": {"words": "<b>10%"}}, project=project())
    assert isinstance(made, Preview)
    assert made.parts == {Part.PAYLOAD: "<section>&lt;b&gt;10%</section>"}


def test_an_offer_says_its_last_day_in_the_language_of_the_mail() -> None:
    sight = Sight(project=starter(), catalogue=Catalogue.of(None))
    row = decision("c1", offer_id="ten-off")
    spoken = {}
    for language in ("en", "de"):
        file = content("o/one", mail("x"), language=language)
        offer = sight.context(row, {}, content=file)["offer"]
        assert isinstance(offer, dict)
        spoken[language] = offer["ends"]
    assert CLOCK.now == NOW
    assert spoken == {"en": "Friday 23 December 2011", "de": "Freitag, 23. Dezember 2011"}
