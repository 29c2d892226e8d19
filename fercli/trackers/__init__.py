"""Loggers of a training: one run stays one run of its tracker, and a tracker that fails stops nothing."""
