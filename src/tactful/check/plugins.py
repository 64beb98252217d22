"""Rules that installed packages bring under the entry point group `tactful.rules`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points

from tactful.check.rule import Rule
from tactful.check.rules import RULES, together
from tactful.project.declared import Project
from tactful.words.errors import PlugInFailed
from tactful.words.finding import Severity

GROUP = "tactful.rules"
"""An entry point of this group names a `Rule`, or several in a list or tuple."""


def rules() -> tuple[Rule, ...]:
    """The rules of the house, then those of packages in order of their entry points' names.

    Raises:
        PlugInFailed: an entry point cannot be loaded, is no rule, or has a name that is taken.
    """
    found: list[Rule] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            loaded = entry.load()
        except Exception as error:
            raise _failed(entry.name, f"raised {type(error).__name__}: {error}") from error
        brought = loaded if isinstance(loaded, Iterable) else (loaded,)
        for one in brought:
            if not isinstance(one, Rule):
                raise _failed(entry.name, f"brings {one!r}, which is no rule")
            found.append(one)
    try:
        return together((*RULES, *found))
    except ValueError as error:
        raise _failed(", ".join(sorted(one.name for one in entry_points(group=GROUP))), str(error)) from error


def _failed(name: str, what: str) -> Exception:
    do = "mend or remove the package; no message passes a gate that is broken"
    return PlugInFailed.say(where=f"plug-in {name} ({GROUP})", what=what, do=do)


def explained(project: Project) -> dict[str, tuple[Severity, str, str]]:
    """Severity, why and fix of every rule that can speak: the house's, packages' and the project's own."""
    known = {rule.id: (rule.severity, rule.why, rule.fix) for rule in rules()}
    return known | {name: (Severity(one.severity), one.why, one.fix) for name, one in project.rules.items()}
