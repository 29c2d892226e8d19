"""Networks from features to what is predicted."""
