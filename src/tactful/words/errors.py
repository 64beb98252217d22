"""The tree of errors, and how each says where, what, what was meant and what to do.

TactfulError
├── Misuse            the command or the call is wrong (exit 2)
├── ProjectFaulty     the project's files are wrong: carries every finding at once (exit 1)
├── SourceHeld        a source file breaks its contract as a whole and is held, nothing of it loaded (exit 1)
├── NotApproved       something would leave that no approval covers (exit 1)
├── RunStopped        the gate, the audience guard or a stop button ended the run (exit 1)
├── StoreFaulty       ledger or lake are not what the manifest says (exit 3)
├── PlugInFailed      code that is not ours raised; names the plug-in (exit 3)
└── ProviderError     a provider answered no
    ├── Refused       final: do not try again
    └── TryLater      passing: try again later
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tactful.words.finding import Finding


class TactfulError(Exception):
    """What every error of ours is. Stability: full."""

    exit_code = 3

    @classmethod
    def say(cls, *, where: str, what: str, meant: str = "", do: str = "") -> TactfulError:
        """One message from its four parts.

        Args:
            where: file, line and column, table, command or run.
            what: what is wrong, in the reader's words.
            meant: what was probably meant; empty where there is no good guess.
            do: what to do about it.

        >>> str(Misuse.say(where="tactful run", what="no project here", do="run `tactful init shop` first"))
        'tactful run: no project here. Run `tactful init shop` first.'
        >>> str(Misuse.say(where="a.yaml:3", what="unknown key 'pourpose'", meant="'purpose'", do="mend the key"))
        "a.yaml:3: unknown key 'pourpose'. Did you mean 'purpose'? Mend the key."
        >>> str(Misuse.say(where="content", what="there is no 'a'", do="did you mean 'b'?"))
        "content: there is no 'a'. Did you mean 'b'?"
        """
        said = f"{where}: {what.rstrip('.')}."
        if meant:
            said += f" Did you mean {meant}?"
        if do:
            said += f" {do[:1].upper()}{do[1:].rstrip('.')}" + ("" if do.endswith("?") else ".")
        return cls(said)


class Misuse(TactfulError):
    """The command or the call is wrong. Stability: full."""

    exit_code = 2


class ProjectFaulty(TactfulError):
    """The project's files are wrong; every fault found is in `findings`. Stability: full."""

    exit_code = 1

    def __init__(self, findings: Iterable[Finding] | str) -> None:
        self.findings: tuple[Finding, ...] = () if isinstance(findings, str) else tuple(findings)
        super().__init__(findings if isinstance(findings, str) else "\n".join(str(f) for f in self.findings))


class SourceHeld(TactfulError):
    """A source file breaks its contract as a whole; it is held and nothing of it was loaded. Stability: full."""

    exit_code = 1


class NotApproved(TactfulError):
    """Something would leave that no approval covers. Stability: full."""

    exit_code = 1


class RunStopped(TactfulError):
    """The gate, the audience guard or a stop button ended the run. Stability: full."""

    exit_code = 1


class StoreFaulty(TactfulError):
    """Ledger or lake are not what the manifest says. Stability: full."""


class PlugInFailed(TactfulError):
    """Code that is not ours raised; the message names the plug-in. Stability: full."""


class ProviderError(TactfulError):
    """A provider answered no. Stability: full."""


class Refused(ProviderError):
    """Final: do not try again. Stability: full."""


class TryLater(ProviderError):
    """Passing: try again later. Stability: full."""
