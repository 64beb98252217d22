"""What the letter says: filled in, written for us, with the law's lines, a subject, and a text part."""

from __future__ import annotations

import re
from pathlib import PurePath

from tactful.check import patterns
from tactful.check.letter.page import MASK, readable
from tactful.check.letter.phrases import BROWSER, HOUSE, POST, SERVICE, STREET, UNSUBSCRIBE, UNSUBSCRIBE_LINK
from tactful.check.letter.sheet import Sheet
from tactful.check.project import LEAVES, ROOTS
from tactful.words.finding import Place

_CLEAR = re.compile(r"(?i)^\s*(?:re|fw|fwd|aw|wg)\s*:")
_BRACKETED = re.compile(
    r"\[{1,2}[A-Z]{3,}(?:_[A-Z]+)+\]{1,2}"
    r"|\[(?i:company|your|insert|customer|client|product|sender|recipient)[ _][\w ]{1,30}\]"
)
"""Words between brackets that stand for others."""
_FILLING = re.compile(
    r"(?i)this is preheader text|text will appear in (?:the |your )?inbox"
    r"|your (?:\w+ ){1,3}goes here\b|insert (?:\w+ ){1,3}here\b"
    r"|dolor sit amet|consectetur adipiscing|praesent laoreet|maecenas sed ante|aenean commodo"
)
"""Words that templates hold until they get their own."""
MOST_SUBJECT = 70
MOST_OF_A_TOOL = 8


def inspect(sheet: Sheet) -> None:
    """Everything about words."""
    _foreign(sheet)
    _variables(sheet)
    _unfilled(sheet)
    _text(sheet)
    if sheet.is_whole:
        _short_parts(sheet)
        _legal(sheet)


def inspect_rough(sheet: Sheet) -> None:
    """What can be said of words that stand in a letter that could not be compiled."""
    _foreign(sheet)
    _unfilled(sheet)


def _foreign(sheet: Sheet) -> None:
    """Tags of other tools: their values each, their logic once."""
    told: dict[str, set[str]] = {}
    for tag in sheet.foreign:
        shown, known = " ".join(tag.text.split())[:60], told.setdefault(tag.tool, set())
        key = "its logic" if tag.is_logic else shown
        if key in known or len(known) >= MOST_OF_A_TOOL:
            continue
        known.add(key)
        what = f"{shown!r} is written for {tag.tool}" + (": nothing here runs its logic" if tag.is_logic else "")
        fix = f"here it is {{{{ {tag.ours} }}}}" if tag.ours and not tag.is_logic else "write it in Liquid"
        sheet.warn("tag-of-another-tool", tag.place, what=what, fix=fix)


def _variables(sheet: Sheet) -> None:
    """What its Liquid reads, and no template of ours is given."""
    told: set[str] = set()
    is_partial = "_partials" in PurePath(sheet.path).parts  # it reads what it is given by whoever includes it
    for spoken in sheet.spoken if not is_partial else ():
        leaf = spoken.path.split(".")[1].split("[")[0] if "." in spoken.path else ""
        known = spoken.root in ROOTS and (spoken.root not in LEAVES or not leaf or leaf in LEAVES[spoken.root])
        if known or spoken.path in told:
            continue
        told.add(spoken.path)
        ours = sheet.ours(spoken.path)
        fact = "" if spoken.root in ROOTS else f"a declared fact is read as facts.{spoken.root}"
        fix = f"did you mean {ours}?" if ours else fact or f"{spoken.root} has {', '.join(sorted(LEAVES[spoken.root]))}"
        where = Place(file=sheet.path, line=spoken.line, column=spoken.column)
        sheet.warn("variable-unknown", where, what=f"no template is given {spoken.path!r}", fix=fix)


def _unfilled(sheet: Sheet) -> None:
    told: set[str] = set()
    for one in sheet.page.elements:
        if one.tag in {"style", "script"}:
            continue
        alt = one.values.get("alt", "") if one.tag == "img" else ""
        for words in (" ".join("".join(one.words).split()), alt):
            seen = words.replace(MASK, " ")
            found = patterns.RESIDUE.first(seen) or _left(seen)
            if found and found.lower() not in told:
                told.add(found.lower())
                what = (
                    f"{found!r} is left from writing"
                    if found.isalpha() or " " in found
                    else f"{found!r} was not filled in"
                )
                sheet.error("placeholder-residue", one.at, what=what, fix="write what belongs there")
            broken = patterns.CONTROL.first(words.replace(MASK, " "))
            if broken and broken not in told:
                told.add(broken)
                sheet.error(
                    "damaged-text",
                    one.at,
                    what=f"{broken!r} is text read in a wrong encoding",
                    fix="save the file as UTF-8",
                )


def _left(words: str) -> str:
    found = _BRACKETED.search(words) or _FILLING.search(words)
    return found[0] if found else ""


def _text(sheet: Sheet) -> None:
    """What is left of it as plain text."""
    if sheet.kind == "eml":
        if not sheet.text.strip():
            sheet.error(
                "text-part-missing",
                None,
                what="the mail has no text part",
                fix="send the words as text/plain beside the HTML",
            )
        return
    if sheet.html.strip() and not sheet.page.words.strip() and sheet.is_whole and not sheet.page.of("img"):
        sheet.error("html-empty", None, what="nothing can be read in it", fix="write some words")
    elif sheet.page.words.strip() and not sheet.text.strip():
        sheet.error(
            "text-part-missing",
            None,
            what="no text part can be made of it",
            fix="write one under `text:` in the front matter",
        )


def _short_parts(sheet: Sheet) -> None:
    subject = sheet.subject
    if subject is not None:
        seen = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", subject)
        letters = [letter for letter in seen if letter.isalpha()]
        if not subject.strip():
            sheet.error("subject-empty", None, what="the subject is empty", fix="write one")
        elif _CLEAR.match(subject):
            sheet.error(
                "subject-false-reply", None, what=f"{subject[:40]!r} pretends to be an answer", fix="take the mark out"
            )
        elif len(letters) >= 8 and sum(map(str.isupper, letters)) > 0.7 * len(letters):
            sheet.warn(
                "subject-capitals", None, what=f"{subject[:40]!r} is all capitals", fix="write it in small letters"
            )
        elif len(seen) > MOST_SUBJECT:
            sheet.warn(
                "subject-too-long",
                None,
                what=f"the subject has {len(seen)} characters; telephones show about 40",
                fix="say the first thing first, and shorten it",
            )
        if left := patterns.RESIDUE.first(seen):
            sheet.error(
                "placeholder-residue",
                None,
                what=f"{left!r} in the subject was not filled in",
                fix="write what belongs there",
            )
    if sheet.preheader:
        return
    hidden = [
        one
        for one in sheet.page.elements
        if one.look.is_hidden and one.tag not in {"title", "head", "style"} and "".join(one.words).strip()
    ]
    first = readable(sheet.page.words)[:90]
    if not hidden and BROWSER.match(first):
        sheet.note(
            "preheader-missing",
            None,
            what=f"the inbox shows {first[:50]!r} beside the subject",
            fix="begin with a hidden line that says what the letter is about",
        )
    elif not hidden and sheet.kind == "mjml" and sheet.preheader is None:
        sheet.note(
            "preheader-missing",
            None,
            what=f"the inbox shows {first[:40]!r} beside the subject",
            fix="write <mj-preview>",
        )


def _legal(sheet: Sheet) -> None:
    """The law's lines; only what is sent says whether they are needed, so a file alone is warned and not refused."""
    words = f"{sheet.page.words} {' '.join(one.values.get('alt', '') for one in sheet.page.of('img'))}"
    links = " ".join(one.values.get("href", "") for one in sheet.page.of("a"))
    read = {spoken.path for spoken in sheet.spoken if spoken.printed} | {tag.ours for tag in sheet.foreign}
    tags = " ".join(tag.text for tag in sheet.foreign) + " ".join(read)
    is_service = bool(SERVICE.search(f"{sheet.subject or ''} {sheet.page.title} {words}"))
    say = sheet.note if is_service else sheet.warn
    unless = "; it reads like service mail, which needs none" if is_service else ""
    if not (UNSUBSCRIBE.search(words) or UNSUBSCRIBE_LINK.search(links) or UNSUBSCRIBE_LINK.search(tags)):
        say(
            "unsubscribe-missing",
            None,
            what=f"no way to unsubscribe is to be seen{unless}",
            fix="marketing mail needs one: link to {{ links.unsubscribe }}",
        )
    has_post = (
        (POST.search(words) and STREET.search(words))
        or HOUSE.search(words)
        or re.search(r"address", tags, re.IGNORECASE)
    )
    if not has_post:
        say(
            "postal-address-missing",
            None,
            what=f"no postal address is to be seen{unless}",
            fix="marketing mail needs one: print {{ brand.postal_address }}",
        )
    if sheet.headers is not None and "list-unsubscribe" not in sheet.headers:
        say(
            "list-unsubscribe-missing",
            None,
            what=f"the mail has no List-Unsubscribe header{unless}",
            fix="large providers ask for it: add it with List-Unsubscribe-Post",
        )
