"""Approval stores the hash of exactly the proofs that were shown, and is refused where they are others by now."""

import re
from pathlib import Path

import pytest

from flow.shops import change_ledger, last_run, opened, rows_of, table_of
from tactful.flow.approving import approvals, approve
from tactful.flow.concluding import redraw
from tactful.flow.forgetting import forget
from tactful.flow.manifest import find_run
from tactful.flow.workspace import open_workspace
from tactful.words.errors import NotApproved


def yes(root: Path, *, proofs: str | None = None, by: str = "Ada", standing: bool = False) -> bool:
    """One approval; whether it was a new one."""
    with opened(root) as space:
        return approve(space, find_run(space, None), by=by, proofs=proofs, standing=standing).is_new


def page_of(root: Path) -> Path:
    return root / "out" / str(last_run(root).summary["proofs"]["page"])


def hash_on(page: Path) -> str:
    """The hash in the command that the page tells people to type."""
    found = re.search(r"tactful approve \S+ --proofs ([0-9a-f]{12})", page.read_text("utf-8"))
    assert found is not None
    return found[1]


def test_the_page_gives_the_hash_that_the_approval_keeps(waiting: Path) -> None:
    given = hash_on(page_of(waiting))
    assert yes(waiting, proofs=given)
    kept = rows_of(waiting, "approval")[0]["proofs_hash"]
    assert isinstance(kept, bytes)
    assert kept.hex().startswith(given)
    assert kept.hex() == last_run(waiting).summary["proofs"]["set_hash"]
    with opened(waiting) as space:
        (known,) = approvals(space)[last_run(waiting).run_id]
    assert (known.approved_by, known.proofs_hash) == ("Ada", kept.hex())


def test_every_branch_that_leaves_is_among_the_proofs(waiting: Path) -> None:
    note, skeletons = last_run(waiting).summary["proofs"], table_of(waiting, "skeletons")
    branches = len(set(skeletons["skeleton_id"].to_pylist()))
    page = page_of(waiting).read_text("utf-8")
    shown = re.findall(r"its only branch|branch \d+ of \d+", page)
    assert branches <= note["shown"] <= 40
    assert len(shown) == branches


def test_other_proofs_than_those_of_the_run_are_refused(waiting: Path) -> None:
    with pytest.raises(NotApproved, match="not 0123456789ab: you have looked at other ones"):
        yes(waiting, proofs="0123456789ab")
    with pytest.raises(NotApproved, match="you have looked at other ones"):
        yes(waiting, proofs=hash_on(page_of(waiting))[:4])
    assert rows_of(waiting, "approval") == []


def test_a_page_that_is_gone_or_changed_shows_nothing(waiting: Path) -> None:
    page = page_of(waiting)
    drawn = page.read_bytes()
    page.write_bytes(drawn.replace(b"proofs", b"Proofs", 1))
    with pytest.raises(NotApproved, match=r"is not as it was drawn. Draw the page again with `tactful proofs"):
        yes(waiting)
    page.unlink()
    with pytest.raises(NotApproved, match="is gone"):
        yes(waiting)
    with opened(waiting) as space:
        redraw(space, find_run(space, None))
    assert page.read_bytes() == drawn
    assert yes(waiting)


def test_who_was_erased_is_no_proof_any_more(waiting: Path) -> None:
    """The page that named them is gone; drawn again, it shows other messages, and the approval binds to these."""
    before = hash_on(page_of(waiting))
    customer = re.search(r"to customer (\w+)", page_of(waiting).read_text("utf-8"))
    assert customer is not None
    text = page_of(waiting).read_bytes()
    with open_workspace(waiting) as space:
        forget(space, customer[1])
    with pytest.raises(NotApproved, match="is gone"):
        yes(waiting)
    page_of(waiting).parent.mkdir(exist_ok=True)
    page_of(waiting).write_bytes(text)
    with pytest.raises(NotApproved, match="are not those of what would leave now"):
        yes(waiting)
    with opened(waiting) as space:
        redraw(space, find_run(space, None))
    assert f"to customer {customer[1]}<" not in page_of(waiting).read_text("utf-8")
    after = hash_on(page_of(waiting))
    assert after != before
    with pytest.raises(NotApproved, match="you have looked at other ones"):
        yes(waiting, proofs=before)
    assert yes(waiting, proofs=after)


def test_a_run_without_proofs_cannot_be_approved(waiting: Path) -> None:
    change_ledger(waiting, "UPDATE run SET summary = '{}'")
    with pytest.raises(NotApproved, match="no proof page was drawn for it"):
        yes(waiting)


def test_the_same_yes_twice_is_one(waiting: Path) -> None:
    assert yes(waiting)
    assert not yes(waiting, by="Grace")
    assert len(rows_of(waiting, "approval")) == 1
    assert yes(waiting, standing=True)
    assert not yes(waiting)
