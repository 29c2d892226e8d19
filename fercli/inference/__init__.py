"""Predictions of trained runs for images and videos without labels."""
