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

-- lines --
-- What the customers of a span of keys ordered and sent back, a row for each item of an order.
SELECT
    t.customer_key,
    t.order_id,
    t.item_id,
    max(CASE WHEN t.kind = 'sale' THEN 1 ELSE 0 END) AS sold,
    min(CASE WHEN t.kind = 'sale' THEN t.happened_at END) AS first_sold_at,
    max(CASE WHEN t.kind = 'sale' THEN t.happened_at END) AS sold_at,
    max(CASE WHEN t.kind <> 'sale' THEN t.happened_at END) AS returned_at,
    greatest(0, datediff('day', max(t.happened_at), $now)) AS age
FROM transactions AS t
WHERE t.customer_key BETWEEN $low AND $high AND t.happened_at <= $now
GROUP BY t.customer_key, t.order_id, t.item_id;

-- orders_of_nobody --
-- Where the order numbers without a customer part into so many shares of one size.
SELECT min(order_id) AS low
FROM (
    SELECT order_id, ((row_number() OVER (ORDER BY order_id) - 1) * $shares) // count(*) OVER () AS share
    FROM (SELECT DISTINCT order_id FROM transactions WHERE customer_key IS NULL) AS orders
) AS shared
GROUP BY share
ORDER BY low;

-- lines_of_nobody --
-- The same for orders without a customer, from one number up to another; no end where there is none.
SELECT
    t.customer_key,
    t.order_id,
    t.item_id,
    max(CASE WHEN t.kind = 'sale' THEN 1 ELSE 0 END) AS sold,
    min(CASE WHEN t.kind = 'sale' THEN t.happened_at END) AS first_sold_at
FROM transactions AS t
WHERE
    t.customer_key IS NULL AND t.happened_at <= $now
    AND t.order_id >= $low AND (CAST($high AS VARCHAR) IS NULL OR t.order_id < $high)
GROUP BY t.customer_key, t.order_id, t.item_id;

-- kept --
-- What each customer ordered, how often, when last, and when it last came back; decayed by age of each order.
SELECT
    l.customer_key,
    l.item_id,
    CAST(sum(l.sold) AS BIGINT) AS orders,
    CAST(sum(l.sold * coalesce(w.weight, 0)) AS BIGINT) AS decayed,
    max(l.sold_at) AS last_at,
    max(l.returned_at) AS returned_at
FROM lines AS l
LEFT JOIN weights AS w ON w.age = l.age
GROUP BY l.customer_key, l.item_id
ORDER BY l.customer_key, l.item_id;

-- item_parts --
-- In how many orders of these lines each item stands, and since when.
SELECT item_id, count(*) AS orders, min(first_sold_at) AS first_at
FROM lines
WHERE sold = 1
GROUP BY item_id;

-- baskets --
-- The items of each order as numbers. Orders of very many items say little about what goes together and are left out.
-- total order: the numbers of a list are ordered; the lists are only counted.
SELECT list(n.number ORDER BY n.number) AS items
FROM lines AS l
INNER JOIN nameable AS n ON n.item_id = l.item_id
WHERE l.sold = 1
GROUP BY l.customer_key, l.order_id
HAVING count(*) BETWEEN 2 AND $most;

-- item_orders --
-- In how many orders every item that may be named stands, and since when.
SELECT n.item_id, CAST(sum(p.orders) AS BIGINT) AS orders, min(p.first_at) AS first_at
FROM nameable AS n
INNER JOIN item_parts AS p ON p.item_id = n.item_id
GROUP BY n.item_id;

-- item_sums --
-- For every item that may be offered now: who orders it, who orders it again, how much of late, and since when.
SELECT
    n.item_id,
    n.category,
    o.orders,
    coalesce(k.buyers, 0) AS buyers,
    coalesce(k.again, 0) AS again,
    coalesce(k.decayed, 0) AS decayed,
    o.first_at
FROM nameable AS n
INNER JOIN item_orders AS o ON o.item_id = n.item_id
LEFT JOIN (
    SELECT
        item_id,
        count(*) AS buyers,
        count_if(orders >= 2) AS again,
        CAST(sum(decayed) AS BIGINT) AS decayed
    FROM kept
    WHERE orders > 0
    GROUP BY item_id
) AS k ON k.item_id = n.item_id
WHERE n.available
ORDER BY n.item_id;

-- pairs --
-- The best partners of each item first, among those that may be offered now.
WITH ways AS (
    SELECT x.item_id, y.item_id AS other_id, y.available, t.support
    FROM (SELECT one, two, support FROM together UNION ALL SELECT two, one, support FROM together) AS t
    INNER JOIN nameable AS x ON x.number = t.one
    INNER JOIN nameable AS y ON y.number = t.two
),
ranked AS (
    SELECT
        w.item_id,
        w.other_id,
        w.support,
        (w.support * w.support * 1000000) // o.orders AS closeness
    FROM ways AS w
    INNER JOIN item_orders AS o ON o.item_id = w.other_id
    WHERE w.available
)
SELECT r.item_id, r.other_id, r.support, r.closeness, r.place
FROM (
    SELECT *, row_number() OVER (PARTITION BY item_id ORDER BY closeness DESC, other_id) AS place
    FROM ranked
) AS r
WHERE r.place <= $partners
ORDER BY r.item_id, r.place;

-- alongside --
-- For each member one item they ordered and kept, and what is often ordered with it that they do not own.
WITH anchors AS (
    SELECT
        m.customer_key,
        m.within_value,
        k.item_id,
        row_number() OVER (PARTITION BY m.customer_key ORDER BY k.decayed DESC, k.item_id) AS place
    FROM members AS m
    INNER JOIN kept AS k ON k.customer_key = m.customer_key
    INNER JOIN nameable AS n ON n.item_id = k.item_id
    WHERE k.orders > 0 AND k.returned_at IS NULL
),
offered AS (
    SELECT
        a.customer_key,
        a.item_id AS anchor_id,
        a.place,
        p.other_id,
        row_number() OVER (PARTITION BY a.customer_key, a.item_id ORDER BY p.place, p.other_id) AS rank
    FROM anchors AS a
    INNER JOIN pairs AS p ON p.item_id = a.item_id
    INNER JOIN nameable AS n ON n.item_id = p.other_id
    LEFT JOIN kept AS o ON o.customer_key = a.customer_key AND o.item_id = p.other_id
    WHERE a.place <= $anchors AND o.item_id IS NULL AND (NOT $within OR n.category = a.within_value)
),
enough AS (
    SELECT customer_key, arg_min(anchor_id, (place, anchor_id)) AS anchor_id
    FROM (
        SELECT customer_key, anchor_id, place
        FROM offered
        WHERE rank <= $count
        GROUP BY customer_key, anchor_id, place
        HAVING count(*) >= $least
    ) AS fitting
    GROUP BY customer_key
)
SELECT o.customer_key, 'pair' AS role, o.other_id AS item_id, o.anchor_id AS because, o.rank AS place
FROM offered AS o
INNER JOIN enough AS e ON e.customer_key = o.customer_key AND e.anchor_id = o.anchor_id
WHERE o.rank <= $count
UNION ALL
SELECT customer_key, 'anchor' AS role, anchor_id AS item_id, NULL AS because, 0 AS place
FROM enough
ORDER BY customer_key, place;

-- again_and_new --
-- For each member at most two items of two or more orders, then new ones of the same range that they do not own.
WITH again AS (
    SELECT *
    FROM (
        SELECT
            m.customer_key,
            m.within_value,
            k.item_id,
            n.category,
            row_number() OVER (PARTITION BY m.customer_key ORDER BY k.decayed DESC, k.item_id) AS place
        FROM members AS m
        INNER JOIN kept AS k ON k.customer_key = m.customer_key
        INNER JOIN nameable AS n ON n.item_id = k.item_id AND n.available
        WHERE
            k.orders >= 2 AND k.returned_at IS NULL AND k.last_at < $just
            AND (NOT $within OR n.category = m.within_value)
    ) AS ordered
    WHERE place <= $again
),
related AS (
    SELECT
        a.customer_key,
        s.item_id,
        arg_min(a.item_id, (-coalesce(p.support, 0), a.place, a.item_id)) AS because,
        max(coalesce(p.support, 0)) AS support,
        max(s.decayed) AS decayed
    FROM again AS a
    INNER JOIN item_sums AS s ON s.category = a.category AND s.first_at >= $new_since AND s.buyers >= $buyers
    LEFT JOIN pairs AS p ON p.item_id = a.item_id AND p.other_id = s.item_id
    LEFT JOIN kept AS o ON o.customer_key = a.customer_key AND o.item_id = s.item_id
    WHERE o.item_id IS NULL
    GROUP BY a.customer_key, s.item_id
),
fresh AS (
    SELECT
        *, row_number() OVER (PARTITION BY customer_key ORDER BY support DESC, decayed DESC, item_id) AS place
    FROM related
)
SELECT customer_key, 'again' AS role, item_id, NULL AS because, place
FROM again
UNION ALL
SELECT customer_key, 'new' AS role, item_id, because, place + $again AS place
FROM fresh
WHERE place <= $fresh
ORDER BY customer_key, place;

-- ordered --
-- For each member the items of their latest order that have a note of care and were not sent back.
WITH latest AS (
    SELECT m.customer_key, max(t.happened_at) AS happened_at, arg_max(t.order_id, (t.happened_at, t.order_id)) AS order_id
    FROM members AS m
    INNER JOIN transactions AS t ON t.customer_key = m.customer_key
    WHERE t.kind = 'sale' AND t.happened_at <= $now AND t.customer_key BETWEEN $low AND $high
    GROUP BY m.customer_key
),
chosen AS (
    SELECT l.customer_key, t.item_id, sum(t.unit_price * t.quantity) AS worth
    FROM latest AS l
    INNER JOIN transactions AS t
        ON t.customer_key = l.customer_key AND t.order_id = l.order_id AND t.kind = 'sale'
        AND t.customer_key BETWEEN $low AND $high
    INNER JOIN nameable AS n ON n.item_id = t.item_id AND n.note IS NOT NULL
    INNER JOIN kept AS k ON k.customer_key = l.customer_key AND k.item_id = t.item_id
    WHERE k.returned_at IS NULL OR k.returned_at < l.happened_at
    GROUP BY l.customer_key, t.item_id
)
SELECT customer_key, 'anchor' AS role, item_id, NULL AS because, place
FROM (
    SELECT *, row_number() OVER (PARTITION BY customer_key ORDER BY worth DESC, item_id) AS place
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
INNER JOIN kept AS k ON k.item_id = c.item_id
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
SELECT p.item_id, p.other_id, p.support, p.closeness
FROM pairs AS p
INNER JOIN item_sums AS i ON i.item_id = p.item_id
WHERE p.item_id < p.other_id
ORDER BY p.item_id, p.other_id;

-- nameable_items --
-- Every item that may be named.
SELECT item_id
FROM nameable
ORDER BY item_id;
