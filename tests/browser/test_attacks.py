"""F12 in a real browser: nothing in a value becomes an element, an attribute or a script, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.chromium import looked_at
from scenarios.attacks import SCRIPTS
from scenarios.town import Told, agreed, item, link, person, plant, sale, told
from tactful.flow.concluding import conclude
from tactful.flow.manifest import find_run
from tactful.words.message import Part

HOSTS = ("shop.example", "mail.shop.example", "www.w3.org")
PLACES = ("given_name", "family_name", "title", "note", "category")
SURE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe src=//evil.example></iframe>",
    "<details open ontoggle=alert(1)>",
    "<a href=//evil.example>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<base href=//evil.example>",
    "<form action=//evil.example></form>",
]
"""Of these a browser that looks must say something."""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, str]:
    """Sixty attacks in five places, a customer for each; and the proof page of the run."""
    shop = plant(tmp_path_factory.mktemp("attacked"))
    people, items, bought = [person("plain")], [item("plain", category="cups")], [sale("plain", "plain")]
    for place in PLACES:
        for number, text in enumerate(SCRIPTS):
            name = f"{place}-{number}"
            about = {place: text}
            people.append(person(name, **(about if place.endswith("_name") else {"given_name": "Anna"})))
            items.append(item(name, url=f"https://shop.example/{name}", **({} if place.endswith("_name") else about)))
            bought.append(sale(name, name))
    links = [link(str(one["item_id"])) for one in items]
    rows = {"customers": people, "items": items, "transactions": bought, "consents": agreed(people), "links": links}
    with shop.opened(**rows) as space:
        town = told(space)
        conclude(space, find_run(space, town.run.run_id.hex()))
    return town, (shop.root / "out" / "index.html").read_text("utf-8")


def test_F12_the_browser_that_looks_notices_what_acts(tmp_path: Path) -> None:
    pages = [f"<!doctype html><html><body><p>Hello {text}</p></body></html>" for text in SURE]
    found, _ = looked_at(pages, folder=tmp_path)
    assert [text for text, what in zip(SURE, found, strict=True) if not what] == []


def test_F12_sixty_attacks_in_five_places_do_nothing_in_a_browser(attacked: tuple[Told, str], tmp_path: Path) -> None:
    town, _ = attacked
    assert set(town.words) == {"plain", *(f"{place}-{number}" for place in PLACES for number in range(len(SCRIPTS)))}
    assert len(town.words) > 300
    names = sorted(town.words)
    found, seen = looked_at([town.words[name][Part.HTML] for name in names], folder=tmp_path, hosts=HOSTS)
    assert {name: what for name, what in zip(names, found, strict=True) if what} == {}
    shown = dict(zip(names, (" ".join(text.split()) for text in seen), strict=True))
    for place in ("title", "note", "category"):
        for number, text in enumerate(SCRIPTS):
            assert " ".join(text.replace("\x00", "").split()) in shown[f"{place}-{number}"].replace("\ufffd", ""), text


def test_F12_E6_the_proof_page_shows_attacks_and_runs_none(attacked: tuple[Told, str], tmp_path: Path) -> None:
    _, page = attacked
    ((found,), _) = looked_at([page], folder=tmp_path, hosts=HOSTS)
    assert found == ["<input>"] * page.count("<input"), "its own switches, and nothing else that acts"
