"""Cases of the rules about addresses, form, the law's lines, subject and preheader."""

from __future__ import annotations

from check.making import LONG, PHOTO, PHOTO_OK, SHOP, link, words
from check.world import ADDRESS, LEGAL, RANGE, TEXT, World, one
from tactful.words.fact import Speak

CASES: dict[str, tuple[World, World]] = {
    "link-dead": (one(links={"https://shop.example/": "404"}), one(links={"https://shop.example/old": "404"})),
    "link-unchecked": (
        link("https://shop.example/new"),
        link("https://shop.example/new", links={"https://shop.example/new": "ok"}),
    ),
    "link-scheme": (link("http://shop.example/"), link("mailto:ellen@shop.example")),
    "link-host": (link("https://shop.example.evil.example/"), link("https://letters.shop.example/about")),
    "link-user-info": (link("https://shop.example@evil.example/"), link("https://shop.example/@us")),
    "link-look-alike": (link("https://ѕhop.example/"), link("https://shop.example/ѕ")),
    "link-carries-person": (link("https://shop.example/?to=anna@x.example"), link("https://shop.example/?to=home")),
    "link-empty": (link("#"), link("#top")),
    "link-without-words": (
        one(html_swaps=[(SHOP, '<a href="https://shop.example/"> </a>')]),
        one(html_swaps=[(SHOP, f'<a href="https://shop.example/">{PHOTO} alt="The shop"></a>')], **PHOTO_OK),
    ),
    "link-names-other-host": (
        one(html_swaps=[(SHOP, '<a href="https://shop.example/">bank.example</a>')]),
        one(html_swaps=[(SHOP, '<a href="https://shop.example/">shop.example</a>')]),
    ),
    "html-moved": (
        one(html_swaps=[('<table role="presentation"><tr>', '<table role="presentation"><div>x</div><tr>')]),
        one(html_swaps=[("<tr><td>", "<tr><td><div>x</div>")]),
    ),
    "active-content": (words('<b onclick="x()">press</b>'), words("<b>on click</b>")),
    "html-too-large": (
        one(html_swaps=[("<p>«offer.words:words»</p>", f"<p>«offer.words:words»</p><!--{LONG}--><!--{LONG}-->")]),
        one(html_swaps=[("<p>«offer.words:words»</p>", f"<p>«offer.words:words»</p><!--{LONG}-->")]),
    ),
    "html-language": (one(html_swaps=[('lang="en" ', "")]), one(html_swaps=[('lang="en" ', 'lang="en-GB" ')])),
    "html-direction": (one(html_swaps=[(' dir="ltr"', "")]), one(html_swaps=[(' dir="ltr"', ' dir="auto"')])),
    "image-without-alt": (words(f"{PHOTO}>", **PHOTO_OK), words(f'{PHOTO} alt="">', **PHOTO_OK)),
    "only-pictures": (
        one(
            html=f'<html lang="en" dir="ltr"><head><title>x</title></head><body>{PHOTO} alt="x"> Hello</body></html>',
            **PHOTO_OK,
        ),
        words(f'{PHOTO} alt="x">', **PHOTO_OK),
    ),
    "text-part-missing": (one(text=None), one(text=TEXT)),
    "html-empty": (one(html='<html lang="en" dir="ltr"><body><p> </p></body></html>'), one()),
    "heading-order": (words("<h3>More</h3>"), words("<h2>More</h2>")),
    "title-missing": (one(html_swaps=[("<title>A letter</title>", "")]), one()),
    "style-too-large": (
        one(html_swaps=[("p { margin: 0 }", "p { margin: 0 }" * 600)]),
        one(html_swaps=[("p { margin: 0 }", "p { margin: 0 }" * 500)]),
    ),
    "table-without-role": (
        words("<table><tr><td>x</td></tr></table>"),
        words('<table role="none"><tr><td>x</td></tr></table>'),
    ),
    "unsubscribe-missing": (
        one(
            html_swaps=[
                ('<a href="«links.unsubscribe:url»">', '<a style="display:none" href="«links.unsubscribe:url»">')
            ]
        ),
        one(
            html_swaps=[('<a href="«links.unsubscribe:url»">', '<a style="color:gray" href="«links.unsubscribe:url»">')]
        ),
    ),
    "postal-address-missing": (
        one(html_swaps=[(ADDRESS, "Somewhere")]),
        one(html_swaps=[(ADDRESS, "Somewhere")], decision={"purpose": "service", "offer_id": None}),
    ),
    "sender-missing": (
        one(text="«customer.salutation:name» Unsubscribe: «links.unsubscribe:url»"),
        one(),
    ),
    "legal-line-missing": (one(html_swaps=[(LEGAL, "")]), one(html_swaps=[(LEGAL, LEGAL.replace(" ", "\n"))])),
    "why-link-missing": (one(html_swaps=[('<a href="«links.why:url»">Why this?</a>', "")]), one()),
    "preferences-link-missing": (one(html_swaps=[('<a href="«links.preferences:url»">How often</a>', "")]), one()),
    "sender-address": (
        one(brand={"from_address": "letters at shop"}),
        one(brand={"from_address": "no-reply@shop.example"}),
    ),
    "subject-empty": (one(subject=" "), one(subject="x")),
    "subject-too-long": (one(subject="a" * 61), one(subject="a" * 60)),
    "subject-shows-items": (one(subject="The Regency cake stand, 3 tier"), one(subject="The cake stands")),
    "subject-shows-facts": (
        one(
            subject=f"From our {RANGE} range",
            facts={"favourite_range": {"speak": Speak.EXACT}},
            decision={"level": "one"},
        ),
        one(subject=f"From our {RANGE} range"),
    ),
    "subject-capitals": (one(subject="FROM OUR RANGES"), one(subject="From our UK ranges")),
    "subject-false-reply": (one(subject="Re: your order"), one(subject="Report: our ranges")),
    "preheader-repeats-subject": (one(preheader="From our ranges."), one(preheader="One thing from our ranges")),
    "preheader-empty": (one(preheader=None), one(preheader="x")),
    "subject-slot-too-long": (
        one(subject="From «items[0].note:words»", values={"items[0].note": "x" * 61}),
        one(subject="From «items[0].note:words»", values={"items[0].note": "x" * 60}),
    ),
}
