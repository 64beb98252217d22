"""A file's nodes become a declaration, or findings that say where, what, and what was probably meant."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tactful.project.document import Document, Path, looks_secret, names_a_secret
from tactful.project.guesses import guess, nearest
from tactful.project.shape import Declaration
from tactful.words.finding import Place

D = TypeVar("D", bound=Declaration)


def declare(shape: type[D], document: Document) -> D | None:
    """The declaration that a document holds, with findings where it breaks its shape.

    What is broken is left out, so that the rest can still be checked and every fault of every file is told at once;
    None where the declaration cannot stand without it.

    Args:
        shape: the declaration's class.
        document: the file, read.
    """
    if document.root is None:
        return None
    try:
        return shape.model_validate(document.root.value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        _report(shape, document, errors=errors)
        try:
            return shape.model_validate(_without(document, errors=errors))
        except ValidationError:
            return None


def _without(document: Document, *, errors: list[ErrorDetails]) -> Any:  # Any: what the YAML holds
    """What the document holds, without the values that errors stand at."""
    whole: Any = document.root.value if document.root is not None else None  # Any: as above
    for path in sorted(
        {_path(document, error)[0] for error in errors if error["type"] != "missing"}, reverse=True, key=str
    ):
        inner = whole
        for step in path[:-1]:
            inner = inner[step]
        if path and isinstance(inner, dict):
            inner.pop(path[-1], None)
        elif path:
            inner[path[-1]] = None
    return whole


def _report(shape: type[D], document: Document, *, errors: list[ErrorDetails]) -> None:
    """Each error once: unknown keys first, so that a misspelt key is not also called missing."""
    meant: set[Path] = set()
    places: set[Place] = set()
    for error in sorted(errors, key=lambda e: e["type"] != "extra_forbidden"):
        path, is_key = _path(document, error)
        if error["type"] == "extra_forbidden":
            _unknown_key(shape, document, path=path, meant=meant)
            continue
        if error["type"] == "missing" and path in meant:
            continue
        if error["type"] == "too_short" and _is_broken_below(errors, error["loc"]):
            continue
        place = document.place(path, of_key=is_key)
        if (place in places and error["type"] != "missing") or _is_secret(document, path):
            continue
        places.add(place)
        rule, what, fix = _said(error, path=path)
        document.put(place, rule=rule, what=what, fix=fix)
        if error["type"] != "missing":
            document.findings.broken.add(place)


def _is_broken_below(errors: list[ErrorDetails], above: tuple[int | str, ...]) -> bool:
    """Whether something in a list is wrong, so that its being too short is no fault of its own."""
    return any(len(e["loc"]) > len(above) and e["loc"][: len(above)] == above for e in errors)


def _is_secret(document: Document, path: Path) -> bool:
    node = document.root.find(path) if document.root is not None else None
    return node is not None and node.text is not None and (looks_secret(node.text) or names_a_secret(str(path[-1])))


def _path(document: Document, error: ErrorDetails) -> tuple[Path, bool]:
    """Where an error stands: pydantic's location without the words it adds for unions and keys."""
    path: Path = ()
    for step in error["loc"]:
        if step == "[key]":
            return path, True
        longer = (*path, step)
        if document.root is not None and document.root.find(longer) is None:
            return (longer if error["type"] == "missing" else path), False
        path = longer
    return path, False


def _unknown_key(shape: type[D], document: Document, *, path: Path, meant: set[Path]) -> None:
    key = str(path[-1])
    known = keys_of(shape, path[:-1])
    parent = document.root.find(path[:-1]) if document.root is not None else None
    there = set(parent.entries or ()) if parent is not None else set[str]()
    if near := nearest(key, among=known - there):
        meant.add((*path[:-1], near))
    fix = guess(key, among=known - there or known)
    document.fault(path, rule="unknown-key", what=f"unknown key {key!r}", fix=fix, of_key=True)


def _said(error: ErrorDetails, *, path: Path) -> tuple[str, str, str]:
    """Rule, what and fix of one of pydantic's errors, in our words."""
    context: dict[str, Any] = error.get("ctx") or {}  # Any: pydantic's own
    value, kind = error["input"], error["type"]
    if kind == "missing":
        return "missing-key", f"the key {str(path[-1])!r} is missing", "write it; every file of this kind needs it"
    if kind in {"literal_error", "enum"}:
        words = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        return "unknown-word", f"{_short(value)} may not stand here", guess(str(value), among=words)
    if kind == "value_error":
        what, _, fix = str(context["error"]).partition("; ")
        return "value", what if len(what) < 300 else f"{what[:300]}…", fix
    if value is None:
        return "empty-value", "nothing is written here", "write a value, or leave the key out"
    if kind == "string_pattern_mismatch":
        return "pattern", f"{_short(value)} does not have the form expected here", _form(str(context["pattern"]))
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return "value", "a mapping of keys to values was expected here", "write key: value below it"
    if kind in {"tuple_type", "list_type"}:
        return "value", "a list was expected here", "write [one, two]"
    if kind == "too_short":
        return "value", "this list is empty", "write at least one, such as [one]"
    if isinstance(value, dict | list):
        held = "a mapping" if isinstance(value, dict) else "a list"
        return "value", f"one value was expected here, not {held}", ""
    if kind in _BOUNDS:
        beyond, side, name = _BOUNDS[kind]
        bound = context[name]
        return "value", f"{_short(value)} is {beyond} {bound}", f"write {side.format(bound=bound)}"
    for begins, (is_none_of, fix) in _KINDS.items():
        if kind.startswith(begins):
            return "value", f"{_short(value)} is no {is_none_of}", fix
    return "value", f"{_short(value)}: {error['msg'][:1].lower()}{error['msg'][1:]}", ""


_BOUNDS = {
    "greater_than_equal": ("less than", "{bound} or more", "ge"),
    "less_than_equal": ("more than", "{bound} or less", "le"),
    "greater_than": ("not more than", "more than {bound}", "gt"),
    "less_than": ("not less than", "less than {bound}", "lt"),
}
"""Of an error that a number is beyond a bound: how it is beyond it, what fits, and pydantic's name of the bound."""
_KINDS = {
    "int_": ("whole number", "write digits, such as 10"),
    "decimal_": ("number", "write digits, such as 10 or 0.5"),
    "float_": ("number", "write digits, such as 10 or 0.5"),
    "bool_": ("yes or no", "write true or false"),
    "date_": ("date", "write year, month and day, such as 2011-12-26"),
}
"""How errors of a kind begin: what the value is not, and what to write."""


def _short(value: object) -> str:
    """A value as it is shown: no more of it than a line."""
    text = repr(value if isinstance(value, str) else str(value))
    return text if len(text) <= 80 else f"{text[:79]}…"


_FORMS = {
    r"^[a-z][a-z0-9_-]*$": "a name is small letters, digits, - and _, and begins with a letter",
    r"^[a-z][a-z0-9_]*$": "a name that becomes a column is small letters, digits and _, and begins with a letter",
    r"^[A-Z]{3}$": "write three capital letters, such as GBP",
    r"^\d+(MB|GB)$": "write 512MB or 2GB",
    r"^([01]\d|2[0-3]):[0-5]\d$": "write hours and minutes, such as 21:00",
}


def _form(pattern: str) -> str:
    return _FORMS.get(pattern, f"it must match {pattern}")


def keys_of(shape: type[BaseModel], path: Path) -> set[str]:
    """The keys that may stand at a path of a declaration, as the user writes them.

    >>> from tactful.project.brand import Brand
    >>> sorted(keys_of(Brand, ("salutation",)))
    ['languages', 'named', 'neutral', 'style']
    """
    shapes: list[Any] = [shape]  # Any: annotations
    for step in path:
        shapes = [inner for outer in shapes for inner in _below(outer, step)]
    return {field.alias or name for one in shapes if _is_shape(one) for name, field in one.model_fields.items()}


def _is_shape(one: Any) -> bool:  # Any: an annotation
    return isinstance(one, type) and issubclass(one, BaseModel)


def _below(outer: Any, step: str | int) -> list[Any]:  # Any: annotations
    """The annotations one step below another: a field's, an item's, a value's."""
    if _is_shape(outer):
        for name, field in outer.model_fields.items():
            if step in (field.alias, name):
                return _flat(field.annotation)
        return []
    parts = get_args(outer)
    if get_origin(outer) is dict:
        return _flat(parts[1])
    return _flat(parts[0]) if get_origin(outer) in (tuple, list) else []


def _flat(annotation: Any) -> list[Any]:  # Any: annotations
    """An annotation without `Annotated`, and each side of a union."""
    if _is_shape(annotation) or get_origin(annotation) in (dict, tuple, list):
        return [annotation]
    if hasattr(annotation, "__metadata__"):
        return _flat(get_args(annotation)[0])
    return [flat for part in get_args(annotation) for flat in _flat(part)]
