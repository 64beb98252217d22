"""What a declaration means: only what the user wrote, normalised; comments, order of keys and layout say nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from tactful.project.shape import Declaration
from tactful.words.ids import canonical


def meaning(declaration: Declaration) -> str:
    """One canonical text of what the user wrote in a declaration.

    Keys left out stay out, so a new key with a default changes nothing; `10%` and `0.10` are the same, and so are
    `2 weeks` and `14 days`.

    >>> from tactful.project.policy import Cap
    >>> meaning(Cap(channel="email", most=2, days="2 weeks")) == meaning(Cap(days=14, most=2, channel="email"))
    True
    """
    said = declaration.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def fingerprint(meanings: Mapping[str, str]) -> bytes:
    """16 bytes over the meanings of all parts, each under its own name.

    Args:
        meanings: part (such as `programs/win-back`) → its canonical text.

    >>> fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    True
    """
    parts = [word for name in sorted(meanings) for word in (name, meanings[name])]
    return hashlib.sha256(canonical(*parts)).digest()[:16]
