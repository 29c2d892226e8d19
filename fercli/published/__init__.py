"""Numbers that others published, and our own beside them."""
