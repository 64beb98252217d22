"""What can be said of a letter that stands alone: without a customer, a catalogue or a brand."""
