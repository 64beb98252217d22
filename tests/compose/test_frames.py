"""However many decisions are looked at together, the same messages are written: frames, widths of files."""

from __future__ import annotations

import random
from typing import Any

from compose.world import CLOCK, KEY, decision, decisions, items, mail, profiles, project, shown
from tactful.compose.audience import message_ids
from tactful.compose.messages import Pace, write
from tactful.words.ids import DecisionPoint


def test_frames_of_any_size_written_at_once_give_the_same_rows_and_skeletons() -> None:
    made = project(
        {
            "test": mail("{% for i in items %}{{ i.title }} {% endfor %}{{ links.why }}"),
            "other": "{{ facts.favourite_range }}",
        }
    )
    chance = random.Random(3)
    rows: list[dict[str, object]] = [
        decision(
            f"c{n}",
            items=shown(*range(chance.randrange(5))),
            content_id=chance.choice(["test", "other", "gone"]) if n else "test",
            level=chance.choice(["few", "one"]),
        )
        for n in range(60)
    ]
    rows = [{**row, "touchpoint": "web.home" if row["content_id"] == "other" else "email"} for row in rows]
    people: list[dict[str, object]] = [
        {"customer_id": f"c{n}", "favourite_range": chance.choice(["tea", "<i>"])} for n in range(60) if n != 7
    ]
    inputs = {"decisions": decisions(rows), "profiles": profiles(people), "items": items()}

    def tables(at_once: int) -> list[list[dict[str, Any]]]:
        found: dict[bytes, list[dict[str, Any]]] = {}
        for batch in write(
            inputs, project=made, clock=CLOCK, key=KEY, in_columns=True, pace=Pace(rows=at_once, processes=1)
        ):
            labels = batch.schema.metadata or {}
            found.setdefault(labels[b"table"] + labels.get(b"part", b""), []).extend(batch.to_pylist())
        return [sorted(told, key=str) for _, told in sorted(found.items())]

    whole = tables(1_000)
    assert [len(told) for told in whole][-1] > 1  # without content or profile: unwritten
    assert tables(7) == whole
    assert tables(1) == whole


def test_the_ids_of_many_messages_are_those_of_their_points_also_where_a_touchpoint_decided_for_itself() -> None:
    point = DecisionPoint(occasion="2011-12-09", customer_id="Zoë", touchpoint="web.home", step=2)
    own = decision("Zoë", touchpoint="web.home", step=2, decision_id=point.decision_id)
    pushed = DecisionPoint(occasion="2011-12-09", customer_id="c1", touchpoint="push")
    assert message_ids(decisions([decision("c1"), own])) == [pushed.message_id, point.message_id]


def test_a_few_messages_are_written_one_by_one_and_are_the_same() -> None:
    made = project({"test": mail("{{ customer.salutation }}{% for i in items %}{{ i.title }} {% endfor %}")})
    rows: list[dict[str, object]] = [decision(f"c{n}", items=shown(*range(n))) for n in range(3)]
    people: list[dict[str, object]] = [{"customer_id": f"c{n}", "salutation_name": "Ann"} for n in range(3)]
    inputs = {"decisions": decisions(rows), "profiles": profiles(people), "items": items()}
    first, *others = (
        list(write(inputs, project=made, clock=CLOCK, key=KEY, in_columns=way)) for way in (None, True, False)
    )
    for other in others:
        assert all(ours.equals(theirs) for ours, theirs in zip(first, other, strict=True))
