"""The last scan: every byte of letters as they leave, searched together for what may never leave."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from tactful.check import tree
from tactful.check.patterns import Words
from tactful.check.scan import Scanner
from tactful.check.suppressing import Silence
from tactful.project.declared import Project
from tactful.words.direction import bare
from tactful.words.message import Part

NEVER = "never-words"
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A letter whose words are joined. Stability: caller.

    Attributes:
        message_id: its id.
        parts: the words of each part, as they leave.
        program, content, branch: where it comes from: a suppression may let something pass there.
    """

    message_id: bytes
    parts: Mapping[Part, str]
    program: str
    content: str
    branch: str


class LastScan:
    """Which letters may not leave, by the rule that their bytes break. Stability: caller.

    One pass over all bytes says which letters to look at; those are looked at part by part. Words that the brand never
    says count where somebody reads them, not within an address; a name that is set apart is set apart.

    Args:
        project: its brand, and its suppressions.
        today: the day on which they must hold.
        is_fast: by Hyperscan, of the extra `fast`; where it is installed if not given.
    """

    def __init__(self, project: Project, *, today: date, is_fast: bool | None = None) -> None:
        self.scanner = Scanner(never=project.brand.never, is_fast=is_fast)
        self.never = Words(project.brand.never)
        self.silence = Silence(project, today=today)

    def guilty(self, letters: Sequence[Leaving]) -> dict[bytes, tuple[str, ...]]:
        """The rules that letters break, by message; the others may leave.

        Args:
            letters: some hundred, so that their bytes are searched together.
        """
        broken: dict[bytes, set[str]] = {}
        for part in sorted({part for letter in letters for part in letter.parts}, key=list(Part).index):
            having = [letter for letter in letters if part in letter.parts]
            for find in self.scanner.scan(pa.array([letter.parts[part] for letter in having], pa.string())):
                letter = having[find.row]
                if self._is_broken(find.rule, letter, part=part):
                    broken.setdefault(letter.message_id, set()).add(find.rule)
        return {message_id: tuple(sorted(rules)) for message_id, rules in broken.items()}

    def _is_broken(self, rule: str, letter: Leaving, *, part: Part) -> bool:
        """Whether a letter in which something was found breaks the rule as the gate means it, and may not."""
        where = {"program": letter.program, "content": letter.content, "branch": letter.branch}
        if self.silence.by(rule, part.value, **where) is not None:
            return False
        text = letter.parts[part]
        if rule != NEVER:
            plain = bare(text)
            return plain == text or self.scanner.breaks(rule, plain)
        words = tree.read(text).words if part in {Part.HTML, Part.PAYLOAD} else text
        return bool(self.never.found(_ADDRESS.sub(" ", words)))
