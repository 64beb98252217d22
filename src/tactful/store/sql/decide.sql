-- last_orders --
-- When each customer last ordered, in the order of their keys.
SELECT customer_key, max(happened_at) AS last_at
FROM transactions
WHERE kind = 'sale' AND customer_key IS NOT NULL
GROUP BY customer_key
ORDER BY customer_key;

-- nameable --
-- The present form of every item that may be named at all, and whether it may be offered now.
-- total order: rows of one item loaded at one instant from one source are the same row.
SELECT
    i.item_id,
    row_number() OVER (ORDER BY i.item_id) - 1 AS number,
    i.category,
    i.title,
    i.note,
    i.active_from,
    i.is_there,
    i.is_never,
    i.is_there AND NOT i.is_never AS available
FROM (
    SELECT
        f.*,
        coalesce(s.quantity, f.stock, 1) > 0
        AND coalesce(f.active_from <= $now, TRUE)
        AND coalesce(f.active_to > $now, TRUE) AS is_there,
        EXISTS (SELECT 1 FROM never AS n WHERE n.item_id = f.item_id OR n.category = f.category) AS is_never
    FROM (
        SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY loaded_at DESC, source, title) AS place
        FROM items
    ) AS f
    LEFT JOIN (
        SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY counted_at DESC, source, quantity) AS place
        FROM stock
    ) AS s ON s.item_id = f.item_id AND s.place = 1
    WHERE f.place = 1
) AS i
WHERE i.sellable AND i.sensitive_topic IS NULL AND coalesce(i.list_price > 0, TRUE);

-- unnameable --
-- How many items may not be named at all, and how many of these because of a sensitive topic.
-- total order: rows of one item loaded at one instant from one source are the same row.
SELECT
    count(*) AS items,
    count(*) FILTER (WHERE i.sensitive_topic IS NOT NULL) AS sensitive
FROM (
    SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY loaded_at DESC, source, title) AS place
    FROM items
) AS i
WHERE i.place = 1 AND NOT (i.sellable AND i.sensitive_topic IS NULL AND coalesce(i.list_price > 0, TRUE));

-- item_sums --
-- For every item that may be offered now: who orders it, who orders it again, how much of late, and since when.
SELECT n.number, n.item_id, n.title, n.category, s.orders, s.buyers, s.again, s.decayed, s.first_at
FROM nameable AS n
INNER JOIN sums AS s ON s.number = n.number
WHERE n.available
ORDER BY n.number;

-- pairs --
-- The best partners of each item first, among those that may be offered now.
-- total order: numbers stand for items, one each, in the order of their ids.
WITH ways AS (
    SELECT t.item, t.other, t.support
    FROM (
        SELECT one AS item, two AS other, support FROM together
        UNION ALL
        SELECT two AS item, one AS other, support FROM together
    ) AS t
    INNER JOIN nameable AS y ON y.number = t.other
    WHERE y.available
),
ranked AS (
    SELECT w.item, w.other, w.support, (w.support * w.support * 1000000) // o.orders AS closeness
    FROM ways AS w
    INNER JOIN sums AS o ON o.number = w.other
)
SELECT r.item, r.other, r.support, r.closeness, r.place
FROM (
    SELECT *, row_number() OVER (PARTITION BY item ORDER BY closeness DESC, other) AS place
    FROM ranked
) AS r
WHERE r.place <= $partners
ORDER BY r.item, r.place;

-- ordered --
-- For each member the items of their latest order that have a note of care and were not sent back.
-- total order: numbers stand for items, one each, in the order of their ids.
WITH chosen AS (
    SELECT l.customer_key, l.number, sum(l.unit_price * l.quantity) AS worth
    FROM members AS m
    INNER JOIN latest AS l ON l.customer_key = m.customer_key
    INNER JOIN kept AS k ON k.customer_key = l.customer_key AND k.number = l.number
    WHERE k.returned_at IS NULL OR k.returned_at < l.ordered_at
    GROUP BY l.customer_key, l.number
)
SELECT customer_key, 'anchor' AS role, number, NULL AS because, place
FROM (
    SELECT *, row_number() OVER (PARTITION BY customer_key ORDER BY worth DESC, number) AS place
    FROM chosen
) AS placed
WHERE place <= $count
ORDER BY customer_key, place;

-- clashes --
-- Whose cell would be shown what they just bought, sent back, or have already although it is shown as new to them.
SELECT DISTINCT
    m.customer_id,
    m.customer_key,
    c.program,
    c.plan,
    c.level,
    c.cell,
    CASE WHEN k.returned_at >= CASE WHEN k.last_at IS NULL THEN k.returned_at ELSE least(k.last_at, $returned_since) END THEN 'returned'
        ELSE 'already_bought' END AS reason
FROM cell_items AS c
INNER JOIN nameable AS n ON n.item_id = c.item_id
INNER JOIN kept AS k ON k.number = n.number
INNER JOIN members AS m ON m.customer_key = k.customer_key
WHERE k.returned_at >= CASE WHEN k.last_at IS NULL THEN k.returned_at ELSE least(k.last_at, $returned_since) END
    OR k.last_at >= $just
    OR (c.role IN ('new', 'pair') AND k.orders > 0)
ORDER BY m.customer_key, c.program, c.plan, c.level, c.cell, reason;

-- all_item_sums --
-- What is known of every item that may be offered.
SELECT item_id, title, category, orders, buyers, again, decayed, first_at
FROM item_sums
ORDER BY item_id;

-- all_pairs --
-- Every pair, once.
SELECT i.item_id, o.item_id AS other_id, p.support, p.closeness
FROM pairs AS p
INNER JOIN item_sums AS i ON i.number = p.item
INNER JOIN item_sums AS o ON o.number = p.other
WHERE p.item < p.other
ORDER BY i.item_id, other_id;

-- nameable_items --
-- Every item that may be named, at the place of its number.
SELECT item_id, note IS NOT NULL AS has_note, category, title, active_from, is_there, is_never, available
FROM nameable
ORDER BY number;

-- unnameable_count --
-- How many items may not be named, and how many of these because of a sensitive topic.
-- total order: it is one row.
SELECT items, sensitive
FROM unnameable;
