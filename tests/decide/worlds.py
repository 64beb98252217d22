"""A small shop for the tests of decide: a project made by hand, and profiles with everything eligibility reads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tactful.decide import arms, choice, eligibility, portfolio, prices, solving
from tactful.decide.arms import Arms
from tactful.decide.codes import ELIGIBLE, reason_of
from tactful.learn import beliefs
from tactful.project.brand import Brand
from tactful.project.declared import ContentFile, Project
from tactful.project.facts import Fact
from tactful.project.offers import Offer
from tactful.project.policy import Policy
from tactful.project.programs import Program
from tactful.project.settings import Settings
from tactful.store import contracts
from tactful.words.clock import Clock
from tactful.words.ids import customer_key, derived_id

CLOCK = Clock.at("2011-12-09T12:50:00", zone="Europe/London")
OCCASION = "2011-12-09"

PROGRAM = {
    "program": "win-back",
    "purpose": "marketing",
    "why": "people forget us after a quiet quarter",
    "outcome": "net_margin_28d",
    "audience": "lapsing",
    "touchpoints": ["email", "web.home_hero"],
    "levels": {
        "all": {"content": "win-back/everyone"},
        "many": {"content": "win-back/range", "by": "favourite_range"},
        "few": {"content": "win-back/stage", "by": ["favourite_range", "stage"]},
        "one": {"content": "win-back/you", "needs": "favourite_range"},
    },
    "offers": ["none", "ten-off"],
    "expect": {
        "response": "3%",
        "margin": "20 GBP",
        "levels": {"many": "1.2", "few": "1.3", "one": "1.5"},
        "offers": {"ten-off": "1.4"},
    },
}
POLICY = {
    "ceiling": {
        "familiarity": {"many": "0.1", "few": "0.3", "one": "0.5"},
        "knowledge": {"many": "0.1", "few": "0.2", "one": "0.4"},
        "when_unknown": "many",
    },
    "caps": [{"channel": "email", "most": 2, "days": 7}],
    "quiet_hours": [{"channel": "email"}],
    "contact_cost": {"email": "0.01 GBP"},
    "level_cost": {"few": "0.02 GBP", "one": "0.05 GBP"},
    "exploration": {"most": "10%", "budget": "10 GBP"},
    "k_words": 2,
    "k_facts": 3,
}
TEN_OFF = {"offer": "ten-off", "kind": "percent", "value": "10%", "cost": "2 GBP", "used": "30%"}


def shop(*, programs=(PROGRAM,), offers=(TEN_OFF,), topics=None, facts=None, policy=None, **settings) -> Project:
    """A project of these declarations; every content they name has an e-mail and a web version."""
    made = {p["program"]: Program.model_validate(p) for p in programs}
    named = {p.content for m in made.values() for p in (*m.levels.values(), *m.web.values())}
    contents = {
        (name, kind, "en"): ContentFile(
            content_id=name, kind="mjml", touchpoint=kind, language="en", subject="s", preheader="p", body="b",
            text=None, body_line=1, subject_line=1, preheader_line=1, register="plain",
            topics=tuple((topics or {}).get(name, ())), path=f"content/{name}.mjml",
            content_hash=derived_id("content", name, kind),
        )
        for name in named for kind in ("email", "web")
    }  # fmt: skip
    range_fact = Fact.model_validate({"from": "transactions", "speak": "segment"})
    return Project(
        root=Path("shop"),
        settings=Settings.model_validate(
            {"name": "shop", "zone": "Europe/London", "currency": "GBP", "salt": "salt"} | settings
        ),
        sources={},
        facts={"favourite_range": range_fact} | (facts or {}),
        stages=(),
        knowledge_of="category",
        knowledge_segment=None,
        segments={},
        offers={o["offer"]: Offer.model_validate(o) for o in offers},
        contents=contents,
        partials={},
        programs=made,
        policy=Policy.model_validate(POLICY | (policy or {})),
        brand=Brand.model_validate(
            {"brand": "Shop", "from_name": "Shop", "from_address": "a@shop.example", "postal_address": "1 Street",
             "site": "https://shop.example", "public_url": "https://shop.example", "hosts": "shop.example"}
        ),
        metrics={},
        fingerprint=bytes(16),
    )  # fmt: skip


DEFAULT = {
    "familiarity": 1 << 19,
    "knowledge": 1 << 19,
    "stage": "lapsing",
    "language": "en",
    "country": "United Kingdom",
    "zone": "Europe/London",
    "household_id": None,
    "email_usable": True,
    "favourite_range": "baking",
    "dial": None,
    "topics_off": [],
    "frequency": None,
    "consents": ["marketing:email", "personalization:any"],
    "withdrawn": [],
    "birth_date": None,
}
EXTRA = {
    "favourite_range": pa.string(), "favourite_range__as_of": pa.timestamp("us", tz="UTC"), "dial": pa.string(),
    "topics_off": pa.list_(pa.string()), "frequency": pa.string(), "consents": pa.list_(pa.string()),
    "withdrawn": pa.list_(pa.string()), "birth_date": pa.date32(), "deceased": pa.bool_(),
}  # fmt: skip


def profiles(people: dict[str, dict] | int) -> pa.Table:
    """Profiles by customer id; what is not said is as agreeable as can be."""
    if isinstance(people, int):
        people = {f"c{number}": {} for number in range(people)}
    schema = contracts.table("profiles").schema
    for name, kind in EXTRA.items():
        schema = schema.append(pa.field(name, kind))
    rows = [
        DEFAULT
        | {
            "customer_id": name,
            "customer_key": customer_key(name),
            "email": f"{name}@example.org",
            "as_of": CLOCK.now,
            "favourite_range__as_of": CLOCK.now,
        }
        | said
        for name, said in people.items()
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["customer_key"]), schema=schema)


def segment(names, *, segment="lapsing") -> pa.Table:
    """Who is in a segment."""
    rows = [{"segment": segment, "customer_id": n, "customer_key": customer_key(n), "as_of": CLOCK.now} for n in names]
    return pa.Table.from_pylist(rows, schema=contracts.table("segments").schema)


def table(batches, name: str) -> pa.Table:
    """Batches as one table, in the order of the contract."""
    made = pa.Table.from_batches(list(batches), schema=contracts.table(name).schema)
    order = [(c, "ascending") for c in contracts.table(name).sort]
    return made.sort_by(order) if order and made.num_rows else made


def world(project: Project, people, *, segments: pa.Table | None = None, used=None, **more) -> dict[str, pa.Table]:
    """Everything `prepare` and `choice` read, for these people."""
    known = profiles(people)
    made = arms.table(project)
    inputs = {
        "profiles": known,
        "segments": segments if segments is not None else segment(known["customer_id"].to_pylist()),
        "arms": pa.Table.from_batches([made]),
        **more,
    }
    inputs["portfolio"] = table(portfolio.build(inputs, project=project), "portfolio")
    inputs["beliefs"] = pa.Table.from_batches([beliefs.prior(project, made, clock=CLOCK)])
    rows = prices.table(project, Arms.of(made), people=known.num_rows, used=used)
    inputs["prices"] = pa.Table.from_batches([rows])
    return inputs


def contact(*rows: tuple[str, str], program="win-back", occasion=None) -> pa.Table:
    """Contacts by e-mail: customer and ISO instant."""
    made = [
        {"customer_id": c, "channel": "email", "purpose": "marketing", "program": program, "occasion": occasion,
         "happened_at": datetime.fromisoformat(t).replace(tzinfo=UTC), "source": "test"}
        for c, t in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=contracts.table("contact").schema)


def crowd(size: int, *, seed: int = 1) -> pa.Table:
    """Many customers with mixed consents, dials and facts, fast: the key stands for the id."""
    rng = np.random.default_rng(seed)
    schema = contracts.table("profiles").schema
    for name, kind in EXTRA.items():
        schema = schema.append(pa.field(name, kind))
    keys = np.sort(rng.integers(-(2**63), 2**63 - 1, size=size))
    ids = pa.array([f"c{n}" for n in range(size)])
    ranges, stages = pa.array([f"range {n}" for n in range(12)] + [None]), pa.array(["new", "active", "lapsing"])
    said = pa.array([["marketing:email", "personalization:any"], ["marketing:email"], []])
    off = pa.array([[], [], [], ["candles"], ["marketing:email"]], type=pa.list_(pa.string()))
    dials, zones = pa.array([None, None, "many", "few"]), pa.array(["Europe/London", "America/New_York", None])
    columns = {name: pa.nulls(size, schema.field(name).type) for name in schema.names}
    columns |= {
        "customer_id": ids, "customer_key": pa.array(keys), "stage": stages.take(pa.array(rng.integers(0, 3, size))),
        "familiarity": pa.array(rng.integers(0, 1 << 20, size)), "knowledge": pa.array(rng.integers(0, 1 << 20, size)),
        "country": pa.repeat(pa.scalar("United Kingdom"), size), "zone": zones.take(pa.array(rng.integers(0, 3, size))),
        "email": pc.binary_join_element_wise(ids, "example.org", "@"),
        "email_usable": pa.array(rng.random(size) < 0.97),
        "favourite_range": ranges.take(pa.array(rng.integers(0, 13, size))),
        "dial": dials.take(pa.array(rng.integers(0, 4, size))),
        "consents": said.take(pa.array(rng.integers(0, 3, size))),
        "withdrawn": off.take(pa.array(np.where(rng.random(size) < 0.05, 4, 0))),
        "topics_off": off.take(pa.array(rng.integers(0, 4, size))),
        "favourite_range__as_of": pa.repeat(pa.scalar(CLOCK.now, type=pa.timestamp("us", tz="UTC")), size),
        "as_of": pa.repeat(pa.scalar(CLOCK.now, type=pa.timestamp("us", tz="UTC")), size),
    }  # fmt: skip
    return pa.table([columns[name] for name in schema.names], schema=schema)


def prepared(project: Project, inputs: dict[str, pa.Table], *, clock=CLOCK, **more) -> pa.Table:
    """The `inputs` rows of a world, in the lake's order."""
    return table(eligibility.prepare(inputs, project=project, clock=clock, occasion=OCCASION, **more), "inputs")


def run(project: Project, people, *, clock=CLOCK, **more) -> dict[str, pa.Table]:
    """A whole occasion: the world with its `inputs`, `decisions`, `candidates` and `placements`."""
    return decide_all(project, world(project, people, **more), clock=clock)


def decide_all(project: Project, inputs: dict[str, pa.Table], *, clock=CLOCK) -> dict[str, pa.Table]:
    """The world with its `inputs` prepared, its prices solved and everybody decided."""
    inputs["inputs"] = prepared(project, inputs, clock=clock)
    (free,) = inputs["prices"].to_batches()
    priced = solving.solved(free, inputs=inputs, salt=project.settings.salt, clock=clock)
    inputs["prices"] = pa.Table.from_batches([priced])
    found = list(choice.decisions(inputs, project=project, clock=clock, run_id=bytes(16), sample="1"))
    for name in ("decisions", "candidates", "placements"):
        inputs[name] = table((getattr(part, name) for part in found), name)
    return inputs


def why_not(project: Project, inputs: dict[str, pa.Table], customer: str, **wanted) -> set[str | None]:
    """The reasons that stand against the arms of these values for one customer; None for an arm that may be chosen."""
    made = Arms.of(inputs["arms"])
    rows = inputs["inputs"] if "inputs" in inputs else prepared(project, inputs)
    row = next(row for row in rows.to_pylist() if row["customer_id"] == customer)
    wanted = {"touchpoint": "email"} | wanted
    arms_of = [
        a for a, p in enumerate(made.program)
        if p is not None and all(getattr(made, name)[a] == value for name, value in wanted.items())
    ]  # fmt: skip
    return {None if (code := row["why_not"][a]) == ELIGIBLE else reason_of(code).value for a in arms_of}


def outcomes(inputs: dict[str, pa.Table]) -> dict[str, dict]:
    """Decisions by customer."""
    return {row["customer_id"]: row for row in inputs["decisions"].to_pylist()}
