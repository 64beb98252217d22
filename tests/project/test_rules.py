"""The rules of a project that keep harm out before anyone is chosen, each named by the scenario it answers."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tactful.project.files import leaves_project
from tactful.words.errors import Misuse

WIN, RECEIPT, FACTS = "programs/win-back.yaml", "programs/receipt.yaml", "facts.yaml"


def rules(shop: Any, environment: str | None = None) -> list[str]:
    """The rules of everything found, in order of place."""
    return [finding.rule for finding in shop.findings(environment)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (WIN, "by: favourite_category}", "by: expecting}"),
        (WIN, "needs: [order_count]", "needs: [expecting]"),
        (WIN, "{suggest: again_and_new, count: 4}", "{suggest: newest, within: expecting}"),
        ("segments/lapsing.yaml", "stage != 'new'", "expecting is known"),
        ("segments/recent.sql", "days_since_order < 14", "expecting IS NOT NULL"),
        ("segments/recent.sql", "days_since_order < 14", '"Expecting" > 0'),
        (FACTS, "when: order_count = 1", "when: expecting is known"),
        ("offers/five-pounds.yaml", "who: order_count > 1", "who: expecting is known"),
        (FACTS, "segment_by: favourite_category", "segment_by: expecting"),
    ],
)
def test_F24_nobody_is_selected_by_a_sensitive_fact(shop: Any, file: str, old: str, new: str) -> None:
    shop.change(file, old, new)
    found = shop.findings()
    assert "sensitive-fact" in {finding.rule for finding in found}
    assert next(finding for finding in found if finding.rule == "sensitive-fact").place.file == file


@pytest.mark.parametrize("fact", ["income_band", "gift_guess"])
def test_F24_acquired_facts_are_never_used_and_guesses_only_where_allowed(shop: Any, fact: str) -> None:
    shop.change(WIN, "needs: [order_count]", f"needs: [{fact}]")
    assert rules(shop) == ["acquired-fact" if fact == "income_band" else "inferred-fact"]


def test_a_guess_that_may_select_and_is_never_spoken_passes(shop: Any) -> None:
    shop.change(WIN, "needs: [order_count]", "needs: [trade_guess]")
    assert rules(shop) == []


@pytest.mark.parametrize("fact", ["income_band:", "expecting:", "gift_guess:"])
def test_D2_sensitive_inferred_and_acquired_facts_are_never_spoken(shop: Any, fact: str) -> None:
    shop.change(FACTS, f"  {fact}\n", f"  {fact}\n    speak: coarse\n")
    assert rules(shop) == ["never-spoken"]


def test_what_is_observed_cannot_be_called_declared(shop: Any) -> None:
    shop.change(FACTS, "keep: count_distinct(order_id)", "keep: count_distinct(order_id)\n    provenance: declared")
    assert rules(shop) == ["provenance"]


def test_a_fact_about_sensitive_topics_is_sensitive(shop: Any) -> None:
    shop.change(FACTS, "keep: max(quantity)", "keep: last(sensitive_topic)")
    assert rules(shop) == ["sensitivity"]


def test_D3_a_fact_is_used_only_for_a_purpose_it_lists(shop: Any) -> None:
    shop.change(WIN, "needs: [order_count]", "needs: [last_order]")
    (found,) = shop.findings()
    assert found.rule == "fact-purpose"
    assert "transactional, service, not for marketing" in found.what
    assert found.place == shop.place(WIN, "last_order")


def test_D3_purpose_binds_through_a_segment_and_through_the_stage(shop: Any) -> None:
    shop.change("segments/recent.sql", "days_since_order < 14", "favourite_category = 'x' AND stage = 'new'")
    (found,) = shop.findings()
    assert "'favourite_category' (through segment recent)" in found.what
    shop.change(
        FACTS, "type: integer\n    purpose: [marketing, service]\n  order_count", "type: integer\n  order_count"
    )
    assert {finding.what.split()[1] for finding in shop.findings()} == {"'days_since_order'", "'favourite_category'"}


def test_L8_a_marketing_program_without_an_outcome_cannot_start(shop: Any) -> None:
    shop.change(WIN, "outcome: net_margin_28d\n", "")
    assert rules(shop) == ["no-outcome"]


def test_L8_a_brand_message_needs_a_long_run_outcome_and_a_capped_budget(shop: Any) -> None:
    shop.change(WIN, "holdout:", "brand_message: true\nholdout:")
    shop.change(WIN, "budget: 5000 GBP, ", "")
    assert sorted(rules(shop)) == ["no-budget", "no-outcome"]
    shop.change(WIN, "net_margin_28d", "revenue_180d")
    shop.change(WIN, "{sends", "{budget: 900 GBP, sends")
    assert rules(shop) == []


@pytest.mark.parametrize("purpose", ["service", "transactional"])
def test_F56_service_mail_makes_no_offers(shop: Any, purpose: str) -> None:
    shop.change(RECEIPT, "purpose: service", f"purpose: {purpose}\noffers: [none, ten-off]")
    shop.change(FACTS, "purpose: [marketing, service]", "purpose: [marketing, service, transactional]")
    (found,) = shop.findings()
    assert found.rule == "service-sells"
    assert found.place == shop.place(RECEIPT, "ten-off")
    shop.change(RECEIPT, "[none, ten-off]", "[none]")
    assert rules(shop) == []


def test_service_mail_is_never_held_out(shop: Any) -> None:
    shop.change(RECEIPT, "purpose: service", "purpose: service\nholdout: 5%")
    assert rules(shop) == ["holdout"]


def test_F37_a_rehearsal_in_live_mode_is_refused_and_in_test_mode_passes(shop: Any) -> None:
    shop.change(WIN, "holdout:", "test: true\nholdout:")
    (found,) = shop.findings()
    assert (found.rule, found.place) == ("rehearsal-live", shop.place(WIN, "true"))
    assert rules(shop, "rehearsal") == []


def test_F37_in_test_mode_everything_is_delivered_to_files(shop: Any) -> None:
    assert shop.project("rehearsal").settings.deliver == {"email": "file"}
    assert shop.project("rehearsal").settings.mode == "test"


@pytest.mark.parametrize("value", ["110%", "1.1", "110", "0%", "-5%", "NaN", "''", "Infinity", "1e9"])
def test_F74_an_impossible_discount_is_refused(shop: Any, value: str) -> None:
    shop.change("offers/ten-off.yaml", "value: 10%", f"value: {value}")
    (found,) = shop.findings()
    assert found.rule == "value"
    assert found.place == shop.place("offers/ten-off.yaml", value)


@pytest.mark.parametrize("amount", ["0 GBP", "-5 GBP", "NaN GBP", "GBP", "''"])
def test_F74_an_impossible_amount_off_is_refused(shop: Any, amount: str) -> None:
    shop.change("offers/five-pounds.yaml", "amount: 5 GBP", f"amount: {amount}")
    assert rules(shop)[0] == "value"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("offers/five-pounds.yaml", "5 GBP", "5 EUR"),
        (WIN, "5000 GBP", "5000 USD"),
        (WIN, "12 GBP", "12 JPY"),
        ("policy.yaml", "0.02 GBP", "0.02 EUR"),
        ("policy.yaml", "50 GBP", "50 EUR"),
    ],
)
def test_F75_every_amount_is_in_the_projects_currency(shop: Any, file: str, old: str, new: str) -> None:
    shop.change(file, old, new)
    (found,) = shop.findings()
    assert (found.rule, found.place) == ("currency", shop.place(file, new))


@pytest.mark.parametrize(
    "name",
    ['x" OR 1=1 --', "a;drop", "CASE WHEN 1 THEN 2 END", "x" * 900, "x" * 10_000, "Select", "a.b", "a b", "é", "order"],
)
def test_F88_a_name_that_becomes_a_column_is_a_plain_word(shop: Any, name: str) -> None:
    quoted = name.replace("'", "''")
    shop.change(FACTS, "  gift_guess:", f"  '{quoted}':")
    (found,) = shop.findings()
    assert found.rule in {"pattern", "value", "yaml"}
    assert found.place.line == shop.place(FACTS, f"'{quoted}'").line
    assert len(found.what) < 400


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (WIN, "needs: [order_count]", """needs: ['x" OR 1=1 --']"""),
        (WIN, "by: favourite_category}", "by: 'a;drop'}"),
        ("segments/lapsing.yaml", "days_since_order > 90", "a;drop > 90"),
        (FACTS, "keep: max(quantity)", "keep: max(quantity) FROM x"),
        (FACTS, "top(category, by: quantity)", "top(category, by: ｑuantity)"),
        ("metrics.yaml", "column: revenue", 'column: revenue" --'),
        ("sources/orders.yaml", "order_id: {", "'order_id; --': {"),
        ("sources/orders.yaml", "    kinds:", "    one_per: ['CASE WHEN']\n    kinds:"),
    ],
)
def test_F88_no_name_from_a_file_reaches_a_query_unless_it_is_known(shop: Any, file: str, old: str, new: str) -> None:
    shop.change(file, old, new)
    assert shop.findings()


OUTSIDE = [
    "../orders.csv", "data/../../orders.csv", "/etc/passwd", "//server/share/x", "\\\\server\\share", "C:\\x", "c:/x",
    "~/x", "~root/x", "data\\..\\..\\x", "..", "../", "./../x", "data/..", "file:///etc/passwd", "http://x/y", "a\x00b",
    "a\nb", "", " ", "%2e%2e/x", "..%2fx", "data/%2E%2E/x", "data/*/../../x", "\t/etc", "..\\x",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_E10_a_path_that_leaves_the_project_is_refused(path: str) -> None:
    assert leaves_project(path)


@pytest.mark.parametrize("path", ["data/orders.csv", "data/*.csv", "a..b/c", "...", "data/2011-12/x.gz", "./data/x"])
def test_a_path_within_the_project_passes(path: str) -> None:
    assert leaves_project(path) is None


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sources/orders.yaml", "data/*.csv", "../*.csv"),
        ("sources/orders.yaml", "data/*.csv", "[data/a.csv, /etc/passwd]"),
        ("tactful.yaml", "salt:", "ledger: ../ledger.db\nsalt:"),
        ("tactful.yaml", "salt:", "lake: /var/lake\nsalt:"),
        ("tactful.yaml", "salt:", "out: ~/out\nsalt:"),
        ("tactful.yaml", "rehearsal.db", "../live.db"),
    ],
)
def test_E10_no_declared_path_leaves_the_project(shop: Any, file: str, old: str, new: str) -> None:
    shop.change(file, old, new)
    assert rules(shop) == ["outside"]


@pytest.mark.parametrize(
    "name",
    ["programs/x.yaml", "segments/x.sql", "content/win-back/x.mjml", "content/_partials/x.liquid", "offers/x.yaml"],
)
def test_E10_a_link_out_of_the_project_is_refused(shop: Any, name: str) -> None:
    outside = shop.root.parent / "elsewhere"
    outside.write_text("secret: yes")
    (shop.root / name).symlink_to(outside)
    (found,) = shop.findings()
    assert (found.rule, found.place.file) == ("outside", name)
    assert "secret" not in str(found)


def test_E10_a_linked_folder_a_dead_link_and_a_pipe_are_refused(shop: Any) -> None:
    (shop.root.parent / "more").mkdir()
    (shop.root / "content/more").symlink_to(shop.root.parent / "more")
    (shop.root / "offers/dead.yaml").symlink_to("nowhere")
    os.mkfifo(shop.root / "programs/pipe.yaml")
    assert sorted(rules(shop)) == ["link", "not-a-file", "outside"]


def test_E10_tactful_yaml_itself_may_not_be_a_link_out(shop: Any) -> None:
    outside = (shop.root / "brand.yaml").rename(shop.root.parent / "brand.yaml")
    (shop.root / "brand.yaml").symlink_to(outside)
    assert rules(shop) == ["outside"]


@pytest.mark.parametrize(
    ("file", "old", "new", "secret"),
    [
        ("tactful.yaml", "salt:", "token_key: hunter2hunter2\nsalt:", "hunter2"),
        ("tactful.yaml", "salt:", "smtp_password: hunter2\nsalt:", "hunter2"),
        ("tactful.yaml", "rehearsal.db", "postgresql://shop:hunter2@db/shop", "hunter2"),
        ("brand.yaml", "hosts:", "title: sk_live_" + "hunter2" * 2 + "\nhosts:", "hunter2"),
        (WIN, "5000 GBP", "AKIA" + "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
        (WIN, "holdout: 10%", "holdout: 10%\napi_key: hunter2", "hunter2"),
    ],
)
def test_a_secret_written_out_is_refused_and_never_repeated(
    shop: Any, file: str, old: str, new: str, secret: str
) -> None:
    shop.change(file, old, new)
    found = shop.findings()
    assert "literal-secret" in {finding.rule for finding in found}
    assert secret not in "\n".join(map(str, found))
    assert secret not in repr(found)


def test_no_project_here_and_no_such_environment_are_misuse(shop: Any) -> None:
    with pytest.raises(Misuse, match="Did you mean 'rehearsal'"):
        shop.findings("rehersal")
    (shop.root / "tactful.yaml").unlink()
    with pytest.raises(Misuse, match="no project here"):
        shop.findings()
