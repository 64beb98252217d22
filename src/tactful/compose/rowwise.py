"""Messages written one by one by compiled functions, as skeletons and slots; each way through is learnt once.

A compiled function notes which way a message takes and what is printed on it. What that means (which prints are values,
what they read, the static words between) is the same for all messages of one way, so the first of each is written by
the reference, and the others are put together from what it showed. Whatever goes wrong is left to the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from tactful.compose.aborting import Abort
from tactful.compose.limits import MOST_OUTPUT
from tactful.compose.liquid import Parsed
from tactful.compose.noting import Notes, Way
from tactful.compose.recorded import Recorded, Speech, Unwritten
from tactful.compose.spelling import Unfitting
from tactful.compose.template import Template
from tactful.words.message import Part, SlotKind

Finish = Callable[[Recorded], Recorded]
_MOST_WAYS = 20_000
"""Ways through a part that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A part's words without its values. Stability: internal.

    Attributes:
        made: as the reference recorded it.
        slots: which of what is printed are its values.
        room: characters its values may have.
    """

    made: Recorded
    slots: tuple[int, ...]
    room: int


@dataclass(slots=True, kw_only=True, eq=False)
class Known:
    """What is known of one way: which prints are the same for everybody, and the shapes by what these say."""

    stated: tuple[int, ...]
    shapes: dict[tuple[str, ...], Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One message's way through a part, and what is printed on it. Stability: internal."""

    way: Way
    printed: list[str]


class PartByRow:
    """One part of a content, message by message. Stability: internal.

    Args:
        template: of the part.
        finish: what is done to the static words in the end.

    Raises:
        Unfitting: a construct that is not compiled, and which.
    """

    def __init__(self, template: Template, *, finish: Finish | None = None) -> None:
        self.template, self.finish = template, finish
        self.notes = Notes(cast("Parsed", template.parsed))
        self.ways: dict[Way, Known | None] = {}

    def take(self, data: Mapping[str, object]) -> Taken:
        """The way of one message.

        Raises:
            Abort: the author ends the message.
            Exception: anything else that goes wrong is the reference's to tell.
        """
        way, printed = self.notes.take(data)
        return Taken(way=way, printed=printed)

    def shape(self, taken: Taken) -> Shape | None:
        """The shape of a message; None where it is not known yet."""
        known = self.ways.get(taken.way)
        if known is None:
            return None
        printed = taken.printed
        return known.shapes.get(tuple([printed[place] for place in known.stated]))

    def learn(self, taken: Taken, made: Recorded) -> None:
        """Keep what the reference made of a message; a way of which the two do not say the same is never taken again.

        Args:
            taken: the message's way.
            made: by the reference.
        """
        if len(self.ways) > _MOST_WAYS:
            self.ways.clear()
        slots = tuple(place for place, is_value in enumerate(made.outputs) if is_value)
        stated = tuple(place for place, is_value in enumerate(made.outputs) if not is_value)
        agrees = len(made.outputs) == len(taken.printed) and made.values == tuple(taken.printed[one] for one in slots)
        known = self.ways.setdefault(taken.way, Known(stated=stated) if agrees else None)
        if not agrees or known is None or known.stated != stated:
            self.ways[taken.way] = None
            return
        room = MOST_OUTPUT - sum(map(len, made.segments))
        plain = replace(made, values=(), outputs=())
        shape = Shape(made=self.finish(plain) if self.finish else plain, slots=slots, room=room)
        known.shapes[tuple(taken.printed[one] for one in stated)] = shape

    def recorded(self, data: Mapping[str, object]) -> Recorded | Unwritten | None:
        """One message of this part; None where the reference is to write it, which is then learnt from.

        Args:
            data: what the template sees; mappings and lists are plain ones.
        """
        try:
            taken = self.take(data)
        except Abort as abort:
            return Unwritten(why="aborted", reason=str(abort))
        except Exception:  # the reference says what is wrong
            return None
        shape = self.shape(taken)
        if shape is None:
            made = self.template.render(data)
            if isinstance(made, Recorded):
                self.learn(taken, made)
            return None
        values = tuple([taken.printed[place] for place in shape.slots])
        return replace(shape.made, values=values) if sum(map(len, values)) <= shape.room else None


@dataclass(slots=True, kw_only=True, eq=False)
class Joint:
    """Shapes of all parts together: which values may share a column. Stability: internal.

    Attributes:
        shapes: kept, since a joint is found by who they are.
        firsts: where each column's value stands among all values, when those of one source are the same.
        pairs: places of values that must then be the same.
        columns: for each slot its column then.
        speeches: of all parts.
    """

    shapes: tuple[Shape, ...]
    firsts: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    columns: tuple[int, ...]
    speeches: tuple[Speech, ...]

    @classmethod
    def of(cls, shapes: tuple[Shape, ...]) -> Joint:
        """From the shapes of all parts, in their order."""
        speeches = tuple(speech for shape in shapes for speech in shape.made.speeches)
        columns, firsts = columns_of(speeches, [""] * len(speeches))
        pairs = tuple((place, firsts[column]) for place, column in enumerate(columns) if firsts[column] != place)
        return cls(shapes=shapes, firsts=firsts, pairs=pairs, columns=columns, speeches=speeches)

    def place(self, values: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Which column each slot reads, and the value of each column."""
        for one, other in self.pairs:
            if values[one] != values[other]:
                columns, firsts = columns_of(self.speeches, values)
                return columns, tuple([values[place] for place in firsts])
        return self.columns, tuple([values[place] for place in self.firsts])


def columns_of(speeches: Sequence[Speech], values: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which column each speech reads, and where each column's value stands first: what parts share is kept once.

    >>> one = Speech("facts.a", SlotKind.WORDS, ("a",))
    >>> columns_of([one, one, one], ["tea", "cup", "tea"])
    ((0, 1, 0), (0, 1))
    """
    columns: list[int] = []
    firsts: list[int] = []
    kept: dict[tuple[str, bool], list[int]] = {}
    for place, speech in enumerate(speeches):
        known = kept.setdefault((speech.source, speech.kind is SlotKind.MARKUP), [])
        column = next((one for one in known if values[firsts[one]] == values[place]), None)
        if column is None:
            column = len(firsts)
            firsts.append(place)
            known.append(column)
        columns.append(column)
    return tuple(columns), tuple(firsts)


class ByRow:
    """All parts of a content, message by message. Stability: internal.

    Args:
        templates: of the parts.
        finish: what is done to a part's static words in the end.

    Raises:
        Unfitting: a construct that is not compiled, and which.
    """

    def __init__(self, templates: Mapping[Part, Template], *, finish: Mapping[Part, Finish]) -> None:
        self.parts = {part: PartByRow(one, finish=finish.get(part)) for part, one in templates.items()}
        self.joints: dict[tuple[int, ...], Joint] = {}

    def take(self, data: Mapping[str, object]) -> dict[Part, Taken] | Unwritten | None:
        """The way of one message through every part; None where it stands aside.

        Args:
            data: what the templates see; mappings and lists are plain ones.
        """
        try:
            return {part: one.take(data) for part, one in self.parts.items()}
        except Abort as abort:
            return Unwritten(why="aborted", reason=str(abort))
        except Exception:  # the reference says what is wrong
            return None

    def joint(self, taken: Mapping[Part, Taken]) -> tuple[Joint, list[str]] | None:
        """The shapes of a message and its values, part after part; None where a way is new."""
        shapes: list[Shape] = []
        values: list[str] = []
        for part, one in taken.items():
            shape = self.parts[part].shape(one)
            if shape is None:
                return None
            printed = one.printed
            own = [printed[place] for place in shape.slots]
            if sum(map(len, own)) > shape.room:
                return None
            values += own
            shapes.append(shape)
        key = tuple(map(id, shapes))
        if key not in self.joints:
            if len(self.joints) > _MOST_WAYS:
                self.joints.clear()
            self.joints[key] = Joint.of(tuple(shapes))
        return self.joints[key], values

    def learn(self, taken: Mapping[Part, Taken], made: Mapping[Part, Recorded]) -> None:
        """Keep what the reference made of a message."""
        for part, one in taken.items():
            self.parts[part].learn(one, made[part])


def by_row(templates: Mapping[Part, Template], *, finish: Mapping[Part, Finish]) -> ByRow | None:
    """The functions of a content; None where some construct is not compiled."""
    try:
        return ByRow(templates, finish=finish)
    except Unfitting:
        return None
