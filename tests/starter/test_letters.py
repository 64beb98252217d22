"""The starter's letters: every level renders, in quiet words, with nothing that must not be there."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest

from tactful.compose.contents import analyse
from tactful.compose.preview import Preview, preview
from tactful.project.declared import Project
from tactful.project.reading import read_project
from tactful.words.fact import Purpose
from tactful.words.message import Part
from tools.build_starter import STARTER

FORBIDDEN = (
    "we miss you", "we noticed", "treat yourself", "your shop", "hope it arrived", "hurry", "last chance",
    "just for you", "come back", "exclusive", "your customers", "wir vermissen", "uns ist aufgefallen",
)  # fmt: skip
DATES_OF_THEIRS = re.compile(
    r"\b(last (order|purchase|visit)|days ago|weeks ago|months ago|since your)\b", re.IGNORECASE
)
OFFER = {
    "id": "free-delivery",
    "words": "Delivery on your next order is free until Friday 23 December 2011",
    "terms": "One order.",
    "ends": "Freitag, 23. Dezember 2011",
}
Case = tuple[str, str, str, dict[str, object]]


@cache
def project() -> Project:
    return read_project(STARTER)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    with (STARTER / "data" / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return {row["item_id"]: row for row in csv.DictReader(file)}


def shown(code: str, *, role: str) -> dict[str, object]:
    row = catalogue()[code]
    return {
        "id": code,
        "title": row["title"],
        "price": f"£{row['list_price']}",
        "price_note": "incl. VAT",
        "url": row["url"],
        "image": None,
        "note": row["note"] or None,
        "role": role,
        "because": None,
    }


ITEMS = {
    "picks": ("pick", "22423", "22457", "22960", "82482"),
    "popular": ("range", "22720", "22697", "22960", "84380"),
    "pairings": ("pair", "22720", "22697", "22960", "84380"),
    "alongside": ("pair", "22699", "22697", "23245", "22720"),
}
TWO_ROLES = {
    "steady_and_new": (("steady", "85123A", "84946", "22178"), ("new", "22969", "84970L", "71459")),
    "again_and_new": (("again", "20725", "85099B"), ("new", "23209", "23203")),
}


def items(suggest: str) -> list[dict[str, object]]:
    if suggest == "ordered":  # one item of theirs: the anchor, and nothing to choose from
        return []
    groups = TWO_ROLES.get(suggest) or (ITEMS[suggest],)
    return [shown(code, role=role) for role, *codes in groups for code in codes]


def constants(*, level: str, program: str, language: str, touchpoint: str) -> dict[str, object]:
    brand, purpose = project().brand, project().programs[program].purpose.value
    token = "https://letters.shop.example/u/TOKEN"
    return {
        "customer": {"salutation": "Hello Anna,"},
        "brand": {
            "name": brand.brand,
            "contact": brand.contact_name,
            "postal_address": brand.postal_address,
            "site": brand.site,
            "legal_lines": list(brand.legal_lines),
            "colours": dict(brand.colours),
            "fonts": brand.fonts,
        },
        "message": {
            "level": level,
            "program": program,
            "purpose": purpose,
            "language": language,
            "touchpoint": touchpoint,
        },
        "links": dict.fromkeys(("unsubscribe", "preferences", "why", "skip"), token) | {"shop": brand.site},
    }


def cases() -> Iterator[Case]:
    """Every content of every level, in every language, branch of its cell and with and without an offer."""
    for program in project().programs.values():
        for touchpoint, plans in (("email", program.levels), ("web", program.web)):
            for level, plan in plans.items():
                languages = [key[2] for key in project().contents if key[:2] == (plan.content, touchpoint)]
                flags = [name for name in plan.by if project().facts[name].type == "flag"]
                offers = (None, OFFER) if "free-delivery" in program.offers else (None,)
                for language, flag, offer in product(languages, (True, False) if flags else (True,), offers):
                    ranges = {name: "baking and tea" for name in plan.by if name not in flags}
                    context = constants(
                        level=level.value, program=program.program, language=language, touchpoint=touchpoint
                    )
                    context["facts"] = ranges
                    context["cell"] = ranges | dict.fromkeys(flags, flag)
                    context["items"] = items(plan.items.suggest) if plan.items else []
                    context["anchor"] = shown("22457" if program.program == "thank-you" else "22423", role="anchor")
                    context["offer"] = offer
                    yield plan.content, touchpoint, language, context


@cache
def letters() -> list[tuple[str, str, dict[Part, str], dict[str, object]]]:
    found = []
    for content_id, touchpoint, language, context in cases():
        made = preview(project().contents[content_id, touchpoint, language], context, project=project())
        assert isinstance(made, Preview), (content_id, language, made)
        found.append((f"{content_id}.{language}", touchpoint, made.parts, context))
    return found


def mails() -> list[tuple[str, dict[Part, str], dict[str, object]]]:
    return [(name, parts, context) for name, touchpoint, parts, context in letters() if touchpoint == "email"]


def test_the_contents_have_no_faults() -> None:
    assert [finding for analysis in analyse(project()) for finding in analysis.findings] == []


def test_every_content_file_belongs_to_a_level_and_renders() -> None:
    rendered = {(name, touchpoint) for name, touchpoint, _, _ in letters()}
    assert rendered == {(f"{content}.{language}", touchpoint) for content, touchpoint, language in project().contents}
    assert len(mails()) == 28


def test_no_letter_says_what_must_not_be_said() -> None:
    for name, _, parts, _ in letters():
        words = " ".join(
            parts[part] for part in (Part.SUBJECT, Part.PREHEADER, Part.TEXT, Part.PAYLOAD) if part in parts
        )
        lower = words.lower()
        assert not [phrase for phrase in FORBIDDEN if phrase in lower], name
        assert not DATES_OF_THEIRS.search(words), name
        assert "!" not in re.sub(r"<!--.*?-->", "", words), name


def test_no_file_of_words_holds_an_exclamation_mark() -> None:
    for content in project().contents.values():
        said = re.sub(r"!important|!=|<!--|<!\[", "", content.subject + content.preheader + content.body)
        assert "!" not in said, content.path


def test_subjects_are_short_and_preheaders_say_something_else() -> None:
    for name, parts, _ in mails():
        assert 8 <= len(parts[Part.SUBJECT]) <= 60, name
        assert parts[Part.PREHEADER]
        assert parts[Part.PREHEADER] != parts[Part.SUBJECT]


@pytest.mark.parametrize("kind", sorted({row["range"] for row in catalogue().values()} - {""}))
def test_subjects_stay_short_for_every_range(kind: str) -> None:
    longest = f"{kind[:1].upper()}{kind[1:]}: the steady ones first"
    assert len(longest) <= 60
    assert len(f"From our {kind} range") <= 60


def test_items_stand_neither_in_subject_nor_preheader_nor_on_the_web() -> None:
    titles = {row["title"].lower() for row in catalogue().values() if len(row["title"]) > 8}
    for name, touchpoint, parts, _ in letters():
        short = " ".join(parts.get(part, "") for part in (Part.SUBJECT, Part.PREHEADER, Part.PAYLOAD)).lower()
        used = [item["title"] for item in items("picks") + items("alongside") if str(item["title"]).lower() in short]
        assert not used, (name, touchpoint)
    for content in project().contents.values():
        assert not [title for title in titles if title in (content.subject + content.preheader).lower()], content.path
        if content.touchpoint == "web":
            assert "items" not in content.body
            assert "anchor" not in content.body


def test_every_mail_can_be_left_and_says_who_wrote_it() -> None:
    for name, parts, _ in mails():
        for part in (Part.HTML, Part.TEXT):
            assert "/u/TOKEN" in parts[part], (name, part)
            assert "1 Example Yard" in parts[part], (name, part)
            assert "Ellen Marsh" in parts[part], (name, part)


def test_html_needs_nothing_from_outside_and_knows_dark_and_small_screens() -> None:
    for name, parts, _ in mails():
        html = parts[Part.HTML]
        assert "<img" not in html, name
        assert not re.search(r"(?:src|background)=[\"']?http|@import|<link[^>]+stylesheet|url\(", html), name
        assert "prefers-color-scheme: dark" in html
        assert "[data-ogsc]" in html
        assert "max-width: 520px" in html
        assert re.search(r'<html[^>]*lang="(en|de)"', html)
        assert len(html.encode()) < 60_000


def test_the_offer_says_the_same_words_at_every_level() -> None:
    for name, parts, context in mails():
        if name.endswith(".de"):
            continue
        words = "Delivery on your next order is free until Friday 23 December 2011"
        assert (words in parts[Part.HTML]) == (context["offer"] is not None), name
        assert (words in parts[Part.TEXT]) == (context["offer"] is not None), name


def test_a_thank_you_never_offers() -> None:
    assert project().programs["thank-you"].offers == ("none",)
    for key, content in project().contents.items():
        if key[0].startswith("thank-you/"):
            assert "offer" not in re.sub(r"class=.offered.", "", content.body)


def test_a_pattern_is_never_printed() -> None:
    printed = {
        spoken.path
        for analysis in analyse(project())
        for spoken in analysis.spoken
        if spoken.printed and spoken.path.startswith(("facts.", "cell."))
    }
    assert printed <= {"facts.favourite_range", "facts.last_order_range"}


def test_the_reason_stands_wherever_a_range_is_spoken() -> None:
    for name, parts, _ in mails():
        if name.startswith(("win-back/range", "win-back/pairings", "again-and-new/range", "again-and-new/order")):
            assert "You've ordered from this range." in parts[Part.TEXT], name


def test_C1_a_letter_asks_once_why_and_offers_a_way_out_just_where_its_header_does() -> None:
    for name, parts, _ in mails():
        text = parts[Part.TEXT]
        assert text.count("Why this?") + text.count("Warum dieser Brief?") == 1, name
        purpose = project().programs[name.split("/")[0]].purpose
        for part in (Part.TEXT, Part.HTML):
            says = "Unsubscribe" in parts[part] or "Abmelden" in parts[part]
            assert says is (purpose is Purpose.MARKETING), name


def test_german_letters_are_german_throughout() -> None:
    for name, parts, _ in mails():
        if name.endswith(".de"):
            said = parts[Part.TEXT].replace("Prices are list prices", "").replace("is an invented shop", "")
            assert ("Abmelden" in said) is not name.startswith("thank-you"), name
            assert not re.search(r"\b(Hello|Thank you|Unsubscribe|Why this|With good wishes|incl\. VAT)\b", said), name


def test_the_text_part_reads_like_a_letter() -> None:
    (text,) = {parts[Part.TEXT] for name, parts, context in mails() if name == "thank-you/note.en"}
    assert "Natural slate heart chalkboard\nUse chalk, not chalk pens" in text
    for name, parts, _ in mails():
        assert not re.search(r"<[a-z/]|\{[{%]|\n{4,}|&[a-z]+;", parts[Part.TEXT]), name


def test_every_pick_has_its_reason_in_both_languages_and_can_be_sold() -> None:
    plan = next(plan for level, plan in project().programs["win-back"].levels.items() if level.value == "all")
    assert plan.items is not None
    for code in plan.items.picks:
        assert f"when '{code}'" in project().partials["pick-reason"]
        assert f"when '{code}'" in project().partials["pick-reason-de"]
        assert catalogue()[code]["sellable"] == "true"
        assert not catalogue()[code]["sensitive_topic"]


def test_every_link_of_the_author_is_known_to_be_good() -> None:
    with (STARTER / "data" / "links.csv").open(encoding="utf-8", newline="") as file:
        status = {row["url"]: row["status"] for row in csv.DictReader(file)}
    for name, touchpoint, parts, _ in letters():
        page = parts.get(Part.HTML) or parts.get(Part.PAYLOAD) or ""
        for url in re.findall(r'href="([^"]+)"', page):
            if not url.startswith("https://letters.shop.example/"):
                assert status.get(url) == "ok", (name, touchpoint, url)
