"""Metrics: numbers that are computed from columns of predictions."""
