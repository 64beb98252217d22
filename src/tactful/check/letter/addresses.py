"""Where the letter's links lead and its pictures come from: somewhere, safely, and as their words say."""

from __future__ import annotations

import re
import unicodedata

from tactful.check import patterns
from tactful.check.addresses import LOOKALIKES, host_of, parts_of
from tactful.check.letter.accessible import is_beacon
from tactful.check.letter.page import MASK, Element, readable
from tactful.check.letter.sheet import Sheet

_DRAWN = re.compile(r"<v:(?:roundrect|rect|shape|image)\b[^>]*?\shref=\"([^\"]*)\"")
"""A button that only Outlook draws, and where it leads."""
_OTHER_SCHEMES = ("mailto:", "tel:", "sms:", "facetime:", "whatsapp:", "geo:", "webcal:")
_PLACEHOLDER = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net)|your-?(?:domain|site|website|company|brand|store|shop|link)\.\w+"
    r"|(?:domain|mysite|mydomain|mywebsite|test|website|yourwebsite|somewhere|foo|bar)\.com|placehold\.(?:it|co)"
    r"|placeholder\.(?:com|pics)|lorempixel\.com|placekitten\.com|dummyimage\.com|picsum\.photos|fpoimg\.com)$"
)


def inspect(sheet: Sheet) -> None:
    """Everything about addresses."""
    told: dict[str, int] = {}
    marks = {one.values[name] for one in sheet.page.elements for name in ("id", "name") if one.values.get(name)}
    for one in sheet.page.of("a", "area"):
        if "href" in one.values:
            _link(sheet, one, marks=marks, told=told)
        elif one.text() and not {"id", "name"} & set(one.values):
            sheet.warn(
                "link-empty",
                one.at,
                what=f"{readable(one.text())[:40]!r} is a link without an address",
                fix="give it an href",
            )
    for button in _DRAWN.finditer(sheet.html):
        if not button[1].strip(" #"):
            what = f"the button drawn for Outlook leads nowhere (href={button[1]!r})"
            sheet.error("link-empty", button.start(1), what=what, fix="give it the address of the button beside it")
    plain: list[Element] = []
    for one in sheet.page.of("img"):
        _picture(sheet, one, told=told)
        if not one.look.is_hidden and not is_beacon(one) and not one.values.get("width") and "width" not in one.styles:
            plain.append(one)
    if plain and sheet.is_whole and not sheet.is_rough:
        many = f"{len(plain)} pictures" if len(plain) > 1 else "a picture"
        sheet.note(
            "image-without-width",
            plain[0].at,
            what=f"{many} without a width",
            fix='write width="…": Outlook for Windows reads no width from style sheets',
        )


def _link(sheet: Sheet, link: Element, *, marks: set[str], told: dict[str, int]) -> None:
    url = link.values["href"].strip()
    words = readable(link.text())[:40] or ("a picture" if any(link.pictures()) else "a link without words")
    if not url or url in {"#", "http://", "https://"}:
        sheet.error("link-empty", link.at, what=f"{words!r} leads nowhere (href={url!r})", fix="give it its address")
    elif url.startswith("#"):
        if url[1:] not in marks and MASK not in url and "mj-carousel" not in link.values.get("class", ""):
            sheet.error(
                "link-empty",
                link.at,
                what=f"{words!r} leads to {url}, which is not in the letter",
                fix=f'write id="{url[1:]}" where it should lead',
            )
    elif re.match(r"(?i)\s*(?:javascript|vbscript|data|file|blob):", url):
        sheet.error(
            "link-scheme", link.at, what=f"{words!r} leads to {readable(url)[:40]}", fix="link to an https page"
        )
    elif not url.lower().startswith(_OTHER_SCHEMES):
        _web(sheet, link, url=url, told=told)


def _web(sheet: Sheet, one: Element, *, url: str, told: dict[str, int]) -> None:
    """An address on the web, or one that should be."""
    if url.startswith(MASK):
        return
    if not re.match(r"(?i)[a-z][a-z0-9+.-]*:|//", url):
        is_host = re.match(r"(?i)(?:www\.|[a-z0-9-]+\.(?:com|org|net|io|co|de|fr|uk)\b)", url)
        fix = (
            f"write https://{readable(url)[:60]}" if is_host else "write the whole address, with https:// and the host"
        )
        sheet.error("address-relative", one.at, what=f"{readable(url)[:60]!r} leads nowhere from a letter", fix=fix)
        return
    if url.lower().startswith("http:") or url.startswith("//"):
        _once(sheet, "link-scheme", one=one, told=told, what=f"{readable(url)[:60]} is not https", fix="write https://")
    elif not url.lower().startswith("https:"):
        return  # an app's own scheme
    host = host_of(url)
    if not host and MASK not in url:
        sheet.error("link-empty", one.at, what=f"{readable(url)[:60]!r} has no host", fix="write the whole address")
    if re.search(r"\s", url.strip()):
        sheet.warn(
            "address-broken", one.at, what=f"a blank stands in {readable(url)[:60]!r}", fix="write %20, or take it out"
        )
    parts = parts_of(url)
    if parts is not None and "@" in parts.netloc and MASK not in parts.netloc:
        sheet.error(
            "link-user-info",
            one.at,
            what=f"{readable(url)[:60]} hides its host behind a user's name",
            fix="take the name out",
        )
    _look_alike(sheet, one, host=host)
    if _PLACEHOLDER.search(host):
        _once(
            sheet,
            "address-placeholder",
            one=one,
            told=told,
            what=f"{host} stands for an address yet to come",
            fix="write the real one",
        )
    if one.tag == "a":
        _names_other(sheet, one, host=host)


def _once(sheet: Sheet, rule: str, *, one: Element, told: dict[str, int], what: str, fix: str) -> None:
    """The same rule is told at the first few places only; every further one is like them."""
    told[rule] = told.get(rule, 0) + 1
    if told[rule] <= 3:
        sheet.warn(rule, one.at, what=what, fix=fix)


def _names_other(sheet: Sheet, link: Element, *, host: str) -> None:
    for named in patterns.HOST_IN_WORDS.every(link.text()):
        shown = host_of(named if "//" in named else f"//{named}").lower()
        if host and MASK not in host and not _same_site(shown, host):
            sheet.warn(
                "link-names-other-host",
                link.at,
                what=f"the words say {shown}, the link goes to {host}",
                fix="let the words say what one finds there",
            )
            return


def _same_site(one: str, other: str) -> bool:
    return one.split(".")[-2:] == other.split(".")[-2:]


def _look_alike(sheet: Sheet, one: Element, *, host: str) -> None:
    plain = host.replace(MASK, "")
    if plain.isascii():
        return
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in plain if letter.isalpha()}
    if len(scripts) > 1 or plain.translate(LOOKALIKES).isascii():
        sheet.error(
            "link-look-alike",
            one.at,
            what=f"{plain} mixes letters that look alike",
            fix="write the host in its own letters",
        )


def _picture(sheet: Sheet, picture: Element, *, told: dict[str, int]) -> None:
    url = picture.values.get("src", "").strip()
    if not url:
        sheet.error("image-empty", picture.at, what="a picture has no address", fix="give it a src, or take it out")
    elif url.lower().startswith("data:"):
        _once(
            sheet,
            "image-inside",
            one=picture,
            told=told,
            what="a picture stands in the letter itself (data:)",
            fix="serve it from the web: Gmail and Outlook do not show it, and it counts towards the size",
        )
    elif not url.lower().startswith("cid:"):
        _web(sheet, picture, url=url, told=told)
    if re.search(r"(?i)\.svg(?:$|[?#])", url):
        _once(sheet, "image-kind", one=picture, told=told, what="most mail programs show no SVG", fix="serve a PNG")
