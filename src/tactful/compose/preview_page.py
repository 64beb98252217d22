"""A content as its readers see it, on one page that opens without a server: widths, light and dark, every branch."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from tactful.compose.branches import Branch
from tactful.compose.preview_style import STYLE
from tactful.words.message import Part

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; frame-src 'self' about:; base-uri 'none'"
MOST_BYTES = 102 * 1024
WIDTHS = {"phone": 375, "tablet": 768, "desktop": 1280}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One reader of a content, and the letter they get. Stability: caller.

    Attributes:
        says: who they are: a customer of a run, or how an invented one differs.
        parts: the letter's words; empty where they get none.
        why_none: why they get none.
        taken: numbers of the branches taken.
        messages: how many messages of the run are like this one.
        note: what to say of them where that is nothing; empty for an invented reader.
        pictures: by width, a JPEG.
    """

    says: str
    parts: dict[Part, str]
    why_none: str = ""
    taken: frozenset[int] = frozenset()
    messages: int = 0
    note: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The letter, or the fragment for the web."""
        return self.parts.get(Part.HTML) or self.parts.get(Part.PAYLOAD) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that the page shows. Stability: caller.

    Attributes:
        readers: the first is shown large, the others by branch.
        widths: which of `WIDTHS` are shown.
        notes: what should be known, such as that no pictures could be taken.
    """

    content: str
    path: str
    language: str
    used: str
    sender: str
    readers: tuple[Reader, ...]
    branches: tuple[Branch, ...]
    widths: tuple[str, ...]
    notes: tuple[str, ...] = ()


def draw(shown: Shown) -> str:
    """The page. Letters stand in frames that may do nothing; nothing runs.

    Args:
        shown: what to draw.
    """
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{_e(shown.content)}: preview</title><style>{STYLE}</style>"
    )
    body = "".join((_header(shown), "<main>", _letter(shown), _branches(shown), _gallery(shown), "</main>"))
    return f'<!doctype html>\n<html lang="en" dir="ltr"><head>{head}</head><body>{body}</body></html>\n'


def _e(text: str) -> str:
    return escape(text.encode("utf-8", "replace").decode("utf-8"), quote=True)


def _list(lines: Iterable[str]) -> str:
    return "".join(f"<li>{_e(line)}</li>" for line in lines)


def _header(shown: Shown) -> str:
    first = shown.readers[0]
    notes = f'<ul class="notes">{_list(shown.notes)}</ul>' if shown.notes else ""
    return (
        f'<header><div class="eyebrow">{_e(shown.path)} · {_e(shown.language)} · {_e(shown.used)}</div>'
        f"<h1>{_e(shown.content)}</h1><p class=lede>As {_e(first.says)} reads it.</p>{notes}</header>"
    )


def _letter(shown: Shown) -> str:
    """The first reader's letter: its line in the inbox, then at every width, light or dark, or as text."""
    first = shown.readers[0]
    if not first.parts:
        return f'<section class="none-made"><p>They get no letter: {_e(first.why_none)}.</p></section>'
    frames = "".join(_frame(first.body, name=name) for name in shown.widths)
    text = first.parts.get(Part.TEXT, "")
    plain = f'<pre class="plain" tabindex="0">{_e(text)}</pre>' if text else ""
    choices = _choice("light", "Colours", "light", "dark")
    choices += _choice("as", "Shown as", "letter", "text") if text else ""
    return (
        f'<section id="letter"><h2 class="sr">The letter</h2>{_inbox(shown, first)}'
        f'<div class="choices">{choices}</div><div class="frames n{len(shown.widths)}">{frames}</div>{plain}'
        f'<p class="size">{_size(first)}</p></section>'
    )


def _size(reader: Reader) -> str:
    size = len(reader.body.encode("utf-8", "replace"))
    share = size / MOST_BYTES
    return f"{size / 1024:.1f} KB of HTML, {share:.0%} of the 102 KB above which Gmail clips a letter."


def _inbox(shown: Shown, reader: Reader) -> str:
    subject = reader.parts.get(Part.SUBJECT, "")
    if not subject:
        return ""
    preheader = reader.parts.get(Part.PREHEADER, "")
    sign = _e(shown.sender[:1].upper())
    return (
        f'<div class="inbox" lang="{_e(shown.language)}"><span class="sign" aria-hidden="true">{sign}</span>'
        f'<span class="who">{_e(shown.sender)}</span><span class="line"><b>{_e(subject)}</b>'
        f'<span class="pre">{_e(preheader)}</span></span><span class="when">08:30</span></div>'
    )


def _frame(html: str, *, name: str) -> str:
    width = WIDTHS[name]
    return (
        f'<figure class="frame {name}"><figcaption>{name}<span>{width} px</span></figcaption><div class="glass">'
        f'<iframe sandbox="" referrerpolicy="no-referrer" title="At the width of a {name}" width="{width}"'
        f' srcdoc="{_e(html)}"></iframe></div></figure>'
    )


def _choice(name: str, legend: str, *options: str) -> str:
    rows = "".join(
        f'<input type="radio" name="{name}" id="{name}-{option}"{" checked" if number == 0 else ""}>'
        f'<label for="{name}-{option}">{option}</label>'
        for number, option in enumerate(options)
    )
    return f"<fieldset><legend>{legend}</legend>{rows}</fieldset>"


def _branches(shown: Shown) -> str:
    if not shown.branches:
        words = "Everybody reads the same words: there is no branch in it."
        return f'<section id="branches"><h2>Branches</h2><p class="lede">{words}</p></section>'
    rows = "".join(_branch(one, readers=shown.readers) for one in shown.branches)
    return (
        f'<section id="branches"><h2>{len(shown.branches)} branches</h2>'
        '<p class="lede">Each with its condition as written, and the readers below who are led into it.</p>'
        '<table><thead><tr><th scope="col">Line</th><th scope="col">Condition</th><th scope="col">Shown by</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></section>"
    )


def _branch(branch: Branch, *, readers: tuple[Reader, ...]) -> str:
    who = [number for number, reader in enumerate(readers, start=1) if branch.number in reader.taken]
    links = " ".join(f'<a href="#reader-{number}">{number}</a>' for number in who[:6])
    links += f' <span class="quiet">and {len(who) - 6} more</span>' if len(who) > 6 else ""
    quiet = "ends it: no letter" if branch.is_end else "never, as it is used" if branch.is_fixed else ""
    seen = links or f'<span class="{"quiet" if quiet else "unseen"}">{quiet or "nobody here"}</span>'
    of = f' <span class="quiet">of {_e(branch.of)}</span>' if branch.of else ""
    return (
        f'<tr><td class="line">{branch.place.line or ""}</td><td style="padding-left:{branch.depth * 22}px">'
        f"<code>{_e(branch.words)}</code>{of}</td><td>{seen}</td></tr>"
    )


def _gallery(shown: Shown) -> str:
    cards = "".join(_card(reader, number=number, shown=shown) for number, reader in enumerate(shown.readers, start=1))
    return (
        f'<section id="readers"><h2>{len(shown.readers)} readers</h2>'
        '<p class="lede">Those of the last run first; then invented ones, for what nobody there was led into.</p>'
        f'<div class="cards">{cards}</div></section>'
    )


def _card(reader: Reader, *, number: int, shown: Shown) -> str:
    many = "1 message" if reader.messages == 1 else f"{reader.messages:,} messages"
    count = f"{many} of the run" if reader.messages else _e(reader.note or "invented")
    subject = reader.parts.get(Part.SUBJECT, "")
    head = (
        f'<div class="head"><span class="count">{number}</span><div><h3>{_e(reader.says)}</h3>'
        f'<div class="small">{count}</div></div></div>'
    )
    if not reader.parts:
        inside = f'<p class="none-made">No letter: {_e(reader.why_none)}.</p>'
    elif reader.pictures:
        inside = "".join(_picture(made, name=name, says=reader.says) for name, made in reader.pictures.items())
    else:
        frame = f'sandbox="" referrerpolicy="no-referrer" title="Letter {number}"'
        inside = f'<iframe {frame} srcdoc="{_e(reader.body)}"></iframe>'
    line = f'<div class="subject" lang="{_e(shown.language)}">{_e(subject)}</div>' if subject else ""
    return f'<article class="card" id="reader-{number}">{head}{line}<div class="shots">{inside}</div></article>'


def _picture(made: bytes, *, name: str, says: str) -> str:
    data = base64.b64encode(made).decode()
    return (
        f'<figure class="shot {_e(name.replace(" ", "-"))}"><figcaption>{_e(name)}</figcaption><div class="cut">'
        f'<img alt="The letter of {_e(says)}, {_e(name)}" src="data:image/jpeg;base64,{data}"></div></figure>'
    )
