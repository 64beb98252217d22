"""What computes on the lake."""
