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
           WHERE birth_date IS NOT NULL AND birth_date NOT IN (DATE '1900-01-01', DATE '1970-01-01')
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
