"""The one frozen Project that everything else reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tactful.project.brand import Brand
from tactful.project.facts import Fact, Stage
from tactful.project.gate import HouseRule, Suppression
from tactful.project.metrics import Metric
from tactful.project.offers import Offer
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.settings import Settings
from tactful.project.sources import Source
from tactful.words.condition import Condition
from tactful.words.finding import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """An audience: a condition on facts, or a SELECT over `profiles` that yields customer_id. Stability: full."""

    name: str
    title: str
    condition: Condition | None
    sql: str | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFile:
    """One file of a content: a body with its front matter. Stability: full.

    Attributes:
        content_id: such as `win-back/everyone`.
        kind: `mjml`, `liquid` (an HTML fragment for the web), `text`.
        touchpoint: `email` or `web`.
        language: such as `en`.
        subject, preheader: Liquid; empty where the touchpoint has none.
        body: as the author wrote it.
        body_line: line of the file at which the body begins, from 1.
        register: which of the approved registers it is written in.
        topics: topics it speaks of, for the customer's own topic choices and sensitive topics.
        content_hash: 16 bytes over everything that decides its words, partials included.
    """

    content_id: str
    kind: str
    touchpoint: str
    language: str
    subject: str
    preheader: str
    body: str
    text: str | None
    body_line: int
    subject_line: int
    preheader_line: int
    register: str
    topics: tuple[str, ...]
    path: str
    content_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything a project's files say, validated and resolved. Stability: full.

    Attributes:
        root: the project's folder.
        fingerprint: 16 bytes over the meaning of every file: comments, key order and layout do not change it.
        contents: by (content_id, touchpoint, language).
        partials: Liquid partials by name, such as `footer`.
        rules, suppressions: what the project asks of its messages beyond the house, and what it lets pass.
    """

    root: Path
    settings: Settings
    sources: dict[str, Source]
    facts: dict[str, Fact]
    stages: tuple[Stage, ...]
    knowledge_of: str
    knowledge_segment: str | None
    segments: dict[str, Segment]
    offers: dict[str, Offer]
    contents: dict[tuple[str, str, str], ContentFile]
    partials: dict[str, str]
    programs: dict[str, Program]
    policy: Policy
    brand: Brand
    metrics: dict[str, Metric]
    fingerprint: bytes
    rules: dict[str, HouseRule] = field(default_factory=dict)
    suppressions: dict[str, Suppression] = field(default_factory=dict)

    def content(self, content_id: str, *, touchpoint: str = "email", language: str = "en") -> ContentFile | None:
        """The file that speaks this content in this language, by the declared chain, then de for de-CH."""
        settings, base = self.settings, language.split("-", 1)[0]
        chain = (language, *settings.fallback.get(language, ()), base, settings.languages[0])
        kind = touchpoint.split(".", 1)[0]
        for candidate in chain:
            if found := self.contents.get((content_id, kind, candidate)):
                return found
        return None
