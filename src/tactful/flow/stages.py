"""The journey as a list of stages, each one call of a room: `plan` prints the list, `run` performs and resumes it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from tactful.check import gate, plugins, queries
from tactful.compose import messages
from tactful.decide import (
    arms,
    capacity,
    choice,
    eligibility,
    own_costs,
    paced,
    portfolio,
    prices,
    solving,
    suggestions,
    usage,
)
from tactful.decide.arms import Arms
from tactful.decide.believed import Beliefs
from tactful.decide.contact_price import table as fatigue_table
from tactful.deliver import suppression
from tactful.flow import deploying, gating, learning
from tactful.flow.stage import Inputs, Stage, Work
from tactful.know import profiles, segments
from tactful.learn import beliefs, opt_outs, value
from tactful.learn import learning as learned
from tactful.learn.learning import READS
from tactful.store import lake

Rows = Iterator[pa.RecordBatch]


def know(inputs: Inputs, work: Work) -> Rows:
    """Everybody's profile, with the sums their numbers rest on; as if nothing of this occasion had been sent yet."""
    contact = lake.read(inputs["contact"])
    others = pc.fill_null(pc.not_equal(contact["occasion"], work.occasion), fill_value=True)
    given = {**inputs, "contact": contact.filter(others)}
    yield from profiles.build(given, project=work.space.project, clock=work.space.clock)


def gather(inputs: Inputs, work: Work) -> Rows:
    """The members of every segment."""
    yield from segments.members(inputs, project=work.space.project, clock=work.space.clock)


def learn(inputs: Inputs, work: Work) -> Rows:
    """What has come of earlier decisions since the last run."""
    space = work.space
    past = learning.past_of(space)
    yield from learned.learn(past, inputs, project=space.project, clock=space.clock, run_id=work.run_id)


def lay_out(inputs: Inputs, work: Work) -> Rows:
    """What can be said, what it is expected to bring, and which variants have people enough and pay for themselves."""
    project = work.space.project
    spoken = arms.table(project)
    yield spoken
    stated = beliefs.prior(project, spoken, clock=work.space.clock)
    sums = pa.concat_tables([lake.read(inputs["learn_sums"]), lake.read(inputs["young_sums"])])
    believed = value.believed(stated, sums, project=project, arms=spoken, clock=work.space.clock).beliefs
    yield believed
    yield from deploying.baseline(inputs, believed, space=work.space, arms=spoken)
    believes = Beliefs.of(believed, arms=Arms.of(spoken))
    yield fatigue_table(project, Arms.of(spoken), beliefs=believes, hazard=opt_outs.hazard(sums, project=project))
    laid = {"arms": pa.Table.from_batches([spoken]), "beliefs": pa.Table.from_batches([believed])}
    yield from portfolio.build({**inputs, **laid}, project=project)


def suggest(inputs: Inputs, work: Work) -> Rows:
    """The items that would be shown to each customer and cell."""
    yield from suggestions.build(inputs, project=work.space.project, clock=work.space.clock)


def prepare(inputs: Inputs, work: Work) -> Rows:
    """One row for everybody in an audience: what is possible for them, and why the rest is not."""
    space = work.space
    listed = suppression.suppressed(inputs, key=space.key)
    given = {**inputs, "suppressed": listed}
    yield from eligibility.prepare(given, project=space.project, clock=space.clock, occasion=work.occasion)


def price(inputs: Inputs, work: Work) -> Rows:
    """What former runs have left of every limit, and what it costs to use it."""
    space, spoken = work.space, Arms.of(lake.read(inputs["arms"]))
    project, clock = space.project, space.clock
    people = lake.read(inputs["inputs"], columns=["decision_id"]).num_rows
    gone = usage.used(inputs, arms=spoken, occasion=work.occasion, clock=clock)
    gone |= capacity.used_today(inputs, project=project, arms=spoken, occasion=work.occasion, clock=clock)
    dearer = own_costs.dearer(inputs, arms=spoken)
    rows = prices.table(project, spoken, people=people, used=gone, dearer=dearer)
    solved = solving.solved(rows, inputs=inputs, salt=project.settings.salt, clock=clock)
    yield paced.planned(solved, inputs=inputs, project=project, clock=clock)


def choose(inputs: Inputs, work: Work) -> Rows:
    """The decisions, their candidates, and a preview of what the site would show."""
    space = work.space
    for chosen in choice.decisions(inputs, project=space.project, clock=space.clock, run_id=work.run_id):
        yield chosen.decisions
        yield chosen.candidates
        yield chosen.placements


def write(inputs: Inputs, work: Work) -> Rows:
    """Every message as skeleton and slots."""
    space = work.space
    yield from messages.write(inputs, project=space.project, clock=space.clock, key=space.key)


def inspect(inputs: Inputs, work: Work) -> Rows:
    """What the gate finds in every message, what the project objects to, and what reading a few of them whole says."""
    project, clock = work.space.project, work.space.clock
    audit = gating.audit_of(inputs, work)
    given = gating.given(inputs, work)
    yield from gate.inspect(given, project=project, clock=clock, rules=plugins.rules(), audit=audit)
    yield from queries.ask(inputs, project=project, clock=clock)


STAGES: tuple[Stage, ...] = (
    Stage(
        name="know",
        says="know everybody: facts, familiarity, knowledge, consent",
        reads=("customers", "transactions", "events", "items", "consent", "preference", "contact"),
        writes=("profiles", "know_sums"),
        act=know,
        follows="customers",
    ),
    Stage(
        name="gather",
        says="gather the audiences",
        reads=("profiles",),
        writes=("segments",),
        act=gather,
    ),
    Stage(
        name="learn",
        says="learn from what came of earlier decisions",
        reads=READS,
        writes=("outcomes", "learn_sums", "young_sums"),
        act=learn,
    ),
    Stage(
        name="lay out",
        says="lay out what can be said, and what it should bring",
        reads=("profiles", "segments", "past_portfolio", "learn_sums", "young_sums"),
        writes=("arms", "beliefs", "baseline", "portfolio", "fatigue"),
        act=lay_out,
    ),
    Stage(
        name="suggest",
        says="suggest items",
        reads=("transactions", "items", "profiles", "segments", "arms", "portfolio"),
        writes=("suggestions", "cell_suggestions", "clashes", "slot_model"),
        act=suggest,
    ),
    Stage(
        name="prepare",
        says="prepare what is possible for each customer",
        reads=(
            "profiles",
            "segments",
            "arms",
            "portfolio",
            "fatigue",
            "suggestions",
            "cell_suggestions",
            "clashes",
            "transactions",
            "contact",
            "incentive",
            "suppression",
        ),
        writes=("inputs",),
        act=prepare,
        follows="profiles",
    ),
    Stage(
        name="price",
        says="see what is left of every limit, and price it",
        reads=("arms", "inputs", "beliefs", "baseline", "contact", "incentive", "live_decision", "past_decisions"),
        writes=("prices",),
        act=price,
    ),
    Stage(
        name="decide",
        says="decide for each customer, or keep silent",
        reads=(
            *("inputs", "arms", "beliefs", "baseline", "prices", "portfolio"),
            *("suggestions", "cell_suggestions", "profiles"),
        ),
        writes=("decisions", "candidates", "placements"),
        act=choose,
        follows="inputs",
    ),
    Stage(
        name="compose",
        says="compose every message",
        reads=("decisions", "profiles", "items"),
        writes=("messages", "skeletons", "unwritten"),
        act=write,
        follows="decisions",
    ),
    Stage(
        name="check",
        says="check every message",
        reads=(
            "messages",
            "skeletons",
            "unwritten",
            "decisions",
            "profiles",
            "items",
            "links",
            "transactions",
            "contact",
        ),
        writes=("findings", "audits"),
        act=inspect,
    ),
)
