-- yes_without_effect --
-- How many yeses recorded at a time a no stands against: one said later, or any where the yes cannot show its words.
SELECT count(*) AS number
FROM consent AS yes
WHERE yes.state = 'granted' AND yes.recorded_at = :recorded_at
  AND EXISTS (
    SELECT 1
    FROM consent AS no
    WHERE no.customer_id = yes.customer_id AND no.purpose = yes.purpose AND no.channel IN (yes.channel, :all)
      AND no.state <> 'granted' AND (no.happened_at >= yes.happened_at OR yes.wording_hash IS NULL)
  );

-- last_link --
-- The last link of the chain over what customers said.
-- total order: a link's number is its key.
SELECT link, link_hash
FROM said
ORDER BY link DESC
LIMIT 1;

-- links_from --
-- Links of the chain after one of them, in order.
-- total order: a link's number is its key.
SELECT link, kind, row_hash, link_hash, erased, linked_at
FROM said
WHERE link > :after
ORDER BY link
LIMIT :rows;

-- erasures_linked --
-- Which rows were erased.
SELECT erased
FROM said
WHERE kind = 'erasure'
ORDER BY link;

-- links_of_customer --
-- The numbers of all that a customer said.
SELECT link
FROM (
    SELECT link, customer_id FROM consent
    UNION ALL
    SELECT link, customer_id FROM preference
) AS said_by
WHERE customer_id = :customer_id AND link IS NOT NULL
ORDER BY link;

-- consents_linked --
-- Numbered consents after one of them, in order; what is named here, in this order, is what the chain proves.
SELECT link, nonce, customer_id, purpose, channel, state, happened_at, source, wording_hash, recorded_at
FROM consent
WHERE link > :after
ORDER BY link, customer_id
LIMIT :rows;

-- preferences_linked --
-- Numbered preferences after one of them, in order; what is named here, in this order, is what the chain proves.
SELECT link, nonce, customer_id, dial, topics_off, occasions_off, frequency, happened_at, source, recorded_at
FROM preference
WHERE link > :after
ORDER BY link, customer_id
LIMIT :rows;

-- stray_rows --
-- How many rows of each table are in no link.
SELECT 'consent' AS kind, count(*) AS rows
FROM consent AS c
WHERE c.link IS NULL OR NOT EXISTS (SELECT 1 FROM said AS s WHERE s.link = c.link AND s.kind = 'consent')
UNION ALL
SELECT 'preference' AS kind, count(*) AS rows
FROM preference AS p
WHERE p.link IS NULL OR NOT EXISTS (SELECT 1 FROM said AS s WHERE s.link = p.link AND s.kind = 'preference')
ORDER BY kind;
