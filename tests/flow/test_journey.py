"""The journey from files to mails, once, again, and a week later."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pyarrow.compute as pc

from flow.shops import (
    LATER,
    OCCASION,
    approve_and_send,
    edit,
    last_run,
    mails,
    opened,
    rows_of,
    run_once,
    table_of,
)
from tactful.flow.journey import run_journey
from tactful.flow.loading import load
from tactful.flow.manifest import find_run, runs
from tactful.flow.planning import plan
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.stages import STAGES
from tactful.flow.workspace import open_workspace


def test_every_row_read_is_accepted_quarantined_or_a_duplicate(waiting: Path) -> None:
    files = rows_of(waiting, "loaded_file")
    assert len(files) == 8
    for row in files:
        assert row["rows_read"] == row["accepted"] + row["quarantined"] + row["duplicate"], row
        assert row["state"] == "loaded"


def test_loading_again_changes_nothing(waiting: Path) -> None:
    before = rows_of(waiting, "part"), rows_of(waiting, "consent"), rows_of(waiting, "contact")
    with opened(waiting) as space:
        accounts = load(space, progress=Silent())
    assert {account.state for account in accounts} == {"known"}
    assert (rows_of(waiting, "part"), rows_of(waiting, "consent"), rows_of(waiting, "contact")) == before


def test_a_run_does_every_stage_and_waits_for_approval(waiting: Path) -> None:
    run = last_run(waiting)
    assert (run.state, run.name) == ("waiting", OCCASION)
    assert {row["stage"] for row in rows_of(waiting, "stage", "stage <> 'load'")} == {stage.name for stage in STAGES}
    assert mails(waiting) == []
    assert rows_of(waiting, "outbox") == []
    assert (waiting / "out" / "index.html").is_file()


def test_the_waterfall_adds_up_and_everybody_has_an_outcome(waiting: Path) -> None:
    summary = last_run(waiting).summary
    remain = summary["people"]
    for step in summary["waterfall"]:
        remain -= step["left"]
        assert step["remain"] == remain
    kinds = Counter(table_of(waiting, "decisions")["outcome_kind"].to_pylist())
    assert sum(kinds.values()) == summary["decisions"] == table_of(waiting, "inputs").num_rows
    assert kinds["chosen"] == summary["messages"] + summary["unwritten"] == sum(summary["programs"].values())
    assert summary["messages"] > 50
    assert summary["ready"] > 50
    assert len(summary["levels"]) >= 3


def test_each_ready_message_is_one_mail_to_the_address_on_file(sent: Path) -> None:
    ready, states = last_run(sent).summary["ready"], Counter(r["state"] for r in rows_of(sent, "outbox"))
    files = mails(sent)
    assert states.total() == ready
    assert len(files) == states["accepted"] > 0
    recipients = {row["message_id"].hex(): row["recipient"] for row in rows_of(sent, "outbox")}
    for path in files:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert mail["To"].addresses[0].addr_spec == recipients[path.stem]
        assert mail["List-Unsubscribe"] or mail["Subject"]
        assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}
    assert last_run(sent).state == "sent"


def test_nobody_gets_two_messages_and_every_message_has_its_contact(sent: Path) -> None:
    outbox = rows_of(sent, "outbox", "state = 'accepted'")
    assert max(Counter(row["customer_id"] for row in outbox).values()) == 1
    contacts = {row["decision_id"] for row in rows_of(sent, "contact", "decision_id IS NOT NULL")}
    assert contacts >= {row["decision_id"] for row in outbox}


def test_the_same_occasion_again_decides_the_same_and_sends_nothing_twice(sent: Path) -> None:
    first, before = table_of(sent, "decisions"), {path: path.stat().st_mtime_ns for path in mails(sent)}
    outbox, contacts = rows_of(sent, "outbox"), rows_of(sent, "contact")
    done = run_once(sent)
    again = last_run(sent)
    assert again.name == f"{OCCASION}#2"
    assert again.summary["handed_over_before"] == again.summary["ready"]
    assert "So there is nothing new to send." in done.lines
    second = table_of(sent, "decisions")
    assert second.drop_columns(["run_id"]).equals(first.drop_columns(["run_id"]))
    assert approve_and_send(sent).queued == 0
    assert {path: path.stat().st_mtime_ns for path in mails(sent)} == before
    assert rows_of(sent, "contact") == contacts
    assert [row["decision_id"] for row in rows_of(sent, "outbox")] == [row["decision_id"] for row in outbox]


def test_sending_twice_sends_nothing_twice(sent: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in mails(sent)}
    with opened(sent) as space:
        again = send(space, find_run(space, None), progress=Silent())
    assert again.queued == 0
    assert {path: path.stat().st_mtime_ns for path in mails(sent)} == before


def test_a_week_later_the_caps_count_what_was_sent(sent: Path) -> None:
    written_to = {r["customer_id"] for r in rows_of(sent, "outbox", "purpose = 'marketing' AND state = 'accepted'")}
    edit(sent / "tactful.yaml", {"2011-12-09T12:50": "2011-12-12T12:50"})
    run_once(sent, occasion="2011-12-12")
    decisions = table_of(sent, "decisions")
    capped = decisions.filter(pc.equal(decisions["outcome_kind"], "capped"))
    chosen = decisions.filter(
        pc.and_(pc.equal(decisions["outcome_kind"], "chosen"), pc.equal(decisions["purpose"], "marketing"))
    )
    assert set(capped["customer_id"].to_pylist()) & written_to
    assert not set(chosen["customer_id"].to_pylist()) & written_to
    approve_and_send(sent)
    per_person = Counter(r["customer_id"] for r in rows_of(sent, "contact", "purpose = 'marketing'"))
    assert max(per_person[customer] for customer in written_to) <= 3


def test_an_occasion_of_another_day_is_another_run(sent: Path) -> None:
    edit(sent / "tactful.yaml", {"2011-12-09T12:50": "2011-12-16T12:51"})
    run_once(sent, occasion=LATER)
    first, second = table_of(sent, "decisions", name=OCCASION), table_of(sent, "decisions", name=LATER)
    assert not set(first["decision_id"].to_pylist()) & set(second["decision_id"].to_pylist())


def test_a_plan_is_the_list_that_run_performs(planted: Path) -> None:
    with open_workspace(planted) as space:
        planned = plan(space, occasion=OCCASION)
        assert [stage.name for stage in planned.stages] == [stage.name for stage in STAGES]
        assert {state for _, state in planned.files} == {"new"}
        assert len(planned.files) == 8
        assert not planned.resumes
        assert not runs(space)
    run_once(planted)
    with open_workspace(planted) as space:
        assert {state for _, state in plan(space, occasion=OCCASION).files} == {"loaded"}


def test_a_run_without_an_occasion_is_of_today(planted: Path) -> None:
    assert run_once(planted, occasion=None).name == OCCASION


def test_a_project_that_fails_the_check_does_not_run(planted: Path) -> None:
    import pytest

    from tactful.words.errors import ProjectFaulty

    edit(planted / "content" / "win-back" / "everyone.mjml", {"</mj-": "</mk-"})
    with pytest.raises(ProjectFaulty, match=r"everyone\.mjml"):
        run_once(planted)
    assert rows_of_runs(planted) == []


def rows_of_runs(root: Path) -> list[dict[str, object]]:
    edit(root / "content" / "win-back" / "everyone.mjml", {"</mk-": "</mj-"})
    return rows_of(root, "run")


def test_a_run_names_the_file_it_was_made_without(planted: Path) -> None:
    consents = planted / "data" / "consents.csv"
    head, *rows = consents.read_text("utf-8").splitlines()
    consents.write_text("\n".join([head.replace("customer_id", "client"), *rows]) + "\n", "utf-8")
    done = run_once(planted)
    assert done.lines[0].startswith("Made without data/consents.csv, which is held: ")
    assert "no consent" in "\n".join(done.lines)


class Recorded:
    """Keeps what each step said of how far it is."""

    def __init__(self) -> None:
        self.total: dict[str, int | None] = {}
        self.done: Counter[str] = Counter()

    @contextmanager
    def step(self, name: str, *, says: str, total: int | None) -> Iterator[Callable[[int], None]]:
        del says
        self.total[name] = total
        yield lambda rows: self.done.update({name: rows})

    def skipped(self, name: str, *, says: str) -> None:
        del name, says


def test_a_step_says_how_far_it_is_only_where_it_can_know(waiting: Path) -> None:
    told = Recorded()
    with opened(waiting) as space:
        run_journey(space, progress=told)
    people = last_run(waiting).summary["people"]
    assert (told.total["know"], told.done["know"]) == (people, people)
    assert told.total["decide"] == told.done["decide"] == last_run(waiting).summary["decisions"]
    assert told.total["compose"] == told.total["decide"]
    assert told.done["compose"] == last_run(waiting).summary["messages"]
    assert {name for name, total in told.total.items() if total is None} >= {"suggest", "price", "check"}
