"""Does the letter arrive as it was made: elements, Outlook's comments, styles, size, dark mode, nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tactful.check import tree
from tactful.check.letter.accessible import is_font
from tactful.check.letter.page import VOID
from tactful.check.letter.sheet import Sheet

MOST_BYTES = 102 * 1024
"""Beyond this the largest mailbox provider clips a letter."""
NEARLY = 0.9
MOST_STYLE = 16 * 1024
"""Characters of style beyond which the largest mailbox provider drops all of it."""
_OPTIONAL = frozenset("p li td th tr dt dd option thead tbody tfoot html head body colgroup".split())
_TABLE_PARTS = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:tr|td|th|tbody|thead)\b", re.DOTALL | re.IGNORECASE)
_IF = re.compile(
    r"<!--\[if\s([^\]]*)\](?:>\s*(<!--\s*-->|<!-->|-->)?|-->)|<!(?:--)?\s*<!\[endif\]-->|<!\[endif\]-->", re.IGNORECASE
)
_SHOWN = re.compile(r"<!--\[if[^\]]*\](?:>\s*(?:<!(?:--\s*)?)?)?-->")
"""The opening of what all others but Outlook read, in the forms in use: `<!-->`, `<!-- -->` and `-->` end it."""
_UNLOVED = {
    "display": ("flex", "inline-flex", "grid", "inline-grid"),
    "position": ("absolute", "fixed", "sticky"),
}
_TOOLS = {
    **dict.fromkeys("container row columns callout spacer wrapper block-grid h-line".split(), "Inky"),
    **dict.fromkeys("heml subject preheader".split(), "HEML"),
    "mjml": "MJML",
    "x-main": "Maizzle",
}


def inspect(sheet: Sheet) -> None:
    """Everything about form."""
    comments_closed = _comments(sheet)
    if comments_closed:
        _elements(sheet)
    _quotes(sheet)
    _active(sheet)
    _sources(sheet)
    _styles(sheet)
    _size(sheet)
    if sheet.is_whole:
        _document(sheet)
        _dark(sheet)


def _elements(sheet: Sheet) -> None:
    """What is never closed swallows what follows; what stands where it may not is shown elsewhere."""
    told: set[str] = set()
    is_part = bool(_TABLE_PARTS.match(sheet.html))
    for way in sheet.ways:
        found = next(unclosed(way), None)
        if found is None and not is_part:
            moved = "" if unclosed_any(way) else tree.moved(way)
            is_part |= not sheet.is_whole and bool(re.match(r"<(?:tr|td|th|tbody|thead|tfoot)>", moved))
            if moved and moved not in told and not is_part:
                told.add(moved)
                sheet.warn(
                    "html-moved", _first(sheet, moved), what=moved, fix="put it inside a cell, or where it may stand"
                )
        elif found is not None and found[0] not in told:
            told.add(found[0])
            what, at = found
            say = sheet.error if "never" in what else sheet.warn
            say("html-moved", at, what=what, fix="close it where it ends" if "never" in what else "take it out")
    for way in sheet.ways[:1]:
        inner = next(unclosed(for_outlook(way)), None)
        if inner and "never" in inner[0] and not told and not is_part:
            sheet.warn(
                "outlook-table-open",
                inner[1],
                what=f"in Outlook, {inner[0]}",
                fix="close in one conditional comment what another opens",
            )


def unclosed_any(html: str) -> bool:
    """Whether any element is not closed as it was opened."""
    return next(unclosed(html), None) is not None


def _first(sheet: Sheet, what: str) -> int | None:
    named = re.match(r"<(\w[\w:-]*)>(?: in <(\w+)>)?", what)
    if not named:
        return None
    loose = rf"(?:<(?:table|tbody|tr)\b[^>]*>|</(?:td|th|tr|tbody)\s*>)\s*(<{named[1]}\b)"
    found = re.search(loose, sheet.html) or re.search(rf"(<{named[1]}\b)", sheet.html)
    return found.start(1) if found else None


class _Nesting(HTMLParser):
    """Elements that are not closed as they were opened. Stability: internal."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[tuple[str, tuple[int, int]]] = []
        self.found: list[tuple[str, tuple[int, int]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in VOID and tag not in _OPTIONAL:
            self.open.append((tag, self.getpos()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<div/>` is an opening tag to a browser; elements of other languages close themselves."""
        if ":" not in tag and tag in {"div", "span", "a", "table", "p", "center", "font"}:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in _OPTIONAL:
            return
        if all(name != tag for name, _ in self.open):
            self.found.append((f"</{tag}> closes nothing", self.getpos()))
            return
        while (inner := self.open.pop())[0] != tag:
            self.found.append((f"<{inner[0]}> is never closed", inner[1]))


def unclosed(html: str) -> Iterator[tuple[str, int]]:
    """What is not closed as it was opened, and where; the worst first.

    >>> list(unclosed("<div><b>a</div>")), list(unclosed("a</i>")), list(unclosed("<p>a<br>b"))
    ([('<b> is never closed', 5)], [('</i> closes nothing', 1)], [])
    """
    reader = _Nesting()
    reader.feed(html)
    reader.close()
    found = reader.found + [(f"<{tag}> is never closed", at) for tag, at in reader.open]
    starts = [0]
    for line in html.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for what, (line_number, column) in sorted(found, key=lambda one: ("never" not in one[0], one[1])):
        yield what, starts[line_number - 1] + column


def for_outlook(html: str) -> str:
    """A letter as Outlook for Windows reads it, every place kept: its conditional comments open, the others' blank.

    >>> for_outlook("<!--[if mso]><td><![endif]-->").split()
    ['<td>']
    """
    out: list[str] = []
    here, keeps = 0, True
    for found in _IF.finditer(html):
        words = html[here : found.start()]
        out += [words if keeps else re.sub(r"[^\n]", " ", words), " " * len(found[0])]
        keeps = found[1] is None or "!mso" not in found[1].replace(" ", "")
        here = found.end()
    return "".join([*out, html[here:]])


def _comments(sheet: Sheet) -> bool:
    """Every comment ends, and Outlook's end as Outlook needs; False where the rest cannot be read for it."""
    html, here = sheet.html, 0
    while (start := html.find("<!--", here)) >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            sheet.error(
                "comment-open",
                start,
                what="a comment is never closed, and hides all that follows",
                fix="write --> where it ends",
            )
            return False
        words = html[start : end + 3]
        is_shown = bool(_SHOWN.fullmatch(words)) or words.startswith("<!--<![endif]")
        if words.startswith("<!--[if") and not is_shown and not words.endswith("<![endif]-->"):
            what = "Outlook's comment does not end in <![endif]-->"
            inner = words.count("<!--") > 1
            sheet.error(
                "outlook-comment-open",
                start,
                what=what,
                fix="take the other comment out of it" if inner else "write <![endif]--> where it ends",
            )
        elif not words.startswith("<!--[if") and "<!--" in words[4:]:
            what = "a comment is not closed before the next, and hides what lies between"
            sheet.error("comment-open", start, what=what, fix="write --> where it ends")
        here = end + 3
    shown = len(_SHOWN.findall(html))
    ended = len(re.findall(r"<!--\s*<!\[endif\]-->", html))
    if shown != ended:
        sheet.warn(
            "outlook-comment-open",
            None,
            what=f"{shown} conditional comments open for others than Outlook, and {ended} end",
            fix="end each in <!--<![endif]-->",
        )
    return True


def _quotes(sheet: Sheet) -> None:
    """A quotation mark inside an attribute ends it early, and what follows is lost."""
    for one in sheet.page.elements:
        if broken := next((name for name in one.values if '"' in name or "'" in name or "<" in name), ""):
            what = f"a quotation mark ends an attribute of <{one.tag}> early: {broken[:30]!r} is read as another"
            sheet.error("attribute-broken", one.at, what=what, fix="write the other kind of quotation mark inside")
            return


def _active(sheet: Sheet) -> None:
    for one in sheet.page.elements:
        if one.tag == "script" and "json" in one.values.get("type", ""):
            continue
        if one.tag in {"script", "iframe", "object", "embed", "applet", "frame"}:
            sheet.error(
                "active-content",
                one.at,
                what=f"<{one.tag}> may not stand in a letter; mail programs drop it",
                fix="take it out",
            )
        elif one.tag in {"form", "video", "audio"} and not one.look.is_hidden:
            sheet.warn(
                "active-content",
                one.at,
                what=f"most mail programs show no <{one.tag}>",
                fix="link to a page that has it",
            )
        for name in one.values:
            if re.fullmatch(r"on[a-z]{3,}", name):
                sheet.error("active-content", one.at, what=f"{name}= may not stand in a letter", fix="take it out")


def _sources(sheet: Sheet) -> None:
    """A letter in the elements of a tool that makes letters, which no mail program knows."""
    for one in sheet.page.elements:
        family = "MJML" if one.tag.startswith("mj-") else "Blade" if one.tag.startswith(("x-mail", "x-slot")) else ""
        if tool := _TOOLS.get(one.tag, family):
            sheet.warn(
                "element-of-another-tool",
                one.at,
                what=f"<{one.tag}> is {tool}'s and no element of HTML",
                fix=f"compile the file with {tool}, and check what it makes",
            )
            return


def _styles(sheet: Sheet) -> None:
    for one in sheet.page.of("link"):
        if "stylesheet" in one.values.get("rel", "").lower() and not is_font(one):
            sheet.warn(
                "style-linked",
                one.at,
                what=f"mail programs do not fetch {one.values.get('href', '')[:60]!r}",
                fix="put the styles onto the elements, and media queries in a <style>",
            )
    total = sum(len(words) for words, _ in sheet.page.sheets)
    if total > MOST_STYLE:
        sheet.warn(
            "style-too-large",
            sheet.page.sheets[0][1],
            what=f"style sheets of {total:,} characters; Gmail drops all of them above {MOST_STYLE:,}",
            fix="shorten them: what stands on elements is not needed twice",
        )
    told: set[str] = set()
    for one in sheet.page.elements:
        for name, unloved in _UNLOVED.items():
            value = one.styles.get(name, "")
            if value in unloved and value not in told and not one.look.is_hidden:
                told.add(value)
                sheet.warn(
                    "style-unsupported",
                    one.at,
                    what=f"Outlook for Windows, and others, know no {name}: {value}",
                    fix="build it of tables",
                )


def _size(sheet: Sheet) -> None:
    size = sheet.size
    kilo = f"{size / 1024:.0f} KB"
    if size > MOST_BYTES:
        sheet.error(
            "html-too-large",
            None,
            what=f"the HTML is {kilo}; Gmail clips it above 102 KB, and its end with it",
            fix="show less, shorten the styles, or take out blanks",
        )
    elif size > NEARLY * MOST_BYTES:
        sheet.warn(
            "html-nearly-too-large",
            None,
            what=f"the HTML is {kilo} of the 102 KB above which Gmail clips it",
            fix="leave room: what is filled in adds to it",
        )


def _document(sheet: Sheet) -> None:
    page = sheet.page
    if not page.title and sheet.kind != "eml":
        sheet.note(
            "title-missing",
            None,
            what="the letter has no title",
            fix="write <mj-title>" if sheet.kind == "mjml" else "write <title> in the head",
        )
    if sheet.kind == "mjml":
        return
    if not page.has_doctype:
        sheet.warn(
            "doctype-missing",
            0,
            what="there is no doctype, so each program guesses at the rules",
            fix="begin with <!doctype html>",
        )
    metas = [{name: value.lower() for name, value in one.values.items()} for one in page.of("meta")]
    if not any("charset" in one or "charset" in one.get("content", "") for one in metas) and sheet.headers is None:
        sheet.warn(
            "charset-missing",
            None,
            what="the letter does not say its character set",
            fix='write <meta charset="utf-8"> in the head',
        )
    if not any(one.get("name") == "viewport" for one in metas):
        sheet.warn(
            "viewport-missing",
            None,
            what="telephones show the letter as a small desktop page",
            fix='write <meta name="viewport" content="width=device-width, initial-scale=1">',
        )


def _dark(sheet: Sheet) -> None:
    styles = "\n".join(words for words, _ in sheet.page.sheets)
    queries = "prefers-color-scheme" in styles or "data-ogs" in styles
    names = {one.values.get("name", "").lower() for one in sheet.page.of("meta")}
    says = bool(names & {"color-scheme", "supported-color-schemes"}) or bool(
        re.search(r"(?<!prefers-)color-scheme\s*:", styles)
    )
    if queries and not says:
        sheet.warn(
            "dark-mode",
            None,
            what="there are colours for the dark, and no meta says so",
            fix='write <meta name="color-scheme" content="light dark"> in the head',
        )
    elif not queries and not says:
        sheet.note(
            "dark-mode",
            None,
            what="nothing is said about dark mode, so programs invert colours themselves",
            fix='write <meta name="color-scheme" content="light dark">, and a query for the dark',
        )
