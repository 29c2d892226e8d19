"""One reader for each raw data set: rows in, records and rejects out."""
