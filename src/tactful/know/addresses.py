"""Whether an address looks as if mail could reach somebody: its form, and no placeholder."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

FORM: Final = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([\pL\pN]([\pL\pN-]{0,61}[\pL\pN])?\.)+([A-Za-z]{2,63}|xn--[A-Za-z0-9-]{2,59}|\pL{2,63})$"
)
"""A dot-atom, @, a domain of two labels or more, the last of letters (RFC 5321; quoted local parts are left out)."""
LONGEST, LONGEST_LOCAL = 254, 64
PLACEHOLDERS: Final = (
    "null none na n/a nil undefined unknown anonymous guest noemail no-email nomail noreply no-reply donotreply "
    "do-not-reply mailer-daemon postmaster abuse asdf qwerty xxx"
).split()
"""Local parts that stand for nobody."""


def usable(email: pa.Array) -> pa.Array:
    """Whether each address may be written to; false where there is none.

    Args:
        email: addresses as they were given; blanks around them do not matter.

    >>> usable(pa.array(["anna@example.com", "anna@example", "null@example.com", "a..b@example.com", None])).to_pylist()
    [True, False, False, False, False]
    """
    text = pc.utf8_trim_whitespace(email.cast(pa.string()))
    local = pc.utf8_lower(pc.replace_substring_regex(text, pattern="@.*$", replacement=""))
    parts = (
        pc.match_substring_regex(text, FORM),
        pc.less_equal(pc.utf8_length(text), LONGEST),
        pc.less_equal(pc.utf8_length(local), LONGEST_LOCAL),
        pc.invert(pc.is_in(local, value_set=pa.array(PLACEHOLDERS))),
    )
    found = parts[0]
    for part in parts[1:]:
        found = pc.and_(found, part)
    return pc.fill_null(found, False)
