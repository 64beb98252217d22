"""Messages as operators see them, and back: rows from sealed tables, tables from spoilt rows, hashes made anew."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from tactful.compose import mail
from tactful.compose.join import filled, skeletons_of
from tactful.compose.links import message_links
from tactful.compose.messages import skeleton_rows
from tactful.compose.recorded import LINKS
from tactful.project.declared import Project
from tactful.store import contracts
from tactful.testing.mutations import Row
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.fact import Purpose
from tactful.words.message import Part, Skeleton, SkeletonPart, bytes_hash, join

_SAID = ("customer_id", "program", "level")


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A message as it is stored, with the words it is joined to. Stability: internal."""

    stored: dict[str, Any]  # Any: a row of `messages`
    skeleton: Skeleton
    words: dict[Part, str]


@dataclass(frozen=True, kw_only=True)
class Material:
    """A run's good messages and everything the gate looks at beside them. Stability: caller.

    Attributes:
        project, clock, key: of the run.
        inputs: the gate's, as tables.
    """

    project: Project
    clock: Clock
    key: bytes
    inputs: Mapping[str, pa.Table]
    known: dict[bytes, list[tuple[str, int, str]]] = field(default_factory=dict)

    @cached_property
    def skeletons(self) -> dict[bytes, Skeleton]:
        """By id."""
        return skeletons_of(self.inputs["skeletons"])

    @cached_property
    def messages(self) -> list[dict[str, Any]]:  # Any: rows of `messages`
        """Every message."""
        return list(self.inputs["messages"].to_pylist())

    @cached_property
    def decisions(self) -> dict[bytes, dict[str, Any]]:  # Any: rows of `decisions`
        """By id."""
        return {row["decision_id"]: row for row in self.inputs["decisions"].to_pylist()}

    @cached_property
    def mailboxes(self) -> dict[str, str]:
        """The address of each customer."""
        people = self.inputs["profiles"].select(["customer_id", "email"]).to_pylist()
        return {one["customer_id"]: one["email"] for one in people if one["email"]}

    @cached_property
    def kin(self) -> list[list[int]]:
        """Numbers of the messages of each skeleton."""
        found: dict[bytes, list[int]] = {}
        for number, one in enumerate(self.messages):
            found.setdefault(one["skeleton_id"], []).append(number)
        return list(found.values())

    def columns(self, skeleton_id: bytes) -> list[tuple[str, int, str]]:
        """The stored slot columns of a skeleton: what each is called, its number, its kind."""
        if skeleton_id not in self.known:
            slots = {slot.column: slot for part in self.skeletons[skeleton_id].parts for slot in part.slots}
            named: list[tuple[str, int, str]] = []
            for column in sorted(slots):
                source = slots[column].source
                if source.startswith(LINKS):
                    continue
                times = 1 + sum(name.split("#")[0] == source for name, _, _ in named)
                named.append((source if times == 1 else f"{source}#{times}", column, slots[column].kind.value))
            self.known[skeleton_id] = named
        return self.known[skeleton_id]

    def row(self, number: int) -> Row:
        """A message as an operator of slots sees it."""
        stored = self.messages[number]
        columns = self.columns(stored["skeleton_id"])
        decision = self.decisions[stored["decision_id"]]
        parts = self.skeletons[stored["skeleton_id"]].parts
        return {
            **{name: stored[name] for name in ("message_id", "decision_id", "skeleton_id", "language")},
            **{name: decision[name] for name in _SAID},
            "slots": {name: stored.get(f"s{column}") for name, column, _ in columns},
            "kinds": {name: kind for name, _, kind in columns},
            "words": {part.part.value: list(part.segments) for part in parts},
        }

    def mailed(self, number: int) -> Row | None:
        """A message as an operator of bytes sees it; None where it is no mail."""
        sealed = self.seal(self.row(number))
        customer = self.decisions[sealed.stored["decision_id"]]["customer_id"]
        if customer not in self.mailboxes or Part.SUBJECT not in sealed.words:
            return None
        row: Row = {
            "message_id": sealed.stored["message_id"],
            "customer_id": customer,
            "recipient": self.mailboxes[customer],
            "parts": {part.value: words for part, words in sealed.words.items()},
        }
        return {**row, "mail": mail.build(self.letter(row), brand=self.project.brand, clock=self.clock)}

    def letter(self, row: Row) -> mail.Letter:
        """What a mail is made of."""
        return mail.Letter(
            message_id=row["message_id"],
            recipient=row["recipient"],
            purpose=self.purpose_of(row["message_id"]),
            parts={Part(name): words for name, words in row["parts"].items()},
            links=message_links(row["message_id"], brand=self.project.brand, key=self.key),
        )

    def purpose_of(self, message_id: bytes) -> Purpose:
        """What a message is for."""
        return Purpose(self.decisions[self.of_message[message_id]]["purpose"])

    @cached_property
    def of_message(self) -> dict[bytes, bytes]:
        """The decision of each message."""
        return {one["message_id"]: one["decision_id"] for one in self.messages}

    def seal(self, row: Row) -> Sealed:
        """A row, spoilt or not, as the message it would have been: its skeleton's id and its hash are made of it."""
        skeleton = self._skeleton(row)
        said = {f"s{column}": row["slots"][name] for name, column, _ in self._named(row)}
        stored: dict[str, Any] = {name: value if value is None else str(value) for name, value in said.items()}
        values = [stored.get(f"s{column}") for column in range(skeleton.width)]
        links = message_links(row["message_id"], brand=self.project.brand, key=self.key)
        words = join(skeleton, filled(skeleton, values, links=links))
        head = {name: row[name] for name in ("message_id", "decision_id", "language")}
        return Sealed(
            stored={**head, "skeleton_id": skeleton.skeleton_id, "bytes_hash": bytes_hash(words), **stored},
            skeleton=skeleton,
            words=words,
        )

    def _named(self, row: Row) -> list[tuple[str, int, str]]:
        named = self.columns(row["skeleton_id"])
        if {name for name, _, _ in named} != set(row["slots"]):
            raise Misuse.say(where="an operator", what="slots were added or left out", do="change values only")
        return named

    def _skeleton(self, row: Row) -> Skeleton:
        skeleton = self.skeletons[row["skeleton_id"]]
        parts = tuple(_part(part, row["words"].get(part.part.value)) for part in skeleton.parts)
        return skeleton if parts == skeleton.parts else replace(skeleton, parts=parts)

    def tables(self, sealed: Sequence[Sealed], *, decisions: Iterable[bytes]) -> dict[str, pa.Table]:
        """The gate's inputs with these messages only, and these decisions."""
        width = max((one.skeleton.width for one in sealed), default=0)
        plain = contracts.table("messages").schema
        schema = pa.schema([*plain, *((f"s{n}", pa.string()) for n in range(width))])
        skeletons = {one.skeleton.skeleton_id: one.skeleton for one in sealed}
        wanted = [self.decisions[one] for one in dict.fromkeys(decisions)]
        return {
            **{name: table for name, table in self.inputs.items() if name != "unwritten"},
            "messages": pa.Table.from_pylist([one.stored for one in sealed], schema=schema),
            "skeletons": pa.Table.from_batches([skeleton_rows(skeletons)]),
            "decisions": pa.Table.from_pylist(wanted, schema=self.inputs["decisions"].schema),
        }


def _part(part: SkeletonPart, words: list[str] | str | None) -> SkeletonPart:
    """A part with other words; what is too many stands at the end, what is too few is empty."""
    given = [words] if isinstance(words, str) else list(words or ())
    kept = len(part.slots)
    segments = (*[*given, *[""] * kept][:kept], "".join(given[kept:]))
    return part if segments == part.segments else replace(part, segments=segments)


def copied(rows: Iterable[Row]) -> list[Row]:
    """Rows that may be changed in place."""
    return [copy.deepcopy(row) for row in rows]


def delivered(material: Material, rows: Sequence[Row]) -> dict[bytes, list[Sealed]]:
    """What each decision's customer would get."""
    found: dict[bytes, list[Sealed]] = {}
    for row in rows:
        found.setdefault(row["decision_id"], []).append(material.seal(row))
    return found


def differing(before: dict[bytes, list[Sealed]], after: dict[bytes, list[Sealed]]) -> Iterator[bytes]:
    """The decisions whose customers would get other bytes."""
    for decision in {**before, **after}:
        had, gets = before.get(decision, []), after.get(decision, [])
        if [one.words for one in had] != [one.words for one in gets]:
            yield decision
