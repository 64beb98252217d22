"""The retail starter's catalogue, derived from half a million invoice lines and three hand-written files."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

CLOCK = datetime.fromisoformat("2011-12-09T12:50:00")
"""The demo's clock: the last invoice, in the shop's own time."""
SHOP = "https://shop.example"
PAGES = ("", "/", "/new", "/delivery", "/returns", "/contact", "/privacy")
GOODS = re.compile(r"\d{5}[A-Z]{0,2}")
"""Stock codes of things one can buy: five digits and at most two letters. POST, DOT, M, D, gift_0001_20 … are not."""
NOT_GOODS = re.compile(
    r"\b(NEXT DAY CARRIAGE|PACKING CHARGE|VOUCHER|HIGH RESOLUTION IMAGE|POSTAGE|SAMPLES?|MANUAL)\b", re.IGNORECASE
)
"""Words of descriptions behind ordinary codes that name no thing."""
HISTORY_STARTS = datetime.fromisoformat("2011-01-15")
"""An item first seen before this may be older than the file: it gets no first day."""
UNSOLD = timedelta(days=90)
LISTED_SINCE = datetime.fromisoformat("2011-09-01")
SINGLES = 6
PROPER = {
    word.lower(): word
    for word in """
    I Christmas Easter London Paris French France English England Danish Scandinavian Victorian Edwardian
    Regency Union Jack Suki Poppy's Playhouse Charlotte Boudicca Murano Montana Medina Acapulco Tokyo
    Columbian Indian Chinese Moroccan Morris Bertie Lola Dolly Spaceboy Spain Spanish Italian Italy Russian
    American Turkish Japanese Haynes Madras Scottie UK USA LED TV CD DIY DVD NY EAU Tutti Frutti Santa Kings
    Mr Mrs Jack's Jardin Buddha Ganesh Columbine Tommy Bakelike
    """.split()
}
ABBREVIATIONS = {
    "hldr": "holder",
    "hlder": "holder",
    "asstd": "assorted",
    "assrtd": "assorted",
    "ass": "assorted",
    "asst": "assorted",
    "ant": "antique",
    "dec": "decoration",
    "w": "with",
    "col": "colours",
    "cakestand": "cake stand",
    "cakestands": "cake stands",
    "necklac": "necklace",
    "neckl": "necklace",
    "turq": "turquoise",
    "pcs": "pieces",
    "pc": "pieces",
    "&": "and",
    "+": "and",
}
Row = dict[str, object]


class Line(NamedTuple):
    """One invoice line."""

    order: str
    item: str
    title: str
    quantity: int
    price: float
    day: datetime
    customer: int | None
    country: str

    @property
    def is_sale(self) -> bool:
        """Something that was sold, not cancelled, corrected or given."""
        return self.quantity > 0 and self.price > 0 and not self.order.startswith("C")


@dataclass(slots=True)
class Seen:
    """What the lines say of one item."""

    titles: Counter[str] = field(default_factory=Counter)
    recent_prices: Counter[float] = field(default_factory=Counter)
    prices: Counter[float] = field(default_factory=Counter)
    all_prices: Counter[float] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None


def read_lines(path: Path) -> list[Line]:
    """Every line of the file in its order; stock codes in capitals, because 112 codes differ by case only."""
    columns = pq.read_table(path).to_pydict()
    names = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID", "Country")
    return [
        Line(order, code.upper(), " ".join((title or "").split()), *rest)
        for order, code, title, *rest in zip(*(columns[name] for name in names), strict=True)
    ]


def catalogue(
    lines: Iterable[Line],
    *,
    titles: Mapping[str, str],
    ranges: Sequence[Mapping[str, str]],
    notes: Sequence[Mapping[str, str]],
) -> list[Row]:
    """One row per stock code, in order of code."""
    rules = [(_words(rule["words"]), rule["range"], rule["sensitive_topic"]) for rule in ranges]
    care = Care.read(notes)
    return [_item(code, seen, titles=titles, rules=rules, care=care) for code, seen in sorted(_seen(lines).items())]


def links(items: Iterable[Row]) -> list[Row]:
    """Status of every address the starter may link to; one dead page that no content uses."""
    checked = (CLOCK - timedelta(hours=6)).isoformat()
    pages: list[Row] = [{"url": SHOP + page, "status": "ok", "checked_at": checked} for page in PAGES]
    sold: list[Row] = [
        {"url": item["url"], "status": "ok", "checked_at": checked} for item in items if item["sellable"] == "true"
    ]
    dead: Row = {"url": SHOP + "/summer-2010", "status": "dead", "checked_at": checked}
    return [*pages, dead, *sold]


@dataclass(frozen=True, slots=True)
class Care:
    """Curated care notes: of an item by code, else of every item whose description holds the words."""

    items: Mapping[str, str]
    words: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def read(cls, notes: Sequence[Mapping[str, str]]) -> "Care":
        """From the rows of `care_notes.csv`; range notes are spoken by a partial and not of an item."""
        by_words = tuple((_words(row["key"]), row["note"]) for row in notes if row["scope"] == "words")
        return cls({row["key"]: row["note"] for row in notes if row["scope"] == "item"}, by_words)

    def of(self, code: str, *, description: str) -> str:
        """The item's note, or nothing."""
        fitting = (note for words, note in self.words if words.search(description))
        return self.items.get(code) or next(fitting, "")


def cased(description: str) -> str:
    """A shouted description in sentence case, with known proper words and without the usual abbreviations.

    >>> cased("SET/3 VANILLA SCENTED T-LIGHTS,BLACK."), cased("12 COLOURED PARTY BALLOONS ANT W UNION JACK")
    ('Set of 3 vanilla scented T-lights, black', '12 coloured party balloons antique with Union Jack')
    """
    text = re.sub(r"\b(?:SET|S)\s*/\s*(\d+)", r"SET OF \1", description.upper()).strip(" .,*")
    text = re.sub(r"\bSET (\d+)\b", r"SET OF \1", re.sub(r"\bSET OF(\d)", r"SET OF \1", text))
    text = re.sub(r"\s*,\s*", ", ", re.sub(r"(?<=\w)([+&])(?=\w)", r" \1 ", text))
    text = " ".join(_word(word) for word in text.split())
    text = re.sub(r"\bt[- ]?light", "T-light", text)
    return text[:1].upper() + text[1:]


def _word(word: str) -> str:
    lower = word.lower()
    bare = lower.strip(",.()'\"")
    if bare in ABBREVIATIONS:
        return lower.replace(bare, ABBREVIATIONS[bare])
    return lower.replace(bare, PROPER[bare]) if bare in PROPER else lower


def _seen(lines: Iterable[Line]) -> dict[str, Seen]:
    found: defaultdict[str, Seen] = defaultdict(Seen)
    for line in lines:
        item = found[line.item]
        if not line.is_sale:
            continue
        if line.title:
            item.titles[line.title] += 1
        item.first = min(item.first or line.day, line.day)
        item.last = max(item.last or line.day, line.day)
        item.all_prices[line.price] += 1
        if line.customer is not None and line.quantity <= SINGLES:
            item.prices[line.price] += 1
            item.recent_prices[line.price] += line.day >= LISTED_SINCE
    return dict(found)


def _item(
    code: str,
    seen: Seen,
    *,
    titles: Mapping[str, str],
    rules: Sequence[tuple[re.Pattern[str], str, str]],
    care: Care,
) -> Row:
    description = _commonest(seen.titles)
    upper = description.upper()
    topic = next((topic for words, _, topic in rules if topic and words.search(upper)), "")
    kind = next((kind for words, kind, _ in rules if kind and words.search(upper)), "")
    price = _list_price(seen)
    goods = (
        bool(GOODS.fullmatch(code)) and bool(description) and price is not None and not NOT_GOODS.search(description)
    )
    return {
        "item_id": code,
        "title": titles.get(code) or cased(description) or f"Item {code}",
        "range": kind if goods and not topic else "",
        "list_price": f"{price:.2f}" if goods else "",
        "currency": "GBP" if goods else "",
        "price_includes_vat": "true" if goods else "",
        "url": f"{SHOP}/p/{code}" if goods else "",
        "note": care.of(code, description=upper) if goods else "",
        "stock": _stock(code) if goods else 0,
        "sensitive_topic": topic,
        "sellable": "true" if goods else "false",
        "active_from": _day(seen.first if seen.first and seen.first >= HISTORY_STARTS else None),
        "active_to": _day(seen.last + UNSOLD if seen.last and seen.last + UNSOLD < CLOCK else None),
    }


def _list_price(seen: Seen) -> float | None:
    """The commonest price of small sales to known customers, of the last months where there are any; a tie goes higher.

    An item that is only sold by the dozen, or to nobody known, takes the commonest of all its prices.
    """
    for prices in (+seen.recent_prices, seen.prices, seen.all_prices):
        if prices:
            return max(prices, key=lambda price: (prices[price], price))
    return None


def _commonest(titles: Counter[str]) -> str:
    return max(titles, key=lambda title: (titles[title], title)) if titles else ""


def _stock(code: str) -> int:
    """Invented: about 3 % of items have none, the others up to 480."""
    drawn = int.from_bytes(hashlib.sha256(f"stock:{code}".encode()).digest()[:4], "big")
    return 0 if drawn % 100 < 3 else 12 + drawn // 100 % 469


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() + "T00:00:00" if moment else ""


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Z0-9]){re.escape(text)}(?![A-Z0-9])")


def orders_by_customer(lines: Iterable[Line]) -> Iterator[tuple[int, str, datetime]]:
    """Each customer with the country of the last line and the time of the first, in order of id."""
    first: dict[int, datetime] = {}
    country: dict[int, tuple[datetime, str]] = {}
    for line in lines:
        if line.customer is not None:
            first[line.customer] = min(first.get(line.customer, line.day), line.day)
            country[line.customer] = max(country.get(line.customer, (line.day, line.country)), (line.day, line.country))
    yield from ((customer, country[customer][1], first[customer]) for customer in sorted(first))
