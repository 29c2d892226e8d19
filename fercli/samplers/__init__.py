"""The order in which training reads the rows, the same in every process."""
