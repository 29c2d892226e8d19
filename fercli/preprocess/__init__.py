"""From raw data sets to stores: detect, align, crop, write."""
