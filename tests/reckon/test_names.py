"""Real names are kept letter for letter, what is none is never greeted, capitals are undone in the greeting only."""

import csv
import gzip
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets import dataset
from tactful.reckon import name_words, names
from tactful.reckon.name_text import clean, has_address
from tactful.reckon.name_words import NULL_WORDS
from tactful.reckon.names import Field, Name, read_name, read_names
from tactful.words.estimate import Undefined

GOLDEN_WORDS = sorted(
    word
    for group in vars(name_words).values()
    if isinstance(group, frozenset)
    for word in group
    if isinstance(word, str)
)
GOLDEN = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "names.json").read_text("utf-8"))


def test_F06_B8_real_names_of_forty_locales_are_unchanged() -> None:
    real = GOLDEN["real"]
    assert len(real) >= 300
    assert len({entry["locale"] for entry in real}) >= 40
    lost = []
    for entry in real:
        found = read_name(entry["raw"], field=Field(entry["field"]))
        if not isinstance(found, Name) or (found.text, found.greeting) != (entry["raw"], entry["raw"]):
            lost.append((entry, found))
    assert lost == []


def test_F06_bad_names_are_caught() -> None:
    bad = GOLDEN["bad"]
    assert len(bad) >= 200
    caught = [isinstance(read_name(entry["raw"], field=Field(entry["field"])), Undefined) for entry in bad]
    assert sum(caught) >= 0.95 * len(bad), [
        entry for entry, is_caught in zip(bad, caught, strict=True) if not is_caught
    ]


@pytest.mark.parametrize("raw", ["'Mary'", "‘Mary’", "Mary-", "-Mary", "Smith Family", "Shop"])
def test_F06_what_is_quoted_cut_off_or_a_household_is_not_greeted(raw: str) -> None:
    assert isinstance(read_name(raw), Undefined)


@pytest.mark.parametrize("raw", ["D'Angelo", "'Aisha", "Anne-Marie", "Hawwa’"])
def test_F06_a_mark_on_one_side_or_within_is_part_of_a_name(raw: str) -> None:
    assert not isinstance(read_name(raw), Undefined)


@pytest.mark.parametrize("capitals", [str, str.upper, str.lower])
def test_F06_a_hundred_thousand_given_names_of_the_register_are_kept(capitals: type[str]) -> None:
    """Nobody chose these for the test. Those lost are what people entered for want of a name, and titles."""
    with gzip.open(dataset("us_baby_names") / "ssa_names_totals.csv.gz", "rt") as file:
        rows = [(row["name"], int(row["female"]) + int(row["male"])) for row in csv.DictReader(file)][::10]
    found = read_names(capitals(name) for name, _ in rows)
    lost = [name for (name, _), name_read in zip(rows, found, strict=True) if isinstance(name_read, Undefined)]
    assert len(lost) / len(rows) < 0.001, lost


def names_and_words() -> list[str]:
    known = [*GOLDEN_WORDS, *(entry["raw"] for kind in ("real", "bad") for entry in GOLDEN[kind])]
    return sorted({form for one in known for form in (one.title(), f"Ann-{one.title()}", f"{one.title()}-Lee")})


def test_a_name_read_at_a_glance_is_what_all_rules_would_read() -> None:
    for one in names_and_words():
        if names._is_plain(one):
            assert read_name(one) == names._read(one, field=Field.GIVEN, null_words=NULL_WORDS)


@given(st.from_regex(r"[A-Z][a-z]{2,9}(-[A-Z][a-z]{2,5})?", fullmatch=True))
def test_any_word_read_at_a_glance_is_what_all_rules_would_read(word: str) -> None:
    assert read_name(word) == names._read(word, field=Field.GIVEN, null_words=NULL_WORDS)


def test_F07_null_words_never_greet() -> None:
    assert len(NULL_WORDS) >= 25
    for word in [*NULL_WORDS, " NULL ", "\u00a0", "\u200b", '"N/A"', None]:
        assert isinstance(read_name(word), Undefined), word


@pytest.mark.parametrize("field", [Field.GIVEN, Field.FAMILY])
@pytest.mark.parametrize("raw", ["Nan", "Test", "True"])
def test_F08_typed_as_text_these_are_names(raw: str, field: Field) -> None:
    assert read_name(raw, field=field) == Name(text=raw, greeting=raw)


@pytest.mark.parametrize(
    ("raw", "greeting"),
    [
        ("Henry J.", "Henry"),
        ("ELLEN L.", "Ellen"),
        ("Mary J.K.", "Mary"),
        ("J. Henry", "J. Henry"),
        ("Anna B", "Anna B"),
    ],
)
def test_initials_behind_a_first_name_are_left_off_the_greeting_only(raw: str, greeting: str) -> None:
    name = read_name(raw)
    assert isinstance(name, Name)
    assert (name.text, name.greeting) == (raw, greeting)


def test_F08_B9_mr_null_is_real() -> None:
    assert read_name("Null", field=Field.FAMILY) == Name(text="Null", greeting="Null")


def test_F08_null_words_are_declared_per_column() -> None:
    assert isinstance(read_name("Null"), Undefined)
    assert isinstance(read_name("NULL", field=Field.FAMILY), Undefined)
    assert read_name("None", null_words=frozenset()) == Name(text="None", greeting="None")


@pytest.mark.parametrize(("raw", "greeting"), GOLDEN["casing"])
def test_F09_capitals_are_undone_in_the_greeting_only(raw: str, greeting: str) -> None:
    family = {"van der berg", "VAN DER BERG", "DE LA CRUZ", "VON TRAPP"}
    found = read_name(raw, field=Field.FAMILY if raw in family else Field.GIVEN)
    assert found == Name(text=raw, greeting=greeting)


@pytest.mark.parametrize("raw", ["JosÃ©", "MÃ¼ller", "donâ€™t", "Jos\ufffd", "Ð˜Ð²Ð°Ð½", "Èâàí", "M\x81ller"])
def test_F10_mojibake_is_flagged_and_not_repaired(raw: str) -> None:
    found = read_name(raw)
    assert isinstance(found, Undefined)
    assert "encoding" in found.reason


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_F10_every_golden_name_read_with_the_wrong_encoding_is_caught(encoding: str) -> None:
    """At least 95% of real names with a letter beyond ASCII, after UTF-8 was read as something else."""
    caught, damaged = 0, 0
    for entry in GOLDEN["real"]:
        broken = entry["raw"].encode("utf-8").decode(encoding, errors="replace")
        if broken != entry["raw"]:
            damaged += 1
            caught += isinstance(read_name(broken, field=Field(entry["field"])), Undefined)
    assert damaged > 200
    assert caught >= 0.95 * damaged


@pytest.mark.parametrize(
    "raw", ["WIN $500 http://evil.example", "www.x.y", "a@b", "John 07700900123", "N" * 300, "evil.example"]
)
def test_F11_sign_up_spam_is_not_greeted(raw: str) -> None:
    assert isinstance(read_name(raw), Undefined)


@pytest.mark.parametrize("raw", ["A\r\nBcc: x@evil.example", "Ann\nLee", "Ann\r\n\r\nHello"])
def test_F14_a_name_of_more_than_one_line_is_refused(raw: str) -> None:
    assert isinstance(read_name(raw), Undefined)


def test_F15_what_cannot_be_seen_is_stripped_and_joiners_kept_where_needed() -> None:
    assert clean("\ufeffAnn\u200b\u2066a\u2069\x00") == "Anna"
    assert isinstance(read_name("Ann\u202emoc.live"), Undefined)
    assert read_name("Ann\u202e") == Name(text="Ann", greeting="Ann")
    assert clean("علی\u200cرضا") == "علی\u200cرضا"
    assert clean("ක\u200dරි") == "ක\u200dරි"
    assert clean("An\u200dna") == "Anna"
    assert clean("श\u200d") == "श"


def test_F16_marks_are_capped_emoji_intact_and_half_characters_refused() -> None:
    assert len(unicodedata.normalize("NFD", clean("a" + "\u0301" * 200))) == 5
    family = "👩‍👩‍👧‍👦"
    assert clean(family) == family
    assert (
        clean("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f")
        == "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    )
    assert clean("❤\ufe0f") == "❤\ufe0f"
    assert isinstance(read_name("An\ud800na"), Undefined)


@pytest.mark.parametrize("raw", ["Mr", "MR J", "Mr Ms", "Dr. Smith", "Mr & Mrs Smith", "J. K.", "Mrs van Dijk"])
def test_F17_titles_and_initials_are_not_given_names(raw: str) -> None:
    assert isinstance(read_name(raw), Undefined)


@given(st.text(max_size=80))
def test_whatever_comes_in_the_name_is_clean_and_stays_so(raw: str) -> None:
    found = read_name(raw)
    if isinstance(found, Name):
        assert found.text == clean(found.text) == unicodedata.normalize("NFC", found.text)
        assert not has_address(found.greeting)
        assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in found.greeting)
        assert not any(letter in "<>{}[]|\\@:;=$%#" for letter in found.greeting)


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)
