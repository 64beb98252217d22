"""What outcomes teach: beliefs, from stated expectations until there are outcomes."""
