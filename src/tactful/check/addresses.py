"""Addresses taken apart without a fault: what cannot be read has no parts, and the rules say so."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from tactful.project.brand import Brand

LOOKALIKES = str.maketrans("аеорсухіјѕԁɡոᴏ", "aeopcyxijsdgno")
"""Letters of other scripts that a hasty eye takes for Latin ones."""
_PLAIN_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def parts_of(url: str) -> SplitResult | None:
    """The parts of an address; None where it cannot be read.

    >>> parts_of("https://shop.example/a.png").path, parts_of("https://[x/a.png")
    ('/a.png', None)
    """
    try:
        return urlsplit(url)
    except ValueError:
        return None


def host_of(url: str) -> str:
    """The host in small letters, without the dot of the root; empty where there is none or it cannot be read.

    >>> host_of("https://Shop.Example./a"), host_of("//[x"), host_of("mailto:a@b.example")
    ('shop.example', '', '')
    """
    parts = parts_of(url)
    try:
        return (parts.hostname or "").rstrip(".") if parts else ""
    except ValueError:
        return ""


def plain_addresses(brand: Brand) -> str:
    """A pattern, in the words of RE2, of addresses that nobody need ask about: https, our host, plain letters.

    There is no name before the host in them, no letter of another script, no sign that stands for another. Empty where
    the brand has no such host.
    """
    hosts = [one for one in hosts_of(brand) if _PLAIN_HOST.fullmatch(one) and "xn--" not in one]
    ours = "|".join(one.replace(".", r"\.") for one in hosts)
    return rf"^https://(?:{ours})(?:/[A-Za-z0-9/_.~-]*)?(?:\?[A-Za-z0-9_.=&-]*)?$" if ours else ""


def hosts_of(brand: Brand) -> tuple[str, ...]:
    """The brand's own hosts, sorted."""
    return tuple(sorted({one.lower() for one in (*brand.hosts, host_of(brand.public_url), host_of(brand.site)) if one}))
