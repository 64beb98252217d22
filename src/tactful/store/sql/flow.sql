-- items_now --
-- Of each item the row that was loaded last; of several at once the one that states a price.
SELECT *
FROM items
QUALIFY row_number() OVER (
    PARTITION BY item_id
    ORDER BY loaded_at DESC, list_price IS NULL ASC, source ASC, title ASC, item_id ASC
) = 1
ORDER BY item_id;

-- links_now --
-- Of each address the status that was noted last.
-- total order: rows of one address that agree in all of these are the same row
SELECT *
FROM links
QUALIFY row_number() OVER (
    PARTITION BY url
    ORDER BY checked_at DESC NULLS LAST, source ASC, status ASC, url ASC
) = 1
ORDER BY url;
