"""What to recommend: models over who chose what and when, one a file, behind one port."""
