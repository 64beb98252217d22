"""What single customers are shown: within every rule, planted pairs found, reasons true, the same elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from decide.test_suggestions import catalogue, lines, program, suggested
from decide.worlds import shop
from tactful.words.left_out import LeftOut

ROOT = Path(__file__).resolve().parents[2]
ITEMS = [f"i{number}" for number in range(12)]
RANGES = ("baking", "lights", "cards")
PLAIN = catalogue(**{item: {} for item in ITEMS})
LEVELS = {
    "alongside": {"suggest": "alongside", "count": 3, "least": 1, "reasons": 2},
    "again_and_new": {"suggest": "again_and_new", "count": 4, "least": 1},
    "likely": {"suggest": "likely", "count": 4, "least": 1},
}
DAYS = st.integers(1, 300)
ORDERS = st.lists(
    st.tuples(
        st.sampled_from([f"c{n}" for n in range(6)]), DAYS, st.sampled_from(["sale", "sale", "sale", "cancel"]),
        st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique=True),
    ),
    min_size=8, max_size=40,
)  # fmt: skip


def asked(suggest: str, *, policy=None, **more):
    return shop(programs=[program(one={"items": LEVELS[suggest] | more})], policy={"k_words": 2} | (policy or {}))


def own(project, orders, *, people, items):
    rows = lines(*((who, f"o{n}", days, kind, " ".join(held)) for n, (who, days, kind, held) in enumerate(orders)))
    return suggested(project, people, transactions=rows, items=items)["suggestions"].to_pylist()


@settings(max_examples=8, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    orders=ORDERS, suggest=st.sampled_from(sorted(LEVELS)), out=st.sets(st.sampled_from(ITEMS), max_size=2),
    sensitive=st.sampled_from(ITEMS), never=st.sampled_from(ITEMS),
    homes=st.lists(st.sampled_from("xy"), min_size=6, max_size=6),
)  # fmt: skip
def test_no_item_that_a_rule_forbids_is_ever_shown_and_every_other_one_is_accounted_for(
    orders, suggest, out, sensitive, never, homes
):
    project = asked(suggest, policy={"items": {"never": [never], "most_of_range": 2, "household": 20}})
    said = {i: {"category": RANGES[n % 3]} | ({"stock": 0} if i in out else {}) for n, i in enumerate(ITEMS)}
    said[sensitive] = said[sensitive] | {"sensitive_topic": "children"}
    people = {f"c{n}": {"household_id": home} for n, home in enumerate(homes)}
    for row in own(project, orders, people=people, items=catalogue(**said)):
        who = row["customer_id"]
        mine = {i for c, _, kind, held in orders for i in held if c == who and kind == "sale"}
        back = {i for c, _, kind, held in orders for i in held if c == who and kind == "cancel"}
        just = {i for c, days, kind, held in orders for i in held if c == who and kind == "sale" and days < 14}
        mates = {c for c in people if c != who and people[c] == people[who]}
        near = {i for c, days, _, held in orders for i in held if c in mates and days <= 20}
        shown = [item for item in row["items"] if item["role"] != "anchor"]
        names = [item["item_id"] for item in shown]
        assert len(set(names)) == len(names)
        for item in shown:
            assert item["item_id"] not in {*out, sensitive, never, *back}
            if item["role"] == "again":
                assert item["item_id"] in mine - just
            else:
                assert item["item_id"] not in mine | near
            assert item["because"] is None or item["because"] in mine - back - {sensitive}
        anchors = {item["item_id"] for item in row["items"] if item["role"] == "anchor"}
        assert anchors <= mine - back - {sensitive}
        if suggest == "alongside":
            assert {item["because"] for item in shown} == anchors
            assert len(anchors) <= 2
        if suggest != "again_and_new":
            counts = [said[name]["category"] for name in names]
            assert max(map(counts.count, counts)) <= 2
        assert min(row["left_out"]) >= 0
        assert sum(row["left_out"]) + len(shown) == len(ITEMS)


def planted(*, customers: int = 60) -> list:
    """Who orders i0 orders i1 too, and who orders i2 orders i3; everybody orders something else as well."""
    orders = []
    for n in range(customers):
        one, other = ("i0", "i1") if n % 2 else ("i2", "i3")
        orders += [(f"p{n}", 200 - n, "sale", [one, other]), (f"p{n}", 100 + n % 50, "sale", [ITEMS[4 + n % 8]])]
    return orders


def test_a_planted_pair_is_found_and_the_reason_is_the_item_that_says_most():
    orders = [*planted(), ("me", 60, "sale", ["i0"]), ("me", 50, "sale", ["i5"]), ("you", 60, "sale", ["i2"])]
    for suggest in ("alongside", "likely"):
        rows = own(asked(suggest, count=1), orders, people={"me": {}, "you": {}}, items=PLAIN)
        shown = {row["customer_id"]: [i for i in row["items"] if i["role"] != "anchor"] for row in rows}
        assert [(i["item_id"], i["because"]) for i in shown["me"]] == [("i1", "i0")]
        assert [(i["item_id"], i["because"]) for i in shown["you"]] == [("i3", "i2")]


def test_which_model_filled_the_places_is_told_by_its_fingerprint():
    def model(orders):
        rows = lines(*((who, f"o{n}", days, kind, " ".join(held)) for n, (who, days, kind, held) in enumerate(orders)))
        (row,) = suggested(asked("likely"), {"me": {}}, transactions=rows, items=PLAIN)["slot_model"].to_pylist()
        return row

    orders = [*planted(), ("me", 60, "sale", ["i0"])]
    one, again, other = model(orders), model(orders[::-1]), model([*orders, ("me", 3, "sale", ["i3"])])
    assert (one["model"], one["customers"], one["choices"]) == ("slots", 61, 181)
    assert one["judged"] == 0 or one["gain"] is not None
    assert one == again
    assert one["fingerprint"] != other["fingerprint"]


def test_whom_nobody_knows_is_shown_what_sells_where_they_live():
    orders = [(f"u{n}", 9, "sale", ["i1"]) for n in range(9)] + [(f"f{n}", 9, "sale", ["i2"]) for n in range(6)]
    people = {f"u{n}": {} for n in range(9)} | {f"f{n}": {"country": "France"} for n in range(6)}
    people |= {"new": {}, "nouveau": {"country": "France"}, "other": {"country": "Peru"}}
    project = asked("likely", policy={"k_facts": 5}, count=1)
    rows = own(project, orders, people=people, items=PLAIN)
    first = {row["customer_id"]: row["items"][0] for row in rows}
    assert [first[who]["item_id"] for who in ("new", "nouveau", "other")] == ["i1", "i2", "i1"]
    assert first["new"] == {"item_id": "i1", "role": "pick", "because": None}


def test_an_item_that_nobody_has_ordered_yet_is_reached_by_its_title():
    titles = {
        "cup": "Red rose tea cup",
        "plate": "Red rose tea plate",
        "saw": "Steel garden saw",
        "new": "Red rose tea bowl",
    }
    titles |= {f"x{n}": f"Thing {n} of {n % 3}" for n in range(8)}  # so that the words of a few tell them apart
    items = catalogue(**{name: {"title": title} for name, title in titles.items()})
    orders = [(f"a{n}", 60 + n, "sale", ["cup", "plate"]) for n in range(9)] + [("b", 50, "sale", ["saw"])]
    (row,) = own(asked("likely", count=1, least=1), [*orders, ("me", 40, "sale", ["cup", "plate"])],
                 people={"me": {}}, items=items)  # fmt: skip
    assert (row["items"][0]["item_id"], row["items"][0]["because"] in {"cup", "plate"}) == ("new", True)


def test_what_is_used_up_may_be_shown_to_who_has_it():
    items = catalogue(tea={"category": "tea"}, cup={}, pot={})
    orders = [(f"a{n}", 60 + n, "sale", ["tea", "cup"]) for n in range(9)] + [("me", 40, "sale", ["tea", "cup"])]
    for consumables, there in (([], False), (["tea"], True)):
        project = asked("likely", policy={"items": {"consumables": consumables}}, count=2, least=1)
        rows = own(project, orders, people={"me": {}}, items=items)
        assert any(item["item_id"] == "tea" for row in rows for item in row["items"]) is there


def test_two_items_much_alike_are_not_shown_together():
    titles = {"a": "Jumbo bag owls", "b": "Blue glass bird small", "c": "Bird blue small glass", "d": "Wooden clock"}
    items = catalogue(**{name: {"title": title} for name, title in titles.items()})
    orders = [(f"a{n}", 60 + n, "sale", ["a", "b", "c", "d"]) for n in range(9)] + [("me", 40, "sale", ["a"])]
    (row,) = own(asked("alongside"), orders, people={"me": {}}, items=items)
    names = [item["item_id"] for item in row["items"] if item["role"] == "pair"]
    assert len(names) == 2
    assert len({"b", "c"} & set(names)) == 1
    assert row["left_out"][list(LeftOut).index(LeftOut.ALIKE)] == 1


AGAIN = """
import sys; sys.path.insert(0, "tests")
from decide.test_own_items import PLAIN, asked, own, planted
import hashlib
rows = own(asked("likely"), planted(customers=120), people={f"p{n}": {} for n in range(120)}, items=PLAIN)
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""


def test_another_process_with_another_setting_of_the_algebra_shows_the_same():
    said = {
        subprocess.run([sys.executable, "-c", AGAIN], cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": threads},
                       capture_output=True, text=True, check=True, timeout=120).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1


def test_who_stands_beside_them_changes_nobody_s_list():
    whole = own(asked("likely"), planted(), people={f"p{n}": {} for n in range(60)}, items=PLAIN)
    assert len(whole) > 30
    for part in (range(7), range(7, 60)):
        some = own(asked("likely"), planted(), people={f"p{n}": {} for n in part}, items=PLAIN)
        theirs = {row["customer_id"]: row for row in some}
        assert theirs == {row["customer_id"]: row for row in whole if row["customer_id"] in theirs}
