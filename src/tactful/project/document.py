"""One of the project's files while it is read: its text, its nodes, and the findings that point into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tactful.project.found import Findings
from tactful.project.yaml_source import Node, read_yaml
from tactful.words.finding import Finding, Place, Severity

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value."""

_SECRET_KEY = re.compile(
    r"(password|passwd|secret|api_?key|access_?key|token_?key|private_?key|credential|auth_?token)", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:sk|rk|pk)_(?:live|test)_\w{8,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.|\bAIza[\w-]{30,}"
    r"|[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@"
)
_REFERENCE = re.compile(r"(env|file):\S+")


def names_a_secret(key: str) -> bool:
    """Whether a key's name says that its value is a secret.

    >>> names_a_secret("smtp_password"), names_a_secret("legal_lines")
    (True, False)
    """
    return bool(_SECRET_KEY.search(key))


def looks_secret(text: str) -> bool:
    """Whether a text looks like a secret itself rather than a reference to one.

    >>> looks_secret("postgresql://shop:hunter2@db/shop"), looks_secret("env:SHOP_DB")
    (True, False)
    """
    return bool(_SECRET_VALUE.search(text)) and not _REFERENCE.fullmatch(text)


@dataclass(slots=True)
class Document:
    """One file: what it says, and where. Stability: internal.

    Attributes:
        file: path from the project's root, with `/`.
        text: the whole file.
        findings: where what is wrong with it is gathered.
        root: its nodes; None where there are none.
        first_line: where its YAML begins.
    """

    file: str
    text: str
    findings: Findings
    root: Node | None = None
    first_line: int = 1
    _lines: list[str] = field(default_factory=list)

    def place(self, path: Path = (), *, of_key: bool = False) -> Place:
        """Where a value stands, or its key; the nearest thing around it where it is not there at all."""
        if self.root is None:
            return Place(file=self.file, line=self.first_line, column=1)
        if of_key and path:
            parent = self.root.find(path[:-1])
            if parent is not None and (spot := parent.keys.get(str(path[-1]))):
                return Place(file=self.file, line=spot[0], column=spot[1])
        for length in range(len(path), -1, -1):
            node = self.root.find(path[:length])
            if node is None:
                continue
            if length < len(path) and length:
                return self.place(path[:length], of_key=True)
            return Place(file=self.file, line=node.line, column=node.column)
        return Place(file=self.file, line=self.first_line, column=1)

    def fault(self, path: Path = (), *, rule: str, what: str, fix: str = "", of_key: bool = False) -> None:
        """An error at a value, or at its key."""
        self.put(self.place(path, of_key=of_key), rule=rule, what=what, fix=fix)

    def put(self, place: Place, *, rule: str, what: str, fix: str = "") -> None:
        """An error at a place of this file."""
        self._put(place, rule=rule, what=what, fix=fix, severity=Severity.ERROR)

    def warn(self, path: Path = (), *, rule: str, what: str, fix: str = "") -> None:
        """Something to look at that stops nothing."""
        self._put(self.place(path), rule=rule, what=what, fix=fix, severity=Severity.WARNING)

    def _put(self, place: Place, *, rule: str, what: str, fix: str, severity: Severity) -> None:
        source = self.line(place.line) if place.line else ""
        self.findings.add(
            Finding(rule=rule, severity=severity, subject=self.file, what=what, fix=fix, place=place, source=source)
        )

    def at(self, offset: int) -> Place:
        """The place of a letter of the text, by its offset."""
        line, column = self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)
        return Place(file=self.file, line=line, column=column)

    def has(self, path: Path) -> bool:
        """Whether something is written at a path, even if it cannot be read."""
        node = self.root.find(path) if self.root is not None else None
        return node is not None and (node.text, node.items, node.entries) != (None, None, None)

    def one(self, path: Path, number: int) -> Path:
        """The path of one of several names, where a single name may be written without a list."""
        node = self.root.find(path) if self.root is not None else None
        return (*path, number) if node is not None and node.items is not None else path

    def line(self, number: int) -> str:
        """A line of the file, from 1; empty beyond its end, and where the line may hold a secret."""
        if not self._lines:
            self._lines = self.text.splitlines()
        text = self._lines[number - 1] if 0 < number <= len(self._lines) else ""
        key = text.partition(":")[0]
        return "" if looks_secret(text) or names_a_secret(key) else text.replace("\t", " ")[:200]


def read_document(
    text: str, *, file: str, findings: Findings, first_line: int = 1, whole: str | None = None
) -> Document:
    """A YAML file (or the front matter of one), with what is wrong with it as YAML among the findings.

    Args:
        text: the YAML.
        file: path from the project's root.
        findings: gathers what is found.
        first_line: where the YAML begins in the file.
        whole: the whole file's text, where the YAML is only a part of it.
    """
    root, faults = read_yaml(text, first_line=first_line)
    document = Document(
        file=file, text=whole if whole is not None else text, findings=findings, root=root, first_line=first_line
    )
    for fault in faults:
        place = Place(file=file, line=fault.line, column=fault.column)
        document.put(place, rule=fault.rule, what=fault.what, fix=fault.fix)
    if root is None and not faults:
        document.fault(rule="empty", what="the file says nothing")
    elif root is not None and root.entries is None:
        document.fault(rule="yaml", what="a mapping of keys to values was expected here", fix="write key: value")
        document.root = None
    if root is not None:
        _secrets(document, root, path=())
    return document


def _secrets(document: Document, node: Node, *, path: Path) -> None:
    """Refuses values that look like secrets written out."""
    is_named = bool(path) and names_a_secret(str(path[-1]))
    if node.text is not None and ((is_named and not _REFERENCE.fullmatch(node.text)) or looks_secret(node.text)):
        document.fault(path, rule="literal-secret", what=_SECRET, fix=_SECRET_FIX)
        document.findings.broken.add(document.place(path))
    for key, inner in (node.entries or {}).items():
        _secrets(document, inner, path=(*path, key))
    for number, inner in enumerate(node.items or ()):
        _secrets(document, inner, path=(*path, number))


_SECRET = "this looks like a secret written out"
_SECRET_FIX = "write a reference, such as env:NAME or file:keys/name.key, and keep the secret out of the project"
