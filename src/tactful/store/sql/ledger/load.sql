-- rename_file --
-- Takes a person's name out of the name of a loaded file.
UPDATE loaded_file
SET file = :file
WHERE source = :source AND digest = :digest;
