from pathlib import Path

import cv2
import numpy as np
import pytest

from fercli.datasets.source import Source
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import WholeImage
from fercli.preprocess.job import Job
from fercli.preprocess.plan import make_plan
from fercli.preprocess.work import Work
from fercli.records import DataInfo, Record

CLASSES = ("neutral", "happiness", "sadness")


class Listed:
    """A reader of rows that the test gives."""

    def __init__(self, rows, classes=CLASSES, **extra):
        self.rows = rows
        self.info = DataInfo("listed", "Listed", "none", classes, extra=extra)

    def read(self, source):
        yield from self.rows


@pytest.fixture
def raw(tmp_path) -> Path:
    """Ten gray images of 48 x 48 pixels, 0.png to 9.png."""
    folder = tmp_path / "raw"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(10):
        cv2.imwrite(str(folder / f"{i}.png"), rng.integers(0, 256, (48, 48), dtype=np.uint8))
    return folder


@pytest.fixture
def rows() -> list[Record]:
    """A row for each of the ten images: 7 train, 3 test."""
    return [Record(str(i), "train" if i < 7 else "test", f"{i}.png", expression=CLASSES[i % 3]) for i in range(10)]


@pytest.fixture
def make_job(raw, rows):
    """A job over the ten images, three rows to a shard; keywords replace its parts."""

    def make(rows=rows, classes=CLASSES, extra=None, crop=None, detector=None, channels=3, encoding="png", **changes):
        reader = Listed(rows, classes, **(extra or {}))
        names = ("context", "no_face", "min_frames", "landmarks", "max_megapixels")
        options = {name: changes.pop(name) for name in names if name in changes}
        work = Work(Source(raw), detector or WholeImage(), crop or Crop(48), channels, encoding, **options)
        return Job("listed", reader, work, **{"shard_rows": 3} | changes)

    return make


@pytest.fixture
def contents():
    """Bytes of every file of a store, by name."""

    def read(store: Path) -> dict[str, bytes]:
        return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file()}

    return read


@pytest.fixture
def plan_of(make_job):
    """The plan of a store with the given rows."""

    def plan(rows, **options):
        job = make_job(rows, **options)
        return make_plan(job.reader, job.work.source)

    return plan
