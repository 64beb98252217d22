-- rename_file --
-- Takes a person's name out of the name of a loaded file.
UPDATE loaded_file
SET file = :file
WHERE source = :source AND digest = :digest;

-- files --
-- Every file that was loaded or held.
SELECT *
FROM loaded_file
ORDER BY loaded_at, source, file;
