"""A realistic mail of 14 KB: 12 slots, two conditions, a loop over four items with a money filter, escaping on."""

from __future__ import annotations

import random

SLOTS = ("salutation", "store", "tier", "points", "order", "city", "category", "season", "advisor", "code")
_STYLE = "margin:0;padding:12px 24px;font-family:Georgia,serif;font-size:16px;line-height:24px;color:#2b2b2b"
_WORDS = (
    "We chose these for the way you cook and the table you keep: plain things that last, made by people we know,"
    " and sent to you from our own house without haste and without waste. "
)


def _block(inner: str, *, times: int = 1) -> str:
    return f'<tr><td align="left" style="{_STYLE}"><p style="{_STYLE}">{inner}</p><p>{_WORDS * times}</p></td></tr>\n'


def template(*, money: str = "money") -> str:
    """The mail, in the words that Liquid, Jinja2 and minijinja share.

    Args:
        money: how the filter is written.
    """
    head = (
        "<!doctype html><html><head><title>Letter</title><style>" + "td{padding:0;border:0}\n" * 220 + "</style></head>"
    )
    rows = [_block("{{ customer.salutation }}", times=2)]
    rows += [_block(f"Your {name} is {{{{ customer.{name} }}}}.", times=2) for name in SLOTS[1:]]
    rows.append("{% if customer.is_member %}" + _block("As a member you see this first.", times=3) + "{% endif %}")
    card = (
        '<tr><td><a href="{{ item.url }}"><img src="{{ item.image }}" alt="{{ item.title }}"></a>'
        "<b>{{ item.title }}</b><i>{{ item.price | " + money + " }}</i></td></tr>\n"
    )
    rows.append("{% for item in items %}" + card + "{% endfor %}")
    offer, none = _block("{{ customer.offer }}", times=2), _block("Nothing to pay for delivery.", times=2)
    rows.append("{% if customer.has_offer %}" + offer + "{% else %}" + none + "{% endif %}")
    rows.append(_block('<a href="{{ customer.unsubscribe }}">No more letters</a>'))
    return head + "<body><table>" + "".join(rows) + "</table></body></html>"


def catalogue(*, seed: int = 7) -> list[dict[str, object]]:
    """2,000 items."""
    chance = random.Random(seed)
    return [
        {
            "url": f"https://shop.example/item/{number}?a=1&b=2",
            "image": f"https://img.example/{number}.jpg",
            "title": f"Bowl & cup {number} <small>",
            "price": round(chance.uniform(1, 90), 2),
        }
        for number in range(2_000)
    ]


def customers(count: int, *, seed: int = 7) -> list[dict[str, object]]:
    """Invented customers: names among 3,000, points among 5,000, an order number and a link each of their own."""
    chance = random.Random(seed)
    return [
        {
            "salutation": f"Hello Ann{chance.randrange(3_000)} O'Hara,",
            "store": f"Store {chance.randrange(40)}",
            "tier": chance.choice(["silver", "gold", "plain"]),
            "points": str(chance.randrange(5_000)),
            "order": f"2011-{number:07d}",
            "city": f"City {chance.randrange(300)}",
            "category": chance.choice(["Bags & baskets", "Kitchen", "Garden", "Paper"]),
            "season": chance.choice(["winter", "spring"]),
            "advisor": f"Ms {chance.randrange(60)}",
            "code": f"K{chance.randrange(900)}",
            "offer": chance.choice(["10 % off until Friday", "Free delivery & wrapping"]),
            "unsubscribe": f"https://mail.example/u/{chance.getrandbits(128):032x}",
            "is_member": chance.random() < 0.5,
            "has_offer": chance.random() < 0.5,
        }
        for number in range(count)
    ]


def choices(count: int, *, seed: int = 8) -> list[list[int]]:
    """Four items for each customer, by their numbers."""
    chance = random.Random(seed)
    return [chance.sample(range(2_000), 4) for _ in range(count)]
