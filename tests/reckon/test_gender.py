"""Names that both genders bear are uncertain; the table shipped is the one the tool builds."""

import gzip
import importlib.util
from importlib.resources import files
from pathlib import Path

import pytest

from datasets import ROOT, dataset
from tactful.reckon.gender import Certainty, Gender, gender_certainties, gender_certainty
from tactful.words.estimate import Undefined


@pytest.mark.parametrize("name", ["Loren", "Leslie", "Robin", "Jordan", "Kim", "Taylor"])
def test_names_of_both_are_uncertain(name: str) -> None:
    found = gender_certainty(name)
    assert isinstance(found, Certainty)
    assert not found.is_certain


@pytest.mark.parametrize(
    ("name", "gender"), [("Siobhan", "female"), ("MARGARET", "female"), ("william", "male"), ("George", "male")]
)
def test_names_of_one_are_certain_in_any_capitals(name: str, gender: str) -> None:
    found = gender_certainty(name)
    assert isinstance(found, Certainty)
    assert found.is_certain
    assert found.gender is Gender(gender)


def test_counts_are_those_of_the_register_and_few_births_are_never_certain() -> None:
    loren = gender_certainty("Loren")
    assert isinstance(loren, Certainty)
    assert (loren.births, loren.gender) == (12_710 + 46_389, Gender.MALE)
    with gzip.open(str(files("tactful.reckon").joinpath("data", "given_names.csv.gz")), "rt") as file:
        rows = [line.strip().split(",") for line in file][1:]
    rare = next(name for name, f, m in rows if int(f) == 100 and m == "0")
    few = gender_certainty(rare)
    assert isinstance(few, Certainty)
    assert few.share.value == 1
    assert not few.is_certain


def test_unknown_and_missing_names_are_undefined() -> None:
    found = gender_certainties(["Zzyzx", None, "", "Anna"])
    assert [isinstance(one, Undefined) for one in found] == [True, True, True, False]


def test_the_shipped_table_is_what_the_tool_builds_and_small() -> None:
    source = dataset("us_baby_names") / "ssa_names_totals.csv.gz"
    spec = importlib.util.spec_from_file_location("build_names", Path(ROOT) / "tools" / "build_names.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    shipped = tool.TARGET.read_bytes()
    assert gzip.decompress(tool.build(source)) == gzip.decompress(shipped)
    assert len(shipped) < 700_000
