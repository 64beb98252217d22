"""Opens any content as any customer, through the renderer of the run, and writes it as one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from tactful.compose import pictures
from tactful.compose.branches import Branch, branches, taken
from tactful.compose.contents import CompiledContent, compile_content
from tactful.compose.context import Catalogue, Sight
from tactful.compose.extremes import Usage, people, together, usages
from tactful.compose.links import message_links
from tactful.compose.preview import preview
from tactful.compose.preview_page import WIDTHS, Reader, Shown, draw
from tactful.compose.recorded import Unwritten
from tactful.decide.cells import text_of
from tactful.flow.letters import Letters
from tactful.flow.manifest import Run, loaded, runs, sealed_in
from tactful.flow.workspace import Workspace
from tactful.project.declared import ContentFile
from tactful.project.guesses import guess
from tactful.store import lake
from tactful.words.errors import Misuse
from tactful.words.level import Level
from tactful.words.sealed import Sealed

Row = dict[str, Any]  # Any: one row of mixed columns
MOST_OF_RUN, MOST_INVENTED, MOST_TRIED = 6, 14, 600
"""Readers of the run shown, invented ones shown, and pairs of differences tried for branches that are left."""
_NOBODY = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to look at. Stability: caller.

    Attributes:
        content: a content's id or file.
        customer: as whom; a reader of the last run, or an invented one, where None.
        level: of the program, where several use the content.
        width: one of `WIDTHS`, or None for all.
        takes_pictures: whether pictures are taken where a browser is found.
    """

    content: str
    customer: str | None = None
    level: Level | None = None
    width: str | None = None
    takes_pictures: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """A page that was written. Stability: caller."""

    page: Path
    pictures: tuple[Path, ...]
    readers: tuple[Reader, ...]
    branches: tuple[Branch, ...]
    notes: tuple[str, ...]

    @property
    def unseen(self) -> tuple[Branch, ...]:
        """Branches that no reader was led into."""
        seen = frozenset().union(*(reader.taken for reader in self.readers))
        return tuple(branch for branch in self.branches if branch.number not in seen and not branch.is_end)


@dataclass(frozen=True, kw_only=True)
class _View:
    """One content being looked at. Stability: internal."""

    space: Workspace
    run: Run | None
    sealed: Mapping[str, Sealed]
    file: ContentFile
    content: CompiledContent
    usage: Usage
    sight: Sight
    known: tuple[Branch, ...]

    def reader(self, context: Mapping[str, object], *, says: str) -> Reader:
        """What one context gives."""
        made = preview(self.file, context, project=self.space.project)
        if isinstance(made, Unwritten):
            return Reader(says=says, parts={}, why_none=made.reason)
        lines = taken(self.content, self.known, context=context)
        return Reader(says=says, parts=made.parts, taken=lines)

    def context(self, decision: Row, profile: Row) -> dict[str, object]:
        """All that a template sees of one decision."""
        brand = self.space.project.brand
        links = message_links(decision.get("message_id") or _NOBODY, brand=brand, key=self.space.key)
        seen = self.sight.context(decision, profile, content=self.file)
        return {**seen, **self.sight.constants(self.file, decision), "links": links}


def view(space: Workspace, asked: Asked) -> Viewed:
    """Writes a page that shows a content as it is read, at every width and in every branch.

    Args:
        space: the project; its last run gives real readers, where there is one.
        asked: what to look at.

    Raises:
        Misuse: there is no such content or customer, or no program uses it at this level.
        ContentFault: the content cannot be compiled.
    """
    look = _look(space, asked)
    notes: list[str] = []
    readers = [*_readers(look, asked, notes=notes)]
    if asked.takes_pictures:
        readers = _pictured(readers, notes=notes)
    widths = (asked.width,) if asked.width else tuple(WIDTHS)
    shown = Shown(
        content=look.file.content_id,
        path=look.file.path,
        language=look.file.language,
        used=_used(look.usage),
        sender=space.project.brand.from_name,
        readers=tuple(readers),
        branches=look.known,
        widths=widths,
        notes=tuple(notes),
    )
    return _written(look, shown)


def _written(look: _View, shown: Shown) -> Viewed:
    name = f"{look.file.content_id.replace('/', '-')}.{look.file.touchpoint}.{look.file.language}"
    folder = look.space.out / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{name}.html"
    page.write_text(draw(shown), "utf-8")
    paths: list[Path] = []
    for number, reader in enumerate(shown.readers, start=1):
        names = [f"{number:02d}-{width.replace(' ', '-')}" for width in reader.pictures]
        paths += pictures.save(tuple(reader.pictures.values()), folder=folder / name, names=names)
    return Viewed(page=page, pictures=tuple(paths), readers=shown.readers, branches=shown.branches, notes=shown.notes)


def _look(space: Workspace, asked: Asked) -> _View:
    file = _file(space, asked.content)
    used = usages(file, space.project)
    fitting = [usage for usage in used if asked.level in (None, usage.level) or usage.program is None]
    if not fitting:
        levels = ", ".join(usage.level.value for usage in used)
        raise Misuse.say(where=file.content_id, what="no program uses it at this level",
                         do=f"it is used at {levels}")  # fmt: skip
    usage = fitting[0] if asked.level is None or fitting[0].program else replace(fitting[0], level=asked.level)
    run = next((one for one in runs(space, kind="run")), None)
    with space.ledger.reading() as tx:
        sealed = sealed_in(tx, run.run_id, root=space.lake) if run else {}
        items = loaded(tx, "items", root=space.lake)
    content = compile_content(file, space.project)
    sight = Sight(project=space.project, catalogue=Catalogue.of(lake.read(items)))
    return _View(
        space=space, run=run, sealed=sealed, file=file, content=content, usage=usage, sight=sight,
        known=branches(content),
    )  # fmt: skip


def _file(space: Workspace, wanted: str) -> ContentFile:
    """The file of a content: by its id, its id and language, or its path."""
    contents = space.project.contents
    short = wanted.removeprefix("./").removeprefix("content/").removesuffix(".mjml").removesuffix(".liquid")
    first = space.project.settings.languages[0]
    for file in sorted(contents.values(), key=lambda one: (one.touchpoint != "email", one.language != first)):
        names = {file.content_id, f"{file.content_id}.{file.language}", file.path.removeprefix("content/")}
        own = file.path.removeprefix("content/").removesuffix(".mjml").removesuffix(".liquid")
        if wanted in {file.path, Path(file.path).name} or short == own or wanted in names:
            return file
    fix = guess(wanted, among=sorted({file.content_id for file in contents.values()}), called="contents")
    raise Misuse.say(where="content", what=f"there is no content {wanted!r}", do=fix)


def _used(usage: Usage) -> str:
    if usage.program is None:
        return "used by no program"
    return f"{usage.program.program}, {usage.level.label}"


def _readers(look: _View, asked: Asked, *, notes: list[str]) -> Iterator[Reader]:
    """The customer, those whom the last run wrote to, and invented ones for every branch that is left."""
    seen: set[frozenset[int]] = set()
    reached: set[int] = set()

    def told(reader: Reader) -> Reader:
        seen.add(reader.taken)
        reached.update(reader.taken)
        return reader

    if asked.customer is not None:
        yield told(_customer(look, asked.customer, notes=notes))
    for reader in _of_run(look):
        if reader.taken not in seen or not seen:
            yield told(reader)
    if not seen:
        notes.append("Nothing of this content was written in a run yet, so every reader here is invented.")
    wanted = {branch.number for branch in look.known if not (branch.is_fixed or branch.is_end)}
    for reader in _invented(look, wanted=wanted, seen=seen, reached=reached):
        yield told(reader)
    if wanted - reached:
        missing = [branch for branch in look.known if branch.number in wanted - reached]
        lines = ", ".join(f"{branch.words} (line {branch.place.line})" for branch in missing[:4])
        notes.append(f"No reader here is led into {lines}.")


def _invented(look: _View, *, wanted: set[int], seen: set[frozenset[int]], reached: set[int]) -> Iterator[Reader]:
    """Invented readers: a usual one where nobody was seen, extremes, and two together for what is still left."""
    known = list(people(look.file, usage=look.usage, sight=look.sight, clock=look.space.clock))
    silent: set[str] = set()
    count = 0
    for person in known:
        reader = look.reader(person.context, says=person.says)
        is_new = bool(reader.taken - reached) or (reader.taken not in seen and count < MOST_INVENTED // 2)
        if not seen or (reader.parts and is_new and count < MOST_INVENTED):
            count += 1
            yield reader
        elif not reader.parts and reader.why_none not in silent:
            silent.add(reader.why_none)
            yield reader
    for person in islice(together(known), MOST_TRIED) if wanted - reached else ():
        if taken(look.content, look.known, context=person.context) & (wanted - reached):
            yield look.reader(person.context, says=person.says)


def _customer(look: _View, customer: str, *, notes: list[str]) -> Reader:
    if look.run is None or "profiles" not in look.sealed:
        raise Misuse.say(where=f"customer {customer}", what="nothing is known of customers before the first run",
                         do="run `tactful run`, or leave out --as")  # fmt: skip
    profile = _row(look.sealed["profiles"], column="customer_id", value=customer)
    if profile is None:
        raise Misuse.say(where=f"run {look.run.name}", what=f"there is no customer {customer!r}",
                         do="check the customer's id")  # fmt: skip
    decision = _row(look.sealed["decisions"], column="customer_id", value=customer)
    says = f"customer {customer}"
    if decision and decision["content_id"] == look.file.content_id and decision["level"] == look.usage.level.value:
        for joined in Letters.of(look.space, look.run).joined([decision["decision_id"]]):
            if joined.language == look.file.language:
                lines = taken(look.content, look.known, context=look.context(decision, profile))
                notes.append(f"This is the letter of run {look.run.name}, to the byte.")
                return Reader(says=says, parts=joined.parts, taken=lines, note="the letter of the run")
    notes.append(f"Run {look.run.name} chose another message for customer {customer}; this is what they would read.")
    return replace(
        look.reader(look.context(_imagined(look, profile), profile), says=says), note="as the run knows them"
    )


def _imagined(look: _View, profile: Row) -> Row:
    """The decision that would have given this customer this content: their own items, no offer but the first."""
    usage = look.usage
    offers = [name for name in (usage.program.offers if usage.program else ()) if name != "none"]
    return {
        **usage.decision,
        "offer_id": offers[0] if offers else None,
        "decided_at": look.space.clock.now,
        "items": _suggested(look, profile),
    }


def _suggested(look: _View, profile: Row) -> list[Row]:
    """The items that the run would have shown: their own list, or that of their cell."""
    usage = look.usage
    if usage.program is None or usage.plan is None or usage.plan.items is None:
        return []
    kind = "web" if look.file.touchpoint == "web" and usage.program.web else "levels"
    named = {"program": usage.program.program, "plan": kind, "level": usage.level.value}
    cell = text_of({name: _cast(profile.get(name)) for name in usage.plan.by})
    for table, own in (("suggestions", {"customer_id": profile["customer_id"]}), ("cell_suggestions", {"cell": cell})):
        if table in look.sealed:
            rows = _where(look.sealed[table], {**named, **own})
            if rows:
                return list(rows[0]["items"])
    return []


def _cast(value: object) -> str:
    """A value as cells spell it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_run(look: _View) -> Iterator[Reader]:
    """One reader for each skeleton that the last run made of this content, the most used first."""
    if look.run is None or not {"messages", "skeletons", "decisions", "profiles"} <= look.sealed.keys():
        return
    skeletons = lake.read(look.sealed["skeletons"], columns=["skeleton_id", "content_id", "content_hash"])
    hashes = skeletons.filter(pc.equal(skeletons["content_hash"], pa.scalar(look.file.content_hash, pa.binary(16))))
    mine = hashes["skeleton_id"].combine_chunks().unique()
    messages = lake.read(look.sealed["messages"], columns=["decision_id", "skeleton_id"])
    rows = messages.filter(pc.is_in(messages["skeleton_id"], value_set=mine)).to_pylist()
    counts = Counter(row["skeleton_id"] for row in rows)
    firsts: dict[bytes, bytes] = {}
    for row in sorted(rows, key=lambda row: bytes(row["decision_id"])):
        firsts.setdefault(row["skeleton_id"], row["decision_id"])
    letters = Letters.of(look.space, look.run) if firsts else None
    for skeleton, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_OF_RUN]:
        decision = _row(look.sealed["decisions"], column="decision_id", value=firsts[skeleton])
        profile = (
            _row(look.sealed["profiles"], column="customer_id", value=decision["customer_id"]) if decision else None
        )
        if decision is None or profile is None or letters is None:
            continue
        for joined in letters.joined([firsts[skeleton]]):
            lines = taken(look.content, look.known, context=look.context(decision, profile))
            says = f"customer {decision['customer_id']}"
            yield Reader(says=says, parts=joined.parts, taken=lines, messages=count)


def _row(source: Sealed, *, column: str, value: object) -> Row | None:
    return next(iter(_where(source, {column: value})), None)


def _where(source: Sealed, values: Mapping[str, object]) -> list[Row]:
    found: list[Row] = []
    for batch in lake.batches(source):
        for name, value in values.items():
            batch = batch.filter(pc.equal(batch[name], pa.scalar(value, batch[name].type)))
        found += cast("list[Row]", batch.to_pylist())
    return found


def _pictured(readers: list[Reader], *, notes: list[str]) -> list[Reader]:
    """Each reader with pictures of their letter, where a browser can be found; a note says where not."""
    if why := pictures.why_none():
        notes.append(f"No pictures were taken: {why}. The letters stand in frames instead.")
        return readers
    shots, owners = [], []
    for number, reader in enumerate(readers):
        for name, width, is_dark in (("phone", 375, False), ("phone, dark", 375, True), ("desktop", 720, False)):
            if reader.body:
                shots.append(pictures.Shot(html=reader.body, width=width, is_dark=is_dark))
                owners.append((number, name))
    try:
        made = pictures.take(shots)
    except OSError as error:
        notes.append(f"No pictures were taken: the browser did not start ({error}).")
        return readers
    found: dict[int, dict[str, bytes]] = {}
    for (number, name), picture in zip(owners, made, strict=True):
        found.setdefault(number, {})[name] = picture
    return [replace(reader, pictures=found.get(number, {})) for number, reader in enumerate(readers)]
