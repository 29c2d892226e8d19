"""Stores and runs of tests: as much of one as what reads it needs, with sums that are right."""

import json
from functools import cache

import cv2
import numpy as np

from fercli.datasets.shards import finish_store, write_shard
from fercli.datasets.synthetic.faces import faces
from fercli.fields import SCHEMA_VERSION
from fercli.runs.folder import RunFolder

LEAST = {
    "schema": SCHEMA_VERSION,
    "name": "toy",
    "classes": [],
    "counts": {},
    "fingerprint": "of the toy",
    "shards": [],
}


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


@cache
def _faces():
    return [np.ascontiguousarray(face.image) for face in faces(60, seed=0, size=64)]


def write_twins(folder):
    """Write a store of 60 drawn faces, 40 in train and 20 in test, with twins of the first five in test.

    They are: an equal file with another class, equal pixels in another file, a JPEG of quality 60, mirrored and shifted
    by 2 of 64 pixels, and gray. The last two training rows are equal, and the first subject is in both splits.
    """
    drawn = _faces()
    png = [cv2.imencode(".png", image)[1].tobytes() for image in drawn]
    shifted = np.pad(drawn[3][:, ::-1], ((2, 0), (2, 0), (0, 0)), "edge")[:64, :64]
    gray = cv2.cvtColor(drawn[4], cv2.COLOR_BGR2GRAY)
    changed = [
        png[0],
        cv2.imencode(".png", drawn[1], [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes(),
        cv2.imencode(".jpg", drawn[2], [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tobytes(),
        *(cv2.imencode(".png", image)[1].tobytes() for image in (shifted, gray)),
    ]
    images = [*png[:39], png[38], *changed, *png[45:60]]
    rows = [
        {
            "id": f"face{i:02d}",
            "split": "train" if i < 40 else "test",
            "image": image,
            "expression": "happiness" if i % 2 or i == 40 else "sadness",
            "subject": f"p{i}" if i < 55 else "p0",
        }
        for i, image in enumerate(images)
    ]
    (folder / "shards").mkdir(parents=True)
    shards = [write_shard(folder / "shards", 0, rows, [])]
    counts = {"train": {"sadness": 20, "happiness": 20}, "test": {"sadness": 9, "happiness": 11}}
    classes = ["sadness", "happiness"]
    return describe(folder, shards=listed(shards), classes=classes, counts=counts, fingerprint="of twins")
