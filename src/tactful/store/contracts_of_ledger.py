"""The contracts of the ledger's tables: what must survive anything and be changed one row at a time."""

from tactful.store.table import Table, names, read_columns

LEDGER: tuple[Table, ...] = (
    Table(
        name="run",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="the manifest of what was sealed; no person is in it",
        key=names("run_id"),
        columns=read_columns(
            """
            run_id:id, kind, occasion, fingerprint, clock:time, zone, salt, number:whole, state,
            started_at:time, ended_at?:time, summary
            """
        ),
    ),
    Table(
        name="stage",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="which stages of a run are done; no person is in it",
        key=names("run_id, stage"),
        columns=read_columns("run_id:id, stage, done_at:time, seconds:real, note"),
    ),
    Table(
        name="part",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="paths and hashes of sealed files; no person is in it",
        key=names("part_id"),
        columns=read_columns(
            """
            part_id:id, run_id:id, stage, table_name, path, content_hash:id, rows:whole, bytes:whole,
            sealed_at:time
            """
        ),
    ),
    Table(
        name="amendment",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="the only lawful changes of sealed runs; no person is in it",
        key=names("erasure_id, path"),
        columns=read_columns(
            """
            erasure_id:id, run_id:id, table_name, path, old_hash:id, new_hash:id, rows_removed:whole,
            amended_at:time
            """
        ),
    ),
    Table(
        name="loaded_file",
        writer="load",
        place="ledger",
        stays="kept",
        why_kept="which files were loaded, by digest; no person is in it, erasure replaces a name that holds one",
        key=names("source, digest"),
        columns=read_columns(
            """
            source, digest:id, file P, contract, rows_read:whole, accepted:whole, quarantined:whole,
            duplicate:whole, state, why, loaded_at:time, run_id:id
            """
        ),
    ),
    Table(
        name="approval",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="who approved what; no customer is in it",
        key=names("approval_id"),
        columns=read_columns(
            """
            approval_id:id, run_id?:id, fingerprint, skeletons_hash:id, skeletons, arms_hash:id, offers_hash:id,
            proofs_hash:id, least:whole, most:whole, standing:flag, approved_by, second_by?, approved_at:time,
            expires_at:time, withdrawn_at?:time
            """
        ),
    ),
    Table(
        name="consent",
        writer="know",
        place="ledger",
        person="customer_id",
        stays="kept",
        why_kept="proof of what was said, until the person is erased",
        key=names("customer_id, purpose, channel, happened_at, state, source"),
        columns=read_columns(
            """
            customer_id P, purpose, channel, state, happened_at:time, source, wording_hash?:id, recorded_at:time,
            link?:whole, nonce?:id
            """
        ),
        indexes=(names("link"),),
    ),
    Table(
        name="preference",
        writer="know",
        place="ledger",
        person="customer_id",
        stays="kept",
        why_kept="what the customer asked for, until the person is erased",
        key=names("customer_id, happened_at, source"),
        columns=read_columns(
            """
            customer_id P, dial?, topics_off, occasions_off, frequency?, happened_at:time, source,
            recorded_at:time, link?:whole, nonce?:id
            """
        ),
        indexes=(names("link"),),
    ),
    Table(
        name="said",
        writer="know",
        place="ledger",
        stays="kept",
        why_kept="a chain of hashes over consents and preferences; the nonces lie with the rows, so no person is in it",
        key=names("link"),
        columns=read_columns("link:whole, kind, row_hash:id, link_hash:id, erased?, linked_at:time"),
    ),
    Table(
        name="suppression",
        writer="deliver",
        place="ledger",
        stays="kept",
        why_kept="a keyed hash, so that a no outlives the data; named on the receipt of an erasure",
        key=names("address_hash, channel"),
        columns=read_columns("address_hash:id, channel, why, since:time, source"),
    ),
    Table(
        name="contact",
        writer="deliver",
        place="ledger",
        person="customer_id",
        stays=730,
        key=names("customer_id, channel, purpose, happened_at, source"),
        indexes=(names("decision_id"),),
        columns=read_columns(
            "customer_id P, channel, purpose, happened_at:time, decision_id?:id, occasion?, program?, source"
        ),
    ),
    Table(
        name="incentive",
        writer="decide",
        place="ledger",
        person="customer_id",
        key=names("offer_id, customer_id, decision_id"),
        indexes=(names("customer_id"),),
        columns=read_columns(
            """
            offer_id, code?, customer_id P, decision_id:id, state, promise, cost_minor:whole, issued_at:time,
            valid_until:time
            """
        ),
    ),
    Table(
        name="live_decision",
        writer="decide",
        place="ledger",
        person="customer_id",
        stays=35,
        key=names("decision_id"),
        indexes=(
            names("channel, outcome_kind, decided_at"),
            names("sealed_in, run_id, decided_at, decision_id"),
            names("customer_id, decided_at"),
        ),
        columns=read_columns(
            """
            decision_id:id, occasion, customer_id P, touchpoint, channel, program?, outcome_kind, decided_at:time,
            run_id:id, sealed_in?:id, body P
            """
        ),
    ),
    Table(
        name="outbox",
        writer="deliver",
        place="ledger",
        person="customer_id",
        stays=730,
        key=names("decision_id"),
        indexes=(names("run_id, state, attempts, due_at"), names("customer_id")),
        columns=read_columns(
            """
            decision_id:id, message_id:id, run_id:id, customer_id P, program?, channel, purpose, recipient P,
            state, why,
            attempts:whole, planned_at:time, due_at:time, lease_until?:time, lease_token?:id, bytes_hash:id,
            payload_hash?:id, reference?, ended_at?:time
            """
        ),
    ),
    Table(
        name="inbox",
        writer="load",
        place="ledger",
        through="raw",
        stays=35,
        key=names("event_id"),
        columns=read_columns("event_id, payload:bytes P, received_at:time, source"),
    ),
    Table(
        name="stop",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="who pressed stop and when; no customer is in it",
        key=names("stop_id"),
        columns=read_columns("stop_id:id, scope, pressed_by, pressed_at:time, released_at?:time, released_by?"),
    ),
    Table(
        name="erasure",
        writer="flow",
        place="ledger",
        stays="kept",
        why_kept="a keyed hash of the erased id, so that the erased do not return",
        key=names("erasure_id"),
        columns=read_columns("erasure_id:id, customer_hash:id, erased_at:time, receipt"),
    ),
)
