-- items_now --
-- Of each item the row that was loaded last.
SELECT *
FROM items
QUALIFY row_number() OVER (
    PARTITION BY item_id
    ORDER BY loaded_at DESC, source ASC, title ASC, item_id ASC
) = 1
ORDER BY item_id;
