"""Making, publishing, sending, receiving, keeping and re-checking dumps."""
