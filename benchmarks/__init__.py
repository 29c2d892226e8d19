"""Measurements that are slow or need data, and a suite of injected faults; see README.md in this folder."""
