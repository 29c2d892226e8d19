"""Pure functions that several layers share."""
