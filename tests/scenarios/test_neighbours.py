"""F19, F20, F53: nobody gets what is another's, whatever fails, is killed, is shared or is edited meanwhile."""

# ruff: noqa: E501  # a row is read on one line

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.town import (
    NOW,
    Shop,
    agreed,
    approved,
    consent,
    fill,
    item,
    link,
    mails,
    person,
    read_mail,
    sale,
    sent,
    told,
)
from sizes import size
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.workspace import open_workspace
from tactful.words.message import Part

MANY = size(600, whole=10_000)
SEND = """
import sys
from pathlib import Path
from tactful.flow.manifest import find_run
from tactful.flow.progress import Silent
from tactful.flow.sending import send
from tactful.flow.workspace import open_workspace
with open_workspace(Path(sys.argv[1])) as space:
    send(space, find_run(space, None), progress=Silent())
"""
CANARY = re.compile(r"canary-[a-z]+-(\d+)-")


def crowded(count: int) -> dict[str, list[dict[str, object]]]:
    """Customers each of whose fields and purchases carries their own number."""
    people = [
        person(f"c{n}", given_name=f"Anna{chr(97 + n % 26)}", email=f"canary-mail-{n}-@mail.example", family_name=f"canary-family-{n}-")
        for n in range(count)
    ]  # fmt: skip
    items = [
        item(f"i{n}", title=f"Bowl canary-title-{n}-", note=f"Note canary-note-{n}-", category=f"canary-range-{n}-", url=f"https://shop.example/canary-url-{n}-")
        for n in range(count)
    ]  # fmt: skip
    links = [link(f"canary-url-{n}-") for n in range(count)]
    return {
        "customers": people, "items": items, "links": links, "consents": agreed(people),
        "transactions": [sale(f"c{n}", f"i{n}") for n in range(count)],
    }  # fmt: skip


def test_F19_each_mail_holds_its_own_canaries_though_letters_fail_and_senders_are_killed(shop: Shop) -> None:
    shop.change(
        "content/letter/yours.mjml", "You ordered",
        "{% if facts.favourite_range contains '77-' %}{{ facts.orders | plus: nowhere }}{% endif %}"
        "{% if facts.favourite_range contains '88-' %}{% abort_message 'not today' %}{% endif %}You ordered",
    )  # fmt: skip
    with shop.opened(**crowded(MANY)) as space:
        found = told(space)
        approved(space, found.run)
    lost = {int(name[1:]) for name in found.unwritten}
    assert lost == {n for n in range(MANY) if n % 100 in {77, 88}}
    for number in range(MANY):
        if number not in lost:
            assert set(CANARY.findall(found.whole(f"c{number}"))) == {str(number)}
    kills = killed_while_sending(shop.root)
    assert kills >= 1
    with open_workspace(shop.root) as space:
        send(space, find_run(space, None), progress=Silent())
    payloads = mails(shop.root)
    assert len(payloads) == MANY - len(lost)
    seen = set()
    for payload in payloads:
        headers, parts = read_mail(payload)
        (own,) = CANARY.findall(headers["To"])
        seen.add(int(own))
        for text in (headers["Subject"], *parts.values()):
            assert set(CANARY.findall(text)) <= {own}
        assert "canary-note" in parts["text/plain"]
    assert seen == set(range(MANY)) - lost


def killed_while_sending(root: Path) -> int:
    """Ends senders in the middle, again and again; how many died having handed over more than the one before."""
    kills, before = 0, 0
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", SEND, str(root)], env=os.environ) as sender:
            deadline = time.monotonic() + 30
            while sender.poll() is None and time.monotonic() < deadline and count(root) < before + 50:
                time.sleep(0.005)
            if sender.poll() is None:
                sender.send_signal(signal.SIGKILL)
                kills += 1
        if count(root) <= before:
            break
        before = count(root)
    return kills


def count(root: Path) -> int:
    """Mails that were written, durable or not yet: they become so by the batch."""
    folders = [root / "out" / "mail" / part for part in ("new", "tmp")]
    return sum(1 for folder in folders if folder.is_dir() for _ in folder.iterdir())


def family() -> dict[str, list[dict[str, object]]]:
    """Two customers with one address, each with a purchase of their own."""
    people = [
        person("c1", given_name="Anna", email="Family@mail.example"),
        person("c2", given_name="Ben", email="family@mail.example "),
    ]
    items = [item("i1", title="Bowl of Anna", category="bowls"), item("i2", title="Tray of Ben", category="trays")]
    return {
        "customers": people, "items": items, "consents": agreed(people), "links": [link("i1"), link("i2")],
        "transactions": [sale("c1", "i1"), sale("c2", "i2")],
    }  # fmt: skip


@pytest.mark.parametrize("rule", ["one", "neutral"])
def test_F20_a_family_mailbox_gets_one_letter_and_never_the_others_data(shop: Shop, rule: str) -> None:
    shop.change("policy.yaml", "k_words", f"shared_address: {rule}\nk_words")
    with shop.opened(**family()) as space:
        found = told(space)
        assert len(found.words) == 1
        (name,) = found.words
        done = sent(space, found.run)
    assert done.accepted == len(mails(shop.root)) == 1
    own, other = ("Anna", "Ben") if name == "c1" else ("Ben", "Anna")
    whole = found.whole(name)
    assert other not in whole
    assert (f"of {own}" in whole) is (rule == "one")
    assert (own in whole) is (rule == "one"), "a neutral letter names nobody"


@pytest.mark.parametrize("who", ["c1", "c2"])
def test_F20_a_no_of_one_stops_the_address_before_and_after_the_plan(shop: Shop, who: str) -> None:
    rows = family()
    with shop.opened(**rows) as space:
        found = told(space)
        run = approved(space, found.run)
        fill(space, consents=consent(who, "withdrawn", happened_at=NOW, source="page"))
        done = send(space, run, progress=Silent())
        assert done.queued == 1
        assert (done.accepted, mails(shop.root)) == (0, [])
        again = told(space, occasion="2011-12-10")
        assert again.words == {}
        assert {row["outcome_kind"] for row in again.decisions.values()} <= {"suppressed", "ineligible"}


def test_F53_a_template_edited_after_the_run_changes_no_mail_of_it(shop: Shop) -> None:
    with shop.opened(**crowded(40)) as space:
        found = told(space)
        approved(space, found.run)
    first = {name: parts[Part.TEXT] for name, parts in found.words.items()}
    with subprocess.Popen([sys.executable, "-c", SEND, str(shop.root)], env=os.environ) as sender:
        while sender.poll() is None and count(shop.root) < 3:
            time.sleep(0.002)
        sender.kill()
    shop.change("content/letter/yours.mjml", "You ordered from", "EDITED from")
    with open_workspace(shop.root) as space:
        send(space, find_run(space, found.run.run_id.hex()), progress=Silent())
        again = told(space, occasion="2011-12-30")
    texts = [read_mail(payload)[1]["text/plain"].replace("\r\n", "\n") for payload in mails(shop.root)]
    assert sorted(text.strip() for text in texts) == sorted(text.strip() for text in first.values())
    assert all("EDITED" in parts[Part.TEXT] for parts in again.words.values())


def test_F53_an_edit_before_approval_binds_nothing_new(shop: Shop) -> None:
    """The approval is of what the run sealed: the edited words are in no letter until another run and another yes."""
    with shop.opened(**crowded(3)) as space:
        found = told(space)
    shop.change("content/letter/yours.mjml", "You ordered from", "EDITED from")
    with open_workspace(shop.root) as space:
        done = sent(space, found.run)
    assert done.accepted == 3
    assert not any("EDITED" in read_mail(payload)[1]["text/plain"] for payload in mails(shop.root))
