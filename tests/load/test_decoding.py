"""Encodings and packings are told or found by a stated rule; what cannot be trusted is held with a clear reason."""

import gzip
import io
import zipfile

import pytest

from load.worlds import bad_of, read_all, rows_of, written
from tactful.load.decoding import survey
from tactful.load.encodings import Evidence
from tactful.load.limits import Limits
from tactful.words.errors import SourceHeld

PEOPLE = "email,name\nana@x.example,José Müller\nbo@x.example,Zoë’s\n"
WINDOWS = PEOPLE.replace("\n", "\r\n")
ROWS = [("ana@x.example", "José Müller"), ("bo@x.example", "Zoë’s")]
MANY = "id,name\n" + "".join(f"{n},José {n}\n" for n in range(500))

READ = {
    "utf-8": (PEOPLE.encode(), None, "utf-8", Evidence.DETECTED),
    "utf-8 with mark": (PEOPLE.encode("utf-8-sig"), None, "utf-8", Evidence.MARK),
    "utf-8 with mark, declared": (PEOPLE.encode("utf-8-sig"), "UTF-8", "utf-8", Evidence.DECLARED),
    "utf-16-le with mark": (b"\xff\xfe" + PEOPLE.encode("utf-16-le"), None, "utf-16-le", Evidence.MARK),
    "utf-16-be with mark": (b"\xfe\xff" + PEOPLE.encode("utf-16-be"), None, "utf-16-be", Evidence.MARK),
    "utf-16-le declared": (PEOPLE.encode("utf-16-le"), "utf-16-le", "utf-16-le", Evidence.DECLARED),
    "utf-16 declared, mark": (
        b"\xfe\xff" + PEOPLE.encode("utf-16-be"),
        "utf-16",
        "utf-16-be",
        Evidence.DECLARED,
    ),
    "cp1252 detected": (PEOPLE.encode("cp1252"), None, "cp1252", Evidence.DETECTED),
    "cp1252 declared": (PEOPLE.encode("cp1252"), "windows-1252", "cp1252", Evidence.DECLARED),
    "CR": (PEOPLE.replace("\n", "\r").encode(), None, "utf-8", Evidence.DETECTED),
    "CR LF": (PEOPLE.replace("\n", "\r\n").encode(), None, "utf-8", Evidence.DETECTED),
    "CR in UTF-16": (PEOPLE.replace("\n", "\r").encode("utf-16"), None, "utf-16-le", Evidence.MARK),
    "mixed line ends": (PEOPLE.replace("\n", "\r", 1).encode(), None, "utf-8", Evidence.DETECTED),
    "no last line end": (PEOPLE.rstrip().encode(), None, "utf-8", Evidence.DETECTED),
    "semicolons": (PEOPLE.replace(",", ";").encode(), None, "utf-8", Evidence.DETECTED),
    "tabs": (PEOPLE.replace(",", "\t").encode("utf-16"), None, "utf-16-le", Evidence.MARK),
    "pipes": (PEOPLE.replace(",", "|").encode(), None, "utf-8", Evidence.DETECTED),
    "sep line of Excel": (("sep=;\r\n" + PEOPLE.replace(",", ";")).encode(), None, "utf-8", Evidence.DETECTED),
    "utf-8 with mark, CR LF": (WINDOWS.encode("utf-8-sig"), None, "utf-8", Evidence.MARK),
    "utf-16-be with mark, CR LF": (b"\xfe\xff" + WINDOWS.encode("utf-16-be"), None, "utf-16-be", Evidence.MARK),
    "cp1252, CR LF, semicolons": (WINDOWS.replace(",", ";").encode("cp1252"), None, "cp1252", Evidence.DETECTED),
    "cp1252, CR": (PEOPLE.replace("\n", "\r").encode("cp1252"), None, "cp1252", Evidence.DETECTED),
    "gzip of cp1252": (gzip.compress(PEOPLE.encode("cp1252")), None, "cp1252", Evidence.DETECTED),
    "gzip with mark": (gzip.compress(PEOPLE.encode("utf-8-sig")), None, "utf-8", Evidence.MARK),
    "gzip": (gzip.compress(PEOPLE.encode()), None, "utf-8", Evidence.DETECTED),
    "gzip of UTF-16": (gzip.compress(PEOPLE.encode("utf-16")), None, "utf-16-le", Evidence.MARK),
}

HELD = {
    "utf-32": (PEOPLE.encode("utf-32"), None, "UTF-32"),
    "utf-16 without mark": (PEOPLE.encode("utf-16-le"), None, "NUL"),
    "unknown encoding": (PEOPLE.encode(), "ebcdic", "ebcdic"),
    "mark against declaration": (PEOPLE.encode("utf-16"), "utf-8", "byte order mark"),
    "mojibake": (MANY.encode().decode("cp1252").encode(), None, "Ã©"),
    "declared cp1252, is UTF-8": (MANY.encode(), "cp1252", "encoding: utf-8"),
    "lost characters": (MANY.replace("é", "\ufffd").encode(), None, "U+FFFD"),
    "empty": (b"", None, "empty"),
    "empty lines only": (b"\n\r\n", None, "empty"),
    "no names": (b",,\n1,2,3\n", None, "names no column"),
    "a name twice": (b"id,Name,name \n1,2,3\n", None, "twice"),
    "equal delimiters": (b"a,b;c\n1,2;3\n", None, "equally well"),
    "gzip cut short": (gzip.compress(MANY.encode())[:200], None, "cut short"),
    "gzip broken": (b"\x1f\x8b" + b"junk" * 10, None, "broken"),
    "zstd": (b"\x28\xb5\x2f\xfd" + b"x" * 40, None, "zstd"),
    "Excel": (b"\xd0\xcf\x11\xe0" + b"x" * 40, None, "Excel"),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("chunk_bytes", [64, 1 << 20])
def test_B5_F78_encodings_are_read_right(tmp_path, name, chunk_bytes):
    data, declared, encoding, evidence = READ[name]
    path = written(tmp_path, data=data)
    limits = Limits(chunk_bytes=chunk_bytes)
    chunks = read_all(path, encoding=declared, limits=limits)
    assert rows_of(chunks) == ROWS
    assert chunks[0].columns.schema.names == ["email", "name"]
    found = survey(path, encoding=declared, limits=limits)
    assert (found.encoding, found.evidence) == (encoding, evidence)
    assert not bad_of(chunks)


@pytest.mark.parametrize("name", HELD)
def test_B5_F10_what_cannot_be_trusted_is_held(tmp_path, name):
    data, declared, why = HELD[name]
    with pytest.raises(SourceHeld) as held:
        read_all(written(tmp_path, data=data), encoding=declared)
    assert why in str(held.value)
    assert str(held.value).startswith("file.csv: ")


def test_B5_rows_that_are_not_utf8_are_quarantined_where_both_occur(tmp_path):
    data = MANY.encode() + b"900,Jos\xe9\n901,Jo\n"
    path = written(tmp_path, data=data)
    chunks = read_all(path)
    (bad,) = bad_of(chunks)
    assert bad.raw == b"900,Jos\xe9\n"
    assert survey(path).undecodable == 1
    assert len(rows_of(chunks)) == 501


def test_F10_single_misread_rows_are_flagged_and_not_mended(tmp_path):
    data = ("id,name\n" + "".join(f"{n},Somebody Else Entirely\n" for n in range(400)) + "7,JosÃ©\n8,Ann\n").encode()
    chunks = read_all(written(tmp_path, data=data))
    flagged = [rows_of([chunk])[row] for chunk in chunks for row in chunk.doubtful]
    assert flagged == [("7", "JosÃ©")]


def test_utf16_with_a_lone_surrogate_keeps_its_bytes(tmp_path):
    data = "a,b\n1,".encode("utf-16") + b"\x00\xd8" + ",3\n5,6\n".encode("utf-16-le")
    limits = Limits(damaged_share=0.5)
    chunks = read_all(written(tmp_path, data=data), limits=limits)
    (bad,) = bad_of(chunks)
    assert bad.raw == data[bad.byte_offset : bad.byte_offset + len(bad.raw)]
    assert bad.raw.startswith("1,".encode("utf-16-le"))
    assert rows_of(chunks) == [("5", "6")]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_B6_a_zip_with_one_file_is_read(tmp_path):
    assert rows_of(read_all(written(tmp_path, data=zipped({"people.csv": PEOPLE.encode()})))) == ROWS


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"a.csv": b"x", "b.csv": b"y"}, "2 files"),
        ({}, "0 files"),
        ({"../a.csv": b"x"}, "out of its folder"),
        ({"/etc/a.csv": b"x"}, "out of its folder"),
        ({"..\\a.csv": b"x"}, "out of its folder"),
        ({"[Content_Types].xml": b"x", "xl/a": b"y"}, "Excel"),
    ],
)
def test_B6_other_archives_are_refused(tmp_path, members, why):
    with pytest.raises(SourceHeld, match=why):
        survey(written(tmp_path, data=zipped(members)))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})])
def test_F80_a_bomb_is_refused(tmp_path, pack):
    path = written(tmp_path, data=pack(b"0" * (64 << 20)))
    with pytest.raises(SourceHeld, match="more than 100 times"):
        survey(path)


def test_F81_a_file_that_grew_since_its_survey_is_held(tmp_path):
    from tactful.load.delimited import open_delimited

    path = written(tmp_path, data=PEOPLE.encode())
    opened = open_delimited(path)
    with path.open("ab") as file:
        file.write(b"late@x.example,Late\n")
    with pytest.raises(SourceHeld, match="complete"):
        list(opened.chunks())
