"""Every byte as it leaves, searched for what may never leave, in one pass.

Belt and braces: skeletons and values have been judged already. One pass over all bytes says which messages hold
anything; those are asked pattern by pattern, so that the two engines say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check import hyperscan

FORBIDDEN: Final[Mapping[str, str]] = {
    "placeholder-residue": (
        r"\{\{|\{%|%\}|\$\{|<%|%%[A-Za-z_]{1,60}%%|\*\|[A-Za-z_:]{1,60}\|\*|\[\[[A-Za-z_ ]{1,60}\]\]"
        r"|tqz\d+zqt|[Ll]orem ipsum|\[(?:First|Last|Full) ?[Nn]ame\]"
    ),
    "active-content": (
        r"<(?:script|iframe|object|embed|applet|base|form)\b|javascript:|vbscript:|\son(?:load|error|click|mouseover)="
    ),
    "damaged-text": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\x{FFFD}|\x{C3}[\x{80}-\x{BF}\x{A9}]|\x{E2}\x{20AC}",
    "invisible-characters": r"[\x{202A}-\x{202E}\x{2066}-\x{2069}]",
    "link-scheme": r"(?:href|src)=\"(?:http:|data:|file:|//)",
}
"""What no message may hold, by the rule it breaks, in the words of RE2 and Hyperscan alike."""
MOST_BYTES = 1 << 26
"""Bytes searched at once."""


class Find(NamedTuple):
    """Something forbidden: in which row, by which rule, and what."""

    row: int
    rule: str
    what: str


class Scanner:
    """Looks for forbidden patterns and words in finished parts. Stability: full.

    Args:
        never: words the brand never says, as they are written.
        is_fast: by Hyperscan, of the extra `fast`; where it is installed if not given.

    >>> [(one.row, one.rule) for one in Scanner(is_fast=False).scan(pa.array(["fine", "Hello {{ name }}"]))]
    [(1, 'placeholder-residue')]
    """

    def __init__(self, *, never: Sequence[str] = (), is_fast: bool | None = None) -> None:
        self.is_fast = hyperscan.is_there() if is_fast is None else is_fast
        words = "|".join(r"\s+".join(map(_quoted, word.split())) for word in never if word.strip())
        self.patterns = {**FORBIDDEN, **({"never-words": rf"(?i)\b(?:{words})\b"} if words else {})}

    def scan(self, texts: pa.Array | pa.ChunkedArray) -> Iterator[Find]:
        """Everything forbidden in a column of finished texts, by row and rule; once for each rule of a row."""
        for start, array in _pieces(texts):
            rows = self._suspects(array)
            if not rows.size:
                continue
            some = array.take(pa.array(rows))
            found = []
            for rule, pattern in self.patterns.items():
                hits = pc.match_substring_regex(some, pattern).to_numpy(zero_copy_only=False)
                for place in np.flatnonzero(hits).tolist():
                    what = pc.extract_regex(some.slice(place, 1), f"(?s)(?P<what>{pattern})")[0]["what"].as_py()
                    found.append(Find(row=start + int(rows[place]), rule=rule, what=what))
            yield from sorted(found)

    def breaks(self, rule: str, text: str) -> bool:
        """Whether one text holds what a rule forbids."""
        return bool(pc.match_substring_regex(pa.scalar(text), self.patterns[rule]).as_py())

    def _suspects(self, array: pa.Array) -> NDArray[np.int64]:
        """Rows in which some pattern may match: all in which one does, and perhaps more."""
        if self.is_fast:
            return self._by_hyperscan(array)
        hits = pc.match_substring_regex(array, "|".join(f"(?:{one})" for one in self.patterns.values()))
        return np.flatnonzero(hits.to_numpy(zero_copy_only=False))

    def _by_hyperscan(self, array: pa.Array) -> NDArray[np.int64]:
        offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        ends = self._machine.ends(memoryview(array.buffers()[2])[first:last]) if last > first else np.zeros(0, np.int64)
        return np.unique(np.searchsorted(offsets - first, ends - 1, side="right") - 1)

    @cached_property
    def _machine(self) -> hyperscan.Machine:
        """Of the patterns without the edges of words: messages lie end to end, and an edge would be the neighbour's."""
        return hyperscan.Machine([pattern.replace(r"\b", "") for pattern in self.patterns.values()])


def _quoted(word: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", word)


def _pieces(texts: pa.Array | pa.ChunkedArray) -> Iterator[tuple[int, pa.Array]]:
    """Arrays of so many bytes, each with the row in which it starts."""
    start = 0
    for chunk in texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]:
        rows = max(1, len(chunk) * MOST_BYTES // max(1, chunk.nbytes))
        for begun in range(0, len(chunk), rows):
            yield start + begun, chunk.slice(begun, rows)
        start += len(chunk)
