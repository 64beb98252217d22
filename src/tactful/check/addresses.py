"""Addresses taken apart without a fault: what cannot be read has no parts, and the rules say so."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from tactful.project.brand import Brand

LOOKALIKES = str.maketrans("аеорсухіјѕԁɡոᴏ", "aeopcyxijsdgno")
"""Letters of other scripts that a hasty eye takes for Latin ones."""


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


def hosts_of(brand: Brand) -> tuple[str, ...]:
    """The brand's own hosts, sorted."""
    return tuple(sorted({one.lower() for one in (*brand.hosts, host_of(brand.public_url), host_of(brand.site)) if one}))
