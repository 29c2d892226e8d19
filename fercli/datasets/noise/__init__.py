"""Wrong labels that are put into the training rows on purpose."""
