"""Measurements that are slow or need data, and faults that are injected: see README.md here."""
