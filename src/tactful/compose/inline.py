"""The one place that knows css-inline: declared styles go onto the elements, nothing is fetched."""

from __future__ import annotations

import re

import css_inline

_STYLE = re.compile(r"<style(?=[\s>])", re.IGNORECASE)
_KEPT = ' data-css-inline="ignore"'


def inline(document: str, *, css: str = "", style_tags: bool = False) -> str:
    """A document with styles put onto its elements, as HTML5 reads it.

    Style elements stay where they are with all their rules: media queries (dark mode, phones) work only there.

    Args:
        document: a whole HTML document.
        css: rules to be put onto elements, as MJML's `mj-style inline="inline"` says; they are not kept elsewhere.
        style_tags: whether rules in the document's own style elements are put onto elements as well.

    >>> inline("<html><head></head><body><p class='a'>x</p></body></html>", css=".a{color:red}")
    '<html><head></head><body><p class="a" style="color: red;">x</p></body></html>'
    """
    guarded = document if style_tags else _STYLE.sub(f"<style{_KEPT}", document)
    inliner = css_inline.CSSInliner(
        inline_style_tags=True,
        keep_style_tags=True,
        keep_link_tags=True,
        keep_at_rules=True,
        load_remote_stylesheets=False,
        extra_css=css or None,
    )
    return inliner.inline(guarded).replace(_KEPT, "")
