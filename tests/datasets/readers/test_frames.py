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
        ("v/000000", 0, 0.0),
        ("v/000004", 4, pytest.approx(0.4)),
        ("v/000008", 8, pytest.approx(0.8)),
    ]
    for row in rows:
        assert (row.image, row.expression, row.score, row.split) == ("clips/v.avi", "fear", 7, "train")
        assert (row.subject, row.video, row.session) == ("s", "v", "s_1")


def test_frames_by_time_carry_it(folder):
    assert [(row.frame, row.time) for row in read(folder, frames_per_second=5)] == [
        (i, pytest.approx(i / 10)) for i in (0, 2, 4, 6, 8)
    ]


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


def test_a_video_that_ends_before_its_head_says_is_read_and_told(folder):
    content = (folder / "clips" / "v.avi").read_bytes()
    (folder / "clips" / "v.avi").write_bytes(content[: content.rfind(b"\xff\xd8", 0, content.rfind(b"\xff\xd8")) - 900])
    told, *rows = read(folder, frame_stride=1)
    assert (told.id, told.reason) == ("v", "video ends before its header says")
    assert told.detail.startswith(f"{len(rows)} frames of ")
    assert 0 < len(rows) < 7


def test_odd_times_of_frames_are_remarks_of_the_source(folder, write_webm):
    frames = [np.zeros((16, 16, 3), np.uint8)] * 4
    write_webm(folder / "clips" / "v.avi", frames, [0, 0.1, 0.2, 0.1])
    with Source(folder) as source:
        rows = list(frame_records(source, VIDEO, FrameSampling(frame_stride=1)))
        assert list(source.remarks) == ["clips/v.avi"]
        assert source.remarks["clips/v.avi"].startswith("1 of 4 frames go back in time")
    assert [row.time for row in rows] == pytest.approx([0, 0.1, 0.2, 0.3])
