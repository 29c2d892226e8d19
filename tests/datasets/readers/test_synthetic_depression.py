import numpy as np
import pytest

from fercli.datasets.readers.synthetic_depression import SyntheticDepression
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError

OPTIONS = {"num_subjects": 5, "num_frames": 4, "seed": 1, "size": 48}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "raw"
    SyntheticDepression(**OPTIONS).prepare(folder)
    return folder


def test_every_frame_has_a_score_and_its_own_landmarks(raw):
    records = list(SyntheticDepression(**OPTIONS).read(Source(raw)))
    assert {record.split for record in records} == {"train", "val", "test"}
    for record in records:
        assert 0 <= record.score <= 45
        assert record.landmarks.shape == (68, 2)
        assert 0 < record.landmarks.min() < record.landmarks.max() < 48
    first, second = (record.landmarks for record in records[:2])
    assert np.abs(first - second).max() > 0.01


def test_landmarks_are_those_of_the_frame_that_is_taken(raw):
    every = {record.id: record for record in SyntheticDepression(**OPTIONS).read(Source(raw))}
    sampled = list(SyntheticDepression(**OPTIONS, sampling=FrameSampling(frame_stride=2)).read(Source(raw)))
    assert len(sampled) < len(every)
    for record in sampled:
        np.testing.assert_array_equal(record.landmarks, every[record.id].landmarks)


def test_prepare_draws_once_and_tells_other_options(raw):
    before = {file: file.stat().st_mtime_ns for file in raw.rglob("*")}
    SyntheticDepression(**OPTIONS).prepare(raw)
    assert {file: file.stat().st_mtime_ns for file in raw.rglob("*")} == before
    with pytest.raises(DataError, match=r"num_frames=9.*found one drawn with num_frames=4"):
        SyntheticDepression(**OPTIONS | {"num_frames": 9}).prepare(raw)


def test_prepare_leaves_a_zip_to_the_reader(tmp_path):
    (tmp_path / "raw.zip").write_bytes(b"")
    SyntheticDepression(**OPTIONS).prepare(tmp_path / "raw.zip")
    assert (tmp_path / "raw.zip").read_bytes() == b""


def test_a_damaged_video_is_told(raw, tmp_path):
    SyntheticDepression(**OPTIONS).prepare(tmp_path / "raw")
    (tmp_path / "raw" / "Training" / "Freeform" / "203_1_Freeform_video.mp4").write_bytes(b"")
    rows = list(SyntheticDepression(**OPTIONS).read(Source(tmp_path / "raw")))
    (reject,) = (row for row in rows if not hasattr(row, "frame"))
    assert (reject.id, reject.reason) == ("203_1_Freeform", "video cannot be opened")
    assert len(rows) > 20
