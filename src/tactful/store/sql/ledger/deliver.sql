-- refuse_over_cap --
-- Cancels queued rows of a run whose customer would hear from us more often than a cap allows.
UPDATE outbox
SET state = 'cancelled', why = 'over_cap'
WHERE run_id = :run_id
    AND state = 'queued'
    AND :channel IN (channel, 'any')
    AND purpose = :purpose
    AND (
        SELECT count(*)
        FROM contact
        WHERE contact.customer_id = outbox.customer_id
            AND :channel IN (contact.channel, 'any')
            AND contact.purpose = :purpose
            AND contact.happened_at >= :since
            AND contact.decision_id IS NOT outbox.decision_id
    ) >= :most;

-- refuse_beside --
-- Cancels queued rows of a program whose customer hears, or heard since an instant, from one it keeps apart from.
UPDATE outbox
SET state = 'cancelled', why = :why
WHERE run_id = :run_id
    AND state = 'queued'
    AND program = :program
    AND EXISTS (
        SELECT 1
        FROM contact
        WHERE contact.customer_id = outbox.customer_id
            AND contact.program = :other
            AND contact.happened_at >= :since
            AND contact.decision_id IS NOT outbox.decision_id
    );

-- refuse_out_of_step --
-- Cancels queued rows of a step whose customer has no message of the step before that waits for it.
UPDATE outbox
SET state = 'cancelled', why = :why
WHERE run_id = :run_id
    AND state = 'queued'
    AND program = :program
    AND NOT EXISTS (
        SELECT 1
        FROM contact AS step
        WHERE step.customer_id = outbox.customer_id
            AND step.program = :other
            AND step.happened_at >= :since
            AND step.happened_at < :before
            AND NOT EXISTS (
                SELECT 1
                FROM contact AS later
                WHERE later.customer_id = step.customer_id
                    AND later.program IN (:program, :other)
                    AND later.happened_at > step.happened_at
                    AND later.decision_id IS NOT outbox.decision_id
            )
    );

-- refuse_over_capacity --
-- Cancels the queued rows of a program beyond those that other runs have left of its day; the first ids stay.
UPDATE outbox
SET state = 'cancelled', why = :why
WHERE run_id = :run_id
    AND state = 'queued'
    AND program = :program
    AND decision_id NOT IN (
        SELECT decision_id
        FROM outbox
        WHERE run_id = :run_id AND state <> 'cancelled' AND state <> 'expired' AND program = :program
        ORDER BY state = 'queued', decision_id
        LIMIT max(0, :most - (
            SELECT count(*)
            FROM contact
            WHERE contact.program = :program
                AND contact.happened_at >= :since
                AND NOT EXISTS (
                    SELECT 1 FROM outbox AS mine
                    WHERE mine.run_id = :run_id AND mine.decision_id = contact.decision_id
                )
        ))
    );

-- refuse_over_channel --
-- Cancels the queued rows of a channel beyond those that other runs have left of its day; what is no advertising stays first.
UPDATE outbox
SET state = 'cancelled', why = :why
WHERE run_id = :run_id
    AND state = 'queued'
    AND channel = :channel
    AND decision_id NOT IN (
        SELECT decision_id
        FROM outbox
        WHERE run_id = :run_id AND state <> 'cancelled' AND state <> 'expired' AND channel = :channel
        ORDER BY state = 'queued', purpose = 'marketing', decision_id
        LIMIT max(0, :most - (
            SELECT count(*)
            FROM contact
            WHERE contact.channel = :channel
                AND contact.happened_at >= :since
                AND NOT EXISTS (
                    SELECT 1 FROM outbox AS mine
                    WHERE mine.run_id = :run_id AND mine.decision_id = contact.decision_id
                )
        ))
    );

-- reserve_contacts --
-- A contact for each queued row of a run: the reservation that caps count.
INSERT OR IGNORE INTO contact (customer_id, channel, purpose, happened_at, decision_id, occasion, program, source)
SELECT customer_id, channel, purpose, due_at, decision_id, :occasion, program, 'outbox ' || hex(decision_id)
FROM outbox
WHERE run_id = :run_id AND state = 'queued';

-- release_contacts --
-- Takes back the reservations of rows that will not be sent.
DELETE FROM contact
WHERE decision_id IN (
    SELECT decision_id
    FROM outbox
    WHERE run_id = :run_id AND state IN ('cancelled', 'expired', 'rejected')
);

-- release_contact --
-- Takes back the reservation of one message that will not be sent.
DELETE FROM contact
WHERE decision_id = :decision_id;

-- postpone --
-- One row under our lease waits again until an instant: nothing was attempted.
UPDATE outbox
SET state = 'queued', due_at = :due_at, attempts = attempts - 1, lease_token = NULL, lease_until = NULL
WHERE decision_id = :decision_id AND lease_token = :token;

-- move_contact --
-- The reservation of a message that waits counts on the day it will arrive.
UPDATE contact
SET happened_at = :due_at
WHERE decision_id = :decision_id;

-- gone_in_hour --
-- How many messages have left on a channel in an hour, or are in hand.
SELECT count(*) AS rows
FROM contact
WHERE channel = :channel
    AND happened_at >= :since
    AND happened_at < :until
    AND NOT EXISTS (
        SELECT 1 FROM outbox WHERE outbox.decision_id = contact.decision_id AND outbox.state = 'queued'
    );

-- put_off --
-- What of a run is due before an instant waits for it.
UPDATE outbox
SET due_at = :until
WHERE run_id = :run_id AND state = 'queued' AND channel = :channel AND due_at < :until;

-- move_contacts --
-- The reservations of what waits for an instant count there.
UPDATE contact
SET happened_at = :until
WHERE channel = :channel
    AND decision_id IN (
        SELECT decision_id
        FROM outbox
        WHERE run_id = :run_id AND state = 'queued' AND channel = :channel AND due_at = :until
    );

-- recover --
-- After a crash: rows a dead sender held wait again where repeating is safe.
UPDATE outbox
SET state = 'queued', lease_token = NULL, lease_until = NULL
WHERE run_id = :run_id AND state IN ('claimed', 'attempting', 'deferred');

-- recover_doubtful --
-- After a crash on a channel that would send twice: what was not yet begun waits again.
UPDATE outbox
SET state = 'queued', lease_token = NULL, lease_until = NULL
WHERE run_id = :run_id AND state IN ('claimed', 'deferred');

-- doubt --
-- After a crash on a channel that would send twice: what was begun is in doubt and never sent again.
UPDATE outbox
SET state = 'in_doubt', why = 'the sender died between handing over and the answer'
WHERE run_id = :run_id AND state = 'attempting';

-- fewest_attempts --
-- How often the queued rows of a run that are due were in hand at the least; empty where none is.
SELECT min(attempts) AS attempts
FROM outbox
WHERE run_id = :run_id AND state = 'queued' AND due_at <= :due;

-- claim --
-- Takes some queued rows of a run that are due under a lease, of those in hand so many times: no advertising first.
UPDATE outbox
SET state = 'claimed', lease_token = :token, lease_until = :until, attempts = attempts + 1
WHERE decision_id IN (
    SELECT decision_id
    FROM outbox
    WHERE run_id = :run_id AND state = 'queued' AND due_at <= :due AND attempts = :attempts
    ORDER BY due_at, purpose = 'marketing', decision_id
    LIMIT :most
);

-- claimed --
-- The rows held under a lease.
SELECT *
FROM outbox
WHERE run_id = :run_id AND lease_token = :token AND state IN ('claimed', 'attempting')
ORDER BY decision_id;

-- said_so_far --
-- How much has been said in all: when this grows, who may be written to is asked anew.
SELECT (SELECT count(*) FROM consent) AS consents, (SELECT count(*) FROM preference) AS preferences;

-- last_contacts --
-- When those who said how often they want to hear from us last did, or will, on another occasion.
SELECT customer_id, max(happened_at) AS happened_at
FROM contact
WHERE purpose = :purpose
    AND occasion IS NOT :occasion
    AND customer_id IN (SELECT customer_id FROM preference WHERE frequency IS NOT NULL)
GROUP BY customer_id
ORDER BY customer_id;

-- suppressed_hashes --
-- Every address on the suppression list for a channel.
SELECT address_hash
FROM suppression
WHERE channel IN (:channel, 'any');

-- cancel --
-- Cancels one row under our lease, with its reason.
UPDATE outbox
SET state = 'cancelled', why = :why, ended_at = :ended_at
WHERE decision_id = :decision_id AND lease_token = :token;

-- attempt --
-- Committed before the first byte leaves.
UPDATE outbox
SET state = 'attempting'
WHERE run_id = :run_id AND lease_token = :token AND state = 'claimed';

-- result --
-- The answer, written only while the lease is ours; being asked to wait is no attempt that failed.
UPDATE outbox
SET state = :state,
    why = :why,
    attempts = attempts - (:state = 'deferred'),
    reference = :reference,
    payload_hash = :payload_hash,
    ended_at = :ended_at
WHERE decision_id = :decision_id AND lease_token = :token;

-- poison --
-- Rows that were in hand at too many crashes, at last alone, are set aside.
UPDATE outbox
SET state = 'poison', why = 'its sender crashed again and again'
WHERE run_id = :run_id AND state IN ('queued', 'claimed', 'attempting') AND attempts >= :crashes;

-- cancel_run --
-- Cancels everything of a run that has not left.
UPDATE outbox
SET state = 'cancelled', why = :why, ended_at = :ended_at
WHERE run_id = :run_id AND state IN ('planned', 'queued', 'claimed', 'deferred');

-- expire --
-- Ends one row that waited beyond the time for which its message was meant.
UPDATE outbox
SET state = 'expired', why = 'its time has passed', ended_at = :ended_at
WHERE decision_id = :decision_id AND run_id = :run_id AND state = 'queued';

-- counts --
-- How many rows of a run are in each state, and why.
SELECT state, why, count(*) AS rows
FROM outbox
WHERE run_id = :run_id
GROUP BY state, why
ORDER BY state, why;
