"""Values that remember where in the context they stood, so that a slot can say what it reads."""

from __future__ import annotations

from collections.abc import Mapping


class Said(str):
    """A text and the paths it came from. Stability: internal."""

    paths: tuple[str, ...]
    source: str

    def __new__(cls, value: str, paths: tuple[str, ...] = (), *, source: str = "") -> Said:
        """The text itself, carrying its paths, and how it was made of them where it was."""
        made = super().__new__(cls, value)
        made.paths = paths
        made.source = source or (paths[0] if paths else "")
        return made


class PlacedDict(dict[str, object]):
    """A mapping at a path. Stability: internal."""

    __slots__ = ("at",)

    def __init__(self, values: Mapping[str, object], at: str) -> None:
        super().__init__(values)
        self.at = at


class PlacedList(list[object]):
    """A list at a path. Stability: internal."""

    __slots__ = ("at",)

    def __init__(self, values: list[object], at: str) -> None:
        super().__init__(values)
        self.at = at


def place(value: object, at: str = "") -> object:
    """A value with its path, and everything in it with its own.

    >>> place({"items": [{"title": "Bowl"}]})["items"][0]["title"].paths
    ('items[0].title',)
    """
    if isinstance(value, Said | PlacedDict | PlacedList):
        return value
    if isinstance(value, str):
        return Said(value, (at,))
    if isinstance(value, Mapping):
        prefix = f"{at}." if at else ""
        return PlacedDict({key: place(inner, f"{prefix}{key}") for key, inner in value.items()}, at)
    if isinstance(value, list | tuple):
        return PlacedList([place(inner, f"{at}[{number}]") for number, inner in enumerate(value)], at)
    return value
