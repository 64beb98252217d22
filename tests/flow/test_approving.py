"""Approval: nothing leaves without, and it covers exactly what was seen and nothing that was added."""

from pathlib import Path

import pytest

from flow.shops import (
    LATER,
    OCCASION,
    approve_and_send,
    change_ledger,
    edit,
    last_run,
    mails,
    opened,
    reword,
    rows_of,
    run_once,
)
from tactful.flow.approving import approval_of, approve
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.words.errors import Misuse, NotApproved

WEEK = {"2011-12-09T12:50": "2011-12-16T12:51"}
DAY = {"2011-12-09T12:50": "2011-12-10T12:50"}


def say_yes(root: Path, *, by: str = "Ada", standing: bool = False, name: str | None = None) -> str:
    """One approval; what it still waits for."""
    with opened(root) as space:
        return approve(space, find_run(space, name), by=by, standing=standing).waits_for


def lack(root: Path, *, name: str | None = None) -> str:
    """Why a run may not leave; empty where it may."""
    with opened(root) as space:
        try:
            approval_of(space, find_run(space, name))
        except NotApproved as error:
            return str(error)
    return ""


def test_nothing_leaves_without_approval(waiting: Path) -> None:
    with opened(waiting) as space, pytest.raises(NotApproved, match="nobody has approved it"):
        send(space, find_run(space, None), progress=Silent())
    assert mails(waiting) == []
    assert rows_of(waiting, "outbox") == []


def test_an_approval_covers_the_run_it_was_given_to(waiting: Path) -> None:
    assert say_yes(waiting) == ""
    assert lack(waiting) == ""


def test_approval_needs_a_name(waiting: Path) -> None:
    with pytest.raises(Misuse, match="nobody is named"):
        say_yes(waiting, by="  ")


def test_a_changed_word_makes_a_new_run_that_needs_its_own_approval(waiting: Path) -> None:
    say_yes(waiting)
    reword(waiting, only="thank-you/everyone.mjml")
    run_once(waiting)
    assert last_run(waiting).name == f"{OCCASION}#2"
    assert "nobody has approved it" in lack(waiting)
    assert lack(waiting, name=OCCASION) == ""


def test_other_offer_terms_void_an_approval(waiting: Path) -> None:
    say_yes(waiting)
    offer = waiting / "offers" / "free-delivery.yaml"
    terms = next(line for line in offer.read_text("utf-8").splitlines() if line.startswith("terms:"))
    edit(offer, {terms: f"{terms[:-1]} Today only.{terms[-1]}" if terms[-1] in "\"'" else f"{terms} Today only."})
    assert "other offer terms" in lack(waiting)


def test_an_approval_ends(waiting: Path) -> None:
    say_yes(waiting)
    edit(waiting / "tactful.yaml", {"2011-12-09T12:50": "2011-12-12T12:51"})
    assert "expired on 2011-12-12" in lack(waiting)


def test_an_approval_covers_fewer_messages_and_never_more(waiting: Path) -> None:
    say_yes(waiting)
    size = last_run(waiting).summary["ready"]
    assert change_ledger(waiting, "UPDATE approval SET most = :most", most=size - 1) == 1
    assert f"covers {size - 1:,} messages, not {size:,}" in lack(waiting)
    change_ledger(waiting, "UPDATE approval SET most = :most", most=size + 1)
    assert lack(waiting) == ""


@pytest.mark.parametrize("column", ["skeletons_hash", "arms_hash", "fingerprint"])
def test_an_approval_binds_to_what_was_sealed(waiting: Path, column: str) -> None:
    say_yes(waiting)
    other = "another" if column == "fingerprint" else b"?" * 16
    change_ledger(waiting, f"UPDATE approval SET {column} = :other", other=other)
    assert "was given to other content" in lack(waiting)


def test_a_withdrawn_approval_covers_nothing(waiting: Path) -> None:
    say_yes(waiting)
    change_ledger(waiting, "UPDATE approval SET withdrawn_at = 1")
    assert "nobody has approved it" in lack(waiting)


def test_a_standing_approval_covers_a_later_run_with_the_same_skeletons(waiting: Path) -> None:
    """The next day nobody new may be written to but by words that are known."""
    say_yes(waiting, standing=True)
    edit(waiting / "tactful.yaml", DAY)
    run_once(waiting, occasion="2011-12-10")
    size, known = last_run(waiting).summary["ready"], last_run(waiting, OCCASION).summary["ready"]
    said = lack(waiting)
    assert size > 0
    if size > known:
        assert f"not {size:,}" in said
        change_ledger(waiting, "UPDATE approval SET most = :most", most=size)
    seen = skeletons(waiting, OCCASION) >= skeletons(waiting, "2011-12-10")
    assert (lack(waiting) == "") == seen


def test_a_standing_approval_does_not_cover_a_new_skeleton(waiting: Path) -> None:
    say_yes(waiting, standing=True)
    reword(waiting)
    run_once(waiting)
    change_ledger(waiting, "UPDATE approval SET most = 100000")
    assert "does not know" in lack(waiting)


def test_a_standing_approval_does_not_cover_a_wider_audience(waiting: Path) -> None:
    say_yes(waiting, standing=True)
    run_once(waiting)
    assert lack(waiting) == ""
    change_ledger(waiting, "UPDATE approval SET most = 10")
    assert "covers 10 messages" in lack(waiting)


def test_an_approval_that_does_not_stand_does_not_cover_the_same_words_in_another_run(waiting: Path) -> None:
    say_yes(waiting)
    run_once(waiting)
    assert "nobody has approved it" in lack(waiting)


@pytest.fixture
def guarded(planted: Path) -> Path:
    """A run whose audience is smaller than anyone expected."""
    edit(planted / "programs" / "win-back.yaml", {"least: 1,": "least: 1000,"})
    done = run_once(planted)
    assert done.summary["guard"], done.summary
    return planted


def test_F38_an_unexpected_audience_needs_a_second_person(guarded: Path) -> None:
    assert "at least 1,000 were expected" in say_yes(guarded, by="Ada")
    assert "waits for a second person" in lack(guarded)
    with opened(guarded) as space, pytest.raises(NotApproved):
        send(space, find_run(space, None), progress=Silent())
    for same in ("Ada", " ada "):
        with pytest.raises(Misuse, match="a second person is needed"):
            say_yes(guarded, by=same)
    assert say_yes(guarded, by="Grace") == ""
    assert lack(guarded) == ""
    assert [row["second_by"] for row in rows_of(guarded, "approval")] == ["Grace"]


def test_F38_the_audience_query_replaced_by_its_superset_waits_for_a_second_person(sent: Path) -> None:
    """300 meant, 8 million sent: everybody in place of the lapsing."""
    edit(sent / "segments" / "lapsing.yaml", {"days_since_order > 90": "days_since_order > 1"})
    edit(sent / "programs" / "win-back.yaml", {"most: 2000": "most: 200"})
    edit(sent / "tactful.yaml", WEEK)
    done = run_once(sent, occasion=LATER)
    assert any("win-back" in reason for reason in done.summary["guard"]), done.summary
    assert "second person" in say_yes(sent)


def test_a_stopped_run_cannot_be_approved(waiting: Path) -> None:
    change_ledger(waiting, "UPDATE run SET state = 'stopped'")
    with pytest.raises(NotApproved, match="is stopped and cannot be approved"):
        say_yes(waiting)


def test_approving_and_sending_are_on_record(sent: Path) -> None:
    approval = rows_of(sent, "approval")[0]
    assert approval["approved_by"] == "Ada"
    assert approval["most"] == last_run(sent).summary["ready"]
    assert approve_and_send(sent).queued == 0


def skeletons(root: Path, name: str) -> set[bytes]:
    from flow.shops import table_of

    return set(table_of(root, "skeletons", name=name)["skeleton_id"].to_pylist())
