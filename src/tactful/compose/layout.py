"""What MJML reckons while it compiles, before anybody is chosen: widths from columns and paddings.

Liquid that would change such a number afterwards is refused, or moved to where the number is the same in every branch:
a choice among the columns of a section becomes a choice among whole sections.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tactful.compose.faults import ContentFault
from tactful.compose.limits import MOST_SOURCE
from tactful.compose.marks import Marked
from tactful.compose.markup import Bit, attributes, bits
from tactful.compose.tags import Block, Kind, Piece

_MARK = re.compile(r"tqz(\d+)zqt")
_CONTROL = re.compile(r"<!--tqz(\d+)zqt-->")
_SIDES = frozenset("padding padding-left padding-right border border-left border-right".split())
_PICTURE = frozenset("background-size background-repeat background-position background-position-x".split())
RECKONED = {
    "mj-section": _SIDES | _PICTURE | {"background-position-y"},
    "mj-wrapper": _SIDES | _PICTURE | {"background-position-y"},
    "mj-column": _SIDES | {"inner-border", "inner-border-left", "inner-border-right"},
    "mj-group": _SIDES,
    "mj-hero": frozenset("padding padding-top padding-bottom mode height".split()),
    "mj-button": frozenset({"width"}),
    "mj-image": frozenset("padding padding-left padding-right border height".split()),
    "mj-divider": frozenset("width padding padding-left padding-right align".split()),
}
"""Attributes with which MJML reckons. The others are written as they are; `tests/compose/test_positions.py` says so."""
_EVERY = frozenset().union(*RECKONED.values())
MOST_WAYS = 16


def check_attributes(marks: Marked) -> None:
    """No Liquid stands in an attribute with which MJML reckons.

    Raises:
        ContentFault: where it does.
    """
    for bit in bits(marks.text):
        reckoned = _EVERY if bit.name in {"mj-all", "mj-class"} else RECKONED.get(bit.name, frozenset())
        for name, value, begin in attributes(bit.text) if bit.kind in {"open", "empty"} and reckoned else ():
            if name in reckoned and (found := _MARK.search(value)):
                what = f"MJML reckons with {name} of <{bit.name}> before anybody is chosen"
                fix = "write it as it is, and the whole element once in each branch where it differs"
                raise marks.fault(bit.start + begin + found.start(), rule="liquid-layout", what=what, fix=fix)


@dataclass(slots=True, kw_only=True)
class _Row:
    """A section, or a group, with what stands directly in it. Stability: internal."""

    opening: Bit
    above: str
    controls: dict[int, tuple[int, int]] = field(default_factory=dict)
    columns: list[tuple[int, bool]] = field(default_factory=list)
    end: int = 0


def lifted(marks: Marked) -> str:
    """The marked text with choices among columns made choices among sections, since columns share out their width.

    Raises:
        ContentFault: a loop around columns that do not say their width, or more than 16 choices in one section.
    """
    text, ways = marks.text, 1
    while (found := next(_choices(marks, text), None)) is not None:
        row, block = found
        ways += len(block.tags) - 1
        if ways > MOST_WAYS * 4 or len(text) > MOST_SOURCE:
            what = "there are too many choices among the columns of one section"
            raise marks.fault(0, rule="liquid-layout", what=what, fix="give each column its width")
        text = _lift(marks, text, row=row, block=block)
    return text


def _choices(marks: Marked, text: str) -> Iterator[tuple[_Row, Block]]:
    """Rows in which a block stands among columns that share out their width, innermost first."""
    for row in _rows(text):
        if not row.controls or all(has_width for _, has_width in row.columns):
            continue
        for block in _outermost(marks, row):
            inside = [place for place, _ in row.columns if _within(row, block, place=place)]
            if not inside:
                continue
            if block.name == "for":
                tag = marks.tags[block.tags[0]]
                raise _loop_fault(marks, tag)
            if block.name in {"if", "unless", "case"}:
                yield row, block


def _loop_fault(marks: Marked, tag: Piece) -> ContentFault:
    what = "a loop stands around columns that do not say their width, so nobody knows how many share it"
    return marks.fault_at(
        tag.start, rule="liquid-layout", what=what, fix='write width="…" on each column of the section'
    )


def _rows(text: str) -> Iterator[_Row]:
    open_: list[tuple[str, _Row | None]] = []
    for bit in bits(text):
        row = open_[-1][1] if open_ else None
        if bit.kind == "comment" and row is not None and (mark := _CONTROL.fullmatch(bit.text)):
            row.controls[int(mark[1])] = (bit.start, bit.start + len(bit.text))
        if bit.kind in {"open", "empty"}:
            if row is not None and bit.name in {"mj-column", "mj-group"}:
                row.columns.append((bit.start, any(name == "width" for name, _, _ in attributes(bit.text))))
            if bit.kind == "open":
                is_row = bit.name in {"mj-section", "mj-group"}
                above = open_[-1][0] if open_ else ""
                open_.append((bit.name, _Row(opening=bit, above=above) if is_row else None))
        elif bit.kind == "close" and open_ and open_[-1][0] == bit.name:
            done = open_.pop()[1]
            if done is not None:
                done.end = bit.start
                yield done


def _outermost(marks: Marked, row: _Row) -> Iterator[Block]:
    """The blocks directly in a row that stand in no other block there."""
    own = [block for block in marks.blocks if {block.tags[0], block.tags[-1]} <= row.controls.keys()]
    for block in own:
        place = row.controls[block.tags[0]][0]
        if not any(_within(row, other, place=place) for other in own if other is not block):
            yield block


def _within(row: _Row, block: Block, *, place: int) -> bool:
    return row.controls[block.tags[0]][0] < place < row.controls[block.tags[-1]][0]


def _lift(marks: Marked, text: str, *, row: _Row, block: Block) -> str:
    """One row with a block in it, as the block with one row in each branch."""
    opening = row.opening
    first = opening.start + len(opening.text)
    closing = text.index(">", row.end) + 1
    block = _with_else(marks, block)
    bounds = [row.controls.get(tag) for tag in block.tags]
    before = text[first : row.controls[block.tags[0]][0]]
    after = text[row.controls[block.tags[-1]][1] : row.end]
    out: list[str] = []
    for number, tag in enumerate(block.tags[:-1]):
        out.append(_written(tag, above=row.above))
        here = bounds[number]
        then = bounds[number + 1] or row.controls[block.tags[-1]]
        body = text[here[1] : then[0]] if here else ""
        if not (block.name == "case" and number == 0):
            out.append(f"{opening.text}{before}{body}{after}{text[row.end : closing]}")
    out.append(_written(block.tags[-1], above=row.above))
    return text[: opening.start] + "".join(out) + text[closing:]


def _with_else(marks: Marked, block: Block) -> Block:
    """The block with a branch for when nothing holds."""
    if any(marks.tags[tag].name == "else" for tag in block.tags):
        return block
    end = marks.tags[block.tags[-1]]
    marks.tags.append(Piece(kind=Kind.CONTROL, text="{% else %}", start=end.start, name="else"))
    made = replace(block, tags=(*block.tags[:-1], len(marks.tags) - 1, block.tags[-1]))
    marks.blocks[marks.blocks.index(block)] = made
    return made


def _written(tag: int, *, above: str) -> str:
    """A control tag's marker where the row stood: in a wrapper as a word, elsewhere as a comment."""
    return f"<mj-raw>tqz{tag}zqt</mj-raw>" if above == "mj-wrapper" else f"<!--tqz{tag}zqt-->"
