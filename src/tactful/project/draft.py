"""A project while it is being checked: what could be read so far, and the names that other files may refer to."""

from __future__ import annotations

from dataclasses import dataclass, field

from tactful.project.brand import Brand
from tactful.project.declared import ContentFile, Segment
from tactful.project.document import Document
from tactful.project.facts import Fact, Facts
from tactful.project.found import Findings
from tactful.project.gate import HouseRule, Suppression
from tactful.project.metrics import Metric, Metrics
from tactful.project.offers import Offer
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.settings import Settings
from tactful.project.shape import Declaration
from tactful.project.sources import Source


@dataclass(slots=True)
class Draft:
    """Everything read, faulty parts left out. Stability: internal.

    Attributes:
        findings: everything found so far.
        documents: by path from the root.
        whole: declarations of files a project has once, by path.
        many: declarations by folder and file name without ending.
        seen: names that exist by folder, also of files that could not be read: a reference to them is no second fault.
        segments: read segments by name.
        spoken: contents by (content_id, touchpoint), in the languages that exist.
    """

    findings: Findings = field(default_factory=Findings)
    documents: dict[str, Document] = field(default_factory=dict)
    whole: dict[str, Declaration] = field(default_factory=dict)
    many: dict[str, dict[str, Declaration]] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    contents: dict[tuple[str, str, str], ContentFile] = field(default_factory=dict)
    spoken: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    partials: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings | None:
        """`tactful.yaml`, if it could be read."""
        found = self.whole.get("tactful.yaml")
        return found if isinstance(found, Settings) else None

    @property
    def facts(self) -> Facts | None:
        """`facts.yaml`, if it could be read."""
        found = self.whole.get("facts.yaml")
        return found if isinstance(found, Facts) else None

    @property
    def policy(self) -> Policy | None:
        """`policy.yaml`, if it could be read."""
        found = self.whole.get("policy.yaml")
        return found if isinstance(found, Policy) else None

    @property
    def brand(self) -> Brand | None:
        """`brand.yaml`, if it could be read."""
        found = self.whole.get("brand.yaml")
        return found if isinstance(found, Brand) else None

    @property
    def metrics(self) -> dict[str, Metric]:
        """The metrics that could be read."""
        found = self.whole.get("metrics.yaml")
        return found.metrics if isinstance(found, Metrics) else {}

    @property
    def sources(self) -> dict[str, Source]:
        """The sources that could be read, by name."""
        return {name: one for name, one in self.many.get("sources", {}).items() if isinstance(one, Source)}

    @property
    def offers(self) -> dict[str, Offer]:
        """The offers that could be read, by name."""
        return {name: one for name, one in self.many.get("offers", {}).items() if isinstance(one, Offer)}

    @property
    def programs(self) -> dict[str, Program]:
        """The programs that could be read, by name."""
        return {name: one for name, one in self.many.get("programs", {}).items() if isinstance(one, Program)}

    @property
    def rules(self) -> dict[str, HouseRule]:
        """The project's own rules of the gate that could be read, by name."""
        return {name: one for name, one in self.many.get("rules", {}).items() if isinstance(one, HouseRule)}

    @property
    def suppressions(self) -> dict[str, Suppression]:
        """The suppressions that could be read, by name."""
        return {name: one for name, one in self.many.get("suppressions", {}).items() if isinstance(one, Suppression)}

    def fact(self, name: str) -> Fact | None:
        """A fact that could be read."""
        return self.facts.facts.get(name) if self.facts else None

    def is_read(self, file: str) -> bool:
        """Whether a file could be read as YAML at all: if not, nobody knows what it would have named."""
        document = self.documents.get(file)
        return document is not None and document.root is not None

    def names(self, kind: str) -> set[str]:
        """Names that a reference may use: facts, metrics, offers, segments, programs, sources."""
        if kind in {"facts", "metrics"}:
            document = self.documents.get(f"{kind}.yaml")
            node = document.root.find((kind,)) if document and document.root else None
            return set(node.entries or ()) if node else set()
        return self.seen.get(kind, set())
