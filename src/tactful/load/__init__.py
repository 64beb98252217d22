"""From files to good rows and quarantined rows: nothing is lost on the way, and every count adds up."""
