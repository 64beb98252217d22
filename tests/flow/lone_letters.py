"""A letter that is fine, and what is found in files that stand alone."""

from __future__ import annotations

from pathlib import Path

from tactful.flow.contents import Checked, check_file
from tactful.words.finding import Severity

GOOD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Spring</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>.a{color:#222} @media (prefers-color-scheme: dark){.a{color:#eee}}</style></head>
<body style="margin:0;background:#ffffff">
<div style="display:none;font-size:1px">What is new this spring</div>
<!--[if mso]><table role="presentation" width="600"><tr><td><![endif]-->
<table role="presentation" width="100%"><tr><td style="font-size:16px">
<h1 class="a">Spring is here</h1>
<p class="a">Hello {{ customer.salutation }}, four things we like, chosen by hand for the lighter evenings.</p>
<!-- HERE -->
<p><a href="https://shop.test/four" style="color:#0b5394">See all four</a>
<img src="https://shop.test/a.png" width="300" alt="Four bowls"></p>
<p style="font-size:12px">The Shop, 1 High Street, London N1 9GU. <a href="{{ links.unsubscribe }}">Unsubscribe</a></p>
</td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</body></html>
"""
LINE = GOOD[: GOOD.index("<!-- HERE")].count("\n") + 1


ICON = "https://shop.test/b.png"


def checked(text: str, folder: Path, *, name: str = "a.html") -> Checked:
    path = folder / name
    path.write_text(text, "utf-8")
    return check_file(path)


def rules(found: Checked, severity: Severity | None = None) -> set[str]:
    return {one.rule for one in found.findings if severity in (None, one.severity)}
