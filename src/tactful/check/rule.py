"""What a rule is: data, and for each kind of subject a function that says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.check.block import Block
from tactful.check.bones import Bones, Neighbours
from tactful.check.encoded import Encoded
from tactful.check.scene import Scene
from tactful.check.texts import Numbers, Texts, texts_of
from tactful.words.fact import Purpose
from tactful.words.finding import Severity
from tactful.words.level import Level
from tactful.words.message import Part, Slot
from tactful.words.touchpoint import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing a rule found. Stability: full.

    Attributes:
        what: what is wrong, in the reader's words.
        value: for slots and junctions: which of the distinct values.
        rows: for messages: which rows of the block, ascending.
        place: where in the message, if the rule knows better than its own `place`.
    """

    what: str
    value: int | None = None
    rows: NDArray[np.int64] | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Use:
    """A skeleton as it is used: at one level, for one purpose, in one language. Stability: full."""

    bones: Bones
    scene: Scene
    level: Level
    purpose: Purpose
    program: str
    channel: Channel
    language: str

    @property
    def is_marketing(self) -> bool:
        """Whether the law of advertising applies."""
        return self.purpose is Purpose.MARKETING

    @property
    def is_mail(self) -> bool:
        """Whether it is an e-mail."""
        return self.channel is Channel.EMAIL


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """A slot column: its distinct values, and the slots that read it. Stability: full."""

    use: Use
    number: int
    slots: tuple[tuple[Part, Slot], ...]
    values: Sequence[str | None]

    @property
    def slot(self) -> Slot:
        """The first slot that reads it."""
        return self.slots[0][1]

    @property
    def facts(self) -> frozenset[str]:
        """Facts behind its values."""
        return frozenset(fact for _, slot in self.slots for fact in slot.facts)

    @property
    def texts(self) -> Texts:
        """Its distinct values, to be looked at all at once."""
        return texts_of(self.values)

    def each(self, wrong: Callable[[str], str], *, only: Numbers | None = None) -> Iterable[Hit]:
        """A hit for every value of which a function has something to say.

        Args:
            wrong: what is wrong with a value; empty where nothing is.
            only: the numbers of those it need be asked about, where the others are known to be right.
        """
        for number, value in _asked(self.values, only):
            if value is not None and (what := wrong(value)):
                yield Hit(what=what, value=number)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Junction:
    """A slot between its neighbours, with its distinct values. Stability: full."""

    use: Use
    at: Neighbours
    values: Sequence[str | None]

    @property
    def texts(self) -> Texts:
        """Its distinct values, to be looked at all at once."""
        return texts_of(self.values)

    def each(self, wrong: Callable[[str], str], *, only: Numbers | None = None) -> Iterable[Hit]:
        """A hit for every value of which a function has something to say; `only` as for a column."""
        for number, value in _asked(self.values, only):
            if value is not None and (what := wrong(value)):
                yield Hit(what=what, value=number, place=f"{self.at.part.value}, {self.at.slot.source}")


def _asked(values: Sequence[str | None], only: Numbers | None) -> Iterable[tuple[int, str | None]]:
    if only is None:
        return enumerate(values)
    numbers = only.tolist()
    chosen = values.chosen(only) if isinstance(values, Texts) else [values[number] for number in numbers]
    return zip(numbers, chosen, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Messages:
    """The messages of one use, as columns. Stability: full."""

    use: Use
    block: Block

    @property
    def scene(self) -> Scene:
        """What lies beside the messages."""
        return self.use.scene

    def column(self, source: str) -> Encoded | None:
        """The values of the slot that reads this, or None where no slot does."""
        for _, _, slot in self.use.bones.slots:
            if slot.source == source and slot.column in self.block.columns:
                return self.block.columns[slot.column]
        return None

    def decided(self, name: str) -> list[Any]:  # Any: a column of any type
        """A column of the messages' decisions."""
        return self.block.decided(name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whole:
    """One message as it leaves, its bytes read again. Stability: full.

    Attributes:
        use: its skeleton in use; the structure is what was read from the bytes.
        parts: the bytes of each part, joined.
        words: what a reader sees of each part, values and all.
    """

    use: Use
    parts: Mapping[Part, str]
    words: Mapping[Part, str]

    def each(self, wrong: Callable[[str], str]) -> Iterable[Hit]:
        """A hit for every part of whose words a function has something to say."""
        for part, text in self.words.items():
            if what := wrong(text):
                yield Hit(what=what, place=part.value)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A run as a whole. Stability: full.

    Attributes:
        messages: how many were written.
        customers: how many people they are for.
        variants: how many different variants they use.
        expected: how many decisions asked for a message.
        unwritten: how many were asked for and not written, with a reason.
    """

    scene: Scene
    messages: int
    customers: int
    variants: int
    expected: int
    unwritten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the gate. Stability: full.

    Attributes:
        id: its name in findings and reasons: small words with dashes.
        severity: what a breach means.
        place: where in a message it looks.
        why: one sentence: whom it protects from what.
        fix: one sentence: what to do.
        skeleton, slot, junction, message, run: what it says of each kind of subject; at least one.
        whole: the same said of the joined bytes, for a rule about words whoever wrote them. Only the audit asks.
        is_of_one: whether what it says of a message can be told from that message alone.
        is_of_value: whether what its `slot` and `junction` say of a value can be told from that value, the slot
            (but for its place in a list), the words beside it, and level, purpose, program, channel and language.
    """

    id: str
    severity: Severity
    place: str
    why: str
    fix: str
    skeleton: Callable[[Use], Iterable[Hit]] | None = None
    slot: Callable[[Column], Iterable[Hit]] | None = None
    junction: Callable[[Junction], Iterable[Hit]] | None = None
    message: Callable[[Messages], Iterable[Hit]] | None = None
    run: Callable[[Run], Iterable[Hit]] | None = None
    whole: Callable[[Whole], Iterable[Hit]] | None = None
    is_of_one: bool = True
    is_of_value: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", self.id):
            raise ValueError(f"{self.id!r} is no name of a rule; write small words with dashes")
        if not self.subjects:
            raise ValueError(f"rule {self.id} inspects nothing; give it skeleton, slot, junction, message or run")
        if not (self.why.strip() and self.fix.strip() and self.place.strip()):
            raise ValueError(f"rule {self.id} says no place, why or fix; all three are shown to people")

    @property
    def subjects(self) -> tuple[str, ...]:
        """The kinds of subject it looks at."""
        kinds = ("skeleton", "slot", "junction", "message", "run")
        return tuple(kind for kind in kinds if getattr(self, kind) is not None)
