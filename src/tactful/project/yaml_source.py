"""YAML as people write it, in nodes that know their line and column; a value is text until a type wants otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_DEPTH = 40
"""Deeper nesting is refused. libyaml's own composer ends the process at 100,000 levels, so events are read."""
MOST_NODES = 100_000
"""A file that means more nodes than this, aliases counted as often as they stand for something, is refused."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file as YAML, and where; lines and columns from 1. Stability: internal."""

    rule: str
    line: int
    column: int
    what: str
    fix: str = ""


@dataclass(slots=True)
class Node:
    """A value and where it stands. Stability: internal.

    Attributes:
        text: a scalar's text; None where the file leaves the value empty, or for lists and mappings.
        items: a list's nodes.
        entries: a mapping's values by key, in the file's order; `keys` says where each key stands.
        size: how many nodes it means, aliases counted each time.
    """

    line: int
    column: int
    text: str | None = None
    items: list[Node] | None = None
    entries: dict[str, Node] | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1

    @property
    def value(self) -> Any:  # Any: text, None, or lists and dicts of these
        """The plain value: text, None, list or dict. Numbers and flags are still text: `no` is the word no."""
        if self.entries is not None:
            return {key: node.value for key, node in self.entries.items()}
        if self.items is not None:
            return [node.value for node in self.items]
        return self.text

    def find(self, path: tuple[str | int, ...]) -> Node | None:
        """The node at a path of keys and positions; None where there is none."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            if isinstance(step, int) and node.items is not None:
                node = node.items[step] if step < len(node.items) else None
            else:
                node = node.entries.get(str(step)) if node.entries is not None else None
        return node


def read_yaml(text: str, *, first_line: int = 1) -> tuple[Node | None, tuple[Fault, ...]]:
    """The tree of one YAML document, and everything that is wrong with it as YAML.

    Tags run nothing: any tag is an error. Aliases are followed, but a document that grows beyond `MOST_NODES` through
    them is refused before it is built. `no`, `off`, `1.10`, `010` and `21:00` stay the text they are.

    Args:
        text: the document.
        first_line: the line of the file at which the text begins.

    Returns:
        The root (None where the text cannot be read or is empty) and the faults.

    >>> root, faults = read_yaml("country: no\\nprice: 1.10\\n")
    >>> root.value, faults
    ({'country': 'no', 'price': '1.10'}, ())
    >>> read_yaml("a: 1\\na: 2\\n")[1][0].what
    "'a' is said twice; it stood at line 1 already"
    """
    builder = _Builder(first_line - 1)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _Unreadable as error:
        return None, (*builder.faults, error.fault)
    except yaml.MarkedYAMLError as error:
        return None, (*builder.faults, builder.unreadable(error))
    except yaml.YAMLError as error:
        position = min(getattr(error, "position", 0) or 0, len(text))
        line = text.count("\n", 0, position) + first_line
        return None, (*builder.faults, Fault("yaml", line, 1, "the file holds a character that YAML does not allow"))
    return builder.root, tuple(builder.faults)


class _Unreadable(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


class _Builder:
    """Takes the events of one document and builds its nodes, without recursion."""

    def __init__(self, above: int) -> None:
        self.above = above
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.stack: list[Node] = []
        self.pending: list[tuple[str, int, int] | None] = []
        self.anchors: dict[str, Node] = {}
        self.documents = 0
        self.seen = 0

    def take(self, event: Any) -> None:  # Any: one of yaml's event classes
        """One more event."""
        match event:
            case yaml.ScalarEvent():
                plain = event.implicit[0]
                self.place(event, Node(*self.at(event), None if plain and event.value in _NULLS else event.value))
            case yaml.MappingStartEvent():
                self.open(event, Node(*self.at(event), entries={}))
            case yaml.SequenceStartEvent():
                self.open(event, Node(*self.at(event), items=[]))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.close()
            case yaml.AliasEvent():
                self.alias(event)
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self.refuse(
                        event, rule="yaml", what="the file holds two documents", fix="write one document, without ---"
                    )

    def at(self, event: Any) -> tuple[int, int]:  # Any: one of yaml's event classes
        return event.start_mark.line + 1 + self.above, event.start_mark.column + 1

    def refuse(self, event: Any, *, rule: str, what: str, fix: str = "") -> None:  # Any: as above
        raise _Unreadable(Fault(rule, *self.at(event), what, fix))

    def open(self, event: Any, node: Node) -> None:  # Any: as above
        if len(self.stack) >= MOST_DEPTH:
            self.refuse(event, rule="too-deep", what=f"nested deeper than {MOST_DEPTH} levels")
        self.place(event, node, open_=True)
        self.stack.append(node)
        self.pending.append(None)

    def close(self) -> None:
        node = self.stack.pop()
        self.pending.pop()
        if self.stack:
            self.stack[-1].size += node.size

    def alias(self, event: Any) -> None:  # Any: as above
        node = self.anchors.get(event.anchor)
        if node is None:
            return self.refuse(
                event, rule="yaml", what=f"*{event.anchor} stands for nothing: there is no &{event.anchor} above it"
            )
        if any(node is parent for parent in self.stack):
            return self.refuse(event, rule="alias-bomb", what=f"*{event.anchor} stands within what it stands for")
        self.place(event, node)
        return None

    def place(self, event: Any, node: Node, *, open_: bool = False) -> None:  # Any: as above
        """Put a node where the events stand: as the root, as an item, as a key or as a key's value."""
        if getattr(event, "tag", None) is not None:
            self.refuse(event, rule="yaml-tag", what=f"the tag {event.tag} is refused", fix="write the plain value")
        self.seen += 1
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            self.anchors[event.anchor] = node
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if not open_:
            parent.size += node.size
        if max(self.seen, sum(part.size for part in self.stack)) > MOST_NODES:
            self.refuse(
                event,
                rule="alias-bomb",
                what=f"the file means more than {MOST_NODES} values",
                fix="write less, without aliases",
            )
        if parent.items is not None:
            parent.items.append(node)
            return
        self.entry(event, node, parent=parent)

    def entry(self, event: Any, node: Node, *, parent: Node) -> None:  # Any: as above
        pending = self.pending[-1]
        assert parent.entries is not None
        if pending is None:
            if node.items is not None or node.entries is not None:
                self.refuse(
                    event,
                    rule="yaml",
                    what="a list or a mapping stands where a key was expected",
                    fix="put text in quotes",
                )
            key = node.text if node.text is not None else "null"
            if key == "<<":
                self.refuse(event, rule="yaml", what="merging with << is refused", fix="write the keys out")
            self.pending[-1] = (key, *self.at(event))
            return
        key, line, column = pending
        self.pending[-1] = None
        if key in parent.entries:
            first = parent.keys[key][0]
            self.faults.append(
                Fault(
                    "repeated-key", line, column, f"{key!r} is said twice; it stood at line {first} already", "keep one"
                )
            )
            return
        parent.entries[key] = node
        parent.keys[key] = (line, column)

    def unreadable(self, error: yaml.MarkedYAMLError) -> Fault:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or "this cannot be read"
        fix = "indent with spaces" if "tab" in problem or "\\t" in problem else ""
        if "mapping values are not allowed" in problem:
            fix = "put text that holds ': ' in quotes"
        elif "expected" in problem and not fix:
            fix = "look here and at the lines above for a quote or bracket that is not closed, or other indentation"
        line, column = (mark.line + 1 + self.above, mark.column + 1) if mark else (1 + self.above, 1)
        return Fault("yaml", line, column, f"not YAML: {problem}", fix)
