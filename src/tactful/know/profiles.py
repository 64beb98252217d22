"""Profiles: one row per customer with every fact, familiarity, knowledge, stage, and what they have said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from tactful.know import addresses, choices, greetings, relationship, standing, whereabouts
from tactful.know.channels import channels_of
from tactful.know.facts import EVERYONE, PEOPLE, Night, night
from tactful.know.parts import reason_of
from tactful.project.declared import Project
from tactful.project.facts import Stage
from tactful.store import contracts, sql
from tactful.store.conditions import Kind, Named, where
from tactful.store.engines.duckdb import Engine
from tactful.store.sql import Query
from tactful.store.statement import (
    Bound,
    Call,
    Case,
    Column,
    Expression,
    From,
    Function,
    Infix,
    Join,
    Rendered,
    Select,
    render,
)
from tactful.store.table import TYPES
from tactful.words.clock import Clock
from tactful.words.errors import Misuse
from tactful.words.sealed import Sealed

Inputs = Mapping[str, "Sealed | pa.Table"]

AT_ONCE: Final = 131_072
"""Customers whose facts are asked for at once, so that memory does not grow with their number."""
NO_STAGE: Final = "no_stage"
"""The stage of a customer for whom no declared stage holds."""
READS: Final = ("customers", "transactions", "events", "items", "facts", "consent", "preference", "contact")
FURTHER: Final[Mapping[str, pa.DataType]] = {
    "dial": TYPES["text"],
    "topics_off": TYPES["words"],
    "occasions_off": TYPES["words"],
    "frequency": TYPES["text"],
    "consents": TYPES["words"],
    "withdrawn": TYPES["words"],
    "phone": TYPES["text"],
    "birth_date": TYPES["day"],
    "joined_at": TYPES["time"],
}
"""Columns of every profile beside the contract's; a declared fact of the same name takes a column's place."""

_ARROW: Final = {
    Kind.TEXT: TYPES["text"],
    Kind.INTEGER: TYPES["whole"],
    Kind.DECIMAL: TYPES["money"],
    Kind.INSTANT: TYPES["time"],
    Kind.DAY: TYPES["day"],
    Kind.FLAG: TYPES["flag"],
}
_OWN = "own__"
"""What columns of `everyone` that are no columns of people begin with."""
_PERSON = ("customer_id", "customer_key", "given_name", "email", "language", "country", "household_id")


def build(inputs: Inputs, *, project: Project, clock: Clock, at_once: int = AT_ONCE) -> Iterator[pa.RecordBatch]:
    """Everyone we know, as rows of `profiles`; before them, as rows of `know_sums`, what the numbers rest on.

    Everyone is whoever has a record, an order or a visit. Of each of their sources the latest record counts, of each
    field what the latest source says. Rows dated after the clock do not exist.

    Args:
        inputs: customers, transactions, events, items (every load so far), consent, preference and contact (the
            ledger's rows); facts where there are any. What is missing is taken as empty.
        project: facts, stages, what knowledge is of.
        clock: as of when; windows end at its midnight.
        at_once: customers whose facts are asked for at once; it changes the time and memory taken, not the answer.

    Yields:
        Batches whose schema names their table.
    """
    tables = {name: inputs.get(name, contracts.table(name).schema.empty_table()) for name in READS}
    planned = night(project.facts, clock=clock)
    settings = project.settings
    with Engine.open(memory=settings.memory, threads=settings.threads, scratch=project.root / ".spill") as engine:
        engine.make("items_now", sql.named("know.items_now"), tables=tables)
        engine.make("people", sql.named("know.people"), tables=tables, values={"now": clock.now})
        relationship.remember(engine, tables, clock=clock)
        fitted = relationship.fit(engine)
        known = choices.learn(engine, tables, project=project, clock=clock)
        yield from relationship.sums(fitted, clock=clock)
        yield from choices.sums(known, clock=clock)
        beside = {
            "knowing": known.rows,
            "zones": whereabouts.zones_of(engine.table(sql.named("know.places"))),
            "said": standing.consents_at(engine, _ledger(tables), instant=clock.now, channels=channels_of(project)),
            "wished": standing.preferences_at(engine, _ledger(tables, "preference"), instant=clock.now),
        }
        everyone = _everyone(night(project.facts, clock=clock))
        engine.make(EVERYONE, everyone.query, tables={**tables, **beside, **planned.tables}, values=everyone.values)
        schema, unnamed = schema_of(project, planned), _unnamed(engine, project=project)
        ranges = tuple(_ranges(engine, at_once=at_once))
        if not ranges:
            _refuse_later(engine, tables, clock=clock)
            yield pa.RecordBatch.from_pylist([], schema=schema)
        for keys in ranges:
            asked = _statement(night(project.facts, clock=clock, keys=keys), project=project, keys=keys)
            for batch in engine.stream(asked.query, tables={**tables, **planned.tables}, values=asked.values):
                yield _profile(batch, fitted=fitted, schema=schema, clock=clock, unnamed=unnamed)


def _unnamed(engine: Engine, *, project: Project) -> pa.Array:
    """Keys of those greeted by no name: who share a mailbox, where letters to such are neutral."""
    if project.policy.shared_address != "neutral":
        return pa.array([], pa.int64())
    return engine.table(sql.named("know.sharing"))["customer_key"].combine_chunks()


def _ranges(engine: Engine, *, at_once: int) -> Iterator[tuple[int, int]]:
    """Ranges of customer_key that hold so many customers each, in order."""
    keys = engine.table(sql.named("know.keys"))["customer_key"]
    for first in range(0, len(keys), at_once):
        yield keys[first].as_py(), keys[min(first + at_once, len(keys)) - 1].as_py()


def _refuse_later(engine: Engine, tables: Inputs, *, clock: Clock) -> None:
    """Nobody is known: where that is because the clock stands before all there is, it is a mistake, and said."""
    found = engine.table(sql.named("know.later"), tables=tables, values={"now": clock.now}).to_pylist()[0]
    if found["lines"]:
        raise Misuse.say(
            where="tactful.yaml, clock",
            what=f"it stands at {clock.now:%Y-%m-%d %H:%M}, before all {found['lines']:,} order lines and visits "
            f"(the first is of {found['first_at']:%Y-%m-%d}), so nobody is known yet",
            do="write  clock: system,  or an instant after your last order",
        )


def schema_of(project: Project, planned: Night) -> pa.Schema:
    """The columns of this project's profiles: the contract's, `FURTHER`, and each fact with `<fact>__as_of`."""
    schema = contracts.table("profiles").schema
    for name, kind in FURTHER.items():
        if name not in project.facts:
            schema = schema.append(pa.field(name, kind))
    for name, kind in planned.kinds.items():
        schema = schema.append(pa.field(name, _ARROW[kind])).append(pa.field(f"{name}__as_of", TYPES["time"]))
    return schema


def _ledger(tables: Inputs, name: str = "consent") -> pa.Table:
    found = tables[name]
    assert isinstance(found, pa.Table)  # the ledger's rows come as Arrow
    return found


def _everyone(planned: Night) -> Rendered:
    """Everyone with what was gathered about them but for the facts over their orders, in order of their key."""
    columns: list[tuple[str, Expression]] = [(name, Column(name, "p")) for name in PEOPLE]
    behind = dict.fromkeys(("frequency", "recency", "age", "recent"), "h") | {"contacts": "c", "answered": "a"}
    columns += [(f"{relationship.BEHIND}{name}", Column(name, of)) for name, of in behind.items()]
    columns += [(f"{_OWN}{name}", Column(name, "k")) for name in ("knowledge", "knowledge_parts")]
    columns += [(f"{_OWN}{name}", Column(name, "s")) for name in ("consents", "withdrawn")]
    columns += [(f"{_OWN}{name}", Column(name, "w")) for name in ("dial", "topics_off", "occasions_off", "frequency")]
    columns += [(f"{_OWN}zone", Column("zone", "z")), *planned.carried]
    place = Infix("AND", _same("country", Column("country", "z")), _same("zone", Column("said", "z")))
    joins = [Join(From("zones", "z"), place), *planned.beside]
    for table, name, by in (
        ("histories", "h", "customer_key"),
        ("knowing", "k", "customer_key"),
        ("said", "s", "customer_id"),
        ("wished", "w", "customer_id"),
        ("contacted", "c", "customer_id"),
        ("answered", "a", "customer_id"),
    ):
        joins.append(_beside(table, name, by=by))
    tree = Select(
        columns=tuple(columns),
        source=From("people", "p"),
        joins=tuple(joins),
        order_by=(Column("customer_key", "p"), Column("customer_id", "p")),
        shared=planned.shared,
    )
    return render(tree, name=EVERYONE)


def _statement(planned: Night, *, project: Project, keys: tuple[int, int]) -> Rendered:
    """The customers of a range of keys with their facts and their stage, in order of their key."""
    facts = [name for kind in project.facts for name in (kind, f"{kind}__as_of")]
    further = [name for name in ("phone", "birth_date", "joined_at") if name not in project.facts]
    own = ("knowledge", "knowledge_parts", "consents", "withdrawn", "dial", "topics_off", "occasions_off", "frequency")
    behind = [f"{relationship.BEHIND}{name}" for name in relationship.NUMBERS]
    columns: list[tuple[str, Expression]] = [(name, Column(name, "p")) for name in (*_PERSON, *further, *behind)]
    columns += [(name, Column(f"{_OWN}{name}", "p")) for name in (*own, "zone")]
    columns += [(name, Column(name, "f")) for name in facts]
    columns.append(("stage", _stage(project.stages, planned=planned)))
    key = Column("customer_key", "p")
    tree = Select(
        columns=tuple(columns),
        source=From(EVERYONE, "p"),
        joins=(_beside(planned.rows, "f", by="customer_key"),),
        where=Infix("AND", Infix(">=", key, Bound(keys[0])), Infix("<=", key, Bound(keys[1]))),
        order_by=(key, Column("customer_id", "p")),
    )
    return render(tree, name="profiles")


def _beside(rows: str | Select | Query, name: str, *, by: str) -> Join:
    return Join(From(rows, name), Infix("=", Column(by, name), Column(by, "p")))


def _same(name: str, other: Column) -> Expression:
    """Equal, or both unknown."""
    none = Bound("")
    return Infix("=", *(Call(Function.COALESCE, (column, none)) for column in (Column(name, "p"), other)))


def _stage(stages: tuple[Stage, ...], *, planned: Night) -> Expression:
    """The first stage whose condition holds; unknown facts make a comparison false."""
    scope = {name: Named(Column(name, "f"), kind) for name, kind in planned.kinds.items()}
    scope |= {name: Named(Column(name, "p"), Kind.TEXT) for name in ("language", "country")}
    branches: list[tuple[Expression, Expression]] = []
    for stage in stages:
        if stage.when == "otherwise":
            return Case(tuple(branches), Bound(stage.stage)) if branches else Bound(stage.stage)
        branches.append((where(stage.when, scope, place=f"stage {stage.stage}"), Bound(stage.stage)))
    return Case(tuple(branches), Bound(NO_STAGE)) if branches else Bound(NO_STAGE)


def _profile(
    batch: pa.RecordBatch, *, fitted: relationship.Fitted, schema: pa.Schema, clock: Clock, unnamed: pa.Array
) -> pa.RecordBatch:
    """The finished columns of a batch of customers."""
    names = greetings.greeting_names(batch["given_name"])
    familiarity, parts = relationship.read(batch, fitted)
    made = {
        "familiarity": familiarity,
        "familiarity_parts": parts,
        "knowledge_parts": pc.fill_null(batch["knowledge_parts"], reason_of(choices.NO_CHOICE)),
        "salutation_name": pc.if_else(pc.is_in(batch["customer_key"], value_set=unnamed), None, names),
        "email": pc.utf8_trim_whitespace(batch["email"].cast(pa.string())),
        "email_usable": addresses.usable(batch["email"]),
        "as_of": pa.array([clock.now] * batch.num_rows, TYPES["time"]),
        "topics_off": _words(batch["topics_off"]),
        "occasions_off": _words(batch["occasions_off"]),
        "consents": _listed(batch["consents"]),
        "withdrawn": _listed(batch["withdrawn"]),
    }
    columns = [made[field.name] if field.name in made else batch[field.name] for field in schema]
    cast = [column.cast(field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(cast, schema=schema)


def _words(texts: pa.Array) -> pa.Array:
    """Lists as the ledger holds them, as lists; nothing said is an empty list."""
    coded = texts.cast(pa.string()).dictionary_encode()
    lists = [json.loads(text) for text in coded.dictionary.to_pylist()]
    return pa.array([*lists, []], TYPES["words"]).take(pc.fill_null(coded.indices, len(lists)))


def _listed(lists: pa.Array) -> pa.Array:
    return pc.fill_null(lists, pa.scalar([], lists.type)) if lists.null_count else lists
