"""Rules about where addresses pretend to lead, and what they tell on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl

from tactful.check.addresses import host_of, hosts_of, parts_of
from tactful.check.bones import marks_in, unmarked
from tactful.check.rule import Column, Hit, Rule, Use
from tactful.words.finding import Severity
from tactful.words.message import Part, SlotContext, SlotKind

_PERSONS = re.compile(
    r"(?i)^(?:mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|ml_subscriber(?:_hash)?|oly_(?:enc|anon)_id|ck_subscriber_id|wickedid"
    r"|e?mail|e-mail|user(?:_?id)?|uid|customer(?:_?(?:id|no|number))?|kunden(?:nr|nummer)|name|first_?name|phone)$"
)
"""Parameters by which mailing programs say who clicked."""
_TELLS_NOBODY = r"^[^?]*(?:\?(?:(?:[A-Za-z0-9]{1,2}|utm_[a-z]+)=[A-Za-z0-9_.~-]*(?:&|$))*)?$"
"""Addresses without parameters, or only with such as are none of those: in short, or of a campaign."""
_SAME = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "$": "s", "|": "l", "i": "l"})


def seen_as(host: str) -> str:
    """A host as a hasty eye reads it.

    >>> seen_as("sh0p-example.com") == seen_as("shop-example.com"), seen_as("rnerrow.example")
    (True, 'merrow.example')
    """
    return host.translate(_SAME).replace("rn", "m").replace("vv", "w")


def near(host: str, *, own: Iterable[str]) -> str:
    """Which of our hosts a foreign one pretends to be; empty where none.

    One letter more, less, other or two turned round, signs that look the same, our name before or within another.

    >>> near("sh0p.example", own=["shop.example"]), near("other.example", own=["shop.example"])
    ('shop.example', '')
    """
    own = tuple(own)
    if not host or any(host == one or host.endswith(f".{one}") for one in own):
        return ""
    for one in own:
        stem = one.removeprefix("www.")
        if seen_as(host) == seen_as(one) or f".{stem}." in f".{host}" or stem.replace(".", "-") in host:
            return one
        if len(stem.split(".")[0]) > 3 and _one_apart(host.removeprefix("www."), stem):
            return one
    return ""


def _one_apart(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    a, b = left[start:], right[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[:2][::-1])


def _addresses(use: Use) -> Iterator[tuple[Part, str]]:
    for part, tree in use.bones.trees.items():
        for anchor in tree.anchors:
            yield part, anchor.url


def _near(use: Use) -> Iterable[Hit]:
    own = hosts_of(use.scene.project.brand)
    for part, url in _addresses(use):
        if found := near(host_of(unmarked(url, by="x")), own=own):
            yield Hit(what=f"{host_of(url)} looks like {found} and is not", place=part.value)


def _is_url(column: Column) -> bool:
    return column.slot.kind is SlotKind.URL or any(slot.context is SlotContext.URL for _, slot in column.slots)


def _near_value(column: Column) -> Iterable[Hit]:
    if not _is_url(column):
        return ()
    own, known = hosts_of(column.use.scene.project.brand), dict[str, str]()

    def wrong(value: str) -> str:
        host = host_of(value)
        if host not in known:
            known[host] = near(host, own=own)
        return f"{host} looks like {known[host]} and is not" if known[host] else ""

    return column.each(wrong, only=column.texts.asking(_near_value, wrong, unless=column.use.scene.plain_addresses))


def _telling(url: str) -> str:
    query = url.partition("?")[2].partition("#")[0]
    return next((name for name, value in parse_qsl(query) if value and _PERSONS.match(name)), "")


def _tells(use: Use) -> Iterable[Hit]:
    for part, url in _addresses(use):
        if name := _telling(url):
            yield Hit(what=f"the address says who presses it ({name})", place=part.value)


def _tells_value(column: Column) -> Iterable[Hit]:
    if not _is_url(column):
        return ()

    def wrong(value: str) -> str:
        name = _telling(value) if "?" in value else ""
        return f"the address says who presses it ({name})" if name else ""

    return column.each(wrong, only=column.texts.asking(_tells_value, wrong, unless=_TELLS_NOBODY))


def _uneven(use: Use) -> Iterable[Hit]:
    """Of the author's own addresses on our hosts all carry one campaign, or none does."""
    own, seen = hosts_of(use.scene.project.brand), Counter[str]()
    for _, url in _addresses(use):
        host, parts = host_of(url), parts_of(url)
        if parts and not marks_in(url) and (host in own or any(host.endswith(f".{one}") for one in own)):
            seen[dict(parse_qsl(parts.query)).get("utm_campaign", "")] += 1
    if len(seen) > 1:
        named = ", ".join(repr(name) if name else "none" for name in sorted(seen))
        yield Hit(what=f"its addresses name different campaigns: {named}")


RULES = (
    Rule(
        id="link-near-ours",
        severity=Severity.ERROR,
        place="addresses",
        why="A host that a hasty eye takes for ours is how people are robbed.",
        fix="write our own host",
        skeleton=_near,
        slot=_near_value,
    ),
    Rule(
        id="link-tells-who",
        severity=Severity.ERROR,
        place="addresses",
        why="A parameter that names the person is kept in every log on the way.",
        fix="take it out; the message's own links say what is needed by a token",
        skeleton=_tells,
        slot=_tells_value,
    ),
    Rule(
        id="tracking-uneven",
        severity=Severity.WARNING,
        place="addresses",
        why="Where some addresses name the campaign and some do not, its figures are wrong.",
        fix="give all of them the same, or none",
        skeleton=_uneven,
    ),
)
