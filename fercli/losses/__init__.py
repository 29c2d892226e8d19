"""Losses as pure tensor mathematics, and the objective that weighs them."""
