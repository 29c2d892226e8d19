"""Trained runs at work on pictures and videos that carry no label."""
