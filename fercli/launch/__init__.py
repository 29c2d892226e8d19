"""Launchers: they run the cells of a study, or the parts of a store, here or on a cluster."""
