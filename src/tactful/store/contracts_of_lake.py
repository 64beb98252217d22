"""The contracts of the lake's tables: Parquet, sealed, immutable but for recorded erasure."""

from tactful.store.table import Table, names, read_columns

ASKED = 4_096
"""Rows read together of tables in which one customer is looked up when they come: a fifth more bytes, an eighth of the
time."""

LAKE: tuple[Table, ...] = (
    Table(
        name="customers",
        writer="load",
        person="customer_id",
        sort=names("customer_key"),
        columns=read_columns(
            """
            customer_id P, customer_key:whole, email? P, phone? P, given_name? P, family_name? P, title? P,
            language?, country?, zone?, birth_date?:day P, household_id? P, joined_at?:time, source,
            loaded_at:time
            """
        ),
    ),
    Table(
        name="transactions",
        writer="load",
        person="customer_id",
        sort=names("customer_key, happened_at, order_id, item_id, line"),
        columns=read_columns(
            """
            customer_id? P, customer_key?:whole, order_id, line:whole, item_id, quantity:whole,
            unit_price:money, currency, happened_at:time, channel?, kind, source
            """
        ),
    ),
    Table(
        name="events",
        writer="load",
        person="customer_id",
        sort=names("customer_id, happened_at, event_id"),
        columns=read_columns(
            """
            event_id, customer_id? P, anonymous_id? P, name, happened_at:time, received_at:time, touchpoint?,
            device?, properties? P, decision_id?:id
            """
        ),
    ),
    Table(
        name="items",
        writer="load",
        sort=names("item_id"),
        columns=read_columns(
            """
            item_id, title, category?, list_price?:money, currency?, price_includes_vat?:flag, url?, image?,
            note?, stock?:whole, sensitive_topic?, sellable:flag, active_from?:time, active_to?:time, source,
            loaded_at:time
            """
        ),
    ),
    Table(
        name="offers",
        writer="load",
        sort=names("offer_id"),
        columns=read_columns(
            """
            offer_id, kind, share?:share, amount?:money, currency?, words, terms, cost?:money, budget?:money,
            stock?:whole, starts_at?:time, ends_at?:time
            """
        ),
    ),
    Table(
        name="stock",
        writer="load",
        sort=names("item_id, counted_at"),
        columns=read_columns("item_id, quantity:whole, counted_at:time, source"),
    ),
    Table(
        name="consents",
        writer="load",
        person="customer_id",
        sort=names("customer_id, happened_at"),
        columns=read_columns("customer_id P, purpose, channel, state, happened_at:time, source, wording?, basis?"),
    ),
    Table(
        name="preferences",
        writer="load",
        person="customer_id",
        sort=names("customer_id, happened_at"),
        columns=read_columns(
            "customer_id P, dial?, topics_off?:words, occasions_off?:words, frequency?, happened_at:time, source"
        ),
    ),
    Table(
        name="suppressions",
        writer="load",
        person="address",
        sort=names("address"),
        columns=read_columns("address P, channel, why, since:time, source"),
    ),
    Table(
        name="past_sends",
        writer="load",
        person="customer_id",
        sort=names("customer_id, happened_at"),
        columns=read_columns("customer_id P, channel, purpose, happened_at:time, source"),
    ),
    Table(
        name="links",
        writer="load",
        sort=names("url"),
        columns=read_columns("url, status, checked_at?:time, source"),
    ),
    Table(
        name="quarantine",
        writer="load",
        through="raw",
        stays=90,
        sort=names("source, file, line"),
        columns=read_columns(
            """
            source, file, line:whole, byte_offset?:whole, raw:bytes P, field?, rule, reason, contract,
            seen_at:time, replayed_at?:time, digest:id, written_as, occurrence?:whole
            """
        ),
    ),
    Table(
        name="facts",
        writer="know",
        person="customer_id",
        sort=names("customer_id, fact"),
        columns=read_columns(
            """
            customer_id P, fact, value_text? P, value_integer?:whole P, value_decimal?:money P, value_time?:time
            P, provenance, observed_at:time, confidence:whole, source
            """
        ),
    ),
    Table(
        name="profiles",
        writer="know",
        person="customer_id",
        open=True,
        together=ASKED,
        sort=names("customer_key"),
        columns=read_columns(
            """
            customer_id P, customer_key:whole, familiarity?:whole P, familiarity_parts? P, knowledge?:whole P,
            knowledge_parts? P, stage, salutation_name? P, language?, country?, zone?, household_id? P, email?
            P, email_usable:flag, as_of:time
            """
        ),
    ),
    Table(
        name="segments",
        writer="know",
        person="customer_id",
        sort=names("segment, customer_key"),
        columns=read_columns("segment, customer_id P, customer_key:whole, as_of:time"),
    ),
    Table(
        name="know_sums",
        writer="know",
        sort=names("sum, cell"),
        columns=read_columns("sum, cell, day:day, count:whole, total:whole"),
    ),
    Table(
        name="inputs",
        writer="flow",
        person="customer_id",
        sort=names("customer_key"),
        columns=read_columns(
            """
            decision_id:id, occasion, step:whole, customer_id P, customer_key:whole, household_key:whole,
            touchpoint, channel, features:wholes P, cells:wholes, eligible:flags, why_not:wholes, ceiling,
            ceiling_why:words, universal_holdout:flag, held_out_of:words, contacts:wholes, offers_held:words,
            blocked_by?, due:wholes, contact_price?:wholes, offer_costs?:wholes P
            """
        ),
    ),
    Table(
        name="arms",
        writer="decide",
        sort=names("arm"),
        columns=read_columns(
            """
            arm:whole, arm_id:id, touchpoint, channel, program?, purpose, level, content_id?, content_hash?:id,
            offer_id?, cell_by:words, cost:whole, offer_cost:whole, preview_only:flag, own_cost?:whole
            """
        ),
    ),
    Table(
        name="prices",
        writer="decide",
        columns=read_columns(
            """
            resource, price:whole, per:whole, most?:whole, unit, use?:wholes, load?:whole, deviation?:whole,
            thousand?:whole, least?:whole, missing?:whole, reach?:whole, bound?:whole, path?:wholes
            """
        ),
    ),
    Table(
        name="portfolio",
        writer="decide",
        columns=read_columns(
            """
            variant_id, program, level, cell, people:whole, open:flag, why_closed?, worth?:whole, cost?:whole,
            value?:whole, bound?:whole
            """
        ),
    ),
    Table(
        name="fatigue",
        writer="decide",
        columns=read_columns("class, channel, contacts:whole, price:whole"),
    ),
    Table(
        name="decide_sums",
        writer="decide",
        columns=read_columns("sum, cell, day:day, count:whole, total:whole"),
    ),
    Table(
        name="suggestions",
        writer="decide",
        person="customer_id",
        together=ASKED,
        sort=names("customer_key, program"),
        columns=read_columns(
            """
            customer_id P, customer_key:whole, program, plan, level, items:items P, chances:wholes P,
            left_out:wholes P
            """
        ),
    ),
    Table(
        name="slot_model",
        writer="decide",
        columns=read_columns(
            """
            model, fingerprint:id, half_life?:whole, trend:whole, pull:whole, things:whole, customers:whole,
            choices:whole, days:whole, judged:whole, gain?:whole, has_chances:flag
            """
        ),
    ),
    Table(
        name="clashes",
        writer="decide",
        person="customer_id",
        together=ASKED,
        sort=names("customer_key, program, plan, level, cell, reason"),
        columns=read_columns("customer_id P, customer_key:whole, program, plan, level, cell, reason P"),
    ),
    Table(
        name="cell_suggestions",
        writer="decide",
        stays="kept",
        why_kept="what everybody of a cell is shown; no person is in it",
        sort=names("program, plan, level, cell"),
        columns=read_columns("program, plan, level, cell, items:items"),
    ),
    Table(
        name="decisions",
        writer="decide",
        person="customer_id",
        sort=names("customer_key"),
        columns=read_columns(
            """
            decision_id:id, occasion, step:whole, run_id:id, customer_id P, customer_key:whole, program?,
            purpose, touchpoint, channel, decided_at:time, due_at?:time, valid_until:time, level, ceiling,
            cell?, arm_id:id,
            variant_id?, content_id?, offer_id?, items:items P, outcome_kind, held_out_of:words,
            ghost_arm_id?:id, reasons:words, propensity:whole, score:whole, drawn_by, input_id:id, arms_id:id,
            prices_id:id, beliefs_id:id, policy_id:id, offer_cost?:whole
            """
        ),
    ),
    Table(
        name="candidates",
        writer="decide",
        through="decision_id",
        sort=names("decision_id, arm_id"),
        columns=read_columns("decision_id:id, arm_id:id, eligible:flag, reason?, score:whole, propensity:whole"),
    ),
    Table(
        name="placements",
        writer="decide",
        person="customer_id",
        sort=names("customer_key"),
        columns=read_columns("customer_id P, customer_key:whole, touchpoint, program?, level, content_id?, offer_id?"),
    ),
    Table(
        name="messages",
        writer="compose",
        through="decision_id",
        open=True,
        sort=names("skeleton_id, message_id"),
        columns=read_columns("message_id:id, decision_id:id, skeleton_id:id, language, bytes_hash:id"),
    ),
    Table(
        name="skeletons",
        writer="compose",
        stays="kept",
        why_kept="static words of the author; no person is in them",
        sort=names("skeleton_id, part"),
        columns=read_columns(
            "skeleton_id:id, part, content_id, content_hash:id, branch, segments:words, escaper, slots:slots"
        ),
    ),
    Table(
        name="unwritten",
        writer="compose",
        through="decision_id",
        sort=names("message_id"),
        columns=read_columns("message_id:id, decision_id:id, why, text P"),
    ),
    Table(
        name="findings",
        writer="check",
        through="message_id",
        sort=names("rule, subject"),
        columns=read_columns("subject, rule, severity, place, text? P, fix?, suppressed_by?"),
    ),
    Table(
        name="audits",
        writer="check",
        through="message_id",
        sort=names("message_id"),
        columns=read_columns("message_id:id, same:flag, by_gate, by_reading"),
    ),
    Table(
        name="outcomes",
        writer="learn",
        person="customer_id",
        sort=names("customer_id, happened_at"),
        columns=read_columns(
            "customer_id P, decision_id?:id, metric, value:whole, happened_at:time, matured_at?:time, class?"
        ),
    ),
    Table(
        name="learn_sums",
        writer="learn",
        sort=names("sum, cell, day"),
        columns=read_columns("sum, cell, day:day, count:whole, total:whole, products?:wholes"),
    ),
    Table(
        name="young_sums",
        writer="learn",
        stays=35,
        sort=names("sum, cell, day"),
        columns=read_columns("sum, cell, day:day, count:whole, total:whole, products?:wholes"),
    ),
    Table(
        name="baseline",
        writer="learn",
        columns=read_columns(
            """
            beliefs_id:id, sealed_at:time, program, cell, mean:whole, precision:whole, prior:whole, scale:whole,
            source_days:whole, source_rows?:whole, coefficients?:wholes, features?:words, shift?:whole, weight:whole
            """
        ),
    ),
    Table(
        name="beliefs",
        writer="learn",
        columns=read_columns(
            """
            beliefs_id:id, sealed_at:time, program, cell, mean:whole, precision:whole, prior:whole, scale:whole,
            source_days:whole, source_rows?:whole, coefficients?:wholes, features?:words, shift?:whole
            """
        ),
    ),
)
