"""A project's folder becomes one frozen Project, or every finding of every file at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tactful.project.brand import Brand
from tactful.project.declared import Project, Segment
from tactful.project.declaring import declare
from tactful.project.document import Document, read_document
from tactful.project.draft import Draft
from tactful.project.fact_use import check_segments
from tactful.project.facts import Facts
from tactful.project.files import SINGLE, Files
from tactful.project.fingerprint import fingerprint, meaning
from tactful.project.gate import HouseRule, Suppression
from tactful.project.guesses import guess
from tactful.project.metrics import Metrics
from tactful.project.offers import Offer
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.reading_contents import read_contents
from tactful.project.rules_of_facts import check_facts, check_metrics, check_who
from tactful.project.rules_of_gate import check_gate
from tactful.project.rules_of_offers import check_currencies, check_offers
from tactful.project.rules_of_programs import check_programs
from tactful.project.rules_of_settings import check_brand, check_policy, check_settings
from tactful.project.rules_of_sources import check_sources
from tactful.project.segments import SegmentFile, sql_faults, sql_meaning
from tactful.project.settings import Settings
from tactful.project.shape import Declaration
from tactful.project.sources import Source
from tactful.project.written import written
from tactful.words.errors import Misuse, ProjectFaulty
from tactful.words.finding import Finding, Place

_WHOLE: dict[str, type[Declaration]] = {
    "tactful.yaml": Settings,
    "facts.yaml": Facts,
    "policy.yaml": Policy,
    "brand.yaml": Brand,
    "metrics.yaml": Metrics,
}
_MANY: dict[str, tuple[str, type[Declaration]]] = {
    "sources": ("source", Source),
    "offers": ("offer", Offer),
    "programs": ("program", Program),
    "rules": ("rule", HouseRule),
    "suppressions": ("suppression", Suppression),
}
NO_OFFER = Offer(offer="none", kind="none")
"""Every project has it, declared or not."""


def read_project(root: Path, *, environment: str | None = None) -> Project:
    """The project in a folder, validated and resolved.

    Args:
        root: the project's folder.
        environment: a name under `environments:` in `tactful.yaml`, whose ledger, lake and mode then hold. In mode
            `test` every channel delivers to files.

    Raises:
        Misuse: there is no project here, or no such environment.
        ProjectFaulty: with every error of every file.
    """
    project, findings = inspect_project(root, environment=environment)
    if project is None:
        raise ProjectFaulty(findings)
    return project


def read_standing(root: Path, *, environment: str | None = None) -> Project:
    """The project as far as its files can be read: for stopping, and for showing what was done, while they are changed.

    What is wrong is left out; nothing may be decided or composed by it.

    Args:
        root: the project's folder.
        environment: as in `read_project`.

    Raises:
        Misuse: there is no project here, or no such environment.
        ProjectFaulty: `tactful.yaml`, or another file that every project has one of, cannot be read.
    """
    _root(root)
    draft = _read(root, environment=environment)
    if None in (draft.settings, draft.facts, draft.policy, draft.brand):
        raise ProjectFaulty(draft.findings.sorted)
    return _project(root, draft)


def inspect_project(root: Path, *, environment: str | None = None) -> tuple[Project | None, tuple[Finding, ...]]:
    """The project (None where it has errors) and everything found in it, in order of place.

    Args:
        root: the project's folder.
        environment: as in `read_project`.

    Raises:
        Misuse: there is no project here, or no such environment.
    """
    _root(root)
    draft = _read(root, environment=environment)
    _check(draft)
    if draft.findings.errors:
        return None, draft.findings.sorted
    return _project(root, draft), draft.findings.sorted


def _root(root: Path) -> None:
    if not (root / "tactful.yaml").is_file():
        do = "run `tactful init shop --starter retail`, or go to the folder that holds tactful.yaml"
        raise Misuse.say(where=str(root), what="there is no project here", do=do)


def _read(root: Path, *, environment: str | None) -> Draft:
    """Every file, as far as it can be read."""
    draft = Draft()
    files = Files(root, findings=draft.findings)
    for name in SINGLE:
        if (text := files.single(name)) is not None:
            document = draft.documents[name] = read_document(text, file=name, findings=draft.findings)
            if (declaration := declare(_WHOLE[name], document)) is not None:
                draft.whole[name] = declaration
    if draft.settings is not None:
        draft.whole["tactful.yaml"] = _in_environment(draft.settings, environment)
    for folder, (key, shape) in _MANY.items():
        for path in files.within(folder, suffixes=(".yaml",)):
            _read_one(draft, path, files=files, key=key, shape=shape)
    for path in files.within("segments", suffixes=(".yaml", ".sql")):
        _read_segment(draft, path, files=files)
    read_contents(draft, files)
    files.strays()
    return draft


def _in_environment(settings: Settings, name: str | None) -> Settings:
    """The settings as they hold in an environment."""
    if name is not None:
        if name not in settings.environments:
            do = guess(name, among=settings.environments, called="environments in tactful.yaml")
            raise Misuse.say(where="tactful.yaml", what=f"there is no environment {name!r}", do=do)
        settings = settings.model_copy(update=settings.environments[name].model_dump(exclude_none=True))
    if settings.mode == "test":
        settings = settings.model_copy(update={"deliver": dict.fromkeys(settings.deliver, "file")})
    return settings


def _read_one(draft: Draft, path: Path, *, files: Files, key: str, shape: type[Declaration]) -> None:
    """One declaration of a folder; its name is its file's."""
    folder, name = path.parent.name, path.stem
    draft.seen.setdefault(folder, set()).add(name)
    if (text := files.text(path)) is None:
        return
    document = draft.documents[files.name(path)] = read_document(text, file=files.name(path), findings=draft.findings)
    declaration = declare(shape, document)
    _check_name(document, key=key, name=name)
    if declaration is not None:
        draft.many.setdefault(folder, {})[name] = declaration


def _check_name(document: Document, *, key: str, name: str) -> None:
    node = document.root.find((key,)) if document.root is not None else None
    if node is not None and node.text is not None and node.text != name:
        what = f"this {key} is named {node.text!r} and its file {name!r}"
        document.fault((key,), rule="file-name", what=what, fix=f"write {key}: {name}, or rename the file")


def _read_segment(draft: Draft, path: Path, *, files: Files) -> None:
    """A segment from YAML or SQL."""
    name, file = path.stem, files.name(path)
    names = draft.seen.setdefault("segments", set())
    if name in names:
        fix = f"keep {name}.yaml or {name}.sql"
        draft.findings.file(file, rule="two-of-a-name", what=f"there are two segments {name!r}", fix=fix)
        return
    names.add(name)
    if (text := files.text(path)) is None:
        return
    if path.suffix == ".sql":
        _read_sql(draft, text, name=name, file=file)
        return
    document = draft.documents[file] = read_document(text, file=file, findings=draft.findings)
    one = declare(SegmentFile, document)
    _check_name(document, key="segment", name=name)
    if one is not None:
        draft.many.setdefault("segments", {})[name] = one
        place = document.place(("when",))
        draft.segments[name] = Segment(name=name, title=one.title or name, condition=one.when, sql=None, place=place)


def _read_sql(draft: Draft, text: str, *, name: str, file: str) -> None:
    document = draft.documents[file] = Document(file=file, text=text, findings=draft.findings)
    for offset, what, fix in sql_faults(text):
        document.put(document.at(offset), rule="segment-sql", what=what, fix=fix)
    if not name.replace("-", "_").isidentifier() or name != name.lower():
        fix = "a name is small letters, digits, - and _, and begins with a letter"
        draft.findings.file(file, rule="file-name", what=f"{name!r} is no name of a segment", fix=fix)
    first = text.partition("\n")[0]
    title = first.removeprefix("--").strip().removeprefix("title:").strip() if first.startswith("--") else name
    place = Place(file=file, line=1, column=1)
    draft.segments[name] = Segment(name=name, title=title, condition=None, sql=text, place=place)


def _check(draft: Draft) -> None:
    """Everything that the shapes alone cannot say."""
    for check in (
        check_settings, check_brand, check_policy, check_sources, check_facts, check_metrics, check_segments,
        check_offers, check_who, check_currencies, check_programs, check_gate,
    ):  # fmt: skip
        check(draft)


def _project(root: Path, draft: Draft) -> Project:
    """The frozen project of a draft without errors."""
    settings, facts, policy, brand = draft.settings, draft.facts, draft.policy, draft.brand
    assert settings is not None
    assert facts is not None
    assert policy is not None
    assert brand is not None
    return Project(
        root=root.resolve(),
        settings=settings,
        sources=draft.sources,
        facts=facts.facts,
        stages=facts.stages,
        knowledge_of=facts.knowledge,
        knowledge_segment=facts.segment_by,
        segments=draft.segments,
        offers={"none": NO_OFFER, **draft.offers},
        contents=draft.contents,
        partials=draft.partials,
        programs=draft.programs,
        policy=policy,
        brand=brand,
        metrics=draft.metrics,
        rules=draft.rules,
        suppressions=draft.suppressions,
        fingerprint=fingerprint(_meanings(draft)),
    )


def _meanings(draft: Draft) -> dict[str, str]:
    """What each part of the project means, by its name."""
    found = {name: meaning(one) for name, one in draft.whole.items()}
    found |= {f"{folder}/{name}": meaning(one) for folder, many in draft.many.items() for name, one in many.items()}
    for name, segment in draft.segments.items():
        said = written(segment.condition) if segment.condition is not None else sql_meaning(segment.sql or "")
        found[f"segments/{name}"] = f"{segment.title}\n{said}"
    found |= {content.path: content.content_hash.hex() for content in draft.contents.values()}
    found |= {f"partial {name}": hashlib.sha256(text.encode()).hexdigest() for name, text in draft.partials.items()}
    return found
