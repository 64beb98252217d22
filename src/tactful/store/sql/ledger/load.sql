-- rename_file --
-- Takes a person's name out of the name of a loaded file, and of why it was held.
UPDATE loaded_file
SET file = :file, why = :why
WHERE source = :source AND digest = :digest;

-- files --
-- Every file that was loaded or held.
SELECT *
FROM loaded_file
ORDER BY loaded_at, source, file;

-- drop_held --
-- Takes back the account of a held file, so that the account of reading it again can stand in its place.
DELETE FROM loaded_file
WHERE source = :source AND digest = :digest AND state = 'held';
