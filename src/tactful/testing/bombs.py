"""Templates written to hurt: loops, doublings, recursions and single calls that would take the machine along."""

# ruff: noqa: E501  # a template is read on one line

from __future__ import annotations

from collections.abc import Mapping

LONG = "x" * 60_000
"""A value longer than any message holds."""
BOMBS: Mapping[str, str] = {
    "nested loops": "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}",
    "one huge loop": "{% for a in (1..1000000000) %}{% endfor %}",
    "many loops in a row": "{% for a in (1..4000) %}{% endfor %}" * 500,
    "doubling append": "{% assign s = 'aaaaaaaa' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
    "doubling capture": "{% assign s = 'aaaaaaaa' %}{% for i in (1..60) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}",
    "squaring": "{% assign n = 999999999 %}{% for i in (1..60) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
    "growing replace": "{% assign s = x | replace: '', x %}{{ s }}",
    "growing replace again": "{% assign s = 'aaaaaaaaaaaaaaaaaaaa' %}{% for i in (1..20) %}{% assign s = s | replace: 'a', s %}{% endfor %}",
    "growing join": "{% assign l = (1..5000) | join: x %}{{ l }}",
    "huge range as text": "{{ (1..1000000000) | join: ',' }}",
    "huge range reversed": "{% assign l = (1..1000000000) | reverse %}{{ l }}",
    "huge range sorted": "{{ (1..999999999) | sort | first }}",
    "split into letters": "{% assign l = x | split: '' %}{% for i in (1..5000) %}{% assign l = l | concat: l %}{% endfor %}",
    "doubling concat": "{% assign l = 'a,b' | split: ',' %}{% for i in (1..60) %}{% assign l = l | concat: l %}{% endfor %}",
    "render in itself": "{% render 'self' %}",
    "include in itself": "{% include 'self_included' %}",
    "two by two": "{% include 'twice' %}",
    "wide date": "{{ '2011-01-01' | date: '%1000000000Y' }}",
    "long date form": "{{ '2011-01-01' | date: x }}",
    "giant argument": "{{ 'a' | append: '" + LONG + "' | upcase }}",
    "many filters": "{{ 'a'" + " | append: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'" * 3000 + " }}",
    "deep blocks": "{% if true %}" * 500 + "x" + "{% endif %}" * 500,
    "deep brackets": "{{ a" + "[a" * 5000 + "]" * 5000 + " }}",
    "open braces": "{{" * 100_000,
    "open tags": "{% if " * 50_000,
    "huge template": "x" * 2_000_000,
    "much output": "{% for a in (1..3000) %}" + "x" * 2000 + "{% endfor %}",
    "slow stripping": "{{ tags | strip_html }}",
    "slow stripping of a shelf": "{{ shelf | strip_html }}",
    "a word in a huge range": "{% if (1..1000000000) contains 'a' %}x{% endif %}",
    "comparing lists": "{% for i in many %}{% if many == more %}x{% endif %}{% endfor %}",
    "searching lists": "{% for i in many %}{% if many contains 'zz' %}{% endif %}{% endfor %}",
    "searching long words": "{% for i in many %}{% if x contains i %}{% endif %}{% endfor %}",
    "sorting again and again": "{% for i in many %}{% assign m = many | sort %}{% endfor %}",
    "telling apart again and again": "{% for i in many %}{% assign m = many | uniq %}{% endfor %}",
    "dates again and again": "{% for i in many %}{% for j in many %}{{ '2011-12-23T10:00:00' | date: '%A %d %B', 'Europe/Berlin' }}{% endfor %}{% endfor %}",
    "many plain tags": "{{ x }}" * 50_000,
    "many conditions": "{% if x %}a{% endif %}" * 18_000,
    "many cases": "{% case 1 %}" + "{% when 1 %}a" * 30_000 + "{% endcase %}",
    "a tag without end": "{% cycle " + "'a'," * 90_000 + "'b' %}",
    "a path without end": "{{ a" + ".b" * 30_000 + " }}",
    "a number without end": "{{ 1 | plus: " + "9" * 300_000 + " }}",
    "many comments": "{% comment %}" * 3000 + "{% endcomment %}" * 3000,
    "lines of liquid": "{% liquid\n" + "assign a = 1\n" * 20_000 + "%}",
    "a power of ten": "{{ '1e999999999' | ceil }}",
    "digits as money": "{{ digits | money: 'GBP' }}",
    "not not not": "{% if not " + "not " * 900 + "a %}{% endif %}",
    "stripping tags again and again": "{% for i in (1..190) %}{{ bold | strip_html }}{% endfor %}",
    "escaping once again and again": "{% for i in (1..190) %}{{ ands | escape_once }}{% endfor %}",
    "decoding again and again": "{% for i in (1..500) %}{{ codes | url_decode }}{% endfor %}",
    "squishing again and again": "{% for i in (1..2000) %}{{ wide | squish | truncatewords: 2000 }}{% endfor %}",
    "lists in lists": "{{ deep }}",
    "lists in lists as text": "{{ deep | upcase | size }}",
    "lists in lists compared": "{% if deep == deeper %}x{% endif %}",
    "lists in lists joined": "{{ deep | join: ',' }}",
    "lists in lists by turns": "{% cycle deep, deeper %}",
    "long words by turns": "{% for i in (1..4900) %}{% cycle " + ",".join("x" * 900) + " %}{% endfor %}",
    "a long word as a group": "{% for i in (1..4900) %}{% cycle x: 'a' %}{% endfor %}",
    "capturing again and again": "{% for i in (1..2400) %}{% capture c %}{{ x }}{% endcapture %}{% endfor %}",
    "splitting again and again": "{% for i in (1..900) %}{% assign l = parts | split: '' %}{% endfor %}",
    "keys upon keys": ("{{ a" + "[0]" * 1_300 + " }}") * 90,
    "filters upon filters": ("{{ x" + " | upcase | downcase" * 20 + " }}") * 80,
    "open brackets": "{{ " + "(" * 3_900 + " }}",
    "turns without end": "{% tablerow i in (1..900) %}{% tablerow j in (1..900) %}x{% endtablerow %}{% endtablerow %}",
    "growing by encoding": "{% assign s = codes %}{% for i in (1..50) %}{% assign s = s | url_encode %}{% endfor %}",
    "growing by partials": "{% render 'growing', s: 'aaaaaaaaaaaaaaaa' %}",
    "a partial for many": "{% render 'letter' for many as s %}" * 20,
    "decimals without end": "{% assign n = '1e300' | plus: 1 %}{% for i in (1..60) %}{% assign n = n | times: n %}{% endfor %}{{ digits | times: digits }}",
    "printing often": "{% for a in (1..3000) %}{% for b in (1..30) %}{{ x }}{% endfor %}{% endfor %}",
}
PARTIALS: Mapping[str, str] = {
    "self": "{% render 'self' %}",
    "self_included": "{% include 'self_included' %}",
    "twice": "{% include 'twice' %}{% include 'twice' %}",
    "growing": "{% assign t = s | append: s %}{% render 'growing', s: t %}",
    "letter": "{% for i in (1..100) %}{{ s }}{% endfor %}",
}
DATA: Mapping[str, object] = {
    "x": LONG[:40_000],
    "tags": "<script" * 20_000,
    "shelf": [{"title": "<script" * 600 + ">"} for _ in range(20)],
    "many": [f"a{number}" for number in range(900)],
    "more": [f"a{number}" for number in range(900)],
    "digits": "9" * 49_000,
    "bold": "<b>" * 1_600,
    "ands": "&a" * 10_000,
    "codes": "%41" * 9_000,
    "wide": "a " * 2_400,
    "parts": "k" * 990,
}
"""What all templates see."""


def _doubled(times: int) -> object:
    """A list of two lists of two lists, and so on."""
    value: object = ["a"]
    for _ in range(times):
        value = [value, value]
    return value


_DEEP: Mapping[str, object] = {"deep": _doubled(24), "deeper": _doubled(24)}


def seen_by(name: str) -> Mapping[str, object]:
    """What a bomb sees: lists in lists, of sixteen million entries, only where it asks for them."""
    return {**DATA, **_DEEP} if "deep" in BOMBS[name] else DATA
