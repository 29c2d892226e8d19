"""Figures: what each one selects, and how it draws it."""
