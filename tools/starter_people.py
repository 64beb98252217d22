"""Invented contact details, consents and preferences for the customers of the retail starter; nobody in them is real.

Every value is drawn by a seeded hash of the customer's id, so that the same customer gets the same details for ever.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from tools.starter_catalogue import CLOCK, Line, Row, orders_by_customer

SEED = "retail-starter-1"
GUIDE = 12347
"""The customer of the guide: has said yes to everything, so that the guide has something to show."""
GIVEN = {
    "en": """
    Anna James Emily Thomas Sarah John Helen David Susan Peter Margaret Paul Claire Andrew Jane Simon Rachel
    Mark Laura Stephen Ruth Michael Alice Robert Grace William Hannah George Lucy Daniel Martha Edward Rose
    Henry Clara Oliver Ellen Samuel Frances Martin Joan Philip Nora Hugh Agnes Frank Edith Walter Olive
    Arthur Ivy Leonard Mabel Loren Leslie Robin Kim Jordan Taylor Morgan Alex Sam Charlie Frankie Priya Amit
    Fatima Omar Mei Wei Aisha Ravi Siobhan Declan Niamh Rhys Gwen Angus Fiona Callum Morag
    """.split(),
    "de": """
    Anna Hans Petra Klaus Sabine Heike Uwe Monika Stefan Ingrid Jens Karin Lena Felix Greta Otto Frieda Emil
    """.split(),
    "fr": """
    Camille Marie Luc Pierre Claire Sophie Louis Julie Antoine Elise Henri Manon Jules Margot Colette Marcel
    """.split(),
}
FAMILY = {
    "en": """
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker
    White Roberts Green Hall Wood Jackson Clarke Clark Harris Turner Hill Cooper Ward Moore Morris King
    Watson Baker Harrison Morgan Allen Young Scott Lee Hughes Edwards Parker Mitchell Bennett Cook Shaw
    Bailey Ellis Cox Carter Marshall Richards Khan Begum Shah Singh Kaur O'Neill O'Brien MacDonald McKenzie
    Fraser Stewart Murray Reid Ross Price Lloyd Owen Griffiths Pritchard Smith-Jones Fletcher Barker Holmes
    Mills Palmer Webb Hunt Rose Field Lane Marsh Dale Brook Chan Wong Nguyen Adeyemi Okafor Kowalska Nowak
    Rossi Silva
    """.split(),
    "de": """
    Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schäfer Koch Bauer Köhler Krüger Jäger Groß
    Vogel
    """.split(),
    "fr": """
    Martin Bernard Dubois Petit Durand Leroy Moreau Girard Lefèvre Mercier Dupont Lambert Béranger François
    """.split(),
}
JUNK = ("NULL", "asdf", "n/a", "x", "test", "MR J SMITH LTD", "-", "Customer", "xxxx", "12345", "Sir/Madam", "none")
ODD_FAMILIES = ("Null", "Test", "True", "False", "None", "Nan")
LANGUAGES = {"Germany": "de", "Austria": "de", "France": "fr"}
ZONES = {
    "United Kingdom": "Europe/London", "Germany": "Europe/Berlin", "France": "Europe/Paris", "Spain": "Europe/Madrid",
    "Belgium": "Europe/Brussels", "Switzerland": "Europe/Zurich", "Portugal": "Europe/Lisbon", "Italy": "Europe/Rome",
    "Finland": "Europe/Helsinki", "Austria": "Europe/Vienna", "Norway": "Europe/Oslo", "Denmark": "Europe/Copenhagen",
    "Netherlands": "Europe/Amsterdam", "Channel Islands": "Europe/London", "Australia": "Australia/Sydney",
    "Sweden": "Europe/Stockholm", "Cyprus": "Asia/Nicosia", "Japan": "Asia/Tokyo", "Poland": "Europe/Warsaw",
    "Canada": "America/Toronto", "USA": "America/New_York", "Israel": "Asia/Jerusalem", "Greece": "Europe/Athens",
    "EIRE": "Europe/Dublin", "United Arab Emirates": "Asia/Dubai", "Bahrain": "Asia/Bahrain", "Malta": "Europe/Malta",
    "RSA": "Africa/Johannesburg", "Brazil": "America/Sao_Paulo", "Saudi Arabia": "Asia/Riyadh",
    "Singapore": "Asia/Singapore", "Lebanon": "Asia/Beirut", "Lithuania": "Europe/Vilnius",
    "Czech Republic": "Europe/Prague", "Iceland": "Atlantic/Reykjavik", "Hong Kong": "Asia/Hong_Kong",
}  # fmt: skip
WORDING = {
    "marketing": "Yes, write to me by e-mail about new things and offers.",
    "personalization": "Yes, use what I have ordered to choose what you write about.",
    "service": "We write to you about your orders.",
}
TOPICS = ("ideas", "new things", "ideas; new things")
"""What the letters are about, as their front matter says."""


@cache
def share(customer: int, purpose: str) -> float:
    """A number in [0, 1) that is the same for the same customer and purpose."""
    digest = hashlib.sha256(f"{SEED}:{purpose}:{customer}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def one_of(customer: int, purpose: str, choices: Sequence[str]) -> str:
    """One of several, by the customer's share."""
    return choices[int(share(customer, purpose) * len(choices))]


def contacts(lines: Iterable[Line]) -> list[Row]:
    """One row per customer of the invoice file, dirt included, in order of id."""
    rows: list[Row] = []
    for customer, country, first in orders_by_customer(lines):
        language = LANGUAGES.get(country, "en")
        rows.append(
            {"customer_id": customer, **_name(customer, language=language)}
            | {"email": "", "phone": _phone(customer), "language": _language(customer, language)}
            | {"country": country, "zone": ZONES.get(country, ""), "birth_date": _birth(customer)}
            | {"household_id": "", "joined_at": first.isoformat()}
        )
    for row in rows:
        row["email"] = _email(int(str(row["customer_id"])), language=LANGUAGES.get(str(row["country"]), "en"))
    _share_addresses(rows)
    _share_households(rows)
    return rows


def _name(customer: int, *, language: str) -> Row:
    given, family = _clean_name(customer, language=language)
    title = (
        "" if share(customer, "titled") < 0.75 else one_of(customer, "title", ("Mr", "Mrs", "Ms", "Dr", "Miss", "Prof"))
    )
    if customer == GUIDE:
        return {"title": "", "given_name": given, "family_name": family}
    drawn = share(customer, "dirt")
    if drawn < 0.15:
        given = ""
    elif drawn < 0.165:
        given, family = one_of(customer, "junk", JUNK), family if drawn < 0.158 else ""
    elif drawn < 0.205:
        given, family = given.upper(), family.upper()
    elif drawn < 0.23:
        given, family = given.lower(), family.lower()
    elif drawn < 0.234:
        family = one_of(customer, "odd", ODD_FAMILIES)
    elif drawn < 0.30 and not family.isascii():
        family = family.encode().decode("latin-1").replace("\x9f", "Ÿ")
    elif drawn < 0.31:
        given = f"{given} {one_of(customer, 'second', 'ABCDEFGHJKLM')}."
    return {"title": title, "given_name": given, "family_name": family}


def _clean_name(customer: int, *, language: str) -> tuple[str, str]:
    given = "Anna" if customer == GUIDE else one_of(customer, "given", GIVEN[language])
    return given, one_of(customer, "family", FAMILY[language])


def _email(customer: int, *, language: str) -> str:
    given, family = _clean_name(customer, language=language)
    plain = "".join(letter for letter in f"{given}.{family}".lower() if letter.isascii() and letter not in "'")
    domain = one_of(customer, "domain", ("example.com", "example.com", "example.org", "example.net"))
    whole = f"{plain}.{customer}@{domain}"
    drawn = share(customer, "email")
    if customer == GUIDE or drawn >= 0.08:
        return whole
    if drawn < 0.06:
        return ""
    if drawn < 0.07:
        return _broken(customer, whole)
    return whole.upper() if drawn < 0.075 else f" {whole} "


def _broken(customer: int, address: str) -> str:
    """An address as people mistype it."""
    ways = (("@", "(at)"), ("@", "@@"), (".", " "), ("@", "@ "))
    old, new = ways[int(share(customer, "broken") * len(ways))]
    return address.replace(old, new, 1)


def _share_addresses(rows: list[Row]) -> None:
    """Six pairs of customers have one address."""
    usable = [
        row for row in rows if "@example" in str(row["email"]) and share(int(str(row["customer_id"])), "pair") < 0.02
    ]
    for first, second in zip(usable[0:12:2], usable[1:12:2], strict=True):
        second["email"] = first["email"]


def _share_households(rows: list[Row]) -> None:
    """Eighteen households of two or three customers."""
    living = [row for row in rows if share(int(str(row["customer_id"])), "household") < 0.012][:45]
    for place, row in enumerate(living):
        row["household_id"] = f"H{place * 2 // 5 + 1:03d}"


def _language(customer: int, language: str) -> str:
    if share(customer, "language") < 0.04:
        return ""
    return language if share(customer, "foreign") < 0.9 else "en"


def _phone(customer: int) -> str:
    """Numbers set aside for drama; one customer in eight has one."""
    if share(customer, "phone") >= 0.125:
        return ""
    return f"07700 900{int(share(customer, 'number') * 1000):03d}"


def _birth(customer: int) -> str:
    drawn = share(customer, "birth")
    if drawn >= 0.08:
        return ""
    if drawn < 0.008:
        return "1900-01-01"
    if drawn < 0.009:
        return "2001-06-14"
    year = 1938 + int(share(customer, "year") * 54)
    return f"{year}-{1 + int(share(customer, 'month') * 12):02d}-{1 + int(share(customer, 'day') * 28):02d}"


def consents(people: Iterable[Row]) -> list[Row]:
    """What each customer has said, refusals, withdrawals and silence included, in order of customer and time."""
    rows: list[Row] = []
    for person in people:
        customer, joined = int(str(person["customer_id"])), datetime.fromisoformat(str(person["joined_at"]))
        for purpose, channel, granted, denied, withdrawn in (
            ("marketing", "email", 0.78, 0.07, 0.05),
            ("personalization", "any", 0.70, 0.08, 0.04),
            ("service", "email", 0.97, 0.01, 0.0),
        ):
            drawn = 0.0 if customer == GUIDE else share(customer, f"consent:{purpose}")
            said = _said(drawn, granted=granted, denied=denied, withdrawn=withdrawn)
            rows.extend(_consent(customer, purpose, channel, states=said, joined=joined))
    return rows


def _said(drawn: float, *, granted: float, denied: float, withdrawn: float) -> tuple[str, ...]:
    if drawn < granted:
        return ("granted",)
    if drawn < granted + denied:
        return ("denied",)
    return ("granted", "withdrawn") if drawn < granted + denied + withdrawn else ()


def _consent(customer: int, purpose: str, channel: str, *, states: Sequence[str], joined: datetime) -> list[Row]:
    basis = "contract" if purpose == "service" else "consent"
    source = one_of(customer, "consent source", ("checkout", "checkout", "newsletter form", "telephone"))
    rows: list[Row] = []
    moment = joined + timedelta(minutes=5)
    for place, state in enumerate(states):
        if place:  # a withdrawal comes later, yet before the clock
            moment += timedelta(seconds=int((CLOCK - moment).total_seconds() * (0.1 + 0.8 * share(customer, "later"))))
        rows.append(
            {"customer_id": customer, "purpose": purpose, "channel": channel, "state": state}
            | {"happened_at": moment.isoformat(), "source": "unsubscribe link" if place else source}
            | {"wording": WORDING[purpose], "basis": basis}
        )
    return rows


def preferences(people: Iterable[Row]) -> list[Row]:
    """The dials that about one customer in nine has set."""
    rows: list[Row] = []
    for person in people:
        customer = int(str(person["customer_id"]))
        if customer == GUIDE or share(customer, "dial set") >= 0.11:
            continue
        joined = datetime.fromisoformat(str(person["joined_at"]))
        topic = one_of(customer, "topic", TOPICS) if share(customer, "topic off") < 0.3 else ""
        rows.append(
            {"customer_id": customer, "dial": one_of(customer, "dial", ("all", "many", "many", "few", "one", "one"))}
            | {"topics_off": topic, "frequency": one_of(customer, "frequency", ("", "", "monthly", "weekly"))}
            | {
                "happened_at": (joined + (CLOCK - joined) * share(customer, "dial when"))
                .replace(microsecond=0)
                .isoformat()
            }
        )
    return rows


def suppressions(people: Sequence[Row]) -> list[Row]:
    """Addresses that must never be written to again, as an earlier platform exported them."""
    chosen = [
        row
        for row in people
        if "@example" in str(row["email"]) and share(int(str(row["customer_id"])), "suppressed") < 0.004
    ]
    whys = ("hard bounce", "complaint", "asked by telephone", "hard bounce")
    rows: list[Row] = []
    for place, row in enumerate(chosen):
        since = (CLOCK - timedelta(days=20 + 13 * place)).isoformat()
        address = str(row["email"]).strip().lower()
        rows.append({"address": address, "channel": "email", "why": whys[place % 4], "since": since})
    return rows


def past_sends(people: Iterable[Row]) -> list[Row]:
    """What an earlier platform sent in the last weeks, so that the caps are true from the first day."""
    rows: list[Row] = []
    for person in people:
        customer = int(str(person["customer_id"]))
        if customer == GUIDE or not person["email"] or share(customer, "past") >= 0.09:
            continue
        ago = timedelta(days=1 + 26 * share(customer, "past when"))
        row = {"customer_id": customer, "channel": "email", "purpose": "marketing"}
        rows.append(row | {"happened_at": (CLOCK - ago).replace(microsecond=0, minute=0, second=0).isoformat()})
    return rows
