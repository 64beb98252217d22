"""Small files with a known truth, and how the tests read them."""

from pathlib import Path

from tactful.load.chunk import BadRow, Chunk
from tactful.load.delimited import open_delimited
from tactful.load.dialect import Said
from tactful.load.limits import Limits


def written(folder: Path, *, data: bytes, name: str = "file.csv") -> Path:
    """A file holding exactly these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def rows_of(chunks: list[Chunk]) -> list[tuple[str, ...]]:
    """The readable rows, as tuples of text."""
    return [tuple(row) for chunk in chunks for row in zip(*(c.to_pylist() for c in chunk.columns.columns), strict=True)]


def bad_of(chunks: list[Chunk]) -> list[BadRow]:
    """The bad rows, in order."""
    return [bad for chunk in chunks for bad in chunk.bad_rows()]


def read_all(
    path: Path, *, limits: Limits | None = None, encoding: str | None = None, **declared: object
) -> list[Chunk]:
    """All chunks of a delimited file."""
    said = Said(**declared)  # type: ignore[arg-type]
    return list(open_delimited(path, limits=limits, encoding=encoding, said=said).chunks())


def as_csv(rows: list[list[str]], *, line_end: str = "\n", delimiter: str = ",") -> bytes:
    """Rows by RFC 4180. Python 3.11 writes a lone CR unquoted, and its own reader takes that for a row end."""

    def field(text: str) -> str:
        quoted = text.replace('"', '""')
        return f'"{quoted}"' if any(sign in text for sign in (delimiter, '"', "\r", "\n")) else text

    return "".join(delimiter.join(map(field, row)) + line_end for row in rows).encode()


def spans(chunks: list[Chunk]) -> list[tuple[int, int]]:
    """Offset and length of every row, readable and bad, in file order."""
    found = [(bad.byte_offset or 0, len(bad.raw)) for bad in bad_of(chunks)]
    for chunk in chunks:
        assert chunk.offsets is not None
        assert chunk.lengths is not None
        found += list(zip(chunk.offsets.tolist(), chunk.lengths.tolist(), strict=True))
    return sorted(found)
