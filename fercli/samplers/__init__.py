"""The order in which training rows are seen, the same on every process."""
