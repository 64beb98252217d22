"""Numbers as books and tills write them, made plain: £3.50, (3.50), 3.50-, 1 234,50, 1'234.50."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from tactful.project.sources import SourceColumn

SPACES = r"[\x{00A0}\x{2007}\x{2009}\x{202F}]"
"""Spaces of other widths that stand between thousands."""
GROUPS = {"1 234,50": " ", "1 234.50": " ", "1'234.50": "'"}
"""The notations whose thousands are kept apart by more than one sign."""


def plain(text: pa.Array, *, declared: SourceColumn) -> pa.Array:
    """The text of numbers without what is declared to be no part of them; anything else stays as it is.

    >>> column = SourceColumn(value="", type="decimal", units=("£", "GBP"), accounting=True)
    >>> plain(pa.array(["£3.50", "-£3.50", "(3.50 GBP)", "3.50-", "$1", None]), declared=column).to_pylist()
    ['3.50', '-3.50', '-3.50', '-3.50', '$1', None]
    """
    if declared.units:
        units = "|".join(re.escape(unit) for unit in sorted(declared.units, key=len, reverse=True))
        text = pc.replace_substring_regex(text, rf"^([-+(]?)\s*(?:{units})[\s\x{{00A0}}]*", r"\1")
        text = pc.replace_substring_regex(text, rf"[\s\x{{00A0}}]*(?:{units})([-)]?)$", r"\1")
    if declared.accounting:
        text = pc.replace_substring_regex(text, r"^\(\s*([^()+-]*?)\s*\)$", r"-\1")
        text = pc.replace_substring_regex(text, r"^([^-+]*[0-9])\s*-$", r"-\1")
        text = pc.replace_substring_regex(text, r"^\x{2212}", "-")
    match GROUPS.get(declared.decimal):
        case " ":
            return pc.replace_substring_regex(text, SPACES, " ")
        case "'":
            return pc.replace_substring(text, "\u2019", "'")
        case _:
            return text


def is_plain(declared: SourceColumn) -> bool:
    """Whether nothing has to be made plain."""
    return not declared.units and not declared.accounting and declared.decimal not in GROUPS


def shapes_of(text: pa.Array) -> pa.Array:
    """How texts are written, without what they say: digits as 9, letters as x, at most thirty signs.

    >>> shapes_of(pa.array(["£1,234.50", "01-Feb-2011 5:04 PM"])).to_pylist()
    ['£9,999.99', '99-xxx-9999 9:99 xx']
    """
    drawn = pc.replace_substring_regex(pc.replace_substring_regex(text, r"\p{N}", "9"), r"[\p{L}\p{M}]", "x")
    return pc.utf8_slice_codeunits(pc.replace_substring_regex(drawn, r"[\x00-\x1f\x7f]", " "), 0, 30)
