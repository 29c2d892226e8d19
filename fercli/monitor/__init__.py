"""Rules that watch the emotions and the depression score of one person over time, and raise alerts."""
