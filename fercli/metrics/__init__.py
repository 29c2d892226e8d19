"""Numbers from columns of predictions."""
