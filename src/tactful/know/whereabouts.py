"""The zone of each customer: the one they said, else their country's where it has one, else unknown."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

import pyarrow as pa

MAIN_ZONES = {"ES": "Europe/Madrid", "PT": "Europe/Lisbon", "DE": "Europe/Berlin", "NZ": "Pacific/Auckland"}
"""Countries of several zones of which one is nearly everybody's; of others with several none is taken for granted."""
COUNTRY_NAMES = {
    "eire": "IE",
    "republic of ireland": "IE",
    "uk": "GB",
    "united kingdom": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "channel islands": "JE",
    "south korea": "KR",
    "korea": "KR",
    "czechia": "CZ",
    "czech republic": "CZ",
    "united arab emirates": "AE",
    "uae": "AE",
    "rsa": "ZA",
    "south africa": "ZA",
    "holland": "NL",
    "the netherlands": "NL",
    "turkey": "TR",
    "usa": "US",
    "united states": "US",
}
"""What countries are called besides the names of ISO 3166's own list, in small letters."""


def zone_of(country: str | None, *, said: str | None) -> str | None:
    """The best-known zone, or None.

    Args:
        country: name or two-letter code.
        said: the zone the customer's record holds; not used where there is no such zone.

    >>> zone_of("EIRE", said=None), zone_of("United Kingdom", said="Europe/Paris"), zone_of("USA", said="Mars/Base")
    ('Europe/Dublin', 'Europe/Paris', None)
    """
    if said is not None and said in _zones():
        return said
    if country is None:
        return None
    word = " ".join(country.split()).casefold()
    code = word.upper() if word.upper() in _zones_by_country() else _codes().get(word)
    return _zones_by_country().get(code) if code else None


def zones_of(places: pa.Table) -> pa.Table:
    """The zone of each pair of country and zone that customers say.

    Args:
        places: country, zone.
    """
    countries, said = places["country"].to_pylist(), places["zone"].to_pylist()
    found = [zone_of(country, said=zone) for country, zone in zip(countries, said, strict=True)]
    return pa.table(
        {
            "country": pa.array(countries, pa.string()),
            "said": pa.array(said, pa.string()),
            "zone": pa.array(found, pa.string()),
        }
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zones_by_country() -> dict[str, str | None]:
    """A country's zone where it has one only, by ISO code."""
    found: dict[str, list[str]] = {}
    for codes, _, zone, *_ in _rows("zone.tab"):
        found.setdefault(codes, []).append(zone)
    return {code: zones[0] if len(zones) == 1 else MAIN_ZONES.get(code) for code, zones in found.items()}


@cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, name in _rows("iso3166.tab")} | COUNTRY_NAMES


def _rows(name: str) -> list[list[str]]:
    lines = files("tzdata").joinpath("zoneinfo", name).read_text("utf-8").splitlines()
    return list(csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"))
