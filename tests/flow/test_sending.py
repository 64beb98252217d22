"""Sending: the stop button, a no at the last moment, a rehearsal, and words that stay as they were approved."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flow.shops import add_rows, approve_and_send, edit, last_run, mails, opened, reword, rows_of, run_once, table_of
from tactful.flow.approving import approve
from tactful.flow.explaining import explain
from tactful.flow.journey import run_journey
from tactful.flow.loading import load
from tactful.flow.manifest import begin_run, find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import Sent, send
from tactful.flow.stopping import press_stop, release_stop
from tactful.flow.workspace import Workspace, alone, open_workspace
from tactful.store import ledger
from tactful.words.errors import Misuse, ProjectFaulty, RunStopped

NOON = dt.datetime(2011, 12, 9, 12, 0, tzinfo=dt.UTC)


class Calls:
    """A progress that does something once, when the first batch of a send has been answered."""

    def __init__(self, once: Callable[[], None]) -> None:
        self.once: Callable[[], None] | None = once

    @contextmanager
    def step(self, name: str, *, says: str, total: int | None) -> Iterator[Callable[[int], None]]:
        yield self.rows

    def rows(self, _count: int) -> None:
        once, self.once = self.once, None
        if once:
            once()

    def skipped(self, name: str, *, says: str) -> None:
        pass


def approved(root: Path) -> Path:
    with opened(root) as space:
        approve(space, find_run(space, None), by="Ada")
    return root


def send_all(root: Path, *, run: str | None = None, once: Callable[[], None] = lambda: None, batch: int = 20) -> Sent:
    with opened(root) as space:
        return send(space, find_run(space, run), progress=Calls(once), batch=batch)


def say(root: Path, table: str, row: dict[str, object]) -> None:
    """A row that arrives while others are at work."""
    with open_workspace(root) as space, space.ledger.transaction() as tx:
        assert ledger.write(tx, table, [row]) == 1


def press(root: Path, *, scope: str = "everything") -> None:
    with open_workspace(root) as space:
        press_stop(space, by="Ada", scope=scope)


def release(root: Path, *, scope: str = "everything") -> None:
    with open_workspace(root) as space:
        release_stop(space, by="Ada", scope=scope)


def recipients(root: Path, where: str = "purpose = 'marketing'") -> list[str]:
    """Who is written to in the shop that was sent, the last ones first."""
    rows = rows_of(root, "outbox", f"state = 'accepted' AND {where} ORDER BY decision_id DESC")
    return [str(row["customer_id"]) for row in rows]


@pytest.mark.parametrize("scope", ["everything", "2011-12-09"])
def test_the_stop_button_survives_a_restart_and_is_released_by_name(waiting: Path, scope: str) -> None:
    approved(waiting)
    press(waiting, scope=scope)
    for _ in range(2):
        with pytest.raises(RunStopped, match="Ada pressed stop"):
            send_all(waiting)
    assert mails(waiting) == []
    assert rows_of(waiting, "outbox") == []
    release(waiting, scope=scope)
    assert send_all(waiting).accepted == len(mails(waiting)) > 0
    with pytest.raises(Misuse, match="no stop of"):
        release(waiting, scope=scope)


def test_a_stop_of_another_run_holds_nothing_here(waiting: Path) -> None:
    approved(waiting)
    with open_workspace(waiting) as space:
        begin_run(space, kind="run", occasion="2011-11-11")
    press(waiting, scope="2011-11-11")
    assert send_all(waiting, run="2011-12-09").accepted > 0


def test_a_stop_pressed_while_sending_keeps_back_all_that_has_not_left(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    with pytest.raises(RunStopped):
        send_all(waiting, once=lambda: press(waiting), batch=20)
    states = Counter(row["state"] for row in rows_of(waiting, "outbox"))
    assert states["accepted"] == len(mails(waiting)) == 20
    assert states["queued"] == states.total() - 20 > 0
    release(waiting)
    send_all(waiting)
    assert [p.name for p in mails(waiting)] == [p.name for p in mails(sent_shop)]


def test_stop_needs_a_name(waiting: Path) -> None:
    with open_workspace(waiting) as space, pytest.raises(Misuse, match="nobody is named"):
        press_stop(space, by=" ")


def withdrawal(customer: str, *, at: dt.datetime = NOON, purpose: str = "marketing") -> dict[str, object]:
    named = {"customer_id": customer, "purpose": purpose, "channel": "email", "state": "withdrawn"}
    return {**named, "happened_at": at, "source": "unsubscribe", "recorded_at": at}


def test_an_opt_out_between_run_and_send_wins(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    customer = recipients(sent_shop)[0]
    say(waiting, "consent", withdrawal(customer))
    send_all(waiting)
    row = rows_of(waiting, "outbox", f"customer_id = '{customer}'")[0]
    assert (row["state"], row["why"]) == ("cancelled", "withdrawn")
    assert len(mails(waiting)) == len(mails(sent_shop)) - 1
    assert rows_of(waiting, "contact", f"customer_id = '{customer}' AND decision_id IS NOT NULL") == []


def test_an_opt_out_that_arrives_by_file_between_run_and_send_wins(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    customer = recipients(sent_shop)[0]
    row = {"customer_id": customer, "purpose": "marketing", "channel": "email", "state": "withdrawn"}
    add_rows(waiting / "data" / "consents.csv", {**row, "happened_at": "2011-12-09T12:00:00"})
    with opened(waiting) as space:
        load(space, progress=Silent())
    send_all(waiting)
    assert rows_of(waiting, "outbox", f"customer_id = '{customer}'")[0]["why"] == "withdrawn"


def test_an_opt_out_while_sending_wins(waiting: Path, sent_shop: Path) -> None:
    """Said after the sender began, by the machine's own time: a no never waits."""
    approved(waiting)
    customer = recipients(sent_shop)[0]
    send_all(waiting, once=lambda: say(waiting, "consent", withdrawal(customer, at=dt.datetime.now(dt.UTC))))
    assert rows_of(waiting, "outbox", f"customer_id = '{customer}'")[0]["why"] == "withdrawn"


def test_a_no_to_marketing_does_not_stop_the_thank_you(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    customer = recipients(sent_shop, "purpose = 'service'")[0]
    say(waiting, "consent", withdrawal(customer))
    send_all(waiting)
    assert rows_of(waiting, "outbox", f"customer_id = '{customer}'")[0]["state"] == "accepted"


def test_K6_a_no_to_personalization_stops_a_queued_personal_letter_and_no_other(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    levels = {
        row["customer_id"]: row["level"]
        for row in table_of(waiting, "decisions").select(["customer_id", "level"]).to_pylist()
    }
    reached = recipients(sent_shop)
    personal = next(customer for customer in reached if levels[customer] in ("many", "few", "one"))
    plain = next(customer for customer in reached if levels[customer] == "all")
    for customer in (personal, plain):
        say(waiting, "consent", withdrawal(customer, purpose="personalization"))
    send_all(waiting)
    (row,) = rows_of(waiting, "outbox", f"customer_id = '{personal}'")
    assert (row["state"], row["why"]) == ("cancelled", "ceiling_consent")
    assert rows_of(waiting, "outbox", f"customer_id = '{plain}'")[0]["state"] == "accepted"


def wish(customer: str, *, at: dt.datetime = NOON, **said: object) -> dict[str, object]:
    nothing = {"customer_id": customer, "dial": None, "topics_off": "", "occasions_off": "", "frequency": None}
    return nothing | said | {"happened_at": at, "source": "preference page", "recorded_at": at}


def of_level(root: Path, *levels: str) -> list[str]:
    """Whose letter in the shop that was sent has one of these levels; the last to be claimed first."""
    level = {row["customer_id"]: row["level"] for row in table_of(root, "decisions").to_pylist()}
    return [customer for customer in recipients(root) if level[customer] in levels]


def fate(root: Path, customer: str) -> tuple[object, object]:
    (row,) = rows_of(root, "outbox", f"customer_id = '{customer}'")
    return row["state"], row["why"]


def test_K6_a_dial_turned_down_while_sending_stops_a_letter_above_it_and_no_other(
    waiting: Path, sent_shop: Path
) -> None:
    approved(waiting)
    (personal, quiet), plain = of_level(sent_shop, "many", "few", "one")[:2], of_level(sent_shop, "all")[0]
    now = dt.datetime.now(dt.UTC)

    def turn() -> None:
        for customer, dial in ((personal, "all"), (plain, "all"), (quiet, "none")):
            say(waiting, "preference", wish(customer, dial=dial, at=now))

    sent = send_all(waiting, once=turn)
    assert fate(waiting, personal) == fate(waiting, quiet) == ("cancelled", "ceiling_dial")
    assert fate(waiting, plain) == ("accepted", "")
    assert sent.states["cancelled (ceiling_dial)"] == 2
    assert len(mails(waiting)) == len(mails(sent_shop)) - 2
    assert rows_of(waiting, "contact", f"customer_id = '{personal}' AND decision_id IS NOT NULL") == []
    with open_workspace(waiting) as space:
        told = explain(space, find_run(space, None), customer_id=personal)
    assert any("They asked for messages less personal than this." in line for line in told.lines)


def test_K6_a_dial_turned_up_again_lets_the_letter_go(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    personal = of_level(sent_shop, "many", "few", "one")[0]
    say(waiting, "preference", wish(personal, dial="all"))
    say(waiting, "preference", wish(personal, dial="one", at=NOON + dt.timedelta(minutes=5)))
    send_all(waiting)
    assert fate(waiting, personal) == ("accepted", "")


def test_K6_a_topic_switched_off_while_sending_stops_the_letters_about_it(waiting: Path, sent_shop: Path) -> None:
    """The letters of win-back speak of ideas; the thank-you does not."""
    approved(waiting)
    programs = {row["customer_id"]: row["program"] for row in table_of(waiting, "decisions").to_pylist()}
    reached = recipients(sent_shop, "1 = 1")
    about, other = (next(c for c in reached if programs[c] == name) for name in ("win-back", "thank-you"))
    for customer in (about, other):
        say(waiting, "preference", wish(customer, topics_off='["ideas", "wool"]'))
    send_all(waiting)
    assert fate(waiting, about) == ("cancelled", "topic_off")
    assert fate(waiting, other) == ("accepted", "")


def test_K6_who_asks_to_hear_less_often_after_the_run_gets_no_second_letter(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    heard, never, service = *recipients(sent_shop)[:2], recipients(sent_shop, "purpose = 'service'")[0]
    past = {"channel": "email", "purpose": "marketing", "source": "import", "happened_at": NOON - dt.timedelta(days=20)}
    for customer in (heard, service):
        say(waiting, "contact", {"customer_id": customer, **past})
    for customer in (heard, never, service):
        say(waiting, "preference", wish(customer, frequency="monthly"))
    send_all(waiting)
    assert fate(waiting, heard) == ("cancelled", "over_cap")
    assert fate(waiting, never) == fate(waiting, service) == ("accepted", "")


def test_K6_a_send_that_runs_into_the_night_waits_for_the_morning_where_it_is_night(planted: Path) -> None:
    """Decided at 20:00 in London; sent at 22:30, when the Americas are still awake."""
    edit(planted / "tactful.yaml", {"2011-12-09T12:50": "2011-12-09T20:00"})
    run_once(planted)
    approved(planted)
    ready = last_run(planted).summary["ready"]
    edit(planted / "tactful.yaml", {"2011-12-09T20:00": "2011-12-09T22:30"})
    first = send_all(planted)
    due = {row["due_at"] for row in rows_of(planted, "outbox", "state = 'queued'")}
    assert first.accepted + first.states["queued"] == ready
    assert first.accepted < ready / 10
    assert dt.datetime(2011, 12, 10, 8, tzinfo=dt.UTC) in due
    assert min(due) > dt.datetime(2011, 12, 9, 22, 30, tzinfo=dt.UTC)
    reserved = {row["decision_id"]: row["happened_at"] for row in rows_of(planted, "contact", "decision_id NOT NULL")}
    assert all(reserved[row["decision_id"]] == row["due_at"] for row in rows_of(planted, "outbox", "state = 'queued'"))
    assert send_all(planted).accepted == first.accepted
    edit(planted / "tactful.yaml", {"2011-12-09T22:30": "2011-12-10T16:30"})
    send_all(planted)
    edit(planted / "tactful.yaml", {"2011-12-10T16:30": "2011-12-11T00:30"})
    send_all(planted)
    states = Counter(row["state"] for row in rows_of(planted, "outbox"))
    assert states["queued"] == 0
    assert states["accepted"] == len(mails(planted)) == ready - states["expired"]
    assert len(reserved) == ready


def test_D4_no_more_leave_in_an_hour_than_the_channel_can_carry(waiting: Path) -> None:
    hourly = "capacity: {sends: [{channel: email, most: 30, per: hour}]}"
    edit(waiting / "policy.yaml", {"\ncontact_cost:": f"\n{hourly}\ncontact_cost:"})
    approved(waiting)
    assert send_all(waiting).accepted == send_all(waiting).accepted == len(mails(waiting)) == 30
    services = rows_of(waiting, "outbox", "purpose = 'service'")
    assert sum(row["state"] == "accepted" for row in services) == min(30, len(services))  # no advertising goes first
    edit(waiting / "tactful.yaml", {"2011-12-09T12:50": "2011-12-09T13:10"})
    assert send_all(waiting).accepted == len(mails(waiting)) == 60
    hours = Counter(row["happened_at"].hour for row in rows_of(waiting, "contact", "decision_id NOT NULL"))
    assert hours[12] == hours[13] == 30


def test_a_suppression_while_sending_wins(waiting: Path, sent_shop: Path) -> None:
    from tactful.deliver.suppression import address_hash

    approved(waiting)
    customer = recipients(sent_shop)[0]
    address = str(rows_of(sent_shop, "outbox", f"customer_id = '{customer}'")[0]["recipient"])
    with open_workspace(waiting) as space:
        hashed = address_hash(address.upper(), key=space.key)
    row = {"address_hash": hashed, "channel": "email", "why": "complaint", "since": NOON, "source": "provider"}
    send_all(waiting, once=lambda: say(waiting, "suppression", row))
    assert rows_of(waiting, "outbox", f"customer_id = '{customer}'")[0]["why"] == "suppressed"


def test_F53_a_template_edited_while_sending_changes_no_word_of_the_run(waiting: Path, sent_shop: Path) -> None:
    approved(waiting)
    with pytest.raises(RunStopped):
        send_all(waiting, once=lambda: press(waiting))
    release(waiting)
    reword(waiting)
    send_all(waiting)
    assert {p.name: p.read_bytes() for p in mails(waiting)} == {p.name: p.read_bytes() for p in mails(sent_shop)}


def rehearse(root: Path, progress: Silent) -> tuple[Workspace, Sent]:
    """The whole journey in the environment `rehearsal`."""
    with open_workspace(root, environment="rehearsal") as space, alone(space):
        run_journey(space, progress=progress)
        run = find_run(space, None)
        if approve(space, run, by="Ada").waits_for:
            approve(space, run, by="Grace")
        return space, send(space, run, progress=progress)


def test_F37_a_project_in_test_mode_reaches_its_seeds_only(planted: Path, sent_shop: Path) -> None:
    customer = recipients(sent_shop, "purpose = 'service'")[0]
    address = str(rows_of(sent_shop, "outbox", f"customer_id = '{customer}'")[0]["recipient"])
    edit(planted / "data" / "contacts.csv", {address: "Seed.One@example.com"})
    _, sent = rehearse(planted, Silent())
    assert sent.accepted == 1
    assert mails(planted) == []
    files = list((planted / "out" / "rehearsal" / "new").glob("*.eml"))
    assert len(files) == 1
    assert b"seed.one@example.com" in files[0].read_bytes().lower()
    assert not (planted / "ledger.db").exists()


def test_F37_a_program_marked_as_a_test_cannot_be_aimed_at_a_live_audience(planted: Path) -> None:
    edit(planted / "programs" / "thank-you.yaml", {"program: thank-you": "program: thank-you\ntest: true"})
    with pytest.raises(ProjectFaulty, match="a rehearsal is aimed at the live audience 'recent-order'"):
        run_once(planted)


def test_a_message_whose_time_has_passed_is_not_sent(waiting: Path) -> None:
    """A thank-you is valid for three days; sent after five it would thank for nothing they remember."""
    edit(waiting / "policy.yaml", {"approval_lasts: 3 days": "approval_lasts: 30 days"})
    approved(waiting)
    edit(waiting / "tactful.yaml", {"2011-12-09T12:50": "2011-12-14T12:50"})
    send_all(waiting)
    states = Counter((row["purpose"], row["state"]) for row in rows_of(waiting, "outbox"))
    assert states["service", "accepted"] == 0
    assert states["service", "expired"] > 0
    assert states["marketing", "accepted"] > 0
    gone = {row["decision_id"] for row in rows_of(waiting, "outbox", "state = 'expired'")}
    assert not gone & {row["decision_id"] for row in rows_of(waiting, "contact")}


def test_in_the_customers_night_a_message_waits_for_the_morning(planted: Path) -> None:
    edit(planted / "tactful.yaml", {"2011-12-09T12:50": "2011-12-09T05:30"})
    run_once(planted)
    approve_and_send(planted)
    states = Counter(row["state"] for row in rows_of(planted, "outbox"))
    due = {row["due_at"] for row in rows_of(planted, "outbox", "state = 'queued'")}
    assert states["queued"] > states["accepted"]
    assert len(mails(planted)) == states["accepted"]
    assert dt.datetime(2011, 12, 9, 8, tzinfo=dt.UTC) in due
    assert min(due) > dt.datetime(2011, 12, 9, 5, 30, tzinfo=dt.UTC)
    edit(planted / "tactful.yaml", {"2011-12-09T05:30": "2011-12-09T12:30"})
    send_all(planted)
    assert Counter(row["state"] for row in rows_of(planted, "outbox"))["queued"] == 0
    assert len(mails(planted)) == last_run(planted).summary["ready"]
