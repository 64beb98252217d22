"""The gate: every message of a run passes every rule, each skeleton, distinct value and junction looked at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tactful.check.asking import asked
from tactful.check.audit import Audit, differences
from tactful.check.block import Block, Tables
from tactful.check.bones import LINKS, Bones, read_skeletons
from tactful.check.encoded import Encoded, dense
from tactful.check.filling import parted
from tactful.check.late import Late
from tactful.check.rule import Column, Hit, Junction, Messages, Rule, Run, Use
from tactful.check.rules import RULES
from tactful.check.rules.standing import AUDIT_DIFFERS, NO_DECISION, NO_SKELETON
from tactful.check.scene import Inputs, Scene
from tactful.check.sieve import Sieve
from tactful.check.slots import Slots
from tactful.check.suppressing import Silence
from tactful.project.declared import Project
from tactful.store import contracts, lake
from tactful.words.clock import Clock
from tactful.words.fact import Purpose
from tactful.words.level import Level
from tactful.words.outcome import OutcomeKind
from tactful.words.sealed import Sealed
from tactful.words.touchpoint import Channel

SKELETON = "skeleton:"
"""How a finding's subject begins that is about all messages of a skeleton."""
RUN = "run"
"""The subject of a finding about the run as a whole."""
_SLOT = re.compile(r"s\d+")
"""How a slot column is called."""
_USE = ("level", "purpose", "program", "touchpoint")


def inspect(
    inputs: Inputs, *, project: Project, clock: Clock, rules: Sequence[Rule] | None = None, audit: Audit | None = None
) -> Iterator[pa.RecordBatch]:
    """What is wrong with the messages of a run, as rows of `findings`, and of `audits`. Every message is seen.

    The subject of a finding is a message's id in hex, `skeleton:` and the skeleton's id where it is about all messages
    of a skeleton, or `run`.

    Args:
        inputs: `messages`, `skeletons`, `decisions`, `profiles`, `items`, `links`; where there are any also `unwritten`
            (decisions that got no message, with a reason), `transactions` (who ordered and returned what) and
            `previous` (customer_id, skeleton_id, happened_at of earlier messages).
        project: brand, policy, facts and offers.
        clock: the run's now.
        rules: those of the house where left out.
        audit: which messages are also joined and read again whole; any other verdict there is a finding of the run.

    Raises:
        PlugInFailed: a rule raised; the message names it.
    """
    skeletons = read_skeletons(lake.read(inputs["skeletons"]))
    messages, decisions = _stored(inputs["messages"]), Late(inputs["decisions"])
    scene = Scene.of(inputs, project=project, clock=clock, skeletons=skeletons, decisions=decisions)
    every = tuple(rules if rules is not None else RULES)
    gate = _Gate(scene=scene, rules=every, sieve=Sieve(rules=every))
    places = pc.index_in(messages["decision_id"], value_set=decisions["decision_id"])
    known = pc.is_in(messages["skeleton_id"], value_set=pa.array(list(skeletons), pa.binary(16)))
    whole = pc.and_(pc.is_valid(places), known)
    yield from gate.orphans(messages.filter(pc.invert(pc.is_valid(places))), NO_DECISION)
    yield from gate.orphans(messages.filter(pc.and_(pc.is_valid(places), pc.invert(known))), NO_SKELETON)
    if not pc.all(whole).as_py():
        messages, places = messages.filter(whole), places.filter(whole)
    of_messages = decisions.taken(["customer_id", "customer_key", "variant_id", "content_id"], places)
    tables = _tables(messages, decisions, places=places, scene=scene)
    silence = Silence(project, today=clock.today)
    if audit:
        audit.draw(messages, keys=of_messages["customer_key"])
    for use, block, is_only in _blocks(messages, tables=tables, scene=scene):
        found = list(gate.see(use, block=block, is_only=is_only))
        where = {"content": use.bones.skeleton.content_id, "branch": use.bones.skeleton.branch}
        yield from silence.over(found, program=use.program, **where)
        if audit:
            yield from gate.audited(audit, use=use, block=block, found=found)
    yield from gate.see_run(_run(inputs, tables=tables, written=of_messages, scene=scene))


def _stored(source: Sealed | pa.Table) -> pa.Table:
    """All messages, their slots as the codes that stand in the files: no value is spelt out for each who has it."""
    return lake.read(source, coded=[name for name in lake.schema(source).names if _SLOT.fullmatch(name)])


def _blocks(messages: pa.Table, *, tables: Tables, scene: Scene) -> Iterator[tuple[Use, Block, bool]]:
    """Messages by skeleton and use; whether the use is its skeleton's only one."""
    if messages.num_rows == 0:
        return
    columns = [Encoded.of(messages[name]) for name in ("skeleton_id", "language")]
    of_decisions = [tables.decision(name) for name in _USE]
    columns += [Encoded(values=one.values, codes=one.codes[tables.decided]) for one in of_decisions]
    groups = _groups(columns)
    firsts = [[made.values[int(made.codes[rows[0]])] for made in columns] for rows in groups]
    bones = [scene.skeletons[first[0]] for first in firsts]
    uses = Counter(first[0] for first in firsts)
    mine = [(_rows(messages, rows), one) for rows, one in zip(groups, bones, strict=True)]
    slots = Slots(mine, lexicon=scene.lexicon)
    for number, (rows, (skeleton_id, language, *rest)) in enumerate(zip(groups, firsts, strict=True)):
        block = Block(tables=tables, numbers=rows, columns=slots.of_use(number))
        use = _use(bones[number], scene, first=dict(zip(_USE, rest, strict=True)), language=language)
        yield from parted(use, block, is_only=uses[skeleton_id] == 1)


def _groups(columns: Sequence[Encoded]) -> list[NDArray[np.int64]]:
    """The rows that are alike in all columns, each group ascending."""
    key = np.zeros(len(columns[0].codes), dtype=np.int64)
    for made in columns:
        key = dense(key * len(made.values) + made.codes)
    order = np.argsort(key, kind="stable") if np.any(key[1:] < key[:-1]) else np.arange(len(key))
    return np.split(order, np.flatnonzero(np.diff(key[order])) + 1)


def _rows(messages: pa.Table, rows: NDArray[np.int64]) -> pa.Table:
    """Some of the messages: those of a skeleton are neighbours, as a rule."""
    is_slice = rows[-1] - rows[0] + 1 == len(rows)
    return messages.slice(int(rows[0]), len(rows)) if is_slice else messages.take(pa.array(rows))


def _use(bones: Bones, scene: Scene, *, first: Mapping[str, Any], language: str) -> Use:  # Any: values of decisions
    return Use(
        bones=bones,
        scene=scene,
        level=Level(first["level"]),
        purpose=Purpose(first["purpose"]),
        program=first["program"] or "",
        channel=Channel.of(first["touchpoint"]),
        language=language,
    )


def _tables(messages: pa.Table, decisions: Late, *, places: pa.Array, scene: Scene) -> Tables:
    """Every message with its decision and its customer's profile."""
    decided = places.to_numpy(zero_copy_only=False).astype(np.int64)
    kept = messages.select(["message_id", "language"])
    people = scene.people[decided]
    return Tables(messages=kept, decisions=decisions, decided=decided, profiles=scene.profiles, people=people)


def _run(inputs: Inputs, *, tables: Tables, written: pa.Table, scene: Scene) -> Run:
    unwritten = lake.read(inputs["unwritten"]) if "unwritten" in inputs else None
    chosen = pc.sum(pc.equal(tables.decisions["outcome_kind"], OutcomeKind.CHOSEN.value), min_count=0)
    variants = {value for value in written["variant_id"].unique().to_pylist() if value is not None}
    nameless = written.filter(pc.is_null(written["variant_id"]))["content_id"].unique()
    return Run(
        scene=scene,
        messages=written.num_rows,
        customers=written.num_rows if tables.are_single else pc.count_distinct(written["customer_id"]).as_py(),
        variants=len(variants) + len(nameless),
        expected=chosen.as_py(),
        unwritten=unwritten.num_rows if unwritten is not None else 0,
    )


@dataclass(slots=True, kw_only=True)
class _Rows:
    """Findings on their way into a batch. Stability: internal."""

    subject: list[str] = field(default_factory=list)
    rule: list[str] = field(default_factory=list)
    severity: list[str] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    fix: list[str] = field(default_factory=list)

    def add(self, rule: Rule, subjects: Sequence[str], *, place: str, text: Sequence[str]) -> None:
        """The same rule and place for several subjects, each with its own words."""
        count = len(subjects)
        self.subject += subjects
        self.rule += [rule.id] * count
        self.severity += [rule.severity.value] * count
        self.place += [place] * count
        self.text += text
        self.fix += [rule.fix] * count

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What was found, if anything was."""
        if not self.subject:
            return
        schema = contracts.table("findings").schema
        columns: dict[str, list[Any]] = {  # Any: columns of text, one of them empty
            "subject": self.subject,
            "rule": self.rule,
            "severity": self.severity,
            "place": self.place,
            "text": self.text,
            "fix": self.fix,
            "suppressed_by": [None] * len(self.subject),
        }
        yield pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in schema], schema=schema)


@dataclass(slots=True, kw_only=True)
class _Gate:
    """The rules at work on one run. Stability: internal."""

    scene: Scene
    rules: tuple[Rule, ...]
    sieve: Sieve

    def orphans(self, messages: pa.Table, rule: Rule) -> Iterator[pa.RecordBatch]:
        """Messages that cannot be looked at because what they hang on is missing."""
        rows = _Rows()
        ids = [one.hex() for one in messages["message_id"].to_pylist()]
        rows.add(rule, ids, place=rule.place, text=[rule.why] * len(ids))
        yield from rows.batches()

    def see(self, use: Use, *, block: Block, is_only: bool) -> Iterator[pa.RecordBatch]:
        """All rules over the messages of one use."""
        rows = _Rows()
        everyone = np.arange(len(block))
        for rule in self.rules:
            if rule.skeleton:
                for hit in asked(rule, rule.skeleton, of=use):
                    place = hit.place or rule.place
                    if is_only:
                        rows.add(rule, [f"{SKELETON}{use.bones.skeleton_id.hex()}"], place=place, text=[hit.what])
                    else:
                        _spread(rows, rule, block=block, which=everyone, place=place, what=hit.what)
            if rule.message:
                for hit in asked(rule, rule.message, of=Messages(use=use, block=block)):
                    hit_rows = everyone if hit.rows is None else hit.rows
                    _spread(rows, rule, block=block, which=hit_rows, place=hit.place or rule.place, what=hit.what)
        self._see_slots(rows, use=use, block=block)
        yield from rows.batches()

    def _see_slots(self, rows: _Rows, *, use: Use, block: Block) -> None:
        for number, slots in use.bones.columns():
            encoded = block.columns[number]
            column = Column(use=use, number=number, slots=slots, values=encoded.whole or encoded.values)
            if rules := self.sieve.of_column(column):
                own = encoded.own()
                column = replace(column, values=own.values)
                place = f"{', '.join(sorted({part.value for part, _ in slots}))}, {column.slot.source}"
                for rule in rules:
                    hits = asked(rule, rule.slot, of=column) if rule.slot else ()
                    _value_hits(rows, rule, block=block, encoded=own, hits=hits, place=place)
        for at in use.bones.neighbours:
            if at.slot.source.startswith(LINKS):
                continue
            encoded = block.columns[at.slot.column]
            junction = Junction(use=use, at=at, values=encoded.whole or encoded.values)
            if rules := self.sieve.of_junction(junction):
                own = encoded.own()
                junction = replace(junction, values=own.values)
                place = f"{at.part.value}, {at.slot.source}"
                for rule in rules:
                    hits = asked(rule, rule.junction, of=junction) if rule.junction else ()
                    _value_hits(rows, rule, block=block, encoded=own, hits=hits, place=place)

    def audited(
        self, audit: Audit, *, use: Use, block: Block, found: Sequence[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """What reading some of the messages whole came to; a difference is a finding of the run, which it stops."""

        def see(use: Use, block: Block) -> Iterator[pa.RecordBatch]:
            return self.see(use, block=block, is_only=False)

        for batch in audit.compare(use, block, found=found, see=see, rules=self.rules):
            yield batch
            rows = _Rows()
            for what in differences(batch):
                rows.add(AUDIT_DIFFERS, [RUN], place=AUDIT_DIFFERS.place, text=[what])
            yield from rows.batches()

    def see_run(self, run: Run) -> Iterator[pa.RecordBatch]:
        """All rules over the run as a whole."""
        rows = _Rows()
        for rule in self.rules:
            if rule.run:
                for hit in asked(rule, rule.run, of=run):
                    rows.add(rule, [RUN], place=hit.place or rule.place, text=[hit.what])
        yield from rows.batches()


def _spread(rows: _Rows, rule: Rule, *, block: Block, which: NDArray[np.int64], place: str, what: str) -> None:
    ids = [block.message_ids[row].hex() for row in which.tolist()]
    rows.add(rule, ids, place=place, text=[what] * len(ids))


def _value_hits(rows: _Rows, rule: Rule, *, block: Block, encoded: Encoded, hits: Iterable[Hit], place: str) -> None:
    """Hits on distinct values, for every message that has the value."""
    said: dict[int, str] = {}
    for hit in hits:
        for number in range(len(encoded.values)) if hit.value is None else (hit.value,):
            said.setdefault(number, hit.what)
    if not said:
        return
    which = encoded.rows(said)
    ids = [block.message_ids[row].hex() for row in which.tolist()]
    rows.add(rule, ids, place=place, text=[said[code] for code in encoded.codes[which].tolist()])
