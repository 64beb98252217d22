"""Tags of other tools' template languages, found in a text and told apart from our own Liquid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MASK = "\ue000"
"""Stands, as often as the tag is long, where something will be filled in: no word, and no place moves."""
_DIRECTIVES = (
    "if|elseif|foreach|forelse|for|isset|unless|include|component|slot|section|yield|extends|lang|empty|case|switch"
)
_TAGS: tuple[tuple[str, str], ...] = (
    ("Mailchimp", r"\*\|[^|*<>\n]{1,80}\|\*"),
    ("AMPscript", r"%%=.{1,400}?=%%|%%\[.{1,4000}?\]%%"),
    ("Salesforce", r"%%[A-Za-z_][^%<>\n]{0,60}%%"),
    ("SendGrid", r"<%\s*asm_\w{1,60}\s*%>|\[(?:weblink|sender_(?:name|address|city|state|zip))\]"),
    ("EJS or ERB", r"<%.{0,4000}?%>"),
    ("Handlebars", r"\{\{!--.{0,2000}?--\}\}"),
    ("Blade", r"\{\{--.{0,2000}?--\}\}|\{!!.{1,200}?!!\}|@php\b.{0,2000}?@endphp\b"),
    ("Blade", r"\{\{\s*(?:\$\w+\s*(?:->|\[|\?|\()|(?:config|route|__|e)\()[^{}]{0,200}\}\}"),
    ("Blade", r"(?<![\w@])@(?:end(?:if|foreach|forelse|for|isset|unless|component|slot|section)|else)\b"),
    ("Blade", rf"(?<![\w@])@(?:{_DIRECTIVES})\s?\((?:[^()\n]|\([^()\n]{{0,100}}\)){{1,200}}\)"),
    ("Go", r"\{\{-?\s*(?:[.$][\w.]*|(?:if|range|with|template|define|block|printf|index)\s[^{}]{1,120}?|end)\s*-?\}\}"),
    ("Jinja or Twig", r"\{#[^{}\n]{0,300}#\}"),
    ("Ghost", r"%%\{[^{}\n]{1,80}\}%%"),
    ("Mautic", r"(?<!\{)\{(?:(?:contact|lead|owner)field|form|assetlink|pagelink|dynamiccontent)=[^{}\n]{1,80}\}"),
    ("Mautic", r"(?<!\{)\{(?:unsubscribe|resubscribe|webview|dnc|tracking|preferencecenter)_(?:text|url|link|pixel)\}"),
    ("Handlebars", r"\{\{\{.{1,200}?\}\}\}|\{\{\s*[#^/>!&]-?\s*.{0,200}?\}\}|\{\{\s*else\b[^}]{0,80}\}\}"),
    ("Mailjet", r"\{\{\s*(?:var|data|mj):.{1,120}?\}\}"),
    ("a script", r"\$\{[^{}<>\n]{1,80}\}|#\{[^{}<>\n]{1,80}\}"),
    ("Mailjet", r"\[\[[A-Za-z][^\[\]<>\n]{0,60}\]\]"),
    ("Mailgun", r"%(?:recipient|unsubscribe|mailing_list|tag)[A-Za-z_.]{0,40}%"),
    ("capitals between per cent signs", r"%[A-Z][A-Z0-9_]{2,40}%"),
    ("another sender", r"\[(?:[a-z_]+_(?:link|url)|unsubscribe|firstname|lastname|email|webversion)\]"),
    ("Smarty", r"\{\$[A-Za-z_][^{}\n]{0,60}\}"),
    ("words between braces", r"(?<![{$#\w])\{(?:[a-z]+(?:_[a-z0-9]+)+|first|last|name|email|company)\}(?!\})"),
    ("ESP tags", r"</?(?:unsubscribe|webversion|currentyear|singleline|multiline|repeater|layout)\b[^<>]*>"),
)  # fmt: skip
_ONE = re.compile(
    "|".join(f"(?P<t{number}>{pattern})" for number, (_, pattern) in enumerate(_TAGS)), re.DOTALL | re.IGNORECASE
)
_LOGIC = re.compile(
    r"<%(?![=-])|\{%|\{#|\{\{--|@(?!lang|yield|include)|\{\{\s*[#^/>!]|\{\{-?\s*(?:else|end|if|range|with|define|block)\b|%%\["
    r"|\*\|(?:IF|ELSE|END|IFNOT|INTERESTED)\b"
)
_CASED = frozenset({"capitals between per cent signs", "words between braces"})
_OTHER_LIQUIDS: Mapping[str, str] = {
    **dict.fromkeys("extends block endblock macro endmacro import from set call endcall".split(), "Jinja or Twig"),
    **dict.fromkeys("trans endtrans blocktrans endblocktrans translate url static with endwith".split(), "Django"),
    **dict.fromkeys("load autoescape endautoescape filter endfilter spaceless endspaceless".split(), "Django"),
    **dict.fromkeys("apply endapply embed verbatim endverbatim".split(), "Twig"),
    **dict.fromkeys("unsubscribe manage_preferences web_view coupon_code currency_format".split(), "Klaviyo"),
    **dict.fromkeys("catalog endcatalog connected_content content_block".split(), "Klaviyo or Braze"),
    **dict.fromkeys("unsubscribe_url view_in_browser_url form section style endstyle".split(), "Customer.io, Shopify"),
    **dict.fromkeys("subscription_management_url layout schema endschema paginate endpaginate".split(), "Shopify"),
}  # fmt: skip
_PRINTING = frozenset(
    "trans translate url static unsubscribe manage_preferences web_view coupon_code currency_format content_block"
    " unsubscribe_url view_in_browser_url subscription_management_url".split()
)
"""Tags between `{% %}` that print where they stand."""
_LIQUIDS = frozenset(
    "if elsif elif else unless case when for empty tablerow capture assign echo cycle increment decrement render"
    " include raw comment doc liquid break continue abort_message ifequal ifchanged".split()
)
"""Tags that decide or keep, in Liquid and in its relatives."""
_LIQUID_TAG = re.compile(r"\{%-?\s*(\w+)[^%]{0,400}?-?%\}")
_CALL = re.compile(r"\{\{[^}'\"]{0,120}\w\([^}]{0,120}\}\}|\{\{[^}]{0,120}(?:~|\?\?|\s(?:if|or|and)\s)[^}]{0,120}\}\}")
_HELPER = re.compile(
    r"\{\{-?\s*[A-Za-z_][\w.-]*\s+(?!(?:if|or|and|is|in|not|else|contains)\b)(?:['\"]|[(@\w])[^{}|]{0,200}\}\}"
)
"""A helper of Handlebars with what it is given; Liquid never writes one word after another."""
_NAMES: Mapping[str, str] = {
    "customer.salutation": "fname firstname lastname lname fullname first last name username recipientname givenname"
    " surname customername firstlast mergefname person greeting salutation forename contactname user",
    "links.unsubscribe": "unsub unsubscribe unsubscribeurl unsubscribelink optout unsuburl rawunsubscribe"
    " unsubcenterurl",
    "links.preferences": "preferences updateprofile managepreferences preferencesurl profilecenterurl subscription",
    "links.shop": "site siteurl shop shopurl website websiteurl url home homepage productlink companyurl storeurl",
    "brand.postal_address": "address listaddress listaddresshtml postaladdress companyaddress senderaddress"
    " physicaladdress memberaddr accountaddress sendercity",
    "brand.name": "company listcompany companyname brand sendername productname membername store shopname appname"
    " sitename project",
    "brand.contact": "support supportemail replyto fromemail fromname sender",
}
_BY_NAME = {word: ours for ours, words in _NAMES.items() for word in words.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A tag of another tool. Stability: internal.

    Attributes:
        start: where it stands.
        text: as written.
        tool: whose it is, as far as it can be told.
        ours: what we would write; empty where there is no good guess.
        prints: whether it prints, though it looks like logic.
    """

    start: int
    text: str
    tool: str
    ours: str
    prints: bool = False

    @property
    def is_logic(self) -> bool:
        """Whether it decides and prints nothing itself.

        >>> [one.is_logic for one in foreign("<% if (a) { %><%= a %>{{#each b}}")]
        [True, False, True]
        """
        return not self.prints and bool(_LOGIC.match(self.text))


def foreign(text: str) -> Iterator[Foreign]:
    """Every tag of another tool, in order.

    >>> [(f.text, f.tool, f.ours) for f in foreign("Hi *|FNAME|*, %%first_name%%")]
    [('*|FNAME|*', 'Mailchimp', 'customer.salutation'), ('%%first_name%%', 'Salesforce', 'customer.salutation')]
    """
    for match in _ONE.finditer(text):
        tool, pattern = _TAGS[int((match.lastgroup or "t0")[1:])]
        if tool in _CASED and not re.fullmatch(pattern, match[0], re.DOTALL):
            continue
        if (
            match[0].startswith("{{")
            and tool not in {"Go", "Blade"}
            and re.fullmatch(r"\{\{-?\s*else\w*\s*-?\}\}", match[0]) is None
        ):
            inner = match[0][2:-2].strip()
            if not inner or (inner[0] not in "{#^/>!&" and ":" not in inner.split()[0]):
                continue
        prints = tool == "SendGrid"
        yield Foreign(start=match.start(), text=match[0], tool=tool, ours=ours_for(match[0]), prints=prints)


def other_liquid(text: str) -> Iterator[Foreign]:
    """Tags between `{% %}`, and calls between `{{ }}`, that are other languages' or other platforms'.

    >>> [f.tool for f in other_liquid("{% extends 'base.html' %}{% if a %}{% endif %}")]
    ['Jinja or Twig']
    >>> [(f.text, f.is_logic) for f in other_liquid("{% trans 'Hi' %}{{ t 'Hi' }}")]
    [("{% trans 'Hi' %}", False), ("{{ t 'Hi' }}", False)]
    """
    tags = [*_LIQUID_TAG.finditer(text)]
    others = [_OTHER_LIQUIDS[match[1]] for match in tags if match[1] in _OTHER_LIQUIDS]
    for match in tags:
        name, tool = match[1], _OTHER_LIQUIDS.get(match[1], "")
        is_own = not tool and bool(others) and name not in _LIQUIDS and not name.startswith("end")
        if tool or is_own:
            prints = is_own or name in _PRINTING
            yield Foreign(
                start=match.start(), text=match[0], tool=tool or others[0], ours=ours_for(name), prints=prints
            )
    for pattern, tool in ((_CALL, "Jinja or Twig"), (_HELPER, "Handlebars")):
        for match in pattern.finditer(text):
            yield Foreign(start=match.start(), text=match[0], tool=tool, ours=ours_for(match[0]))


def ours_for(tag: str) -> str:
    """What we would write in place of another tool's tag; empty where there is no good guess.

    >>> ours_for("{{ subscriber.first_name }}"), ours_for("[[UNSUB_LINK_EN]]"), ours_for("{{ colour }}")
    ('customer.salutation', 'links.unsubscribe', '')
    """
    words = re.findall(r"[A-Za-z]+", tag)
    for joined in ("".join(words[-2:]).lower(), "".join(words).lower(), *(word.lower() for word in reversed(words))):
        if joined in _BY_NAME:
            return _BY_NAME[joined]
    folded = "".join(words).lower()
    return "links.unsubscribe" if "unsub" in folded or "optout" in folded else ""


def masked(text: str, tags: Iterator[Foreign]) -> str:
    """A text with these tags masked, every place kept.

    >>> len(masked("Hi *|FNAME|*", foreign("Hi *|FNAME|*")))
    12
    """
    for tag in list(tags):
        end = tag.start + len(tag.text)
        shown = re.sub(r"[^\n]", " ", tag.text) if tag.is_logic else mask(tag.text)
        text = text[: tag.start] + shown + text[end:]
    return text


def mask(tag: str) -> str:
    """A tag's mask: as long as it is, line ends kept."""
    return re.sub(r"[^\n]", MASK, tag)
