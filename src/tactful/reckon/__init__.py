"""Pure functions on arrays: chance, exact sums, and the estimates that need nothing but numbers."""
