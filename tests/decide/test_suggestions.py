"""Suggestions on a shop made by hand, and on half a million real lines."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from decide import retail
from decide.worlds import CLOCK, PROGRAM, outcomes, profiles, run, segment, shop, table, why_not, world
from tactful.decide import arms, portfolio, suggestions
from tactful.decide.lists import Item, Pair, Shelf, listed
from tactful.project.programs import ItemsWanted
from tactful.store import contracts
from tactful.words.ids import customer_key
from tactful.words.level import Level


def lines(*orders) -> pa.Table:
    """Transactions of (customer, order, days ago, kind, items)."""
    rows = [
        {"customer_id": c, "customer_key": customer_key(c) if c else None, "order_id": o, "line": 0, "item_id": item,
         "quantity": 1, "unit_price": 2, "currency": "GBP", "kind": kind, "source": "t",
         "happened_at": CLOCK.now - timedelta(days=days)}
        for c, o, days, kind, items in orders for item in items.split()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=contracts.table("transactions").schema)


def catalogue(**items) -> pa.Table:
    """Items by id; what is not said is as plain as can be."""
    rows = [
        {"item_id": i, "title": i, "category": "baking", "sellable": True, "source": "t", "loaded_at": CLOCK.now} | said
        for i, said in items.items()
    ]
    return pa.Table.from_pylist(rows, schema=contracts.table("items").schema)


def program(**levels):
    return PROGRAM | {
        "touchpoints": ["email"],
        "offers": ["none"],
        "levels": {name: {"content": name} | plan for name, plan in levels.items()},
    }


def suggested(project, people, *, transactions, items, **more):
    inputs = {"profiles": profiles(people), "segments": segment(people), "transactions": transactions, "items": items}
    inputs |= more
    inputs["arms"] = pa.Table.from_batches([arms.table(project)])
    inputs["portfolio"] = table(portfolio.build(inputs, project=project), "portfolio")
    found = {"cell_suggestions": [], "slot_model": [], "suggestions": [], "clashes": []}
    for batch in suggestions.build(inputs, project=project, clock=CLOCK):
        found[batch.schema.metadata[b"table"].decode()].append(batch)
    return {name: table(batches, name) for name, batches in found.items()}


def items_of(rows, customer=None):
    return [
        (i["item_id"], i["role"], i["because"])
        for row in rows.to_pylist() for i in row["items"] if customer in (None, row.get("customer_id"))
    ]  # fmt: skip


OFTEN = [(f"p{n}", f"o{n}", 40, "sale", "stand tray") for n in range(4)]
OFTEN += [(f"q{n}", f"u{n}", 40, "sale", "stand cups") for n in range(3)]
PLAIN = catalogue(stand={}, tray={}, cups={}, fork={})


def test_alongside_names_the_kept_item_and_what_is_often_ordered_with_it():
    project = shop(programs=[program(one={"items": {"suggest": "alongside", "count": 2}})])
    mine = [("me", "m1", 30, "sale", "stand"), ("owner", "m2", 30, "sale", "stand tray")]
    mine += [("sent", "m3", 30, "sale", "stand"), ("sent", "m4", 20, "cancel", "stand")]
    people = {name: {} for name in ("me", "owner", "sent")}
    found = suggested(project, people, transactions=lines(*OFTEN, *mine), items=PLAIN)["suggestions"]
    assert items_of(found, "me") == [("stand", "anchor", None), ("tray", "pair", "stand"), ("cups", "pair", "stand")]
    assert items_of(found, "owner") == []  # only cups are left: fewer than two
    assert items_of(found, "sent") == []  # what was sent back is no reason for anything


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, True), ({"sellable": False}, False), ({"sensitive_topic": "baby"}, False), ({"stock": 0}, False),
        ({"stock": 3}, True), ({"active_from": CLOCK.now + timedelta(days=1)}, False),
        ({"active_to": CLOCK.now}, False),
        ({"list_price": 0}, False), ({"list_price": -5}, False), ({"list_price": 2}, True),
    ],
)  # fmt: skip
def test_F74_only_what_may_be_sold_and_is_there_is_shown(said, shown):
    project = shop(programs=[program(all={"items": {"suggest": "picks", "picks": ["tray", "fork"], "least": 1}})])
    items = catalogue(stand={}, tray=said, fork={}, cups={})
    orders = lines(*OFTEN, ("p", "f", 40, "sale", "fork"))
    found = suggested(project, {"me": {}}, transactions=orders, items=items)["cell_suggestions"]
    assert ("tray", "pick", None) in items_of(found) if shown else ("tray", "pick", None) not in items_of(found)
    assert ("fork", "pick", None) in items_of(found)


def test_stock_that_was_counted_later_counts_and_so_does_the_newest_row_of_an_item():
    project = shop(programs=[program(all={"items": {"suggest": "popular", "count": 4}})])
    counted = [("tray", 5, 3), ("tray", 0, 1), ("cups", 0, 3), ("cups", 2, 1)]
    stock = pa.Table.from_pylist(
        [
            {"item_id": i, "quantity": q, "counted_at": CLOCK.now - timedelta(days=d), "source": "t"}
            for i, q, d in counted
        ],
        schema=contracts.table("stock").schema,
    )
    old = catalogue(stand={"sellable": False, "loaded_at": CLOCK.now - timedelta(days=9)})
    items = pa.concat_tables([PLAIN, old])
    found = suggested(project, {"me": {}}, transactions=lines(*OFTEN), items=items, stock=stock)["cell_suggestions"]
    assert [item for item, _, _ in items_of(found)] == ["stand", "cups"]


@pytest.mark.parametrize(
    ("suggest", "shown", "clashes"),
    [
        ({"suggest": "picks", "picks": ["stand"], "count": 1}, ("stand", "pick", None), {"long_ago": "returned"}),
        ({"suggest": "newest", "count": 1}, ("bowl", "new", None), {"owner": "already_bought"}),
    ],
)
def test_a_cell_shows_nobody_what_came_back_last_nor_as_new_what_they_have(suggest, shown, clashes):
    project = shop(programs=[program(all={"items": suggest})])
    new = [(f"b{n}", f"n{n}", 20, "sale", "bowl") for n in range(9)]
    mine = [
        ("long_ago", "l1", 300, "cancel", "stand"),  # came back, and no order of it is known
        ("kept_since", "k1", 300, "cancel", "stand"),
        ("kept_since", "k2", 200, "sale", "stand"),
        ("owner", "w1", 25, "sale", "bowl"),
    ]
    items = catalogue(stand={}, tray={}, cups={}, bowl={"active_from": CLOCK.now - timedelta(days=20)})
    people = {name: {} for name in ("long_ago", "kept_since", "owner", "stranger")}
    found = suggested(project, people, transactions=lines(*OFTEN, *new, *mine), items=items)
    assert items_of(found["cell_suggestions"]) == [shown]
    assert {row["customer_id"]: row["reason"] for row in found["clashes"].to_pylist()} == clashes


def test_again_and_new_shows_two_ordered_twice_and_new_ones_of_their_range():
    project = shop(programs=[program(one={"items": {"suggest": "again_and_new", "count": 4, "least": 3}})])
    mine = [("me", f"m{n}", 100 + n, "sale", "stand") for n in range(2)] + [("me", "m9", 100, "sale", "cups")]
    fresh = [(f"b{n}", f"n{n}", 10, "sale", "bowl pan") for n in range(5)] + [("me", "m8", 20, "sale", "pan")]
    older = [(f"b{n}", f"x{n}", 300, "sale", "fork") for n in range(9)]
    items = catalogue(stand={}, cups={}, bowl={}, pan={}, fork={}, lamp={"category": "lights"})
    transactions = lines(*mine, *fresh, *older, *((f"b{n}", f"l{n}", 10, "sale", "lamp") for n in range(9)))
    found = suggested(project, {"me": {}}, transactions=transactions, items=items)
    assert items_of(found["suggestions"]) == [("stand", "again", None), ("bowl", "new", "pan")]


def test_ordered_shows_a_noted_item_of_the_latest_order_unless_it_was_sent_back():
    project = shop(programs=[program(one={"items": {"suggest": "ordered", "count": 1}})])
    noted = catalogue(stand={"note": "Wipe clean."}, tray={"note": "By hand."}, cups={})
    orders = [(name, f"{name}1", 90, "sale", "stand") for name in ("me", "back", "plain")]
    orders += [
        ("me", "me2", 3, "sale", "cups tray"),
        ("back", "back2", 3, "sale", "tray"),
        ("plain", "plain2", 3, "sale", "cups"),
    ]
    orders += [("back", "back3", 2, "cancel", "tray")]
    people = {name: {} for name in ("me", "back", "plain")}
    found = suggested(project, people, transactions=lines(*orders), items=noted)["suggestions"]
    assert (items_of(found, "me"), items_of(found, "back"), items_of(found, "plain")) == (
        [("tray", "anchor", None)],
        [],
        [],
    )


def shelf(*items, pairs=()):
    made = [
        Item(
            item_id=i, title=i.rstrip("'"), category=c, orders=o, buyers=b, again=a, decayed=d,
            first_at=CLOCK.now - timedelta(days=age),
        )
        for i, c, o, b, a, d, age in items
    ]  # fmt: skip
    linked = [Pair(item_id=a, other_id=b, support=s, closeness=s) for a, b, s in pairs]
    return Shelf(items=tuple(made), pairs=tuple(linked), now=CLOCK.now, least=3)


def test_lists_for_a_cell_are_made_by_stated_rules_with_ties_by_id():
    there = shelf(
        ("a", "x", 9, 9, 5, 10, 300), ("b", "x", 8, 8, 6, 10, 300), ("c", "x", 7, 7, 1, 30, 5),
        ("d", "y", 4, 4, 4, 1, 9),
        ("e", "x", 1, 1, 0, 99, 1), pairs=[("a", "b", 5), ("b", "c", 4), ("c", "d", 3)],
    )  # fmt: skip

    def ids(suggest, count):
        return [item["item_id"] for item in listed(ItemsWanted(suggest=suggest, count=count), shelf=there)]

    assert ids("popular", 4) == ["e", "c", "a", "b"]
    assert ids("most_ordered", 2) == ["a", "b"]
    assert ids("newest", 4) == ["c", "d"]  # e has one buyer only
    assert ids("steady_and_new", 4) == ["b", "a", "c", "d"]
    assert ids("pairings", 4) == ["a", "b", "c", "d"]
    assert [i.item_id for i in there.within("y").items] == ["d"]


def test_two_sizes_of_one_title_never_stand_in_one_list():
    there = shelf(
        ("milk", "x", 9, 9, 9, 9, 300), ("milk'", "x", 8, 8, 8, 8, 5), ("bread", "x", 7, 7, 7, 7, 300),
        ("tea", "x", 6, 6, 6, 6, 5), ("tea'", "x", 5, 5, 5, 5, 4),
        pairs=[("milk", "milk'", 9), ("milk'", "bread", 8), ("milk", "tea", 7), ("tea", "tea'", 6)],
    )  # fmt: skip

    def ids(suggest, count, **more):
        return [i["item_id"] for i in listed(ItemsWanted(suggest=suggest, count=count, **more), shelf=there)]

    assert ids("popular", 3) == ids("most_ordered", 3) == ["milk", "bread", "tea"]
    assert ids("newest", 3) == ["tea'", "milk'"]
    assert ids("steady_and_new", 4) == ["milk", "bread", "tea'"]  # the new milk would be a second milk
    assert ids("pairings", 4) == ["milk'", "bread"]
    assert ids("picks", 2, picks=("milk'", "milk", "tea")) == ["milk'", "tea"]


RANGE = program(
    many={"by": "favourite_range", "items": {"suggest": "popular", "count": 2, "within": "favourite_range"}}
)


def test_F31_a_cells_list_is_not_sent_to_who_just_bought_or_returned_from_it():
    project = shop(programs=[RANGE], policy={"exploration": {"most": "0%"}, "k_facts": 2})
    orders = [*OFTEN, ("bought", "n1", 3, "sale", "stand"), ("long", "n2", 30, "sale", "stand")]
    orders += [("back", "n3", 60, "sale", "tray"), ("back", "n4", 50, "return", "tray")]
    people = {name: {} for name in ("bought", "long", "back", "new")} | {"other": {"favourite_range": "lights"}}
    people["other2"] = {"favourite_range": "lights"}
    found = suggested(project, people, transactions=lines(*orders), items=PLAIN)
    assert items_of(found["cell_suggestions"]) == [("stand", "range", None), ("tray", "range", None)]
    inputs = run(project, people, **found)
    reasons = {name: why_not(project, inputs, name, level=Level.MANY).pop() for name in people}
    assert reasons == {
        "bought": "already_bought", "long": None, "back": "returned", "new": None, "other": "too_few_items",
        "other2": "too_few_items",
    }  # fmt: skip
    rows = outcomes(inputs)
    assert [item["item_id"] for item in rows["new"]["items"]] == ["stand", "tray"]
    assert rows["new"]["cell"] == '{"favourite_range":"baking"}'
    assert rows["bought"]["items"] == []


def test_F24_no_list_of_a_cell_holds_an_item_of_a_sensitive_topic():
    project = shop(programs=[RANGE], policy={"exploration": {"most": "0%"}, "k_facts": 2})
    people = {"you": {}, "me": {}}
    items = catalogue(stand={"sensitive_topic": "children"}, cups={}, tray={})
    found = suggested(project, people, transactions=lines(*OFTEN), items=items)["cell_suggestions"]
    assert [item for item, _, _ in items_of(found)][:1] == ["tray"]
    assert "stand" not in {item for item, _, _ in items_of(found)}


def test_own_items_are_filled_into_the_decision():
    project = shop(
        programs=[program(one={"items": {"suggest": "alongside", "count": 2}})], policy={"exploration": {"most": "0%"}}
    )
    people = {"me": {}, "you": {}}
    found = suggested(project, people, transactions=lines(*OFTEN, ("me", "m", 30, "sale", "stand")), items=PLAIN)
    rows = outcomes(run(project, people, **found))
    assert [item["role"] for item in rows["me"]["items"]] == ["anchor", "pair", "pair"]
    assert (rows["you"]["items"], rows["you"]["reasons"]) == ([], ["too_few_items"])


@pytest.fixture(scope="module")
def real():
    transactions, items, people = retail.shop()
    levels = {
        "all": {"items": {"suggest": "steady_and_new", "count": 6}},
        "many": {"by": "favourite_range", "items": {"suggest": "pairings", "within": "favourite_range"}},
        "one": {"items": {"suggest": "alongside", "count": 4}},
    }
    project = shop(programs=[program(**levels)], policy={"k_words": 20, "k_facts": 50})
    who = {row["customer_id"]: {"favourite_range": row["favourite_range"]} for row in people.to_pylist()}
    return transactions, suggested(project, who, transactions=transactions, items=items)


def test_on_real_orders_nearly_everybody_is_shown_true_pairs_they_do_not_own(real):
    transactions, found = real
    rows = found["suggestions"].to_pylist()
    assert len(rows) > 3900  # of 4,372
    sales = transactions.filter(pa.compute.equal(transactions["kind"], "sale"))
    baskets: dict[str, set] = {}
    owned: dict[str, set] = {}
    columns = zip(*(sales[c].to_pylist() for c in ("order_id", "item_id", "customer_id")), strict=True)
    for order, item, customer in columns:
        baskets.setdefault(order, set()).add(item)
        owned.setdefault(customer, set()).add(item)
    for row in rows[::97]:
        anchor = next(item["item_id"] for item in row["items"] if item["role"] == "anchor")
        pairs = [item for item in row["items"] if item["role"] == "pair"]
        assert len(pairs) == 4
        assert anchor in owned[row["customer_id"]]
        for pair in pairs:
            assert pair["because"] == anchor
            assert pair["item_id"] not in owned[row["customer_id"]]
            assert sum(anchor in b and pair["item_id"] in b for b in baskets.values()) >= 20
            assert pair["item_id"] != "85123A"  # out of stock


def test_on_real_orders_every_range_has_its_pairings(real):
    _, found = real
    full = [row for row in found["cell_suggestions"].to_pylist() if row["level"] == "many" and len(row["items"]) == 4]
    assert len(full) >= 10
    assert isinstance(CLOCK.now, datetime)


def test_the_same_lines_in_another_order_give_the_same_lists():
    project = shop(
        programs=[
            program(
                all={"items": {"suggest": "popular", "count": 4, "least": 1}},
                one={"items": {"suggest": "alongside", "count": 2}},
            )
        ]
    )
    orders = lines(*OFTEN, ("me", "m", 30, "sale", "stand"))
    turned = orders.take(list(range(orders.num_rows))[::-1])
    one, two = (suggested(project, {"me": {}}, transactions=t, items=PLAIN) for t in (orders, turned))
    assert one["suggestions"].equals(two["suggestions"])
    assert one["cell_suggestions"].equals(two["cell_suggestions"])
    assert world(project, {"me": {}})["arms"].num_rows == 3
