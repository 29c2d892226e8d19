"""Screening: how well predicted scores of severity tell who is at or above a cut-off, and how far to trust them."""
