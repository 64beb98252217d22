"""Everything that can be said of one letter, worst first."""

from __future__ import annotations

from tactful.check.letter import accessible, addresses, robust, wording
from tactful.check.letter.sheet import Sheet
from tactful.words.finding import Finding, Place, Severity


def inspect(sheet: Sheet) -> tuple[Finding, ...]:
    """Findings of every rule that makes sense without a customer.

    Args:
        sheet: the letter; where it could not be compiled, only what its source shows is said.
    """
    for theme in (robust, accessible, addresses, wording):
        theme.inspect(sheet)
    return tuple(sorted(dict.fromkeys(sheet.found), key=_order))


def _order(finding: Finding) -> tuple[int, int, int, str]:
    place = finding.place or Place(file="")
    return (list(Severity).index(finding.severity), place.line or 0, place.column or 0, finding.rule)
