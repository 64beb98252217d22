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
    return _told(sheet)


def inspect_rough(sheet: Sheet) -> tuple[Finding, ...]:
    """Findings that hold however the letter is mended: tags of other tools, what was not filled in, dead addresses.

    Args:
        sheet: the letter's source as the HTML it comes nearest to, since it could not be compiled.
    """
    wording.inspect_rough(sheet)
    addresses.inspect(sheet)
    return _told(sheet)


def _told(sheet: Sheet) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(sheet.found), key=_order))


def _order(finding: Finding) -> tuple[int, int, int, str]:
    place = finding.place or Place(file="")
    return (list(Severity).index(finding.severity), place.line or 0, place.column or 0, finding.rule)
