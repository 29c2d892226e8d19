"""Launchers: they run the cells of a study, or write the parts of a store, on this machine or on a cluster."""
