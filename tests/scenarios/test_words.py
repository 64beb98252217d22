"""F01–F17: whatever stands in a name or a title, the letter greets a person or nobody, and holds no mark of a template."""

# ruff: noqa: E501  # an attack is read on one line

from __future__ import annotations

import html
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scenarios.attacks import SCRIPTS
from scenarios.town import RESIDUE, Told, agreed, item, link, mails, person, plant, read_mail, sale, sent, told
from tactful.flow.checking import check
from tactful.reckon.name_words import NULL_WORDS
from tactful.words.direction import bare
from tactful.words.message import Part

GOLDEN = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "names.json").read_text("utf-8"))
REAL = sorted({entry["raw"] for entry in GOLDEN["real"] if entry["field"] == "given"})
BAD = sorted({entry["raw"] for entry in GOLDEN["bad"] if entry["field"] == "given" and "\ud800" not in entry["raw"]})
NULLS = [*NULL_WORDS, "-", "?", "none", "#REF!", "nan", "   ", "\\N", " NULL ", "N/A", "undefined"]
TITLES = ["Mr", "MR J", "Mr Ms", "Dr. Smith", "Mr & Mrs Smith", "J. K.", "Mx", "Unknown", "MR J SMITH LTD"]
SPAM = [
    "WIN $500 http://evil.example",
    "www.evil.example",
    "a@evil.example",
    "John 07700900123",
    "N" * 300,
    "evil.example",
    "Ann evil.example/x",
]
TEMPLATES = [
    "{{ customer.email }}",
    "{% raw %}",
    "{{ 7 | times: 6 }}",
    "${7*7}",
    "<%= 7*7 %>",
    "%%FNAME%%",
    "*|FNAME|*",
    "[First Name]",
    "{leadfield=firstname}",
    "{% include 'footer' %}",
    "#{7*7}",
    "{{{x}}}",
]
HEADERS = [
    "A\r\nBcc: x@evil.example",
    "A\nBcc: x@evil.example",
    "A\rBcc: x",
    "A=?UTF-8?Q?=0D=0A?=Bcc: x@evil.example",
    "A=?UTF-8?Q?=0A?=Bcc: x@evil.example",
    "A\u2028Bcc: x",
    "A\u0085Bcc: x",
    "A\x0bBcc: x",
]
UNSEEN = {
    "Ann\u202emoc.live": None,
    "Ann\u200ba": "Anna",
    "\ufeffAnna": "Anna",
    "Anna\u2066": "Anna",
    "A\u0301" + "\u0301" * 199 + "nna": "*",
    "👩‍👩‍👧‍👦": "*",
}
TYPED = ["Nan", "Test", "True", "Zoë", "O'Neil", "Jean-Paul"]
CASES = {
    raw: greeting
    for raw, greeting in GOLDEN["casing"]
    if raw not in {"van der berg", "VAN DER BERG", "DE LA CRUZ", "VON TRAPP"}
}


def everybody() -> dict[str, str]:
    """Customer ids by the name each has."""
    names = [*REAL, *BAD, *NULLS, *TITLES, *SPAM, *SCRIPTS, *TEMPLATES, *HEADERS, *UNSEEN, *TYPED, *CASES, "", "Null"]
    return {name: f"c{number}" for number, name in enumerate(dict.fromkeys(names))}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Everybody with an odd name, and everybody with a real one, has bought something and is written to."""
    people = [person(one, given_name=name or None) for name, one in everybody().items()]
    return plant(tmp_path_factory.mktemp("words")).told(
        customers=people,
        items=[item("i1", title="Bowl", url="https://shop.example/i1")],
        transactions=[sale(str(one["customer_id"]), "i1") for one in people],
        consents=agreed(people),
        links=[link("i1")],
    )


def greeting(town: Told, name: str) -> str:
    """How the letter to the customer of this name begins."""
    return town.words[everybody()[name]][Part.TEXT].strip().split("\n")[0]


def test_F01_F06_F19_everybody_is_written_to_and_no_letter_is_held_or_lost(town: Told) -> None:
    assert set(town.words) == set(everybody().values())
    assert town.unwritten == {}
    assert town.held == {}


def test_F06_real_names_are_greeted_letter_for_letter_and_bad_ones_by_the_neutral_line(town: Told) -> None:
    assert {name: bare(greeting(town, name)) for name in REAL} == {name: f"Hello {name}," for name in REAL}
    caught = [greeting(town, name) == "Hello," for name in BAD]
    assert len(BAD) >= 150
    assert sum(caught) >= 0.95 * len(BAD), [n for n, is_caught in zip(BAD, caught, strict=True) if not is_caught]


@pytest.mark.parametrize("names", [NULLS, TITLES, SPAM, SCRIPTS, TEMPLATES, HEADERS, [""]])
def test_F07_F11_F12_F13_F14_F17_what_is_no_name_gets_the_neutral_line(town: Told, names: list[str]) -> None:
    assert {name: greeting(town, name) for name in names} == dict.fromkeys(names, "Hello,")


def test_F08_what_looks_like_a_test_but_was_typed_is_a_name(town: Told) -> None:
    assert [greeting(town, name) for name in TYPED] == [f"Hello {name}," for name in TYPED]


def test_F09_only_capitals_are_undone_and_only_in_the_greeting(town: Told) -> None:
    assert {raw: greeting(town, raw) for raw in CASES} == {raw: f"Hello {said}," for raw, said in CASES.items()}


def test_F15_F16_what_cannot_be_seen_is_gone_marks_are_capped_and_emoji_whole(town: Told) -> None:
    for raw, said in UNSEEN.items():
        line = greeting(town, raw)
        if said != "*":
            assert bare(line) == (f"Hello {said}," if said else "Hello,")
        assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]", bare(line))
        assert len(re.findall("\u0301", line)) <= 4
        assert "👩" not in line or "👩‍👩‍👧‍👦" in line


def test_F15_B8_a_name_from_right_to_left_is_set_apart_in_every_part_and_any_other_is_not(town: Told) -> None:
    """The comma after it, and whatever follows, stays where the line puts it."""
    reversed_names = [name for name in REAL if any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in name)]
    assert len(reversed_names) >= 10
    for name in REAL:
        pair = f"\u2068{name}\u2069"
        letter = town.words[everybody()[name]]
        assert (f"Hello {pair}," in letter[Part.TEXT]) == (name in reversed_names), name
        assert (f"Hello {pair}," in html.unescape(letter[Part.HTML])) == (name in reversed_names), name
        assert ("\u2068" in town.whole(everybody()[name])) == (name in reversed_names), name


class Seen(HTMLParser):
    """The elements and attributes a browser would make of a letter."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def harm(self) -> list[object]:
        """What could do anything but be read."""
        return [
            (tag, attributes)
            for tag, attributes in self.elements
            if tag
            in {"script", "iframe", "object", "embed", "form", "svg", "base", "img", "input", "button", "frameset"}
            or any(name.startswith("on") for name in attributes)
            or re.match(r"\s*(javascript|data):", attributes.get("href", ""), re.IGNORECASE)
        ]


def test_F12_F13_no_name_becomes_markup_or_is_run(town: Told) -> None:
    for name, parts in town.words.items():
        assert Seen(parts[Part.HTML]).harm == [], name
        whole = "".join(parts.values())
        assert "mail.example" not in whole
        assert "42" not in parts[Part.TEXT].split("http")[0]
        assert "evil.example" not in whole
        assert not RESIDUE.search(whole)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A catalogue whose titles, notes and categories are attacks: each customer ordered one of them."""
    shop = plant(tmp_path_factory.mktemp("hostile"))
    attacks = [*SCRIPTS, *TEMPLATES, *HEADERS[3:5]]
    items = [
        item(f"i{number}", title=text, note=f"Note {text}", category=f"range {text}")
        for number, text in enumerate(attacks)
    ]
    items.append(item("plain", title="Bowl", note="Note", category="range"))
    people = [person(f"c{number}", given_name="Anna") for number in range(len(attacks))] + [person("plain")]
    bought = [sale(f"c{number}", f"i{number}") for number in range(len(attacks))]
    return shop.told(
        customers=people,
        items=items,
        transactions=[*bought, sale("plain", "plain")],
        consents=agreed(people),
        links=[link(f"i{number}") for number in range(len(attacks))],
    )


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_F12_an_attack_in_a_title_a_note_or_a_range_is_escaped_in_html_and_verbatim_in_text(
    hostile: Told, number: int
) -> None:
    parts = hostile.words[f"c{number}"]
    seen, plain = Seen(parts[Part.HTML]), Seen(hostile.words["plain"][Part.HTML])
    assert seen.harm == []
    assert [tag for tag, _ in seen.elements] == [tag for tag, _ in plain.elements]
    assert [comment.split("]")[0] for comment in seen.comments] == [c.split("]")[0] for c in plain.comments]
    if "\x00" not in SCRIPTS[number]:
        assert f"Note {SCRIPTS[number]}" in parts[Part.TEXT]
        assert f"ordered from range {SCRIPTS[number]}" in parts[Part.TEXT]


def test_F01_F13_values_that_look_like_templates_are_never_filled_and_their_letters_are_held(hostile: Told) -> None:
    for number, text in enumerate(TEMPLATES, start=len(SCRIPTS)):
        parts = hostile.words[f"c{number}"]
        assert f"Note {text}" in parts[Part.TEXT]
        if RESIDUE.search(text):
            assert "placeholder-residue" in hostile.held[f"c{number}"], text


def test_F11_no_word_of_a_value_becomes_a_link_of_its_own(hostile: Told) -> None:
    for name in hostile.leaving:
        for tag, attributes in Seen(hostile.words[name][Part.HTML]).elements:
            if tag == "a":
                assert re.match(r"https://(mail\.)?shop\.example/", attributes["href"])


def test_F14_a_range_that_would_start_a_header_never_leaves(tmp_path: Path) -> None:
    shop = plant(tmp_path)
    shop.change(
        "content/letter/yours.mjml", "subject: A few things worth a look", "subject: From {{ facts.favourite_range }}"
    )
    people = [person(f"c{number}") for number in range(len(HEADERS) + 1)]
    items = [item(f"i{number}", category=text) for number, text in enumerate([*HEADERS, "cups"])]
    rows = {
        "customers": people, "items": items, "consents": agreed(people), "links": [link(f"i{n}") for n in range(9)],
        "transactions": [sale(f"c{n}", f"i{n}") for n in range(9)],
    }  # fmt: skip
    with shop.opened(**rows) as space:
        done = sent(space, told(space).run)
    payloads = mails(shop.root)
    assert len(payloads) == done.accepted == 1
    for payload in payloads:
        headers, _ = read_mail(payload)
        assert headers["Subject"] == "From cups"
        assert headers["To"] == "c8@mail.example"
        assert b"evil" not in payload
        assert {name.lower() for name in headers} == {
            "date", "message-id", "from", "to", "subject", "list-unsubscribe", "list-unsubscribe-post",
            "mime-version", "content-type",
        }  # fmt: skip


NEUTRAL = {"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,"}


def test_F01_without_a_name_the_line_is_neutral_in_every_language_and_never_the_tag(tmp_path: Path) -> None:
    people = [person(language, language=language) for language in NEUTRAL]
    people += [person(f"{language}-tag", language=language, given_name="{{ first_name }}") for language in NEUTRAL]
    found = plant(tmp_path).told(customers=people, consents=agreed(people))
    assert found.held == {}
    for name, parts in found.words.items():
        assert parts[Part.TEXT].strip().split("\n")[0] == NEUTRAL[name[:2]]
        assert not RESIDUE.search(found.whole(name))


def test_F01_a_template_with_no_default_for_a_missing_value_stops_that_letter_only(tmp_path: Path) -> None:
    shop = plant(tmp_path)
    shop.change(
        "content/letter/everyone.mjml",
        "Here is what is new",
        "{{ facts.favourite_range | upcase }}{{ facts.orders | plus: nothing }} Here is what is new",
    )
    people = [person("c1"), person("c2", language="de")]
    found = shop.told(customers=people, consents=agreed(people))
    assert set(found.words) == {"c2"}
    assert "content/letter/everyone.mjml" in found.unwritten["c1"]


def test_F18_a_letter_is_in_one_language_by_the_chain_from_theirs(tmp_path: Path) -> None:
    spoken = {
        "de": "de",
        "de-CH": "de",
        "de-AT": "de",
        "de-LI": "de",
        "fr": "fr",
        "fr-CA": "fr",
        "en-GB": "en",
        "xx": "en",
        "": "en",
        None: "en",
    }
    people = [person(f"c{n}", language=language, given_name="Anna") for n, language in enumerate(spoken)]
    found = plant(tmp_path).told(customers=people, consents=agreed(people))
    own = {"en": ("Hello Anna,", "new in the shop", "Unsubscribe"), "de": ("Guten Tag Anna,", "neu im Laden", "Abmelden"),
           "fr": ("Bonjour Anna,", "nouveautés", "désabonner")}  # fmt: skip
    for number, language in enumerate(spoken.values()):
        parts = found.words[f"c{number}"]
        assert found.languages[f"c{number}"] == language
        assert f'lang="{language}"' in parts[Part.HTML]
        for part in (Part.HTML, Part.TEXT):
            assert all(words in parts[part] for words in own[language])
            assert not any(words in parts[part] for other in own if other != language for words in own[other])


def test_F18_a_letter_that_would_mix_languages_is_an_error_before_anyone_is_chosen(tmp_path: Path) -> None:
    shop = plant(tmp_path)
    shop.change("brand.yaml", '    fr: {named: "Bonjour {name},", neutral: "Bonjour,"}\n', "")
    shop.change("content/letter/everyone.de.mjml", "Das ist neu im Laden.", "Das ist neu. {{ offer.words }}")
    found = [finding for finding in check(shop.root).findings if finding.rule == "mixed-languages"]
    assert [finding.place.file for finding in found if finding.place] == [
        "content/letter/everyone.de.mjml",
        "content/letter/everyone.fr.mjml",
    ]


def test_F02_a_value_used_in_one_place_only_is_resolved_there(tmp_path: Path) -> None:
    shop = plant(tmp_path)
    shop.change(
        "content/letter/yours.mjml",
        "subject: A few things worth a look",
        "subject: For those who like {{ facts.favourite_range }}",
    )
    shop.change(
        "content/letter/yours.mjml", "preheader: From a small shop", "preheader: New among {{ facts.favourite_range }}"
    )
    shop.change(
        "content/letter/yours.mjml", "You ordered from {{ facts.favourite_range }} before.", "You ordered before."
    )
    shop.change(
        "content/letter/yours.mjml",
        '<a href="{{ anchor.url }}">',
        '<a href="{{ anchor.url }}?from={{ facts.favourite_range }}">',
    )
    people = [person("c1", given_name="Anna")]
    found = shop.told(
        customers=people,
        items=[item("i1", category="cups")],
        transactions=[sale("c1", "i1")],
        consents=agreed(people),
        links=[link("i1")],
    )
    parts = found.words["c1"]
    assert parts[Part.SUBJECT] == "For those who like cups"
    assert parts[Part.PREHEADER] == "New among cups"
    assert "New among cups" in parts[Part.HTML]
    assert 'href="https://shop.example/i1?from=cups"' in parts[Part.HTML]
    assert not RESIDUE.search(found.whole("c1"))


def test_F03_a_value_inside_a_branch_inside_a_loop_is_never_parsed_again(tmp_path: Path) -> None:
    shop = plant(tmp_path)
    shop.change(
        "content/letter/yours.mjml", "You ordered from {{ facts.favourite_range }} before.",
        "You ordered before. {% for n in (1..2) %}{% if facts.favourite_range %}[{{ facts.favourite_range }}]{% endif %}{% endfor %}",
    )  # fmt: skip
    people = [person("c1")]
    value = "{{ 7 | times: 6 }} <b>"
    found = shop.told(
        customers=people,
        items=[item("i1", category=value)],
        transactions=[sale("c1", "i1")],
        consents=agreed(people),
        links=[link("i1")],
    )
    assert f"[{value}][{value}]" in found.words["c1"][Part.TEXT]
    assert "[{{ 7 | times: 6 }} &lt;b&gt;]" * 2 in found.words["c1"][Part.HTML]
    assert "placeholder-residue" in found.held["c1"]
