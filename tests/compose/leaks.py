"""Templates by chance in which a secret is carried about: some leak it, and running them says which."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from random import Random

PARTIALS = {
    "shows": "<i>{{ v }}</i>",
    "hides": "{% if v == 'zq' %}a{% else %}b{% endif %}",
    "passes": "{% render 'shows', v: w %}",
    "each": "{{ each }}{{ each.title }}",
    "sets": "{% assign y = x %}",
    "cuts": "{% for i in (1..2) %}{% assign z = x %}{% break %}{% endfor %}",
}
_NAMES = ("x", "y", "z")
_FILTERS = (
    "", "", " | upcase", " | append: 'e'", " | prepend: 'the '", " | split: 'q' | join: '-'", " | size", " | slice: 0, 3",
    " | default: 'none'", " | replace: 'z', 's'", " | url_encode", " | truncate: 4", " | strip | capitalize",
)  # fmt: skip


class Carrier:
    """Writes templates that carry `facts.secret` about.

    Args:
        chance: where it comes from.
        prints: whether names that may hold the secret are ever printed.
    """

    def __init__(self, chance: Random, *, prints: bool) -> None:
        self.chance = chance
        self.prints = prints
        self.loops = 0

    def secret(self) -> str:
        """The secret, or what may be it."""
        return self.chance.choice(("facts.secret", "facts['secret']", *_NAMES, "w.secret"))

    def harmless(self) -> str:
        """What is none."""
        return self.chance.choice(("facts.known", "'word'", "items[0].title", "brand.name"))

    def filtered(self) -> str:
        """A filter, or two."""
        return self.chance.choice(_FILTERS) + self.chance.choice(("", "", self.chance.choice(_FILTERS)))

    def leaf(self) -> str:
        """What stands alone."""
        name, other = self.chance.choice(_NAMES), self.chance.choice(_NAMES)
        value = self.secret() if self.chance.random() < 0.5 else self.harmless()
        made = [
            f"{{% assign {name} = {value}{self.filtered()} %}}", f"{{% assign {name} = {other} %}}", "words ",
            f"{{% assign {name} = 'plain' %}}", "{% assign w = facts %}", f"{{{{ {self.harmless()}{self.filtered()} }}}}",
            f"{{% assign {name} = facts.known | append: {other} %}}", "{% include 'sets' %}", "{% include 'cuts' %}",
            f"{{% render 'hides', v: {value} %}}",
        ]  # fmt: skip
        made += ["{% break %}", "{% continue %}"] if self.loops else []
        shown = [
            f"{{{{ {value}{self.filtered()} }}}}", f"{{{{ {other} }}}}", f"{{% echo {other} %}}", f"{{% cycle {other}, 'b' %}}",
            f"{{% render 'shows', v: {value} %}}", f"{{% render 'passes', w: {other} %}}", f"{{% render 'each' for {other} %}}",
            f"{{{{ 'a' | append: {other} }}}}", f"{{{{ facts[{name}] | default: '' }}}}", "{% include 'shows', v: y %}",
        ]  # fmt: skip
        return self.chance.choice([*made, *shown] if self.prints else made)

    def body(self, depth: int) -> str:
        """Some nodes."""
        return "".join(self.node(depth + 1) for _ in range(self.chance.choice((1, 1, 2, 3))))

    def node(self, depth: int = 0) -> str:
        """A leaf, or a block."""
        if depth > 2 or self.chance.random() < 0.6:
            return self.leaf()
        name = self.chance.choice(_NAMES)
        if self.chance.random() < 0.4:
            over = self.chance.choice(("items", "(1..3)"))
            self.loops += 1
            inner = self.body(depth)
            self.loops -= 1
            return f"{{% for i in {over} %}}{inner}{{% endfor %}}"
        one, two = self.body(depth), self.body(depth)
        test = self.chance.choice(("facts.flag", f"{name} == 'plain'", "facts.known contains 'n'", "items.size > 1"))
        return self.chance.choice((
            f"{{% if {test} %}}{one}{{% else %}}{two}{{% endif %}}", f"{{% unless {test} %}}{one}{{% endunless %}}",
            f"{{% case facts.known %}}{{% when 'known' %}}{one}{{% else %}}{two}{{% endcase %}}",
            f"{{% capture {name} %}}{one}{{% endcapture %}}{two}",
        ))  # fmt: skip

    def template(self) -> str:
        """A whole one: every name is there from the outset."""
        start = "{% assign x = '' %}{% assign y = '' %}{% assign z = '' %}{% assign w = brand %}"
        return start + "".join(self.node() for _ in range(self.chance.randint(2, 6)))


def rows(secret: str) -> list[dict[str, object]]:
    """What some messages see that differ in all but the secret."""
    return [
        {
            "facts": {"secret": secret, "known": known, "flag": flag},
            "items": [{"title": f"t{n}"} for n in range(count)],
            "brand": {"name": "B", "secret": "nothing"},
        }
        for known in ("known", "other")
        for flag in (True, False)
        for count in (1, 2)
    ]
