"""A few proofs for a person's fifteen minutes, chosen to show every branch, level, offer, extreme and risk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import proof_features
from tactful.check.bones import Bones, read_skeletons, unmarked
from tactful.check.proof_cover import BRANCH, Cover, Feature, Rows, cover
from tactful.store import lake
from tactful.words.ids import derived_id
from tactful.words.message import Part
from tactful.words.sealed import Sealed

MOST = 40
"""As many as a person looks at with care in fifteen minutes."""
_QUOTED = 64
_TOLD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One message a person should look at. Stability: full.

    Attributes:
        message_id: 16 bytes.
        why: what it stands for that no proof before it did, in plain words, the riskiest first.
    """

    message_id: bytes
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """The proofs of a run. Stability: full.

    Attributes:
        chosen: in the order in which they were chosen: the one that covers most comes first.
        features: how many features the messages have.
        uncovered: features that no proof shows, where there are more than `most` proofs could show, with how many
            messages have them.
    """

    chosen: tuple[Proof, ...]
    features: int
    uncovered: tuple[str, ...]


def choose(
    inputs: Mapping[str, Sealed | pa.Table], *, most: int = MOST, leaving: Sequence[bytes] | None = None
) -> Proofs:
    """A small set of messages that shows everything that differs: greedy set cover, the same for the same messages.

    Covered are every skeleton, program with level, offer, language and touchpoint; every slot that speaks a fact, is
    empty or was reached by markup; the longest and shortest greeting and words of a fact; names in other letters; the
    longest and emptiest message, the longest subject and the most expensive item, of all and of each content in each
    language; every rule that found something, and the message with most findings. Where there are no more skeletons
    than proofs, each skeleton is among them. Ties go to the smaller message id.

    Args:
        inputs: `messages`, `skeletons`, `decisions`, and `findings` where there are any.
        most: as many as a person will look at with care.
        leaving: ids of the messages that may leave; all of them where it is left out.

    Raises:
        ValueError: `most` is less than one.
    """
    if most < 1:
        raise ValueError(f"{most} proofs are none; ask for one at least")
    messages, decisions = _candidates(inputs, leaving=leaving)
    if messages.num_rows == 0:
        return Proofs(chosen=(), features=0, uncovered=())
    bones = read_skeletons(lake.read(inputs["skeletons"]))
    seen = [*proof_features.decided(decisions, languages=messages["language"])]
    seen += proof_features.written(messages, bones)
    if "findings" in inputs:
        seen += proof_features.found(messages, lake.read(inputs["findings"]))
    features: dict[Feature, Rows] = {feature: rows for feature, rows in seen if rows.size}
    ids = messages["message_id"].combine_chunks()
    rank = np.empty(len(ids), dtype=np.int64)
    rank[pc.sort_indices(ids.cast(pa.binary())).to_numpy()] = np.arange(len(ids))
    covered = cover(features, rank=rank, most=most)
    return _told(covered, features=features, ids=ids, names=_branches(messages, bones))


def set_hash(shown: Mapping[bytes, bytes]) -> bytes:
    """16 bytes over a set of proofs: which messages, and their very bytes. The order does not matter.

    Args:
        shown: the hash of each message's joined parts, by message id.

    >>> set_hash({b"1": b"a", b"2": b"b"}) == set_hash({b"2": b"b", b"1": b"a"})
    True
    >>> set_hash({b"1": b"a"}) == set_hash({b"1": b"b"})
    False
    """
    return derived_id("proofs", *(word.hex() for pair in sorted(shown.items()) for word in pair))


def _candidates(
    inputs: Mapping[str, Sealed | pa.Table], *, leaving: Sequence[bytes] | None
) -> tuple[pa.Table, pa.Table]:
    """The messages that may leave, and their decisions, row by row."""
    messages = lake.read(inputs["messages"])
    decisions = lake.read(inputs["decisions"], columns=list(proof_features.DECIDED))
    if leaving is not None:
        messages = messages.filter(pc.is_in(messages["message_id"], value_set=pa.array(leaving, pa.binary(16))))
    places = pc.index_in(messages["decision_id"], value_set=decisions["decision_id"].combine_chunks())
    if places.null_count:
        messages, places = messages.filter(pc.is_valid(places)), places.filter(pc.is_valid(places))
    return messages, decisions.take(places)


def _told(covered: Cover, *, features: Mapping[Feature, Rows], ids: pa.Array, names: Mapping[str, str]) -> Proofs:
    """The cover in words: a branch by what only it says, and by how many messages it stands for."""

    def words(feature: Feature) -> str:
        if feature.kind != BRANCH:
            return feature.words
        count = features[feature].size
        own = names.get(feature.words, "")
        return f"{feature.words} ({_count(count)}{f': {own}' if own else ''})"

    return Proofs(
        chosen=tuple(
            Proof(message_id=ids[row].as_py(), why=tuple(words(one) for one in shown)) for row, shown in covered.chosen
        ),
        features=len(features),
        uncovered=tuple(
            feature.words if feature.kind == "corner" else f"{feature.words}: {_count(features[feature].size)}"
            for feature in covered.uncovered
        ),
    )


def _count(messages: int) -> str:
    return f"{messages:,} message" if messages == 1 else f"{messages:,} messages"


def _branches(messages: pa.Table, bones: dict[bytes, Bones]) -> dict[str, str]:
    """By the name of a branch: the words and slots that together no other branch of its content has, or lacks."""
    present = tuple(pc.unique(messages["skeleton_id"]).to_pylist())
    named = proof_features.branch_names(bones, present=present)
    siblings: dict[str, list[bytes]] = {}
    for skeleton_id in named:
        siblings.setdefault(bones[skeleton_id].skeleton.content_id, []).append(skeleton_id)
    found = {}
    for group in siblings.values():
        if 1 < len(group) <= MOST:
            says = {one: _says(bones[one]) for one in group}
            found.update({named[one]: _apart(one, says=says) for one in group})
    return found


def _apart(one: bytes, *, says: Mapping[bytes, list[str]]) -> str:
    """What tells one branch from all others, in few pieces: each halves those that are still like it, at the least."""
    like = [other for other in says if other != one]
    told: list[str] = []
    while like and len(told) < _TOLD:
        has = [(sum(said in says[other] for other in like), said) for said in says[one]]
        lacks = [
            (sum(said not in says[other] for other in like), f"without {said.removeprefix('with ')}")
            for said in dict.fromkeys(said for other in like for said in says[other])
            if said not in says[one]
        ]
        still, said = min([*has, *lacks], key=lambda piece: piece[0], default=(len(like), ""))
        if still == len(like):
            break
        told.append(said)
        plain = said.removeprefix("without ")
        without = said.startswith("without ")
        like = [o for o in like if without is not ({plain, f"with {plain}"} & set(says[o]) != set())]
    return ", ".join(told)


def _says(bones: Bones) -> list[str]:
    """What a branch says: its sentences, then its slots."""
    slots = [f"with {slot.source}" for _, _, slot in bones.slots]
    return list(dict.fromkeys([*(f"“{line}”" for line in _lines(bones)), *slots]))


def _lines(bones: Bones) -> list[str]:
    """The author's own sentences of a skeleton, in their order, slots as dots; short pieces say too little."""
    order = (Part.SUBJECT, Part.PREHEADER, Part.TEXT, bones.body)
    texts = [unmarked(bones.words[one], by="…") for one in order if one in bones.words]
    pieces = [piece for text in texts for piece in re.split(r"\n+|(?<=[.!?:])\s", text)]
    plain = [" ".join(piece.split()) for piece in pieces]
    return [_short(piece) for piece in plain if sum(letter.isalpha() for letter in piece) > 2]


def _short(words: str) -> str:
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED - 1].rsplit(' ', 1)[0]}…"
