"""A raw data set of videos, some of them damaged, from end to end: reported, counted, and the others are kept."""

import json
import shutil

import numpy as np
import pyarrow.parquet
import pytest

from fercli.datasets.readers.avec import AVEC2014
from fercli.datasets.source import Source
from fercli.datasets.store import Store
from fercli.datasets.synthetic.film import write_video
from fercli.datasets.synthetic.recordings import write_avec2014
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError
from fercli.preprocess import pipeline
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Absent, Given, WholeImage
from fercli.preprocess.job import Job
from fercli.preprocess.pipeline import check, preprocess
from fercli.preprocess.work import Work

NUM_VIDEOS = 14


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("avec2014")
    write_avec2014(folder, num_subjects=5, num_frames=6, size=32)
    return folder


@pytest.fixture
def raw(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "raw")


@pytest.fixture
def job(raw):
    """A job over all frames of fourteen videos, twelve rows to a shard."""

    def make(detector=None, num_workers=0, no_face="leave_out", min_frames=0):
        reader = AVEC2014(sampling=FrameSampling(frame_stride=1))
        context = Context(True, 16, 24)
        work = Work(Source(raw), detector or WholeImage(), Crop(16), 3, "png", context, no_face, min_frames)
        return Job("avec2014", reader, work, shard_rows=12, num_workers=num_workers)

    return make


def video(raw, name, split="Training", task="Freeform"):
    return raw / split / task / f"{name}_{task}_video.mp4"


def without_rate(path):
    """A video whose head gives a frame rate of zero."""
    write_video(path, [np.zeros((32, 32, 3), np.uint8)] * 4, 10.0)
    content = bytearray(path.read_bytes())
    place = content.find(b"strh") + 28
    content[place : place + 8] = bytes(8)
    path.write_bytes(content)


def reasons(store):
    return [(row["id"], row["reason"]) for row in pyarrow.parquet.read_table(store / "rejects.parquet").to_pylist()]


def test_rows_are_frames_in_order_and_no_shard_cuts_a_video(job, tmp_path):
    preprocess(job(), tmp_path / "store")
    store = Store(tmp_path / "store")
    videos, times = store.column("video"), store.column("time")
    assert len(set(videos)) == NUM_VIDEOS
    assert store.column("id").tolist() == [f"{v}/{round(10 * t):06d}" for v, t in zip(videos, times, strict=True)]
    assert set(store.column("session")) >= {"203_1", "203_2"}
    assert store.column("context")[0] is not None
    ends, start = [], 0
    for shard in store.meta["shards"]:
        ends.append(set(videos[start : start + shard["rows"]]))
        start += shard["rows"]
    assert sum(map(len, ends)) == NUM_VIDEOS


def test_the_number_of_processes_changes_nothing(job, tmp_path, contents, monkeypatch):
    monkeypatch.setattr(pipeline, "PART_ROWS", 3)
    for num_workers in (0, 2):
        preprocess(job(num_workers=num_workers), tmp_path / str(num_workers))
    assert contents(tmp_path / "0") == contents(tmp_path / "2")


def test_every_kind_of_damage_is_told_and_the_other_videos_are_kept(job, raw, tmp_path):
    video(raw, "203_1").write_bytes(b"")
    video(raw, "204_1").unlink()
    without_rate(video(raw, "204_1").with_suffix(".avi"))
    video(raw, "206_1").unlink()
    video(raw, "206_1", task="Northwind").unlink()
    (raw / "Testing" / "DepressionLabels" / "207_1_Depression.csv").unlink()
    job = job()
    summary = preprocess(job, tmp_path / "store")
    assert sorted(reasons(tmp_path / "store")) == [
        ("203_1_Freeform", "video cannot be opened"),
        ("204_1_Freeform", "video has no frame rate"),
        ("207_1_Freeform", "video without label file"),
        ("207_1_Northwind", "video without label file"),
        ("Training/DepressionLabels/206_1_Depression.csv", "label file without video"),
    ]
    assert summary.reasons["video without label file"] == 2
    kept = Store(tmp_path / "store")
    assert len(set(kept.column("video"))) == NUM_VIDEOS - 6
    assert kept.meta["counts"] == summary.kept
    assert summary.notes[0] == "videos of which frames are kept: 6 train, 2 val"
    assert (check(job).kept, check(job).reasons) == (summary.kept, summary.reasons)


def test_a_video_without_faces_is_told_with_all_its_frames(job, tmp_path):
    class Blind(WholeImage):
        def find(self, images, records):
            faces = super().find(images, records)
            absent = Absent("no face found")
            return [absent if r.video == "203_1_Freeform" else face for r, face in zip(records, faces, strict=True)]

    preprocess(job(Blind(), min_frames=2), tmp_path / "store")
    told = reasons(tmp_path / "store")
    assert {name.partition("/")[0] for name, _ in told} == {"203_1_Freeform"}
    assert {reason for _, reason in told} == {"no face found"}
    assert len(set(Store(tmp_path / "store").column("video"))) == NUM_VIDEOS - 1


def test_faces_that_are_not_found_are_counted_also_when_a_run_is_continued(job, tmp_path):
    first = preprocess(job(Given(), no_face="center"), tmp_path / "store")
    (tmp_path / "store" / "shards" / "00001.json").unlink()
    again = preprocess(job(Given(), no_face="center"), tmp_path / "store")
    assert again.num_written == 1
    assert first.notes == again.notes
    store = Store(tmp_path / "store")
    assert again.notes[-1].startswith(f"{len(store)} rows show no face")
    assert not store.column("face_found").any()


def test_a_video_that_breaks_between_two_runs_costs_nothing_that_is_done(job, raw, tmp_path):
    preprocess(job(), tmp_path / "store")
    done = sorted((tmp_path / "store" / "shards").glob("*.json"))
    done[0].unlink()
    before = {path: path.stat().st_mtime_ns for path in done[1:]}
    video(raw, "203_1").write_bytes(b"")
    with pytest.raises(DataError, match="begun differently"):  # other rows: the labels are read anew
        preprocess(job(), tmp_path / "store")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_the_description_counts_the_rows_with_a_score(job, tmp_path):
    preprocess(job(), tmp_path / "store")
    description = json.loads((tmp_path / "store" / "dataset.json").read_text())
    assert {*description["counts"]["train"]} == {"scored"}
    assert description["classes"] == []
