"""Which rules have anything to say of the values of a run: each is asked of all at once, and then where it spoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tactful.check.asking import asked
from tactful.check.bones import unmarked
from tactful.check.rule import Column, Hit, Junction, Rule, Use
from tactful.check.slots import kind_of
from tactful.check.texts import Texts
from tactful.words.message import Part, Slot, SlotKind

_Look = Callable[[Any], Iterable[Hit]]  # Any: a column or a junction
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Rules that speak of none of a run's values need not be asked of any use. Stability: internal.

    Most uses have the same slots, and most values are good. What a rule says of a value (`is_of_value`) it says
    wherever a slot of the same nature stands, so one look at all values of a kind spares the looks at each column.

    Attributes:
        rules: all of them.
        heard: those that spoke, by the nature of the slot and the values they were asked of.
        kept: the values, so that no others take their place.
    """

    rules: tuple[Rule, ...]
    heard: dict[_Key, tuple[Rule, ...]] = field(default_factory=dict)
    kept: dict[int, Texts] = field(default_factory=dict)

    def of_column(self, column: Column) -> tuple[Rule, ...]:
        """Rules that may have something to say of a column, of which the values of its whole kind are given."""
        key = ("slot", *_nature(column.use), *(_slot(part, slot) for part, slot in column.slots))
        has_markup = any(slot.kind is SlotKind.MARKUP for _, slot in column.slots)
        looks = [(rule, rule.slot) for rule in self.rules if rule.slot]
        return self._heard(column, key=key, looks=looks, is_free=has_markup)

    def of_junction(self, junction: Junction) -> tuple[Rule, ...]:
        """The same of a junction."""
        at = junction.at
        beside = unmarked(at.before), unmarked(at.after)
        key = ("junction", *_nature(junction.use), *_slot(at.part, at.slot), *beside)
        looks = [(rule, rule.junction) for rule in self.rules if rule.junction]
        return self._heard(junction, key=key, looks=looks)

    def _heard(
        self, of: Column | Junction, *, key: _Key, looks: Sequence[tuple[Rule, _Look]], is_free: bool = False
    ) -> tuple[Rule, ...]:
        values = of.values
        if is_free or not isinstance(values, Texts):
            return tuple(rule for rule, _ in looks)
        self.kept.setdefault(id(values), values)
        key = (id(values), *key)
        if key not in self.heard:
            spoke = (rule for rule, look in looks if not rule.is_of_value or asked(rule, look, of=of))
            self.heard[key] = tuple(spoke)
        return self.heard[key]


def _nature(use: Use) -> _Key:
    return use.level, use.purpose, use.program, use.channel, use.language


def _slot(part: Part, slot: Slot) -> _Key:
    return part, slot.kind, slot.context, kind_of(slot.source), slot.facts
