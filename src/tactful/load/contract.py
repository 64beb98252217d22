"""The contract a row was judged under: a short hash of what a source's declaration means."""

from __future__ import annotations

import hashlib
import json

from tactful.project.sources import Source

READING = 1
"""Raised when Tactful reads the same declaration differently, so that held and quarantined rows are read again."""
SAYS_NOTHING_OF_ROWS = {"title", "files", "licence", "attribution", "stays"}


def contract_of(source: Source) -> str:
    """16 hex digits that change when the meaning of a declaration does, and only then.

    Titles, file names and licences are no part of it; nor are comments and the order of keys. The order of tables,
    columns and kinds is one.

    >>> source = Source(source="orders", files=("a.csv",), tables={})
    >>> contract_of(source) == contract_of(source.model_copy(update={"title": "Orders"}))
    True
    >>> contract_of(source) == contract_of(source.model_copy(update={"zone": "Europe/Berlin"}))
    False
    """
    meaning = source.model_dump(mode="json", by_alias=True, exclude=SAYS_NOTHING_OF_ROWS)
    text = json.dumps([READING, meaning], ensure_ascii=False, separators=(",", ":"), sort_keys=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
