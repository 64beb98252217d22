"""The verdict: which messages may go on, which are quarantined and why, and whether the run must stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check.gate import RUN, SKELETON
from tactful.project.policy import Policy
from tactful.words.finding import Severity
from tactful.words.outcome import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the gate decided. Stability: full.

    Attributes:
        good: ids of the messages that may go on, in their order.
        quarantined: reasons (`quarantined:<rule>`, sorted) of every message that may not, by id.
        by_rule: how many messages each rule holds back, an error each.
        warned: how many findings each rule has that hold nothing back.
        share: quarantined among all messages; 0 where there is none.
        why_stop: why the run must stop, in plain words; empty where it may go on.
    """

    good: tuple[bytes, ...]
    quarantined: Mapping[bytes, tuple[str, ...]]
    by_rule: Mapping[str, int]
    warned: Mapping[str, int]
    share: Decimal
    why_stop: tuple[str, ...]

    @property
    def must_stop(self) -> bool:
        """Whether the run ends here."""
        return bool(self.why_stop)


def judge(findings: pa.Table, *, messages: pa.Table, policy: Policy) -> Verdict:
    """The verdict over a run's messages. Findings that were suppressed, with a reason, count for nothing.

    Args:
        findings: rows of `findings`.
        messages: rows of `messages`; only message_id and skeleton_id are read.
        policy: `risk.quarantined` is the share of failed messages above which the run stops.
    """
    live = findings.filter(pc.is_null(findings["suppressed_by"]))
    is_error = pc.equal(live["severity"], Severity.ERROR.value)
    errors, mild = live.filter(is_error), live.filter(pc.invert(is_error))
    reasons = _reasons(errors, messages)
    ids = messages["message_id"].to_pylist()
    share = Decimal(len(reasons)) / Decimal(len(ids)) if ids else Decimal(0)
    by_rule: dict[str, int] = {}
    for rules in reasons.values():
        for rule in rules:
            by_rule[rule] = by_rule.get(rule, 0) + 1
    stops = errors.filter(pc.equal(errors["subject"], RUN))
    why = [f"{text} ({rule})" for rule, text in zip(stops["rule"].to_pylist(), stops["text"].to_pylist(), strict=True)]
    if share > policy.risk.quarantined:
        why.append(
            f"{len(reasons):,} of {len(ids):,} messages failed the gate ({share:.1%});"
            f" the policy stops a run above {policy.risk.quarantined:.1%}"
        )
    warned = mild.group_by("rule").aggregate([([], "count_all")])
    return Verdict(
        good=tuple(one for one in ids if one not in reasons),
        quarantined={
            one: tuple(f"{Reason.QUARANTINED.value}:{rule}" for rule in rules) for one, rules in reasons.items()
        },
        by_rule=dict(sorted(by_rule.items())),
        warned=dict(sorted(zip(warned["rule"].to_pylist(), warned["count_all"].to_pylist(), strict=True))),
        share=share,
        why_stop=tuple(why),
    )


def _reasons(errors: pa.Table, messages: pa.Table) -> dict[bytes, list[str]]:
    """Rules broken by each message that broke any, in the order of the messages."""
    of_skeleton: dict[bytes, set[str]] = {}
    of_message: dict[bytes, set[str]] = {}
    for subject, rule in zip(errors["subject"].to_pylist(), errors["rule"].to_pylist(), strict=True):
        if subject.startswith(SKELETON):
            of_skeleton.setdefault(bytes.fromhex(subject.removeprefix(SKELETON)), set()).add(rule)
        elif subject != RUN:
            of_message.setdefault(bytes.fromhex(subject), set()).add(rule)
    found = {}
    pairs = zip(messages["message_id"].to_pylist(), messages["skeleton_id"].to_pylist(), strict=True)
    for message_id, skeleton_id in pairs:
        rules = of_message.get(message_id, set()) | of_skeleton.get(skeleton_id, set())
        if rules:
            found[message_id] = sorted(rules)
    return found
