"""Stores and runs of tests: as much of one as what reads it needs, with sums that are right."""

import json

from fercli.datasets.shards import finish_store
from fercli.runs.folder import RunFolder

LEAST = {"schema": 3, "name": "toy", "classes": [], "counts": {}, "fingerprint": "of the toy", "shards": []}


def describe(folder, **changes):
    """Make a folder a store, or change what a store says of itself; its sums are right either way."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dataset.json"
    before = json.loads(file.read_text()) if file.is_file() else LEAST
    finish_store(folder, before | changes, [])
    return folder


def listed(shards):
    """Shards as the description of a store lists them."""
    return [{"file": shard.file, "rows": shard.rows, "sha256": shard.sha256} for shard in shards]


def reseal(folder, **changes):
    """Make the sums of a run right again after a test has changed its files, and keys of its metrics.json."""
    run = RunFolder(folder)
    run.finish(json.loads(run.metrics.read_text()) | changes)
