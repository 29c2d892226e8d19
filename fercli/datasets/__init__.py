"""Make batches from a prepared store, and read raw data sets."""
