"""Where things are kept and computed: ledger, lake, engines, table contracts, named SQL, erasure."""
