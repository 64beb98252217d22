"""Fills the send sheet from a run's sealed tables and writes it to the output as a page that opens without a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import plugins, proof_page
from tactful.check.gate import SKELETON
from tactful.check.proof_sheet import (
    Cost,
    Figure,
    Gate,
    Leaving,
    LevelCount,
    ProofShown,
    RuleCount,
    RulePlace,
    Sheet,
    Step,
)
from tactful.check.verdict import Verdict
from tactful.compose.join import Joined
from tactful.decide.waterfall import Waterfall
from tactful.flow import proof_set
from tactful.flow.manifest import Run
from tactful.flow.proof_set import ProofSet
from tactful.flow.workspace import Workspace
from tactful.store import lake
from tactful.words.finding import Severity
from tactful.words.level import Level
from tactful.words.message import Part
from tactful.words.money import Money
from tactful.words.outcome import OutcomeKind, Reason
from tactful.words.score import UNITS_PER_MINOR
from tactful.words.sealed import Sealed

Tables = Mapping[str, "Sealed | pa.Table"]


def draw_page(
    space: Workspace,
    run: Run,
    *,
    tables: Tables,
    judged: Verdict,
    falls: tuple[Waterfall, ...],
    summary: Mapping[str, Any],  # Any: numbers, lists and texts
) -> dict[str, Any]:  # Any: numbers and texts
    """Writes the send sheet of a run, under the run's name.

    Returns:
        What the run's summary keeps of its proofs.
    """
    made = proof_set.choose(space, tables=tables, judged=judged)
    sheet = Sheet(
        shop=space.project.brand.brand,
        occasion=f"{run.clock.day} {run.clock:%B %Y}",
        run=run.name,
        figures=tuple(_figures(summary, judged=judged, proofs_shown=len(made.chosen.chosen))),
        steps=tuple(_steps(falls)),
        levels=tuple(_levels(summary)),
        costs=tuple(_costs(space, tables=tables)),
        gate=_gate(judged, summary=summary, rules=plugins.explained(space.project)),
        proofs=tuple(_proofs(made, tables=tables)),
        approve=f"tactful approve {_quoted(run.name)} --proofs {made.set_hash[: proof_set.SHORT]}",
        approve_note=(
            f"Binds to exactly this: these {len(made.chosen.chosen)} proofs to the last byte, {summary['skeletons']:,}"
            f" skeletons, the arms and offer terms, and at most {summary['ready']:,} messages, for"
            f" {space.project.policy.approval_lasts} days."
        ),
        second_person=tuple(summary["guard"]),
        invented=tuple(s.title for s in space.project.sources.values() if "invented" in s.title.lower()),
        uncovered=made.chosen.uncovered,
        features=made.chosen.features,
        set_hash=made.set_hash,
    )
    page = proof_page.draw(sheet)
    space.out.mkdir(parents=True, exist_ok=True)
    own = Path("runs") / f"{run.name.replace('#', '-')}.html"
    (space.out / own).parent.mkdir(parents=True, exist_ok=True)
    (space.out / own).write_text(page, "utf-8", newline="")
    return proof_set.noted(made, page=str(own), text=page)


def make_index(space: Workspace, drawn: Mapping[str, Any]) -> Path:  # Any: as above
    """Shows a run's page as `index.html` too: that of the last run.

    Args:
        space: the project.
        drawn: what `draw_page` returned.
    """
    index = space.out / "index.html"
    index.write_bytes((space.out / str(drawn["page"])).read_bytes())
    return index


def _quoted(name: str) -> str:
    """A run's name as a shell takes it: what follows a # would be a comment."""
    return f"'{name}'" if "#" in name else name


def _figures(summary: Mapping[str, Any], *, judged: Verdict, proofs_shown: int) -> Iterator[Figure]:  # Any: as above
    share = f"{summary['ready'] / max(1, summary['people']):.0%} of {summary['people']:,} people"
    yield Figure(number=f"{summary['ready']:,}", words="messages ready", note=share)
    yield Figure(
        number=f"{summary['skeletons']:,}", words="skeletons", note="the words that people wrote, once per branch"
    )
    held = f"{judged.share:.1%} of all" if summary["quarantined"] else f"of {summary['messages']:,} that were made"
    yield Figure(number=f"{summary['quarantined']:,}", words="held back by the gate", note=held)
    yield Figure(number=f"{proofs_shown}", words="proofs to look at", note="about fifteen minutes")


def _steps(falls: tuple[Waterfall, ...]) -> Iterator[Step]:
    """Everybody, then each step at which somebody left, with the same by program."""
    whole, programs = falls[0], falls[1:]
    yield Step(words="people in the project", left=whole.people)
    for number, step in enumerate(whole.steps):
        if not step.left:
            continue
        yield Step(
            words=step.name,
            left=step.remain,
            gone=step.left,
            why=_WHY.get(step.name, ""),
            programs=tuple(
                Leaving(program=fall.program or "", left=fall.steps[number].remain, gone=fall.steps[number].left)
                for fall in programs
            ),
        )
    yield Step(words="written to", left=whole.sending)


_WHY = {
    "not in the audience": "No program has them in its audience today.",
    "no consent": Reason.NO_CONSENT.sentence,
    "suppressed or no usable address": "Their address is on the suppression list, unusable, or shared with another.",
    "caps, rest and quiet hours": Reason.OVER_CAP.sentence,
    "topics": "They asked not to hear of this.",
    "nothing fitting to say": "No level has words, items and facts that fit them.",
    "held out": Reason.HELD_OUT.sentence,
    "silence won": Reason.SILENCE_WON.sentence,
    "limits": "A budget or a limit on sends was reached.",
}


def _levels(summary: Mapping[str, Any]) -> Iterator[LevelCount]:  # Any: as above
    silent = next((step["left"] for step in summary["waterfall"] if step["step"] == "silence won"), 0)
    counts = {**summary["levels"], Level.NONE.value: silent}
    for level in Level:
        if counts.get(level.value):
            yield LevelCount(level=level, people=counts[level.value])


def _costs(space: Workspace, *, tables: Tables) -> Iterator[Cost]:
    """What sending costs: contacts and levels, and what the offers are expected to."""
    arms = {row["arm_id"]: row for row in lake.read(tables["arms"]).to_pylist()}
    decisions = lake.read(tables["decisions"], columns=["arm_id", "outcome_kind"])
    chosen = decisions.filter(pc.equal(decisions["outcome_kind"], OutcomeKind.CHOSEN.value))["arm_id"].to_pylist()
    contact, offers = 0, Counter[str]()
    for arm_id, count in Counter(chosen).items():
        contact += count * arms[arm_id]["cost"]
        if arms[arm_id]["offer_id"]:
            offers[arms[arm_id]["offer_id"]] += count * arms[arm_id]["offer_cost"]
    yield Cost(words="contacts and levels", amount=_money(space, contact))
    for offer, cost in sorted(offers.items()):
        yield Cost(words=f"{offer}, as far as it is expected to be used", amount=_money(space, cost))
    yield Cost(words="expected cost", amount=_money(space, contact + sum(offers.values())), is_total=True)


def _money(space: Workspace, units: int) -> str:
    minor = round(Decimal(units) / UNITS_PER_MINOR)
    unit = Money(amount=Decimal(0), currency=space.project.settings.currency).unit
    return Money(amount=minor * unit, currency=space.project.settings.currency).shown


def _gate(
    judged: Verdict, *, summary: Mapping[str, Any], rules: Mapping[str, tuple[Severity, str, str]]
) -> Gate:  # Any: as above
    found = [(name, count, rules[name]) for name, count in judged.by_rule.items() if name in rules]
    found += [(name, count, rules[name]) for name, count in judged.warned.items() if name in rules]
    order = list(Severity)
    return Gate(
        seen=summary["messages"],
        rules=len(rules),
        quarantined=summary["quarantined"],
        found=tuple(
            RuleCount(rule=name, severity=severity, count=count, why=why, fix=fix)
            for name, count, (severity, why, fix) in sorted(found, key=lambda f: (order.index(f[2][0]), -f[1], f[0]))
        ),
        places=tuple(RulePlace(**{name: row[name] for name in RulePlace.__slots__}) for row in summary["found"]),
        audited=summary["audited"]["read"],
        differing=summary["audited"]["read"] - summary["audited"]["same"],
        suppressed=summary["suppressed"],
        why_stop=judged.why_stop,
    )


def _proofs(made: ProofSet, *, tables: Tables) -> Iterator[ProofShown]:
    wanted = {message_id: one.decision_id for message_id, one in made.letters.items()}
    decisions = lake.read(tables["decisions"])
    of = pc.is_in(decisions["decision_id"], value_set=pa.array(wanted.values(), pa.binary(16)))
    decided = {row["decision_id"]: row for row in decisions.filter(of).to_pylist()}
    notes = _notes(tables, letters=made.letters.values())
    for proof in made.chosen.chosen:
        row, one = decided[wanted[proof.message_id]], made.letters[proof.message_id]
        yield ProofShown(
            message=proof.message_id.hex(),
            to=f"customer {row['customer_id']}",
            program=row["program"],
            level=Level(row["level"]),
            subject=one.parts.get(Part.SUBJECT, ""),
            preheader=one.parts.get(Part.PREHEADER, ""),
            html=one.parts.get(Part.HTML, ""),
            text=one.parts.get(Part.TEXT, ""),
            offer=row["offer_id"] or "",
            language=one.language,
            why=proof.why,
            reasons=tuple(_sentence(code) for code in row["reasons"]),
            findings=notes[proof.message_id],
        )


def _notes(tables: Tables, *, letters: Iterable[Joined]) -> dict[bytes, tuple[str, ...]]:
    """What the gate said of each letter and of its skeleton, worst first."""
    order = {severity.value: number for number, severity in enumerate(Severity)}
    subjects = {one.message_id: (one.message_id.hex(), f"{SKELETON}{one.skeleton_id.hex()}") for one in letters}
    wanted = pa.array({subject for pair in subjects.values() for subject in pair}, pa.string())
    findings = lake.read(tables["findings"])
    found: dict[str, list[tuple[int, str]]] = {}
    for row in findings.filter(pc.is_in(findings["subject"], value_set=wanted)).to_pylist():
        words = f"{row['severity']}: {row['text'] or row['rule']} ({row['rule']})"
        found.setdefault(row["subject"], []).append((order[row["severity"]], words))
    return {
        message_id: tuple(words for _, words in sorted(note for subject in pair for note in found.get(subject, ())))
        for message_id, pair in subjects.items()
    }


def _sentence(code: str) -> str:
    """A reason code in plain words; a code that is no reason of its own is shown as it is."""
    word = code.split(":", 1)[0]
    return Reason(word).sentence if word in {reason.value for reason in Reason} else code
