-- known_transactions --
-- Which of the asked lines were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.order_id = asked.order_id AND loaded.item_id = asked.item_id AND loaded.unit_price = asked.unit_price
  AND loaded.happened_at = asked.happened_at AND loaded.line = asked.line;

-- known_events --
-- Which of the asked events were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded ON loaded.event_id = asked.event_id;

-- known_stock --
-- Which of the asked counts were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.item_id = asked.item_id AND loaded.counted_at = asked.counted_at AND loaded.quantity = asked.quantity;

-- known_consents --
-- Which of the asked consents were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.customer_id = asked.customer_id AND loaded.purpose = asked.purpose AND loaded.channel = asked.channel
  AND loaded.state = asked.state AND loaded.happened_at = asked.happened_at;

-- known_preferences --
-- Which of the asked preferences were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.customer_id = asked.customer_id AND loaded.happened_at = asked.happened_at
  AND loaded.dial IS NOT DISTINCT FROM asked.dial AND loaded.topics_off IS NOT DISTINCT FROM asked.topics_off
  AND loaded.occasions_off IS NOT DISTINCT FROM asked.occasions_off
  AND loaded.frequency IS NOT DISTINCT FROM asked.frequency;

-- known_suppressions --
-- Which of the asked suppressions were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded ON loaded.address = asked.address AND loaded.channel = asked.channel AND loaded.why = asked.why;

-- known_past_sends --
-- Which of the asked past sends were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.customer_id = asked.customer_id AND loaded.channel = asked.channel AND loaded.purpose = asked.purpose
  AND loaded.happened_at = asked.happened_at;

-- known_links --
-- Which of the asked link checks were loaded before.
SELECT DISTINCT asked.place
FROM asked
JOIN loaded
  ON loaded.url = asked.url AND loaded.status = asked.status
  AND loaded.checked_at IS NOT DISTINCT FROM asked.checked_at;

-- known_customers --
-- Which of the asked records say exactly what the latest record of that customer from this source says.
WITH latest AS (
  SELECT customer_id, max(loaded_at) AS loaded_at
  FROM loaded
  WHERE source = $source
  GROUP BY customer_id
)
SELECT DISTINCT asked.place
FROM asked
JOIN latest ON latest.customer_id = asked.customer_id
JOIN loaded
  ON loaded.customer_id = asked.customer_id AND loaded.loaded_at = latest.loaded_at AND loaded.source = $source
  AND loaded.email IS NOT DISTINCT FROM asked.email AND loaded.phone IS NOT DISTINCT FROM asked.phone
  AND loaded.given_name IS NOT DISTINCT FROM asked.given_name
  AND loaded.family_name IS NOT DISTINCT FROM asked.family_name AND loaded.title IS NOT DISTINCT FROM asked.title
  AND loaded.language IS NOT DISTINCT FROM asked.language AND loaded.country IS NOT DISTINCT FROM asked.country
  AND loaded.zone IS NOT DISTINCT FROM asked.zone AND loaded.birth_date IS NOT DISTINCT FROM asked.birth_date
  AND loaded.household_id IS NOT DISTINCT FROM asked.household_id
  AND loaded.joined_at IS NOT DISTINCT FROM asked.joined_at;

-- known_items --
-- Which of the asked records say exactly what the latest record of that item from this source says.
WITH latest AS (
  SELECT item_id, max(loaded_at) AS loaded_at
  FROM loaded
  WHERE source = $source
  GROUP BY item_id
)
SELECT DISTINCT asked.place
FROM asked
JOIN latest ON latest.item_id = asked.item_id
JOIN loaded
  ON loaded.item_id = asked.item_id AND loaded.loaded_at = latest.loaded_at AND loaded.source = $source
  AND loaded.title = asked.title AND loaded.category IS NOT DISTINCT FROM asked.category
  AND loaded.list_price IS NOT DISTINCT FROM asked.list_price AND loaded.currency IS NOT DISTINCT FROM asked.currency
  AND loaded.price_includes_vat IS NOT DISTINCT FROM asked.price_includes_vat
  AND loaded.url IS NOT DISTINCT FROM asked.url AND loaded.image IS NOT DISTINCT FROM asked.image
  AND loaded.note IS NOT DISTINCT FROM asked.note AND loaded.stock IS NOT DISTINCT FROM asked.stock
  AND loaded.sensitive_topic IS NOT DISTINCT FROM asked.sensitive_topic AND loaded.sellable = asked.sellable
  AND loaded.active_from IS NOT DISTINCT FROM asked.active_from
  AND loaded.active_to IS NOT DISTINCT FROM asked.active_to;

-- items_before --
-- What was last said of each item's title and of whether it is sold.
SELECT item_id,
       arg_max(title, (loaded_at, source, title)) AS title,
       arg_max(sellable, (loaded_at, source, sellable)) AS sellable
FROM loaded
GROUP BY item_id;

-- waiting --
-- One row of each place in a source's files that waits in quarantine and was never judged under the present contract.
WITH places AS (
  SELECT digest, line, byte_offset
  FROM quarantine
  WHERE source = $source
  GROUP BY digest, line, byte_offset
  HAVING count_if(replayed_at IS NULL) > count_if(replayed_at IS NOT NULL)
     AND count_if(replayed_at IS NULL AND contract = $contract) = 0
),
ranked AS (
  SELECT quarantine.*,
         -- total order: rows of one place that agree in all of these hold the same bytes
         row_number() OVER (
           PARTITION BY quarantine.digest, quarantine.line, quarantine.byte_offset
           ORDER BY quarantine.seen_at DESC, quarantine.contract, quarantine.rule, quarantine.reason
         ) AS place
  FROM quarantine
  JOIN places
    ON places.digest = quarantine.digest AND places.line = quarantine.line
    AND places.byte_offset IS NOT DISTINCT FROM quarantine.byte_offset
  WHERE quarantine.source = $source AND quarantine.replayed_at IS NULL
    AND NOT list_contains($never, quarantine.rule)
)
SELECT *
FROM ranked
WHERE place = 1
ORDER BY digest, line, byte_offset;

-- waiting_count --
-- How many quarantined rows of each source wait to be read again.
WITH places AS (
  SELECT source, count_if(replayed_at IS NULL) > count_if(replayed_at IS NOT NULL) AS waits
  FROM quarantine
  GROUP BY source, digest, line, byte_offset
)
SELECT source, count_if(waits) AS waiting
FROM places
GROUP BY source
ORDER BY source;
