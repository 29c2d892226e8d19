"""Networks with their objective, as Lightning modules."""
