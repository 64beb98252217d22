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
    i.note,
    coalesce(s.quantity, i.stock, 1) > 0
    AND coalesce(i.active_from <= $now, TRUE)
    AND coalesce(i.active_to > $now, TRUE) AS available
FROM (
    SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY loaded_at DESC, source, title) AS place
    FROM items
) AS i
LEFT JOIN (
    SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY counted_at DESC, source, quantity) AS place
    FROM stock
) AS s ON s.item_id = i.item_id AND s.place = 1
WHERE i.place = 1 AND i.sellable AND i.sensitive_topic IS NULL AND coalesce(i.list_price > 0, TRUE);

-- item_sums --
-- For every item that may be offered now: who orders it, who orders it again, how much of late, and since when.
SELECT n.number, n.item_id, n.category, s.orders, s.buyers, s.again, s.decayed, s.first_at
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

-- alongside --
-- For each member one item they ordered and kept, and what is often ordered with it that they do not own.
-- total order: numbers stand for items, one each, in the order of their ids.
WITH anchors AS (
    SELECT
        m.customer_key,
        m.within_value,
        k.number,
        row_number() OVER (PARTITION BY m.customer_key ORDER BY k.decayed DESC, k.number) AS place
    FROM members AS m
    INNER JOIN kept AS k ON k.customer_key = m.customer_key
    WHERE k.orders > 0 AND k.returned_at IS NULL
),
offered AS (
    SELECT
        a.customer_key,
        a.number AS anchor,
        a.place,
        p.other,
        row_number() OVER (PARTITION BY a.customer_key, a.number ORDER BY p.place, p.other) AS rank
    FROM anchors AS a
    INNER JOIN pairs AS p ON p.item = a.number
    INNER JOIN nameable AS n ON n.number = p.other
    LEFT JOIN kept AS o ON o.customer_key = a.customer_key AND o.number = p.other
    WHERE a.place <= $anchors AND o.number IS NULL AND (NOT $within OR n.category = a.within_value)
),
enough AS (
    SELECT customer_key, arg_min(anchor, (place, anchor)) AS anchor
    FROM (
        SELECT customer_key, anchor, place
        FROM offered
        WHERE rank <= $count
        GROUP BY customer_key, anchor, place
        HAVING count(*) >= $least
    ) AS fitting
    GROUP BY customer_key
)
SELECT o.customer_key, 'pair' AS role, o.other AS number, o.anchor AS because, o.rank AS place
FROM offered AS o
INNER JOIN enough AS e ON e.customer_key = o.customer_key AND e.anchor = o.anchor
WHERE o.rank <= $count
UNION ALL
SELECT customer_key, 'anchor' AS role, anchor AS number, NULL AS because, 0 AS place
FROM enough
ORDER BY customer_key, place;

-- again_and_new --
-- For each member at most two items of two or more orders, then new ones of the same range that they do not own.
-- total order: numbers stand for items, one each, in the order of their ids.
WITH again AS (
    SELECT *
    FROM (
        SELECT
            m.customer_key,
            m.within_value,
            k.number,
            n.category,
            row_number() OVER (PARTITION BY m.customer_key ORDER BY k.decayed DESC, k.number) AS place
        FROM members AS m
        INNER JOIN kept AS k ON k.customer_key = m.customer_key
        INNER JOIN nameable AS n ON n.number = k.number AND n.available
        WHERE
            k.orders >= 2 AND k.returned_at IS NULL AND k.last_at < $just
            AND (NOT $within OR n.category = m.within_value)
    ) AS ordered
    WHERE place <= $again
),
related AS (
    SELECT
        a.customer_key,
        s.number,
        arg_min(a.number, (-coalesce(p.support, 0), a.place, a.number)) AS because,
        max(coalesce(p.support, 0)) AS support,
        max(s.decayed) AS decayed
    FROM again AS a
    INNER JOIN item_sums AS s ON s.category = a.category AND s.first_at >= $new_since AND s.buyers >= $buyers
    LEFT JOIN pairs AS p ON p.item = a.number AND p.other = s.number
    LEFT JOIN kept AS o ON o.customer_key = a.customer_key AND o.number = s.number
    WHERE o.number IS NULL
    GROUP BY a.customer_key, s.number
),
fresh AS (
    SELECT
        *, row_number() OVER (PARTITION BY customer_key ORDER BY support DESC, decayed DESC, number) AS place
    FROM related
)
SELECT customer_key, 'again' AS role, number, NULL AS because, place
FROM again
UNION ALL
SELECT customer_key, 'new' AS role, number, because, place + $again AS place
FROM fresh
WHERE place <= $fresh
ORDER BY customer_key, place;

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
SELECT item_id, category, orders, buyers, again, decayed, first_at
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
SELECT item_id, note IS NOT NULL AS has_note
FROM nameable
ORDER BY number;
