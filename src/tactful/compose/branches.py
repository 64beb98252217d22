"""The branches of a content: where each begins, under which condition, and which of them one message took."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tactful.compose.contents import CompiledContent
from tactful.compose.faults import Source
from tactful.compose.recorded import Recorded
from tactful.compose.tags import Kind, blocks, pieces
from tactful.words.finding import Place
from tactful.words.message import Part

_FIXED = re.compile(
    r"(?:if|unless|elsif|case|for \w+ in)\s+(?:message|brand)\.[\w.]+(?:\s*(?:==|!=)\s*['\"][^'\"]*['\"])?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One branch. Stability: full.

    Attributes:
        number: its place among the content's branches.
        words: its condition as written: `if offer`, `else`, `for item in items`.
        of: the condition of the block it belongs to, for an `else`.
        place: where it stands in the author's file.
        depth: in how many other branches it stands.
        is_end: whether it ends the message: who is led into it gets none.
        ends: from where to where the tag stands that ends it, in the compiled template.
    """

    number: int
    words: str
    of: str
    place: Place
    depth: int
    is_end: bool
    ends: tuple[int, int]

    @property
    def is_fixed(self) -> bool:
        """Whether its condition asks only about the message or the brand, which no reader changes."""
        return bool(_FIXED.match(self.of or self.words))


def branches(content: CompiledContent) -> tuple[Branch, ...]:
    """The branches of a content's body, in the order in which they are written."""
    template = content.templates.get(Part.HTML) or content.templates.get(Part.PAYLOAD)
    if template is None:
        return ()
    source = Source.plain(template.text)
    tags = [piece for piece in pieces(source) if piece.kind is not Kind.TEXT]
    spans: list[tuple[int, int, str, str]] = []
    for block in blocks(source, tags):
        for here, after in zip(block.tags, block.tags[1:], strict=False):
            if tags[here].name not in {"case", "capture"}:
                spans.append((here, after, _words(tags[here].text), _words(tags[block.tags[0]].text)))
    found = []
    for number, (here, after, words, of) in enumerate(sorted(spans)):
        end = tags[after]
        found.append(
            Branch(
                number=number,
                words=words,
                of=of if of != words else "",
                place=template.source.place(template.origins.of(tags[here].start)),
                is_end=any(tag.name == "abort_message" for tag in tags[here:after]),
                depth=sum(other < here and here < until for other, until, _, _ in spans),
                ends=(end.start, end.start + len(end.text)),
            )
        )
    return tuple(found)


def _words(tag: str) -> str:
    return " ".join(tag[2:-2].strip("-").split())


def taken(content: CompiledContent, known: tuple[Branch, ...], *, context: Mapping[str, object]) -> frozenset[int]:
    """The numbers of the branches that one context takes; none where it gives no message."""
    template = content.templates.get(Part.HTML) or content.templates.get(Part.PAYLOAD)
    made = template.render(context) if template is not None else None
    if not isinstance(made, Recorded):
        return frozenset()
    marks = [mark.partition("@") for mark in made.branch]
    places = {int(index) for name, _, index in marks if not name}
    return frozenset(one.number for one in known if any(one.ends[0] <= place < one.ends[1] for place in places))


def told(branch: str, content: CompiledContent) -> str:
    """The branches of a skeleton by their conditions, for people.

    Args:
        branch: as a skeleton keeps it: the lines where the branches taken end, and names of partials, with how often.
        content: whose branches they are.
    """
    known: dict[str, dict[str, None]] = {}
    template = content.templates.get(Part.HTML) or content.templates.get(Part.PAYLOAD)
    for one in branches(content):
        place = template.source.place(template.origins.of(one.ends[0])) if template else one.place
        words = f"{one.words} ({one.of})" if one.of else one.words
        known.setdefault(str(place.line), {})[words] = None
    found = []
    for mark in branch.split():
        match = re.fullmatch(r"(.+?)(?:x(\d+))?", mark)
        name, times = (match[1], match[2]) if match else (mark, None)
        words = " or ".join(known[name]) if name in known else name if name.isdecimal() else f"the partial {name}"
        found.append(f"{words}, {times} times" if times else words)
    return "; ".join(found)
