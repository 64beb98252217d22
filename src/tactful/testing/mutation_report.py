"""Puts faults into a run's good messages and counts how many the gate holds back, by operator and by rule."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import finished, gate, verdict
from tactful.check.rules.sources import DERIVED
from tactful.compose import mail
from tactful.store import contracts
from tactful.testing.mutation_rows import Material, Sealed, copied, delivered, differing
from tactful.testing.mutations import Layer, Operator, Row
from tactful.words.errors import Refused
from tactful.words.finding import Severity

WINDOW = 4
"""How many messages of one skeleton an operator is given."""
PATIENCE = 40
"""How many windows an operator may find nothing to spoil in, one after another."""
REFUSED = "refused"
"""What stands for a rule where the mail could not be built at all."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault in the tables. Stability: internal.

    Attributes:
        touched: what is spoilt, sealed anew.
        decisions: of everybody whom it concerns.
        is_alone: whether it can only be seen in a run of its own: a message is missing or twice.
        window: everything the operator was given, as it left it.
    """

    operator: str
    touched: tuple[Sealed, ...]
    decisions: frozenset[bytes]
    is_alone: bool
    window: tuple[Sealed, ...]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of an operator's faults. Stability: full.

    Attributes:
        faults: how many were made.
        caught: how many were held back whole: every message that the fault touched.
        by_meaning: how many were held back also by a rule that does not derive anything again.
        rules: how many faults each rule caught.
        missed: ids of some messages of faults that went through.
    """

    faults: int = 0
    caught: int = 0
    by_meaning: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def add(self, rules: frozenset[str], *, message_id: str) -> None:
        """One more fault, and the rules that caught it."""
        self.faults += 1
        self.caught += bool(rules)
        self.by_meaning += bool(rules - DERIVED)
        self.rules.update(rules)
        if not rules and len(self.missed) < 3:
            self.missed.append(message_id)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A mutation report. Stability: full.

    Attributes:
        by_operator: in the order of the operators.
        idle: operators that found nothing to spoil.
        good: good messages seen; `false_alarms` of them were held back.
    """

    by_operator: dict[str, Tally]
    idle: tuple[str, ...]
    good: int
    false_alarms: int
    alarms: dict[str, int]

    @property
    def faults(self) -> int:
        """How many faults were made."""
        return sum(one.faults for one in self.by_operator.values())

    @property
    def caught(self) -> int:
        """How many were held back."""
        return sum(one.caught for one in self.by_operator.values())

    @property
    def by_meaning(self) -> int:
        """How many would have been held back without deriving anything again."""
        return sum(one.by_meaning for one in self.by_operator.values())

    def as_json(self) -> dict[str, Any]:  # Any: printed as JSON
        """For programs."""
        return {
            "faults": self.faults,
            "caught": self.caught,
            "caught_share": round(self.caught / max(1, self.faults), 4),
            "caught_by_meaning_alone": self.by_meaning,
            "good_messages": self.good,
            "false_alarms": self.false_alarms,
            "false_alarms_per_thousand": round(1000 * self.false_alarms / max(1, self.good), 3),
            "false_alarms_by_rule": self.alarms,
            "operators_that_found_nothing": list(self.idle),
            "by_operator": {
                name: {
                    "faults": one.faults,
                    "caught": one.caught,
                    "by_meaning": one.by_meaning,
                    "rules": dict(one.rules.most_common(5)),
                    **({"missed": one.missed} if one.missed else {}),
                }
                for name, one in self.by_operator.items()
            },
        }


def report(
    material: Material, operators: Sequence[Operator], *, faults: int = 1000, seed: int = 1, mails: int | None = None
) -> Outcome:
    """A mutation report over a run's good messages.

    Args:
        material: the run.
        operators: ours, a stranger's, or both.
        faults: how many are made in all, shared among the operators.
        seed: the same seed makes the same faults.
        mails: how many good mails are looked at once more when finished; all, if left out.
    """
    tallies = {one.name: Tally() for one in operators}
    makers: list[Iterator[object]] = []
    waiting: list[Fault] = []
    for number, operator in enumerate(operators):
        rng = random.Random(f"{seed} {number} {operator.name}")  # noqa: S311  # not for secrets
        makers.append(_made(material, operator, rng=rng, tally=tallies[operator.name], waiting=waiting))
    made = 0
    while made < faults and makers:
        for maker in list(makers):
            if made < faults and next(maker, None) is not None:
                made += 1
            elif made < faults:
                makers.remove(maker)
    for together in rounds(waiting):
        judge(material, together, tallies=tallies)
    alarms = false_alarms(material, mails=mails)
    return Outcome(
        by_operator=tallies,
        idle=tuple(name for name, one in tallies.items() if not one.faults),
        good=len(material.messages),
        false_alarms=sum(alarms.values()),
        alarms=dict(sorted(alarms.items())),
    )


def _made(
    material: Material, operator: Operator, *, rng: random.Random, tally: Tally, waiting: list[Fault]
) -> Iterator[object]:
    """One fault after another; those of mails are judged at once."""
    idle = 0
    while idle < PATIENCE:
        window = _window(material, rng)
        if operator.layer is Layer.BYTES:
            found = mail_fault(material, operator, window=window, rng=rng)
            if found is not None:
                tally.add(found[1], message_id=found[0])
        else:
            fault = table_fault(material, operator, window=window, rng=rng)
            found = None if fault is None else ("", frozenset())
            waiting += [] if fault is None else [fault]
        idle = 0 if found is not None else idle + 1
        if found is not None:
            yield found


def _window(material: Material, rng: random.Random) -> list[int]:
    """Some messages of one skeleton; small skeletons have their turn as often as large ones."""
    kin = rng.choice(material.kin)
    return rng.sample(kin, min(WINDOW, len(kin)))


def table_fault(material: Material, operator: Operator, *, window: Sequence[int], rng: random.Random) -> Fault | None:
    """One fault in the tables, or None where the operator left the bytes as they were."""
    before = [material.row(number) for number in window]
    after = operator.applied(copied(before), rng)
    had, gets = delivered(material, before), delivered(material, after)
    changed = frozenset(differing(had, gets))
    if not changed:
        return None
    touched = tuple(one for decision in changed for one in gets.get(decision, ()))
    return Fault(
        operator=operator.name,
        touched=touched,
        decisions=changed,
        is_alone=any(len(gets.get(one, ())) != 1 for one in changed),
        window=tuple(one for several in gets.values() for one in several),
    )


def mail_fault(
    material: Material, operator: Operator, *, window: Sequence[int], rng: random.Random
) -> tuple[str, frozenset[str]] | None:
    """One fault in finished mails, and the rules that caught it; None where the bytes are the same."""
    before = [row for number in window if (row := material.mailed(number)) is not None]
    if not before:
        return None
    after = operator.applied(copied(before), rng)
    spoilt = [(had, gets) for had, gets in zip(before, after, strict=True) if had != gets]
    caught: list[frozenset[str]] = []
    for had, gets in spoilt:
        rules = _judged(material, had, gets=gets)
        if rules is not None:
            caught.append(rules)
    if not caught:
        return None
    every = frozenset[str]().union(*caught) if all(caught) else frozenset[str]()
    return spoilt[0][0]["message_id"].hex(), every


def _judged(material: Material, had: Row, *, gets: Row) -> frozenset[str] | None:
    """The rules against one finished mail; None where it is the mail it should be."""
    payload = gets["mail"]
    if payload == had["mail"]:
        try:
            payload = mail.build(material.letter({**had, "parts": gets["parts"]}), brand=material.project.brand,
                                 clock=material.clock)  # fmt: skip
        except Refused:
            return frozenset({REFUSED})
    if payload == had["mail"]:
        return None
    return frozenset(one.rule for one in inspect_mail(material, had, payload=payload))


def inspect_mail(material: Material, row: Row, *, payload: bytes) -> tuple[Any, ...]:  # Any: findings
    """What the last look at a mail says, against the message it was made of."""
    letter = material.letter(row)
    headers = mail.planned(letter, brand=material.project.brand, clock=material.clock)
    return tuple(finished.inspect(payload, words=letter.parts, headers=headers, subject=row["message_id"].hex()))


def rounds(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Faults that concern nobody twice go through the gate together; those of a run of their own go alone."""
    packed: list[tuple[set[bytes], list[Fault]]] = []
    alone = []
    for fault in faults:
        if fault.is_alone:
            alone.append([fault])
            continue
        mine = {*fault.decisions, *(one.stored["message_id"] for one in fault.touched)}
        for taken, together in packed:
            if not taken & mine:
                taken |= mine
                together.append(fault)
                break
        else:
            packed.append((set(mine), [fault]))
    return [together for _, together in packed] + alone


def judge(material: Material, together: Sequence[Fault], *, tallies: dict[str, Tally]) -> None:
    """Sends faults through the gate and notes which were held back."""
    fault = together[0]
    sealed = list(fault.window) if fault.is_alone else [one for each in together for one in each.touched]
    wanted = [one.stored["decision_id"] for one in sealed] + [one for each in together for one in each.decisions]
    tables = material.tables(sealed, decisions=wanted)
    found = findings(material, tables)
    judged = verdict.judge(found, messages=tables["messages"], policy=material.project.policy)
    lost = _of_run(found) - _of_good_window(material, wanted) if fault.is_alone else frozenset()
    for one in together:
        ids = [each.stored["message_id"] for each in one.touched]
        reasons = [{why.split(":", 1)[1] for why in judged.quarantined.get(each, ())} for each in ids]
        rules = frozenset[str]().union(*reasons) if ids and all(reasons) else frozenset[str]()
        rules |= lost if one.is_alone and not ids else frozenset()
        tallies[one.operator].add(rules, message_id=ids[0].hex() if ids else "")


def _of_good_window(material: Material, decisions: Sequence[bytes]) -> frozenset[str]:
    """What is said of the run as a whole where the same messages are as they should be: they are few."""
    good = [number for number, one in enumerate(material.messages) if one["decision_id"] in set(decisions)]
    sealed = [material.seal(material.row(number)) for number in good]
    return _of_run(findings(material, material.tables(sealed, decisions=decisions)))


def _of_run(found: pa.Table) -> frozenset[str]:
    """The errors that are about the run as a whole."""
    errors = pc.and_(pc.equal(found["severity"], Severity.ERROR.value), pc.equal(found["subject"], gate.RUN))
    return frozenset(found.filter(errors)["rule"].to_pylist())


def findings(material: Material, tables: dict[str, pa.Table]) -> pa.Table:
    """What the gate finds."""
    schema = contracts.table("findings").schema
    found = gate.inspect(tables, project=material.project, clock=material.clock)
    return pa.Table.from_batches([one for one in found if one.schema.names == schema.names], schema=schema)


def false_alarms(material: Material, *, mails: int | None = None) -> Counter[str]:
    """Good messages that are held back, by the first rule that does; the run's tables, and each mail, as they are."""
    found = findings(material, dict(material.inputs))
    judged = verdict.judge(found, messages=material.inputs["messages"], policy=material.project.policy)
    alarms = Counter(why[0].split(":", 1)[1] for why in judged.quarantined.values())
    alarms.update(_of_run(found))
    every = len(material.messages)
    for number in range(0, every, max(1, every // mails) if mails else 1):
        row = material.mailed(number)
        if row is not None and (wrong := inspect_mail(material, row, payload=row["mail"])):
            alarms[wrong[0].rule] += 1
    return alarms
