-- last_orders --
-- When each customer last ordered, in the order of their keys.
SELECT customer_key, max(happened_at) AS last_at
FROM transactions
WHERE kind = 'sale' AND customer_key IS NOT NULL
GROUP BY customer_key
ORDER BY customer_key;
