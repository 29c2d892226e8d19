"""The audit of a store: equal images, near-duplicates, people and videos in several splits, contradicting labels."""
