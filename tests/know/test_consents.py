"""No means no: the ledger of consents only grows, and what stands is the same whatever the order of arrival."""

import hashlib
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.know import consents, standing
from tactful.store import ledger, sql
from tactful.store.engines.duckdb import Engine
from tactful.testing.fact_checks import rows_of
from tactful.words.clock import Clock
from tactful.words.touchpoint import Channel

CLOCK = Clock.at("2011-12-09T12:00:00")
DAY = timedelta(days=1)
CHANNELS = (Channel.EMAIL, Channel.WEB)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[ledger.Ledger]:
    with ledger.Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.open() as opened:
        yield opened


def said(
    state: str | None, *, days: int = 10, channel: str = "email", wording: str | None = None, source: str = "list"
) -> dict:
    return {
        "customer_id": "1",
        "purpose": "marketing",
        "channel": channel,
        "state": state or "",
        "happened_at": CLOCK.now - days * DAY,
        "source": source,
        "wording": wording,
    }


def record(kept: ledger.Ledger, make_project, *rows: dict, at: Clock = CLOCK, preferences: tuple[dict, ...] = ()):
    inputs = {"consents": rows_of("consents", rows), "preferences": rows_of("preferences", preferences)}
    with kept.transaction() as tx:
        return consents.record(inputs, project=make_project(), clock=at, tx=tx)


def standing_of(kept: ledger.Ledger, engine: Engine, *, instant: datetime = CLOCK.now) -> tuple[list[str], list[str]]:
    with kept.reading() as tx:
        rows = ledger.table(tx, sql.named("ledger.flow.consents"))
    found = standing.consents_at(engine, rows, instant=instant, channels=CHANNELS).to_pylist()
    return (found[0]["consents"], found[0]["withdrawn"]) if found else ([], [])


@pytest.mark.parametrize("word", ["", "maybe", "TRUE ", "1.0", "ja", "Granted", " granted", "yes", "true", "null"])
def test_F63_only_declared_words_are_a_yes(kept, engine, make_project, word: str) -> None:
    found = record(kept, make_project, said(word))
    assert (found.read, found.added, found.malformed) == (1, 1, 1)
    assert standing_of(kept, engine) == ([], [])


def test_F63_the_declared_word_is_a_yes_for_that_channel_only(kept, engine, make_project) -> None:
    record(kept, make_project, said("granted"))
    assert standing_of(kept, engine) == (["marketing:email"], [])


def test_D2_no_record_is_no_consent(kept, engine) -> None:
    assert standing_of(kept, engine) == ([], [])


def test_importing_again_changes_nothing(kept, make_project) -> None:
    first = record(kept, make_project, said("granted"), said("withdrawn", days=2))
    again = record(kept, make_project, said("granted"), said("withdrawn", days=2), at=Clock(now=CLOCK.now + DAY))
    assert (first.added, again.added, again.read) == (2, 0, 2)


@pytest.mark.parametrize(
    "later", [said("granted", days=1), said("", days=1), said("granted", days=20), said("true", days=0)]
)
def test_F61_a_list_imported_again_brings_nobody_back(kept, engine, make_project, later: dict) -> None:
    record(kept, make_project, said("granted", wording="Send me letters"), said("withdrawn", days=5))
    found = record(kept, make_project, later, at=Clock(now=CLOCK.now))
    assert standing_of(kept, engine) == ([], ["marketing:any", "marketing:email"])
    assert found.without_effect == (2 if later["state"] == "granted" else 1)


def test_F61_only_a_newer_yes_with_its_words_brings_them_back(kept, engine, make_project) -> None:
    record(kept, make_project, said("withdrawn", days=5), said("granted", days=1, wording="Yes, by mail again"))
    assert standing_of(kept, engine) == (["marketing:email"], [])


def test_of_two_words_said_at_once_the_stricter_holds(kept, engine, make_project) -> None:
    record(kept, make_project, said("granted", wording="Yes"), said("withdrawn", source="page"))
    assert standing_of(kept, engine)[0] == []


def test_a_no_of_every_channel_is_a_no_everywhere(kept, engine, make_project) -> None:
    record(
        kept, make_project, said("granted"), said("granted", channel="web"), said("withdrawn", days=3, channel="any")
    )
    assert standing_of(kept, engine) == ([], ["marketing:any", "marketing:email", "marketing:web"])


def test_a_yes_for_every_channel_does_not_lift_a_no_said_of_one(kept, engine, make_project) -> None:
    record(kept, make_project, said("denied", days=9), said("granted", days=1, channel="any", wording="All of it"))
    assert standing_of(kept, engine) == (["marketing:web"], [])


def test_a_later_yes_for_one_channel_in_words_lifts_a_no_said_of_all(kept, engine, make_project) -> None:
    record(kept, make_project, said("withdrawn", days=9, channel="any"), said("granted", days=1, wording="By mail"))
    assert standing_of(kept, engine) == (["marketing:email"], ["marketing:web"])


def test_a_no_of_an_unknown_channel_is_a_no_everywhere_and_a_yes_is_none(kept, engine, make_project) -> None:
    found = record(kept, make_project, said("granted"), said("withdrawn", days=1, channel="e-mail"))
    assert found.malformed == 1
    assert standing_of(kept, engine)[0] == []


def test_D1_the_state_at_any_past_instant_can_be_told(kept, engine, make_project) -> None:
    early, late = Clock(now=CLOCK.now - 8 * DAY), CLOCK
    record(kept, make_project, said("granted", days=10, wording="Yes"), at=early)
    record(kept, make_project, said("withdrawn", days=9), at=late)
    # The taking back happened before, but was not known then.
    assert standing_of(kept, engine, instant=early.now) == (["marketing:email"], [])
    assert standing_of(kept, engine, instant=late.now)[0] == []
    assert standing_of(kept, engine, instant=early.now - DAY) == ([], [])


def test_D1_the_wording_is_kept_as_16_bytes_of_its_hash(kept, make_project) -> None:
    record(kept, make_project, said("granted", wording="Send me letters"), said("granted", days=1, wording="  "))
    with kept.reading() as tx:
        rows = ledger.ask(tx, sql.named("ledger.flow.consents"))
    hashes = {row["happened_at"]: row["wording_hash"] for row in rows}
    assert hashes[CLOCK.now - 10 * DAY] == hashlib.sha256(b"Send me letters").digest()[:16]
    assert hashes[CLOCK.now - DAY] is None


def test_wishes_are_kept_and_an_unknown_dial_is_the_least_personal(kept, engine, make_project) -> None:
    wish = {"customer_id": "1", "happened_at": CLOCK.now - DAY, "source": "page"}
    wishes = (
        wish | {"dial": "verypersonal", "topics_off": ["tea", "candles"]},
        wish | {"dial": None, "frequency": "monthly", "happened_at": CLOCK.now},
    )
    found = record(kept, make_project, preferences=wishes)
    assert (found.added, found.malformed) == (2, 1)
    with kept.reading() as tx:
        rows = ledger.table(tx, sql.named("ledger.flow.preferences"))
    row = standing.preferences_at(engine, rows, instant=CLOCK.now).to_pylist()[0]
    assert (row["dial"], row["topics_off"], row["frequency"]) == ("all", '["candles", "tea"]', "monthly")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["granted", "denied", "withdrawn"]),
        st.sampled_from(["email", "web", "any"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=5,
)


def model(rows: list[tuple[str, str, int, bool]], channel: str) -> bool:
    """The rule in plain words, row by row."""
    own_no = [at for state, where, at, _ in rows if state != "granted" and where == channel]
    any_no = [at for state, where, at, _ in rows if state != "granted" and where == "any"]

    def lifts(where: str, noes: list[int]) -> bool:
        return any(
            state == "granted" and place == where and (not noes or (proven and at > max(noes)))
            for state, place, at, proven in rows
        )

    return lifts(channel, own_no + any_no) or (not own_no and lifts("any", any_no))


@settings(max_examples=60)
@given(rows=ROWS)
def test_what_stands_is_what_the_rule_says(engine: Engine, rows: list[tuple[str, str, int, bool]]) -> None:
    made = [
        said(state, channel=channel, days=0)
        | {"happened_at": CLOCK.now - (9 - at) * DAY, "recorded_at": CLOCK.now}
        | {"wording_hash": b"w" * 16 if proven else None}
        for state, channel, at, proven in rows
    ]
    found = standing.consents_at(engine, rows_of("consent", made), instant=CLOCK.now, channels=CHANNELS).to_pylist()
    granted = set(found[0]["consents"]) if found else set()
    for channel in ("email", "web"):
        assert (f"marketing:{channel}" in granted) == model(rows, channel)
    assert ("marketing:any" in granted) == all(model(rows, channel) for channel in ("email", "web"))
    assert not found or not granted & set(found[0]["withdrawn"])


def test_A12_the_order_of_consent_rows_does_not_matter(engine: Engine) -> None:
    rows = [
        said(state, channel=channel, days=days) | {"recorded_at": CLOCK.now, "wording_hash": b"w" * 16}
        for days, (state, channel) in enumerate(
            [("granted", "any"), ("denied", "web"), ("withdrawn", "email"), ("granted", "email"), ("granted", "web")]
        )
    ]
    answers = set()
    for turned in itertools.islice(itertools.permutations(rows), 0, 120, 7):
        table: pa.Table = rows_of("consent", turned)
        answers.add(str(standing.consents_at(engine, table, instant=CLOCK.now, channels=CHANNELS).to_pylist()))
    assert len(answers) == 1


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_judging_a_few_customers_at_a_time_changes_no_answer(engine: Engine, at_once: int) -> None:
    words = itertools.product(("granted", "denied", "withdrawn"), ("any", "web"), range(3))
    rows = [
        said(state, channel=channel, days=days)
        | {"customer_id": str(number % 4), "recorded_at": CLOCK.now, "wording_hash": b"w" * 16}
        for number, (state, channel, days) in enumerate(words)
    ]
    table = rows_of("consent", rows)
    whole, few = (
        standing.consents_at(engine, table, instant=CLOCK.now, channels=CHANNELS, at_once=number)
        for number in (len(rows), at_once)
    )
    assert few.num_rows == 4
    assert few.sort_by("customer_id").to_pylist() == whole.sort_by("customer_id").to_pylist()
