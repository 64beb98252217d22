"""Public batteries: whatever fills a port, or answers a declaration, passes the checks that stand here."""
