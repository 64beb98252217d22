"""Zones, addresses and greetings: the basics are right or silent."""

import json
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from tactful.know import addresses, greetings, parts, whereabouts


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("United Kingdom", "Europe/London"),
        ("EIRE", "Europe/Dublin"),
        ("de", "Europe/Berlin"),
        ("Channel Islands", "Europe/Jersey"),
        ("RSA", "Africa/Johannesburg"),
        ("Spain", "Europe/Madrid"),
        ("USA", None),
        ("Australia", None),
        ("European Community", None),
        ("Unspecified", None),
        ("", None),
    ],
)
def test_a_country_gives_a_zone_only_where_it_has_one(country: str, zone: str | None) -> None:
    assert whereabouts.zone_of(country, said=None) == zone
    assert zone is None or ZoneInfo(zone).key == zone


@pytest.mark.parametrize("said", ["Mars/Base", "", "../etc/passwd", "GMT+25"])
def test_a_zone_that_is_none_falls_back_to_the_country(said: str) -> None:
    assert whereabouts.zone_of("France", said=said) == "Europe/Paris"
    assert whereabouts.zone_of(None, said=said) is None


USABLE = ["anna@example.com", " o'neil+x@mail.example.co.uk ", "a.b-c@exämple.example", "x@xn--bcher-kva.example"]
UNUSABLE = [
    "anna",
    "anna@",
    "@example.com",
    "anna@example",
    "anna@@example.com",
    "anna@-example.com",
    "anna@example..com",
    ".anna@example.com",
    "anna b@example.com",
    "anna@example.com, ben@example.com",
    "anna@example.com\nbcc: ben@example.com",
    "NULL@example.com",
    "noreply@example.com",
    "anna@1.2.3.4",
    "a" * 65 + "@example.com",
    "a@" + "b" * 250 + ".com",
    "",
    None,
]


def test_an_address_is_usable_by_its_form_and_no_placeholder() -> None:
    assert addresses.usable(pa.array(USABLE)).to_pylist() == [True] * len(USABLE)
    found = addresses.usable(pa.array(UNUSABLE, pa.string())).to_pylist()
    assert [email for email, usable in zip(UNUSABLE, found, strict=True) if usable] == []


def test_K5_an_odd_name_gets_the_neutral_line() -> None:
    names = pa.array(["Loren", "NULL", "MR J SMITH LTD", "asdf", "Null", "", None, "JEAN-PAUL"])
    assert greetings.greeting_names(names).to_pylist()[:4] == ["Loren", None, None, None]
    assert greetings.greeting_names(names).to_pylist()[5:] == [None, None, "Jean-Paul"]
    assert greetings.greeting_names(pa.nulls(3, pa.string())).to_pylist() == [None] * 3


def test_parts_are_json_whatever_the_words_and_numbers() -> None:
    made = parts.object_of(
        {"few": np.array([1e-7, 0.1 + 0.2, -0.0]), "many": np.array([1, 2, 3]), "word": pa.array(['a"b', "ü\n", None])}
    )
    assert [json.loads(one) for one in made.to_pylist()] == [
        {"few": 0, "many": 1, "word": 'a"b'},
        {"few": 0.3, "many": 2, "word": "ü\n"},
        {"few": 0, "many": 3, "word": None},
    ]
