"""MJML that cannot be compiled, as the HTML it comes nearest to: every place stays, and what is certain can be said."""

from __future__ import annotations

import re

from tactful.compose.dialects import mask
from tactful.compose.ways import blank

_TAG = re.compile(r"(</?)(mj-[a-z-]+)")
_AS_HTML = {"mj-button": "a", "mj-navbar-link": "a", "mj-social-element": "a", "mj-image": "img", "mj-style": "style",
            "mj-title": "title", "mj-preview": "title", "mj-raw": "div", "mj-text": "div"}  # fmt: skip
_DEFAULTS = re.compile(r"<(mj-attributes|mj-html-attributes)\b.*?</\1\s*>", re.DOTALL)
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def rough(text: str) -> str:
    """A file's elements by their nearest names in HTML, its Liquid masked or blank; as long as it was.

    >>> rough('<mj-button href="#">Go {{ a }}</mj-button>').replace(chr(0xE000), "_")
    '<a         href="#">Go _______</a        >'
    """
    text = _DEFAULTS.sub(lambda found: blank(found[0]), text)
    shown = _LIQUID.sub(lambda tag: mask(tag[0]) if tag[0].startswith("{{") else blank(tag[0]), text)
    return _TAG.sub(lambda tag: tag[1] + _AS_HTML.get(tag[2], tag[2]).ljust(len(tag[2])), shown)
