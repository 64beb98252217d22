"""Tactful: who should hear what, when, and how personally.

The names below are what `import tactful` promises. They are imported when they are first asked for, so that importing
the package costs nothing and brings in no driver.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tactful.flow.approving import approve
    from tactful.flow.forgetting import export, forget
    from tactful.flow.workspace import Workspace, open_workspace
    from tactful.project.declared import Project
    from tactful.words.clock import Clock
    from tactful.words.errors import Refused, TactfulError, TryLater
    from tactful.words.estimate import Estimate, Undefined
    from tactful.words.finding import Finding, Severity
    from tactful.words.level import Level
    from tactful.words.money import Money
    from tactful.words.outcome import OutcomeKind, Reason
    from tactful.words.ports import DeliveryChannel, Parcel, Receipt
    from tactful.words.sealed import Sealed

__version__ = "0.1.0"

__all__ = [
    "Clock",
    "DeliveryChannel",
    "Estimate",
    "Finding",
    "Level",
    "Money",
    "OutcomeKind",
    "Parcel",
    "Project",
    "Reason",
    "Receipt",
    "Refused",
    "Sealed",
    "Severity",
    "TactfulError",
    "TryLater",
    "Undefined",
    "Workspace",
    "approve",
    "export",
    "forget",
    "open_workspace",
]

_WHERE = {
    "tactful.flow.approving": ("approve",),
    "tactful.flow.forgetting": ("export", "forget"),
    "tactful.flow.workspace": ("Workspace", "open_workspace"),
    "tactful.project.declared": ("Project",),
    "tactful.words.clock": ("Clock",),
    "tactful.words.errors": ("Refused", "TactfulError", "TryLater"),
    "tactful.words.estimate": ("Estimate", "Undefined"),
    "tactful.words.finding": ("Finding", "Severity"),
    "tactful.words.level": ("Level",),
    "tactful.words.money": ("Money",),
    "tactful.words.outcome": ("OutcomeKind", "Reason"),
    "tactful.words.ports": ("DeliveryChannel", "Parcel", "Receipt"),
    "tactful.words.sealed": ("Sealed",),
}


def __getattr__(name: str) -> object:
    for module, names in _WHERE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"tactful has no name {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted((*globals(), *__all__))
