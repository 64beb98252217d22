-- promise --
-- Promises an offer once for a decision, while there is some left and the customer may have another.
INSERT INTO incentive (
    offer_id, code, customer_id, decision_id, state, promise, cost_minor, issued_at, valid_until
)
SELECT
    :offer_id, :code, :customer_id, :decision_id, 'issued', :promise, :cost_minor, :issued_at, :valid_until
WHERE NOT EXISTS (
    SELECT 1
    FROM incentive
    WHERE offer_id = :offer_id AND customer_id = :customer_id AND decision_id = :decision_id
)
AND (
    SELECT count(*)
    FROM incentive
    WHERE offer_id = :offer_id AND customer_id = :customer_id AND state <> 'expired'
) < :each
AND (
    :most >= 4611686018427387903
    OR (
        SELECT count(*)
        FROM incentive
        WHERE offer_id = :offer_id AND state <> 'expired'
    ) < :most
);

-- promised --
-- Whether an offer is promised for a decision.
SELECT decision_id
FROM incentive
WHERE offer_id = :offer_id AND decision_id = :decision_id;

-- redeem --
-- Uses the customer's promise that ends first.
UPDATE incentive
SET state = 'redeemed'
WHERE offer_id = :offer_id AND customer_id = :customer_id AND state = 'issued' AND valid_until > :now
AND decision_id = (
    SELECT decision_id
    FROM incentive
    WHERE offer_id = :offer_id AND customer_id = :customer_id AND state = 'issued' AND valid_until > :now
    ORDER BY valid_until, decision_id
    LIMIT 1
);

-- expire --
-- Ends the promises whose time is over.
UPDATE incentive
SET state = 'expired'
WHERE state = 'issued' AND valid_until <= :now;

-- held --
-- Every promise, for eligibility.
SELECT *
FROM incentive
ORDER BY offer_id, customer_id, decision_id;

-- promises_of_customer --
-- Every promise to one customer, the program whose message made it, and what became of that message.
SELECT
    incentive.offer_id,
    incentive.promise,
    incentive.state,
    incentive.valid_until,
    incentive.decision_id,
    outbox.program,
    outbox.channel,
    outbox.state AS sent
FROM incentive
LEFT JOIN outbox ON outbox.decision_id = incentive.decision_id
WHERE incentive.customer_id = :customer_id
ORDER BY incentive.valid_until, incentive.offer_id, incentive.decision_id;

-- live_decision_of --
-- What was decided for a point at which somebody came, if it was.
SELECT *
FROM live_decision
WHERE decision_id = :decision_id;

-- live_shown --
-- How much was shown on a channel since an instant.
SELECT count(*) AS shown
FROM live_decision
WHERE channel = :channel AND outcome_kind = 'chosen' AND decided_at >= :since;

-- keep_live --
-- Keeps a decision made when asked, once, and while its channel has room for one more that shows something.
INSERT INTO live_decision (
    decision_id, occasion, customer_id, touchpoint, channel, program, outcome_kind, decided_at, run_id, body
)
SELECT
    :decision_id, :occasion, :customer_id, :touchpoint, :channel, :program, :outcome_kind, :decided_at, :run_id, :body
WHERE NOT EXISTS (
    SELECT 1
    FROM live_decision
    WHERE decision_id = :decision_id
)
AND (
    :outcome_kind <> 'chosen'
    OR :most >= 4611686018427387903
    OR (
        SELECT count(*)
        FROM live_decision
        WHERE channel = :channel AND outcome_kind = 'chosen' AND decided_at >= :since
    ) < :most
);

-- live_waiting --
-- By which runs decisions were made when asked that are not in the lake yet.
SELECT DISTINCT run_id
FROM live_decision
WHERE sealed_in IS NULL
ORDER BY run_id;

-- live_unsealed --
-- The next of them that were made by one run, in the order in which they were made.
SELECT decision_id, customer_id, decided_at, body
FROM live_decision
WHERE sealed_in IS NULL AND run_id = :run_id
AND (decided_at > :after OR (decided_at = :after AND decision_id > :after_id))
ORDER BY decided_at, decision_id
LIMIT :rows;

-- live_sealed --
-- Says of a decision made when asked that it is in the lake, and keeps of it what may be shown again.
UPDATE live_decision
SET sealed_in = :sealed_in, body = :body
WHERE decision_id = :decision_id AND sealed_in IS NULL;

-- live_over --
-- Removes decisions made when asked that are in the lake and were made before an instant.
DELETE FROM live_decision
WHERE sealed_in IS NOT NULL AND decided_at < :before;

-- live_of_customer --
-- What was decided for one customer when they came and is not in the lake yet.
SELECT decision_id, touchpoint, channel, outcome_kind, decided_at, body
FROM live_decision
WHERE customer_id = :customer_id AND sealed_in IS NULL
ORDER BY decided_at, decision_id;
