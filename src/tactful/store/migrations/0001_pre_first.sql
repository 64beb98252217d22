-- The first schema.

CREATE TABLE run (
    run_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    occasion TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    clock INTEGER NOT NULL,
    zone TEXT NOT NULL,
    salt TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    summary TEXT NOT NULL,
    PRIMARY KEY (run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stage (
    run_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    seconds REAL NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (run_id, stage)
) STRICT, WITHOUT ROWID;

CREATE TABLE part (
    part_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    table_name TEXT NOT NULL,
    path TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    sealed_at INTEGER NOT NULL,
    PRIMARY KEY (part_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE amendment (
    erasure_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    table_name TEXT NOT NULL,
    path TEXT NOT NULL,
    old_hash BLOB NOT NULL,
    new_hash BLOB NOT NULL,
    rows_removed INTEGER NOT NULL,
    amended_at INTEGER NOT NULL,
    PRIMARY KEY (erasure_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE loaded_file (
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    file TEXT NOT NULL,
    contract TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    loaded_at INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    PRIMARY KEY (source, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE approval (
    approval_id BLOB NOT NULL,
    run_id BLOB,
    fingerprint TEXT NOT NULL,
    skeletons_hash BLOB NOT NULL,
    skeletons TEXT NOT NULL,
    arms_hash BLOB NOT NULL,
    offers_hash BLOB NOT NULL,
    proofs_hash BLOB NOT NULL,
    least INTEGER NOT NULL,
    most INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    second_by TEXT,
    approved_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    PRIMARY KEY (approval_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (
    customer_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    wording_hash BLOB,
    recorded_at INTEGER NOT NULL,
    link INTEGER,
    nonce BLOB,
    PRIMARY KEY (customer_id, purpose, channel, happened_at, state, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_by_link ON consent (link);

CREATE TABLE preference (
    customer_id TEXT NOT NULL,
    dial TEXT,
    topics_off TEXT NOT NULL,
    occasions_off TEXT NOT NULL,
    frequency TEXT,
    happened_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    link INTEGER,
    nonce BLOB,
    PRIMARY KEY (customer_id, happened_at, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX preference_by_link ON preference (link);

CREATE TABLE said (
    link INTEGER NOT NULL,
    kind TEXT NOT NULL,
    row_hash BLOB NOT NULL,
    link_hash BLOB NOT NULL,
    erased TEXT,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (link)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppression (
    address_hash BLOB NOT NULL,
    channel TEXT NOT NULL,
    why TEXT NOT NULL,
    since INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (address_hash, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
    customer_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    decision_id BLOB,
    occasion TEXT,
    program TEXT,
    source TEXT NOT NULL,
    PRIMARY KEY (customer_id, channel, purpose, happened_at, source)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_by_decision_id ON contact (decision_id);

CREATE TABLE incentive (
    offer_id TEXT NOT NULL,
    code TEXT,
    customer_id TEXT NOT NULL,
    decision_id BLOB NOT NULL,
    state TEXT NOT NULL,
    promise TEXT NOT NULL,
    cost_minor INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (offer_id, customer_id, decision_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX incentive_by_customer_id ON incentive (customer_id);

CREATE TABLE live_decision (
    decision_id BLOB NOT NULL,
    occasion TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    channel TEXT NOT NULL,
    program TEXT,
    outcome_kind TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    run_id BLOB NOT NULL,
    sealed_in BLOB,
    body TEXT NOT NULL,
    PRIMARY KEY (decision_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX live_decision_by_channel_outcome_kind_decided_at ON live_decision (channel, outcome_kind, decided_at);

CREATE INDEX live_decision_by_sealed_in_run_id_decided_at_decision_id ON live_decision (sealed_in, run_id, decided_at, decision_id);

CREATE INDEX live_decision_by_customer_id_decided_at ON live_decision (customer_id, decided_at);

CREATE TABLE outbox (
    decision_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    customer_id TEXT NOT NULL,
    program TEXT,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    planned_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    lease_token BLOB,
    bytes_hash BLOB NOT NULL,
    payload_hash BLOB,
    reference TEXT,
    ended_at INTEGER,
    PRIMARY KEY (decision_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_by_run_id_state_attempts_due_at ON outbox (run_id, state, attempts, due_at);

CREATE INDEX outbox_by_customer_id ON outbox (customer_id);

CREATE TABLE inbox (
    event_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stop (
    stop_id BLOB NOT NULL,
    scope TEXT NOT NULL,
    pressed_by TEXT NOT NULL,
    pressed_at INTEGER NOT NULL,
    released_at INTEGER,
    released_by TEXT,
    PRIMARY KEY (stop_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (
    erasure_id BLOB NOT NULL,
    customer_hash BLOB NOT NULL,
    erased_at INTEGER NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (erasure_id)
) STRICT, WITHOUT ROWID;
