-- items_now --
-- The catalogue as it is now: of each item and column the latest that says something.
SELECT item_id,
       arg_max(title, (loaded_at, source, title)) FILTER (WHERE title IS NOT NULL) AS title,
       arg_max(category, (loaded_at, source, category)) FILTER (WHERE category IS NOT NULL) AS category,
       arg_max(list_price, (loaded_at, source, list_price)) FILTER (WHERE list_price IS NOT NULL) AS list_price,
       arg_max(sensitive_topic, (loaded_at, source, sensitive_topic))
         FILTER (WHERE sensitive_topic IS NOT NULL) AS sensitive_topic,
       arg_max(sellable, (loaded_at, source, sellable)) AS sellable
FROM items
GROUP BY item_id;

-- people --
-- Everyone known: of each source the latest record, of each field what the latest source says; and those without a record, known by their orders or visits.
WITH ranked AS (
  SELECT *,
         row_number() OVER (
           PARTITION BY customer_id, source
           ORDER BY loaded_at DESC, email NULLS LAST, phone NULLS LAST, given_name NULLS LAST, family_name NULLS LAST,
                    title NULLS LAST, language NULLS LAST, country NULLS LAST, zone NULLS LAST, birth_date NULLS LAST,
                    household_id NULLS LAST, joined_at NULLS LAST, customer_key
         ) AS place
  FROM customers
),
sources AS (
  SELECT *,
         row_number() OVER (PARTITION BY customer_id ORDER BY loaded_at DESC, source, customer_key) AS recency
  FROM ranked
  WHERE place = 1
),
-- total order: recency numbers the records of one customer
recorded AS (
  SELECT customer_id,
         min(customer_key) AS customer_key,
         arg_min(email, recency) FILTER (WHERE email IS NOT NULL) AS email,
         arg_min(phone, recency) FILTER (WHERE phone IS NOT NULL) AS phone,
         arg_min(given_name, recency) FILTER (WHERE given_name IS NOT NULL) AS given_name,
         arg_min(family_name, recency) FILTER (WHERE family_name IS NOT NULL) AS family_name,
         arg_min(title, recency) FILTER (WHERE title IS NOT NULL) AS title,
         arg_min(language, recency) FILTER (WHERE language IS NOT NULL) AS language,
         arg_min(country, recency) FILTER (WHERE country IS NOT NULL) AS country,
         arg_min(zone, recency) FILTER (WHERE zone IS NOT NULL) AS zone,
         arg_min(birth_date, recency) FILTER (
           -- Forms fill these two in where nobody said anything; nobody older or unborn is a customer.
           WHERE birth_date > DATE '1900-01-01' AND birth_date <> DATE '1970-01-01'
             AND birth_date <= CAST($now AS DATE)
         ) AS birth_date,
         arg_min(household_id, recency) FILTER (WHERE household_id IS NOT NULL) AS household_id,
         min(joined_at) AS joined_at,
         max(loaded_at) AS loaded_at
  FROM sources
  GROUP BY customer_id
),
ordered AS (
  SELECT customer_id, min(customer_key) AS customer_key
  FROM transactions
  WHERE customer_id IS NOT NULL AND happened_at <= $now
  GROUP BY customer_id
),
seen AS (
  SELECT customer_id,
         -- The first 8 bytes of SHA-256 as a signed number, as words.ids has it.
         CAST('0x' || left(sha256(customer_id), 16) AS UBIGINT) AS key
  FROM events
  WHERE customer_id IS NOT NULL AND happened_at <= $now
  GROUP BY customer_id
),
unrecorded AS (
  SELECT customer_id, customer_key
  FROM ordered
  UNION
  SELECT customer_id,
         CAST(CASE WHEN key >= 9223372036854775808 THEN CAST(key AS HUGEINT) - 18446744073709551616
                   ELSE CAST(key AS HUGEINT) END AS BIGINT) AS customer_key
  FROM seen
)
SELECT *
FROM recorded
UNION ALL BY NAME
SELECT unrecorded.customer_id, unrecorded.customer_key
FROM unrecorded
LEFT JOIN recorded ON recorded.customer_id = unrecorded.customer_id
WHERE recorded.customer_id IS NULL;

-- histories --
-- Each customer's days with an order: repeats, first to last and first to now in days; their orders, and those since a time.
WITH orders AS (
  SELECT customer_key, order_id, min(happened_at) AS happened_at
  FROM transactions
  WHERE kind = 'sale' AND customer_key IS NOT NULL AND happened_at <= $now
  GROUP BY customer_key, order_id
),
days AS (
  SELECT customer_key,
         CAST(timezone($zone, happened_at) AS DATE) AS day,
         count(*) AS orders,
         count_if(happened_at >= $since) AS recent
  FROM orders
  GROUP BY customer_key, day
)
SELECT customer_key,
       count(*) - 1 AS frequency,
       max(day) - min(day) AS recency,
       $today - min(day) AS age,
       CAST(sum(orders) AS BIGINT) AS orders,
       CAST(sum(recent) AS BIGINT) AS recent
FROM days
GROUP BY customer_key;

-- merged_histories --
-- How many customers share each history, times cut to whole bins.
SELECT frequency, (recency // $bin) * $bin AS recency, (age // $bin) * $bin AS age, count(*) AS weight
FROM histories
GROUP BY ALL
ORDER BY ALL;

-- answered --
-- How often each customer came, replied or declared something of their own accord: days with such an event, and preferences.
WITH visits AS (
  SELECT customer_id, CAST(timezone($zone, happened_at) AS DATE) AS day
  FROM events
  WHERE customer_id IS NOT NULL AND happened_at >= $since AND happened_at <= $now
    AND NOT list_contains($passive, lower(name))
  GROUP BY customer_id, day
),
acts AS (
  SELECT customer_id FROM visits
  UNION ALL
  SELECT customer_id FROM preference WHERE happened_at >= $since AND happened_at <= $now
)
SELECT customer_id, count(*) AS answered
FROM acts
GROUP BY customer_id;

-- contacted --
-- How often we wrote to or called each customer.
SELECT customer_id, count(*) AS contacts
FROM contact
WHERE happened_at >= $since AND happened_at <= $now
GROUP BY customer_id;

-- chosen --
-- What each customer chose, order by order: each choice of an order once, in time.
WITH chosen AS (
  SELECT transactions.customer_key, transactions.order_id, choices.choice,
         min(transactions.happened_at) AS happened_at
  FROM transactions
  JOIN choices ON choices.item_id = transactions.item_id
  WHERE transactions.kind = 'sale' AND transactions.customer_key IS NOT NULL AND transactions.happened_at <= $now
  GROUP BY transactions.customer_key, transactions.order_id, choices.choice
),
placed AS (
  SELECT customer_key, choice, epoch_us(min(happened_at) OVER (PARTITION BY customer_key, order_id)) AS visit
  FROM chosen
)
SELECT customer_key, visit, choice
FROM placed
ORDER BY customer_key, visit, choice;

-- consents_at --
-- Every yes and every taken-back yes as known at an instant. A no outlives any older yes, and any yes that cannot show the words agreed to.
WITH said AS (
  SELECT customer_id, purpose, channel,
         max(happened_at) FILTER (WHERE state = 'granted' AND happened_at <= $instant) AS yes,
         max(happened_at) FILTER (
           WHERE state = 'granted' AND wording_hash IS NOT NULL AND happened_at <= $instant
         ) AS proven_yes,
         max(happened_at) FILTER (WHERE state <> 'granted') AS no,
         max(happened_at) FILTER (WHERE state = 'withdrawn') AS taken_back
  FROM consent
  WHERE recorded_at <= $instant
  GROUP BY customer_id, purpose, channel
),
asked AS (
  SELECT customer_id, purpose, unnest($channels) AS channel
  FROM (SELECT DISTINCT customer_id, purpose FROM said)
),
judged AS (
  SELECT asked.customer_id, asked.purpose, asked.channel,
         coalesce(
           CASE WHEN own.no IS NULL AND everywhere.no IS NULL THEN own.yes IS NOT NULL
                ELSE own.proven_yes > greatest(own.no, everywhere.no) END,
           FALSE
         ) OR coalesce(
           -- A yes for every channel does not lift a no that was said of one.
           own.no IS NULL AND CASE WHEN everywhere.no IS NULL THEN everywhere.yes IS NOT NULL
                                   ELSE everywhere.proven_yes > everywhere.no END,
           FALSE
         ) AS is_granted,
         own.taken_back IS NOT NULL OR everywhere.taken_back IS NOT NULL AS was_taken_back
  FROM asked
  LEFT JOIN said AS own
    ON own.customer_id = asked.customer_id AND own.purpose = asked.purpose AND own.channel = asked.channel
  LEFT JOIN said AS everywhere
    ON everywhere.customer_id = asked.customer_id AND everywhere.purpose = asked.purpose
    AND everywhere.channel = $any_channel
),
-- Every channel together: a yes only where each is, taken back only where none is.
together AS (
  SELECT customer_id, concat(purpose, ':', channel) AS place, is_granted, was_taken_back AND NOT is_granted AS is_withdrawn
  FROM judged
  UNION ALL
  SELECT customer_id,
         concat(purpose, ':', $any_channel) AS place,
         bool_and(is_granted) AS is_granted,
         bool_or(was_taken_back) AND NOT bool_or(is_granted) AS is_withdrawn
  FROM judged
  GROUP BY customer_id, purpose
)
SELECT customer_id,
       coalesce(array_agg(place ORDER BY place) FILTER (WHERE is_granted), []) AS consents,
       coalesce(array_agg(place ORDER BY place) FILTER (WHERE is_withdrawn), []) AS withdrawn
FROM together
GROUP BY customer_id;

-- preferences_at --
-- What each customer asked for, as known at an instant: of each wish the latest said; the least personal dial where two were said at once.
SELECT customer_id,
       arg_max(dial, (happened_at, CASE dial WHEN 'none' THEN 4 WHEN 'all' THEN 3 WHEN 'many' THEN 2 WHEN 'few' THEN 1
                                             ELSE 0 END, dial)) FILTER (WHERE dial IS NOT NULL) AS dial,
       arg_max(topics_off, (happened_at, topics_off)) FILTER (WHERE topics_off <> '') AS topics_off,
       arg_max(occasions_off, (happened_at, occasions_off)) FILTER (WHERE occasions_off <> '') AS occasions_off,
       arg_max(frequency, (happened_at, frequency)) FILTER (WHERE frequency IS NOT NULL) AS frequency
FROM preference
WHERE recorded_at <= $instant AND happened_at <= $instant
GROUP BY customer_id;

-- places --
-- Every country and zone that customers say.
SELECT DISTINCT country, zone
FROM people
WHERE country IS NOT NULL OR zone IS NOT NULL
ORDER BY ALL;

-- sharing --
-- Who has the same address as somebody else.
SELECT customer_key
FROM (
    SELECT customer_key, count(*) OVER (PARTITION BY lower(trim(email))) AS sharers
    FROM people
    WHERE trim(email) <> ''
) AS counted
WHERE sharers > 1
ORDER BY customer_key;

-- later --
-- How many orders and visits the clock has not reached, and the first of them.
WITH coming AS (
  SELECT happened_at
  FROM transactions
  WHERE happened_at > $now
  UNION ALL
  SELECT happened_at
  FROM events
  WHERE happened_at > $now
)
SELECT count(*) AS lines,
       min(happened_at) AS first_at
FROM coming;

-- keys --
-- The keys of everyone, each once, in order.
SELECT DISTINCT customer_key
FROM everyone
ORDER BY customer_key;
