"""The audit: messages drawn by chance are joined and read again whole; what the gate said of them must be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.asking import asked
from tactful.check.block import Block
from tactful.check.encoded import Encoded
from tactful.check.rule import Rule, Use, Whole
from tactful.check.second import SECOND
from tactful.check.whole import Reading, read_again
from tactful.reckon import chance
from tactful.store import contracts
from tactful.words.message import Part

PURPOSE = "audit"
"""What the draw is for; no other draw has this word."""
LEAST = 10
"""So many are drawn from a small run, if it has them."""
Join = Callable[[pa.Table], Iterable[tuple[bytes, Mapping[Part, str]]]]
See = Callable[[Use, Block], Iterable[pa.RecordBatch]]
Said = dict[bytes, set[tuple[str, str]]]
"""By message: each rule that speaks, with the part of which it does."""
_PARTS = frozenset(part.value for part in Part)


@dataclass(slots=True, kw_only=True)
class Audit:
    """Who is read again, and how their bytes are had. Stability: caller.

    Attributes:
        join: the joined parts of messages, by id.
        share: of all messages, in [0, 1].
        point: what is drawn for, such as the run's id; the same gives the same draw.
        salt: of the project.
        is_walked: takes the long way with every message; for proofs that both ways agree.
    """

    join: Join
    share: Decimal
    point: str
    salt: str
    is_walked: bool = False
    drawn: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    messages: pa.Table | None = None

    def draw(self, messages: pa.Table, *, keys: pa.ChunkedArray) -> None:
        """Chooses whom to read again.

        Args:
            messages: rows of `messages`.
            keys: the customer_key of each.
        """
        self.messages = messages
        drawn = chance.draws(keys.to_numpy(), point=self.point, purpose=PURPOSE, salt=self.salt)
        below = np.flatnonzero(drawn < chance.share_of_draws(str(self.share)))
        lowest = np.argsort(drawn, kind="stable")[: LEAST if self.share else 0]
        self.drawn = np.zeros(messages.num_rows, dtype=bool)
        self.drawn[below] = self.drawn[lowest] = True

    def compare(
        self, use: Use, block: Block, *, found: Sequence[pa.RecordBatch], see: See, rules: Sequence[Rule]
    ) -> Iterator[pa.RecordBatch]:
        """Rows of `audits` for the drawn messages of a use.

        Args:
            use: the skeleton in use.
            block: its messages.
            found: what the gate said of them.
            see: the gate's own look at messages, for those that were read again.
            rules: all of them.
        """
        mine = np.flatnonzero(self.drawn[block.numbers])
        if not mine.size:
            return
        of_one = frozenset(rule.id for rule in rules if rule.is_of_one)
        some = block.rows(mine)
        before = _by_message(found, some.message_ids, kept=of_one)
        joined = dict(self.join(self._of_rows(some.numbers)))
        after = self._after(use, some, joined=joined, see=see, rules=rules, before=before)
        yield _batch(some.message_ids, before=before, after={one: after[one] for one in some.message_ids}, kept=of_one)

    def _of_rows(self, rows: NDArray[np.int64]) -> pa.Table:
        """Some messages, from the slice in which they stand: the messages of a skeleton are neighbours."""
        assert self.messages is not None
        first = int(rows.min())
        return self.messages.slice(first, int(rows.max()) - first + 1).take(pa.array(rows - first))

    def _after(
        self, use: Use, block: Block, *, joined: Mapping[bytes, Mapping[Part, str]], see: See, rules: Sequence[Rule],
        before: Said,
    ) -> Said:  # fmt: skip
        """What all rules say of these messages as they were read from their bytes.

        Rules are functions of structure and values. Where the parser read exactly the structure that was judged, and
        the values were found as they are stored, they have said it (`before`); only the whole words are new.
        """
        looks = [(rule, look) for rule in rules if (look := rule.whole or SECOND.get(rule.id))]
        said: Said = {}
        same: list[int] = []
        read: list[Reading] = []
        for row, message_id in enumerate(block.message_ids):
            stored = {number: column.values[int(column.codes[row])] for number, column in block.columns.items()}
            parts = joined[message_id]
            one = read_again(use.bones, parts=parts, stored=stored, is_walked=self.is_walked)
            read.append(one)
            seen = Whole(use=_with(use, one), parts=parts, words=one.words)
            said[message_id] = {
                pair
                for rule, look in looks
                for hit in asked(rule, look, of=seen)
                for pair in _pairs(rule.id, hit.place or rule.place)
            }
            if one.is_same and not self.is_walked and _holds(one, stored):
                said[message_id] |= before[message_id]
            elif one.is_same:
                same.append(row)
            else:
                alone = _replaced(block, [row], read=[one])
                _add(said, see(_with(use, one), alone), ids=alone.message_ids)
        if same:
            group = _replaced(block, same, read=[read[row] for row in same])
            _add(said, see(use, group), ids=group.message_ids)
        return said


def differences(audits: pa.RecordBatch) -> Iterator[str]:
    """Each message that was judged otherwise when it was read whole, in one sentence."""
    for row in audits.filter(pc.invert(audits["same"])).to_pylist():
        gate, whole = (set(filter(None, row[name].split("; "))) for name in ("by_gate", "by_reading"))
        told = f"the gate said {'; '.join(sorted(gate - whole)) or 'nothing'}"
        told += f", and read whole it is {'; '.join(sorted(whole - gate)) or 'nothing'}"
        both = f"; both said {'; '.join(sorted(gate & whole))}" if gate & whole else ""
        yield f"message {row['message_id'].hex()}: {told}{both}"


def _holds(read: Reading, stored: Mapping[int, str | None]) -> bool:
    """Whether every value was found as it is stored: rules are asked of the same things, and say the same again."""
    return all(value is None or read.values.get(number, value) == value for number, value in stored.items())


def _with(use: Use, read: Reading) -> Use:
    return replace(use, bones=read.bones)


def _replaced(block: Block, rows: list[int], *, read: Sequence[Reading]) -> Block:
    """Some messages with the values that were found in their bytes; what is stored as none is none again."""
    some = block.rows(np.array(rows, dtype=np.int64))
    columns = {}
    for number, column in some.columns.items():
        values = [column.values[int(code)] for code in column.codes]
        pairs = zip(values, read, strict=True)
        again = [one.values.get(number, value) if value is not None else None for value, one in pairs]
        columns[number] = Encoded.of(pa.array(again, pa.string()))
    some.columns = columns
    return some


def named_parts(place: str) -> tuple[str, ...]:
    """The parts that a finding's place names; the place itself where it names none.

    >>> named_parts("html, text, items[0].title"), named_parts("items")
    (('html', 'text'), ('items',))
    """
    return tuple(word for word in place.split(", ") if word in _PARTS) or (place,)


def _pairs(rule: str, place: str) -> Iterator[tuple[str, str]]:
    for one in named_parts(place):
        yield rule, one


def _add(said: Said, found: Iterable[pa.RecordBatch], *, ids: Sequence[bytes]) -> None:
    for message_id, pairs in _by_message(list(found), ids, kept=None).items():
        said[message_id] |= pairs


def _by_message(found: Sequence[pa.RecordBatch], ids: Sequence[bytes], *, kept: frozenset[str] | None) -> Said:
    """What findings say of each of these messages."""
    said: Said = {one: set() for one in ids}
    hexes = {one.hex(): one for one in ids}
    wanted = pa.array([*hexes], pa.string())
    for batch in found:
        of_all = pc.starts_with(batch["subject"], "skeleton:")
        few = batch.filter(pc.or_(of_all, pc.is_in(batch["subject"], value_set=wanted)))
        rows = zip(*(few[name].to_pylist() for name in ("subject", "rule", "place")), strict=True)
        for subject, rule, place in rows:
            if kept is None or rule in kept:
                for one in [hexes[subject]] if subject in hexes else ids:
                    said[one] |= set(_pairs(rule, place))
    return said


def _batch(
    ids: Sequence[bytes],
    *,
    before: Said,
    after: Said,
    kept: frozenset[str],
) -> pa.RecordBatch:
    rows: list[dict[str, Any]] = []  # Any: columns of several types
    for one in ids:
        read = {pair for pair in after[one] if pair[0] in kept}
        rows.append(
            {"message_id": one, "same": before[one] == read, "by_gate": _words(before[one]), "by_reading": _words(read)}
        )
    return pa.RecordBatch.from_pylist(rows, schema=contracts.table("audits").schema)


def _words(said: Iterable[tuple[str, str]]) -> str:
    """A verdict in one line.

    >>> _words({("slot-empty", "html"), ("never-words", "text")})
    'never-words (text); slot-empty (html)'
    """
    return "; ".join(f"{rule} ({place})" for rule, place in sorted(said))
