import zipfile

import numpy as np
import pytest

from fercli.datasets.readers.frames import frame_records
from fercli.datasets.source import Source
from fercli.datasets.synthetic.film import write_video
from fercli.datasets.video import FrameSampling
from fercli.records import Record, Reject

VIDEO = Record("v", "train", "clips/v.avi", expression="fear", score=7.0, subject="s", video="v", session="s_1")


@pytest.fixture
def folder(tmp_path):
    write_video(tmp_path / "raw" / "clips" / "v.avi", [np.zeros((16, 16, 3), np.uint8)] * 9, 10.0)
    return tmp_path / "raw"


def read(path, **options):
    with Source(path) as source:
        return list(frame_records(source, VIDEO, FrameSampling(**options)))


def test_each_frame_taken_has_the_labels_of_its_video(folder):
    rows = read(folder, frame_stride=4)
    assert [(row.id, row.frame, row.time) for row in rows] == [
        ("v/000000", 0, None),
        ("v/000004", 4, None),
        ("v/000008", 8, None),
    ]
    for row in rows:
        assert (row.image, row.expression, row.score, row.split) == ("clips/v.avi", "fear", 7, "train")
        assert (row.subject, row.video, row.session) == ("s", "v", "s_1")


def test_frames_by_time_carry_it(folder):
    assert [(row.frame, row.time) for row in read(folder, frames_per_second=5)] == [
        (0, 0), (2, 0.2), (4, 0.4), (6, 0.6), (8, 0.8),
    ]  # fmt: skip


def test_a_zip_reads_like_the_folder(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(folder / "clips" / "v.avi", "clips/v.avi")
        archive.writestr("labels.csv", "")
    assert read(tmp_path / "a.zip", frame_stride=1) == read(folder, frame_stride=1)


def test_a_broken_video_is_one_reject(folder):
    (folder / "clips" / "v.avi").write_bytes(b"RIFF")
    (reject,) = read(folder, frame_stride=1)
    assert reject == Reject("v", "train", "fear", "video cannot be opened", reject.detail, "clips/v.avi")
    (folder / "clips" / "v.avi").unlink()
    (reject,) = read(folder, frame_stride=1)
    assert reject.reason == "video cannot be read"
