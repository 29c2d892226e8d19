"""From a prepared store to batches, and the readers of raw data sets."""
