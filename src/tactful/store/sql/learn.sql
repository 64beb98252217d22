-- newest_line --
-- The latest instant from which an order line has come.
SELECT max(happened_at) AS latest
FROM transactions
WHERE happened_at <= $now;

-- newest_event --
-- The latest instant from which an event has come.
SELECT max(happened_at) AS latest
FROM events
WHERE happened_at <= $now;

-- events_early --
-- How many events of a customer came early in each window in which some did.
SELECT w.number, count(*) AS events
FROM events AS e
INNER JOIN windows AS w ON w.customer_id = e.customer_id AND e.happened_at > w.since AND e.happened_at <= w.early
GROUP BY w.number
ORDER BY w.number;
