-- runs --
-- Every run, newest first.
SELECT *
FROM run
ORDER BY started_at DESC, number DESC;

-- runs_of_occasion --
-- The runs of one occasion and kind, newest first.
SELECT *
FROM run
WHERE occasion = :occasion AND kind = :kind
ORDER BY number DESC;

-- handed_over_before --
-- What other runs of an occasion gave to the outbox, by decision.
SELECT o.decision_id
FROM outbox AS o
INNER JOIN run AS r ON r.run_id = o.run_id
WHERE r.occasion = :occasion AND o.run_id <> :run_id
ORDER BY o.decision_id;

-- run --
-- One run.
SELECT *
FROM run
WHERE run_id = :run_id;

-- end_run --
-- Marks a run's state, and when it ended.
UPDATE run
SET state = :state, ended_at = :ended_at, summary = :summary
WHERE run_id = :run_id;

-- stages --
-- The finished stages of a run.
SELECT *
FROM stage
WHERE run_id = :run_id
ORDER BY done_at, stage;

-- parts --
-- Every sealed file of a run.
SELECT *
FROM part
WHERE run_id = :run_id
ORDER BY table_name, path;

-- all_parts --
-- Every sealed file there is.
SELECT *
FROM part
ORDER BY sealed_at, path;

-- parts_of_table --
-- Every sealed file of one table, in the order in which they were sealed.
SELECT *
FROM part
WHERE table_name = :table_name
ORDER BY sealed_at, path;

-- amend_part --
-- Names the new file in place of the old one after a recorded erasure.
UPDATE part
SET path = :new_path, content_hash = :new_hash, rows = :rows, bytes = :bytes
WHERE path = :old_path;

-- amendments --
-- Every recorded erasure that touched a run.
SELECT *
FROM amendment
WHERE run_id = :run_id
ORDER BY amended_at, path;

-- approvals_of_run --
-- Approvals that name this run and were not withdrawn, newest first.
SELECT *
FROM approval
WHERE run_id = :run_id AND withdrawn_at IS NULL
ORDER BY approved_at DESC;

-- approvals --
-- Every approval that was not withdrawn, newest first.
SELECT *
FROM approval
WHERE withdrawn_at IS NULL
ORDER BY approved_at DESC, approval_id;

-- standing_approvals --
-- Standing approvals in force, newest first.
SELECT *
FROM approval
WHERE standing = 1 AND withdrawn_at IS NULL
ORDER BY approved_at DESC;

-- second_approval --
-- Records the second person's yes.
UPDATE approval
SET second_by = :second_by
WHERE approval_id = :approval_id AND second_by IS NULL;

-- withdraw_approvals --
-- Takes back every approval of a run.
UPDATE approval
SET withdrawn_at = :withdrawn_at
WHERE run_id = :run_id AND withdrawn_at IS NULL;

-- stops_in_force --
-- Stop buttons pressed and not released.
SELECT *
FROM stop
WHERE released_at IS NULL
ORDER BY pressed_at;

-- release_stops --
-- Releases every stop of a scope.
UPDATE stop
SET released_at = :released_at, released_by = :released_by
WHERE scope = :scope AND released_at IS NULL;

-- erasures --
-- Keyed hashes of the erased.
SELECT *
FROM erasure
ORDER BY erased_at;

-- consents --
-- The whole consent ledger; what ties its rows to the chain is read by the chain alone.
SELECT customer_id, purpose, channel, state, happened_at, source, wording_hash, recorded_at
FROM consent
ORDER BY customer_id, happened_at;

-- preferences --
-- The whole preference ledger, likewise.
SELECT customer_id, dial, topics_off, occasions_off, frequency, happened_at, source, recorded_at
FROM preference
ORDER BY customer_id, happened_at;

-- live_decisions --
-- Where and when decisions were made when asked since an instant, and whether something was shown.
SELECT channel, outcome_kind, decided_at
FROM live_decision
WHERE decided_at >= :since
ORDER BY decided_at, decision_id;

-- consents_of --
-- One customer's part of the consent ledger.
SELECT *
FROM consent
WHERE customer_id = :customer_id
ORDER BY customer_id, happened_at;

-- preferences_of --
-- One customer's part of the preference ledger.
SELECT *
FROM preference
WHERE customer_id = :customer_id
ORDER BY customer_id, happened_at;

-- contacts_of --
-- One customer's contacts since an instant.
SELECT *
FROM contact
WHERE customer_id = :customer_id AND happened_at >= :since
ORDER BY customer_id, happened_at;

-- incentives_of --
-- Offers one customer holds.
SELECT *
FROM incentive
WHERE customer_id = :customer_id
ORDER BY customer_id, offer_id, issued_at;

-- suppressions_of --
-- What the suppression list says of one address.
SELECT *
FROM suppression
WHERE address_hash = :address_hash
ORDER BY address_hash, channel;

-- contacts --
-- Contacts since an instant, reservations and imported past sends included.
SELECT *
FROM contact
WHERE happened_at >= :since
ORDER BY customer_id, happened_at;

-- suppressions --
-- The whole suppression list, as keyed hashes.
SELECT *
FROM suppression
ORDER BY address_hash, channel;

-- incentives --
-- Offers held.
SELECT *
FROM incentive
ORDER BY customer_id, offer_id, issued_at;

-- loaded_files --
-- Every file that was loaded or held.
SELECT *
FROM loaded_file
ORDER BY loaded_at, source, file;

-- outbox_states --
-- How many messages of all runs are in each state.
SELECT state, count(*) AS rows
FROM outbox
GROUP BY state
ORDER BY state;

-- outbox_of_run --
-- The outbox rows of a run.
SELECT *
FROM outbox
WHERE run_id = :run_id
ORDER BY decision_id;

-- outbox_of_customer --
-- What one customer was or will be sent.
SELECT *
FROM outbox
WHERE customer_id = :customer_id
ORDER BY planned_at;
