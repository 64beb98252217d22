"""Templates as trees of text, and values to write them with: made by chance, and changed by chance."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

Tree = list["Tree | str"]
Row = dict[str, Any]

PARTIALS = {
    "card": "<b>{{ item.title }}</b>{% if item.price %}{{ item.price }}{% endif %}",
    "shared": "{{ facts.a | upcase }}{% assign z = facts.n %}{% break %}",
    "each": "[{{ each.title }}{{ forloop.index }}]",
    "self": "{% render 'self' %}",
    "twice": "{% include 'twice' %}{% include 'twice' %}",
    "deep": "{% if item %}{{ item.title }}{% render 'card', item: item %}{% endif %}",
    "sets": "{% assign x = facts.a %}{% capture y %}<i>{{ x }}</i>{% endcapture %}{% increment k %}",
}
PATHS = (
    "facts.a", "facts.n", "facts.d", "facts.when", "facts.many", "facts.nothing", "cell.a", "customer.salutation", "x",
    "y", "z", "k", "items", "items[0]", "items[1].title", "items.first", "items.last.price", "items.size", "item",
    "item.title", "item.price", "item.n", "item.url", "anchor", "anchor.title", "offer", "offer.words", "offer.ends",
    "brand.name", "brand.legal_lines", "message.level", "links.unsubscribe", "links.preferences", "links.shop",
    "forloop.index", "forloop.last", "forloop.parentloop.index0", "tablerowloop.col", "nothing.here", "facts",
    "facts[x]", "items[facts.n]", "items[k].title", "[x]", "facts['a']", "items[-1].title", "self", "unsubscribe_url",
)  # fmt: skip
LITERALS = (
    "nil", "true", "false", "0", "1", "2", "-1", "3.7", "0.0", "1e3", "999999999999999999999", "'a'", "''", "' '",
    "'lit <b>'", "'tea'", "'title'", "'GBP'", "'EUR'", "'XXX'", "'%d %B %Y'", "'%1000000000Y'", "'%'", "'2011-12-23'",
    "'now'", '"it\'s"', "(1..3)", "(0..facts.n)", "(3..1)", "(1..1000000000)", "'Europe/Berlin'", "'&lt;b&gt;'", "'🎄'",
)  # fmt: skip
MARKS = ("{{", "}}", "{%", "%}", "{{-", "-%}", "|", ":", ",", ".", "..", "'", '"', "[", "]", "(", ")", "=", "<", "&", "\x00", "\n", "#", "🎄", "\u202e", "{% raw %}", "{% endraw %}", "endif", "else", "{# #}")  # fmt: skip
WORDS = (" ", "text ", "<p>", "</p>", "\n", "&amp;", "{ {", "ä", "—", "<a href='", "'>", "", "   ", "<!-- ", " -->")
OPERATORS = ("==", "!=", "<>", ">", "<", ">=", "<=", "contains", "and", "or")
HOSTILE = (
    "Ann", "", " ", "tea", "<x>", "b & c", "<img src=x onerror=alert(1)>", '"><svg/onload=1>', "{{ facts.a }}",
    "{% raw %}", "{% endraw %}{{ facts.d }}", "A\r\nBcc: x@evil.example", "Ann\u202emoc.live", "\ufeffA\u200b",
    "Z\u0300" * 90, "👩‍👩‍👧‍👦", "\ud800", "x" * 3_000, "<script" * 900, "1", "2.95", "-0", "nan", "1e400", "2011-12-23",
    "2011-12-23T10:00:00+00:00", "%d", "a,b,c", "&lt;b&gt;", "£2.95", "True", "\x00", "it's", "e" * 60_000, "é", "ß", "İ",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, 2, 3, 10, -1, 10**30, 10**100, 1.5, 0.1, -0.0, 1e308, float("inf"), float("nan"),
    Decimal("2.9500"), Decimal("1E+40"), date(2011, 12, 23), datetime(2011, 12, 23, 10, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), [], [1, "a", None],
    ["tea", "tea"], {}, {"title": "<b>"}, [[1], [2]], [{"title": "x"}, {"n": 1}],
)  # fmt: skip


class Grammar:
    """Makes templates and values by chance.

    Args:
        chance: where it comes from.
        filters: names of the filters.
        tags: further tags with their grammar: a text that stands alone each.
    """

    def __init__(self, chance: Random, *, filters: Sequence[str], tags: Sequence[str] = ()) -> None:
        self.chance = chance
        self.filters = sorted(filters)
        self.tags = tuple(tags)

    def value(self) -> str:
        """Something that is read."""
        return self.chance.choice(PATHS if self.chance.random() < 0.75 else LITERALS)

    def filter(self) -> str:
        """A filter with as many arguments as it likes."""
        name = self.chance.choice(self.filters)
        given = [self.value() for _ in range(self.chance.choice((0, 0, 1, 1, 1, 2)))]
        if self.chance.random() < 0.03:
            given.append(f"{self.chance.choice(('allow_false', 'zone', 'language', 'x'))}: {self.value()}")
        return f" | {name}" + (f": {', '.join(given)}" if given else "")

    def filtered(self) -> str:
        """A value through filters."""
        return self.value() + "".join(self.filter() for _ in range(self.chance.choice((0, 0, 1, 1, 2, 3))))

    def test(self) -> str:
        """A condition."""
        made = self.chance.choice((self.value(), self.value(), self.value(), "empty", "blank"))
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            made += f" {self.chance.choice(OPERATORS)} {self.value()}"
        return made

    def body(self, depth: int) -> Tree:
        """Some nodes."""
        return [self.node(depth + 1) for _ in range(self.chance.choice((0, 1, 1, 2, 3)))]

    def node(self, depth: int = 0) -> Tree | str:
        """One node: a leaf, or a block with bodies."""
        if depth < 4 and self.chance.random() < 0.35:
            return self.block(depth)
        return self.leaf()

    def leaf(self) -> str:
        """What stands alone."""
        pick, choose = self.chance.random(), self.chance.choice
        if pick < 0.40:
            dash = choose(("", "", "", "-"))
            return f"{{{{{dash} {self.filtered()} {dash}}}}}"
        if pick < 0.55:
            return choose(WORDS)
        if pick < 0.72:
            return f"{{% assign {choose('xyzk')} = {self.filtered()} %}}"
        if pick < 0.76 and self.tags:
            return choose(self.tags)
        one, two = self.value(), self.value()
        return choose((
            "{% break %}", "{% continue %}", f"{{% cycle 'a', {one}, {two} %}}", f"{{% cycle {one}: 1, 2 %}}",
            f"{{% increment {choose('xk')} %}}", f"{{% decrement {choose('xk')} %}}", f"{{% echo {self.filtered()} %}}",
            f"{{% render '{choose(tuple(PARTIALS))}', item: {one} %}}", f"{{% include '{choose(tuple(PARTIALS))}' %}}",
            f"{{% include '{choose(tuple(PARTIALS))}' with {one} %}}", f"{{% render 'each' for {one} as each %}}",
            f"{{% render 'card' with {one} as item, x: {two} %}}", f"{{% include {one} %}}", "{% raw %}{{ x }}{% endraw %}",
            "{% comment %}{{ z }}{% endcomment %}", f"{{% abort_message '{choose(('no', ''))}' %}}", "{% # note %}",
            f"{{% liquid\n assign x = {self.filtered()}\n echo x\n %}}", "{% render 'missing' %}",
        ))  # fmt: skip

    def block(self, depth: int) -> Tree:
        """What holds something."""
        inner, more, choose = self.body(depth), self.body(depth), self.chance.choice
        looped = choose(("items", "(1..3)", "x", "facts.many", "items limit: 2", "items reversed", "items offset: facts.n", "(1..facts.n)", "offer", "items limit: x offset: 1", "brand.legal_lines", self.value(), "items offset: continue"))  # fmt: skip
        made: list[Tree] = [
            [f"{{% if {self.test()} %}}", inner, f"{{% elsif {self.test()} %}}", more, "{% else %}", self.body(depth), "{% endif %}"],
            [f"{{%- unless {self.test()} -%}}", inner, "{%- else -%}", more, "{%- endunless %}"],
            [f"{{% for item in {looped} %}}", inner, "{% else %}", more, "{% endfor %}"],
            [f"{{% for item in {looped} %}}", inner, "{% endfor %}"],
            [f"{{% capture {choose('xyz')} %}}", inner, "{% endcapture %}"],
            [f"{{% case {self.value()} %}}", f"{{% when {self.value()}, {self.value()} %}}", inner, f"{{% when {self.value()} %}}", more, "{% else %}", "e", "{% endcase %}"],
            [f"{{% tablerow item in {looped} cols: {choose(('2', 'facts.n', 'x', '0'))} %}}", inner, "{% endtablerow %}"],
        ]  # fmt: skip
        return choose(made)

    def template(self) -> Tree:
        """A whole template."""
        return [self.node() for _ in range(self.chance.randint(1, 6))]

    def changed(self, tree: Tree, *, donor: Tree) -> Tree:
        """A template, changed in one to four places.

        Args:
            tree: which is left as it is.
            donor: another one, from which parts may be taken.
        """
        made = _copied(tree)
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            places = [(one, number) for one in _lists(made) for number in range(len(one))]
            if not places:
                return self.template()
            where, number = self.chance.choice(places)
            self._change(where, number, donor=donor)
        return made

    def _change(self, where: Tree, number: int, *, donor: Tree) -> None:
        pick, one = self.chance.random(), where[number]
        if pick < 0.30:
            where[number] = self.node(1)
        elif pick < 0.45:
            where.insert(number, self.node(1))
        elif pick < 0.55:
            del where[number]
        elif pick < 0.65:
            where.insert(number, _copied(one) if isinstance(one, list) else one)
        elif pick < 0.80:
            gifts = [gift for inner in _lists(donor) for gift in inner]
            if gifts:
                gift = self.chance.choice(gifts)
                where.insert(number, _copied(gift) if isinstance(gift, list) else gift)
        elif isinstance(one, str):
            where[number] = self._garbled(one)

    def _garbled(self, text: str) -> str:
        here = self.chance.randint(0, len(text))
        if self.chance.random() < 0.4:
            return text[:here] + text[here + self.chance.randint(1, 4) :]
        known = [path for path in PATHS if path in text]
        if known and self.chance.random() < 0.6:
            return text.replace(self.chance.choice(known), self.value(), 1)
        return text[:here] + self.chance.choice(MARKS) + text[here:]

    def row(self) -> Row:
        """What one message sees."""
        some, item = self._some, self._item
        return {
            "customer": {"salutation": self.chance.choice(HOSTILE)},
            "facts": {"a": some(), "n": some(), "d": some(), "when": some(), "nothing": None, "many": self._list()},
            "cell": {"a": some()},
            "items": [item() for _ in range(self.chance.choice((0, 1, 2, 2, 3, 4)))],
            "anchor": self.chance.choice((None, item())),
            "offer": self.chance.choice((None, {"id": "o", "words": self.chance.choice(HOSTILE), "terms": "t", "ends": "Friday"})),
            "brand": {"name": "B & co", "legal_lines": ["one", "<two>"]},
            "message": {"level": "few", "language": "en", "purpose": "marketing"},
            "links": {"unsubscribe": f"https://x.example/u/{self.chance.random()}", "preferences": f"https://x.example/p/{self.chance.random()}", "shop": "https://x.example"},
        }  # fmt: skip

    def _some(self) -> Any:
        return self.chance.choice(HOSTILE if self.chance.random() < 0.5 else ODD)

    def _list(self) -> list[Any]:
        return [self._some() for _ in range(self.chance.choice((0, 1, 3)))]

    def _item(self) -> Row:
        return {
            "title": self.chance.choice(HOSTILE), "price": self.chance.choice((None, "£2.95", "$1,000.00")),
            "n": self.chance.choice((1, 2, None)), "url": "https://x.example/?a=1&b=2", "image": None,
            "role": self.chance.choice(("pick", "again")),
        }  # fmt: skip


def text_of(tree: Tree | str) -> str:
    """The template as it is written."""
    return tree if isinstance(tree, str) else "".join(text_of(one) for one in tree)


def _copied(tree: Tree) -> Tree:
    return [_copied(one) if isinstance(one, list) else one for one in tree]


def _lists(tree: Tree) -> list[Tree]:
    found = [tree]
    for one in tree:
        if isinstance(one, list):
            found += _lists(one)
    return found
