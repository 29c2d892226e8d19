"""Numbers that others published, and the comparison with our own numbers."""
