"""Columns go where the header says, by name only."""

import itertools

import pytest

from load.worlds import read_all, rows_of, written
from tactful.load.header import Header, match_header, read_header
from tactful.words.errors import SourceHeld

NAMES = ["id", "given", "family", "email"]
ASKED = ("email", "family", "given", "id")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_F05_any_order_of_columns_gives_the_same_rows(tmp_path, order):
    rows = [["1", "Ann", "Ray", "ann@x.example"], ["2", "Bo", "Ek", "bo@x.example"]]
    data = "".join(",".join(row[place] for place in order) + "\n" for row in [NAMES, *rows]).encode()
    (chunk,) = read_all(written(tmp_path, data=data))
    found = match_header(Header(names=tuple(chunk.columns.schema.names)), asked=NAMES).found
    assert list(zip(*(chunk.columns.column(found[name]).to_pylist() for name in NAMES), strict=True)) == [
        *map(tuple, rows)
    ]


@pytest.mark.parametrize(
    "name", ["email", "Email", "EMAIL", " email ", "\ufeffemail", "email\u200b", "e\u00admail", '"email"']
)
def test_B4_names_meet_without_regard_to_case_spaces_and_invisible_signs(tmp_path, name):
    (chunk,) = read_all(written(tmp_path, data=f"id,{name}\n1,a@x.example\n".encode()))
    match = match_header(Header(names=tuple(chunk.columns.schema.names)), asked=["id", "email"])
    assert not match.missing
    assert not match.unknown


@pytest.mark.parametrize("header", ["id,email,email", "id,email,Email", "id,email, email", '"id",ID,email'])
def test_B4_a_repeated_name_holds_the_file(tmp_path, header):
    with pytest.raises(SourceHeld, match="twice"):
        read_all(written(tmp_path, data=f"{header}\n1,2,3\n".encode()))


def test_B4_missing_and_unknown_names_are_reported():
    match = match_header(Header(names=("id", "e-mail", "notes")), asked=("id", "email"))
    assert match.missing == ("email",)
    assert match.unknown == ("e-mail", "notes")


def test_B4_columns_without_a_name_are_counted_but_not_loaded(tmp_path):
    (chunk,) = read_all(written(tmp_path, data=b"id,,email,\n1,x,a@x.example,y\n"))
    assert chunk.columns.schema.names == ["id", "email"]
    assert rows_of([chunk]) == [("1", "a@x.example")]
    assert read_header(["id", "", "email", ""], path=None).nameless == (2, 4)  # type: ignore[arg-type]


def test_F05_asking_for_one_name_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        match_header(Header(names=("id",)), asked=("id", "ID "))


def test_a_header_with_quoted_line_ends_and_declared_names(tmp_path):
    (chunk,) = read_all(written(tmp_path, data=b'\n"Customer\nID",b\n1,2\n'))
    assert chunk.columns.schema.names == ["Customer ID", "b"]
    assert chunk.lines.tolist() == [4]
    (chunk,) = read_all(written(tmp_path, data=b"1,2\n3,4\n"), names=("a", "b"))
    assert (rows_of([chunk]), chunk.lines.tolist()) == ([("1", "2"), ("3", "4")], [1, 2])
