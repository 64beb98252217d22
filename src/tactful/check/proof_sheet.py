"""What the send sheet shows, as plain values that flow fills in: counts that add up, proofs, and what is invented."""

from __future__ import annotations

from dataclasses import dataclass

from tactful.words.finding import Severity
from tactful.words.level import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number in large type. Stability: full.

    Attributes:
        number: as it is shown, such as `1,102`.
        words: what it counts.
        note: a quiet line below; may be empty.
    """

    number: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Those of one program at one step. Stability: full."""

    program: str
    left: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the audience waterfall. Stability: full.

    Attributes:
        words: the step, such as `consent`.
        left: people who go on after it.
        gone: people who leave at it; 0 at the first step.
        why: one plain sentence.
        programs: the same by program, where it is known.
    """

    words: str
    left: int
    gone: int = 0
    why: str = ""
    programs: tuple[Leaving, ...] = ()

    def __post_init__(self) -> None:
        if self.left < 0 or self.gone < 0:
            raise ValueError(f"step {self.words!r} counts less than nobody: {self.left} left, {self.gone} gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCount:
    """How many get a message at a level; `none` are those for whom silence won. Stability: full."""

    level: Level
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One line of the cost. Stability: full."""

    words: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """What one rule found. Stability: full."""

    rule: str
    severity: Severity
    count: int
    why: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePlace:
    """What one rule found in one place: program, level, content and branch. Stability: full."""

    rule: str
    severity: str
    program: str
    level: str
    content: str
    branch: str
    messages: int
    suppressed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What the gate found. Stability: full.

    Attributes:
        seen: messages looked at: all of them.
        rules: how many rules looked.
        quarantined: messages held back.
        found: by rule, those that found something.
        places: by rule, program, level and branch, where it found it.
        audited: how many messages were joined and read again whole; `differing` of them were judged otherwise.
        suppressed: findings that were let pass for a declared reason.
        why_stop: why the run must stop; empty where it may go on.
    """

    seen: int
    rules: int
    quarantined: int
    found: tuple[RuleCount, ...] = ()
    places: tuple[RulePlace, ...] = ()
    audited: int = 0
    differing: int = 0
    suppressed: int = 0
    why_stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofShown:
    """One proof as people see it. Stability: full.

    Attributes:
        message: message id in hex.
        to: whom it is for, in words that may be shown, such as the customer's id.
        program, offer, language: as decided; offer may be empty.
        subject, preheader, html, text: the joined parts.
        why: what it was chosen to show.
        reasons: why this was decided, in plain words.
        findings: what the gate said, worst first.
    """

    message: str
    to: str
    program: str
    level: Level
    subject: str
    preheader: str
    html: str
    text: str = ""
    offer: str = ""
    language: str = "en"
    why: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything on the send sheet. Stability: full.

    Attributes:
        shop: whose letters.
        occasion: such as `9 December 2011`.
        run: short name of the run.
        figures: three to five headline numbers.
        steps: the waterfall; each step's people are those of the one before less those who left.
        levels: how many at each level.
        costs: the cost, a total at last.
        gate: what the gate found.
        proofs: in the order in which they should be looked at.
        approve: the command that approves exactly this.
        approve_note: what that binds to.
        second_person: why a second person must approve; empty where one is enough.
        invented: what is not real here, each in one sentence.
        uncovered: what no proof shows, where more would be needed than people can look at.
        features: how many things differ between the messages, shown or not.
        set_hash: over the proofs and their bytes, in hex: what an approval binds to.
    """

    shop: str
    occasion: str
    run: str
    figures: tuple[Figure, ...]
    steps: tuple[Step, ...]
    levels: tuple[LevelCount, ...]
    costs: tuple[Cost, ...]
    gate: Gate
    proofs: tuple[ProofShown, ...]
    approve: str
    approve_note: str = ""
    second_person: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    features: int = 0
    set_hash: str = ""

    def __post_init__(self) -> None:
        for before, step in zip(self.steps, self.steps[1:], strict=False):
            if before.left - step.gone != step.left:
                raise ValueError(
                    f"the waterfall does not add up at {step.words!r}:"
                    f" {before.left} less {step.gone} is not {step.left}"
                )
