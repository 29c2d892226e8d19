import cv2
import numpy as np
import pytest

from fercli.datasets.shards import finish_store, write_shard
from fercli.datasets.store import Store
from fercli.fields import SCHEMA_VERSION


@pytest.fixture
def write_store(tmp_path):
    """Write rows as a store; a row that brings no id or image gets one: 6 pixels square, gray, its number as level."""

    def write(rows, classes=("0", "1"), num_shards=1):
        (tmp_path / "store" / "shards").mkdir(parents=True)
        complete = [{"id": f"row{number}", "image": gray(number), **row} for number, row in enumerate(rows)]
        parts = [complete[part[0] : part[-1] + 1] for part in np.array_split(np.arange(len(rows)), num_shards)]
        shards = [write_shard(tmp_path / "store" / "shards", i, part, []) for i, part in enumerate(parts)]
        counts = {split: {} for split in sorted({row["split"] for row in rows})}
        for row in rows:
            name = row.get("expression")
            counts[row["split"]][name or ""] = counts[row["split"]].get(name or "", 0) + 1
        description = {
            "schema": SCHEMA_VERSION,
            "name": "toy",
            "classes": list(classes),
            "counts": counts,
            "fingerprint": "of the toy",
            "shards": [{"file": shard.file, "rows": shard.rows, "sha256": shard.sha256} for shard in shards],
        }
        finish_store(tmp_path / "store", description, [])
        return Store(tmp_path / "store")

    return write


def gray(level):
    return cv2.imencode(".png", np.full((6, 6), level % 256, dtype=np.uint8))[1].tobytes()
