import pytest

from fercli.datasets.readers.synthetic_context_clips import SyntheticContextClips
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError
from fercli.taxonomy import EXPRESSIONS

OPTIONS = {"num_clips": 35, "num_frames": 3, "seed": 1, "size": 48}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "raw"
    SyntheticContextClips(**OPTIONS).prepare(folder)
    return folder


def test_every_frame_has_the_class_of_its_clip_and_landmarks(raw):
    records = list(SyntheticContextClips(**OPTIONS).read(Source(raw)))
    assert len(records) == 35 * 3
    of_clip = {record.video: (record.split, record.expression) for record in records}
    assert all(of_clip[record.video] == (record.split, record.expression) for record in records)
    for split, count in (("train", 3), ("val", 1), ("test", 1)):
        classes = [expression for where, expression in of_clip.values() if where == split]
        assert sorted(classes) == sorted(EXPRESSIONS[:7] * count)
    for record in records:
        assert record.landmarks.shape == (68, 2)
        assert (raw / record.image).is_file()
    first, second = (r.landmarks for r in records[:2])
    assert abs(first - second).max() > 0.1  # each frame has its own


def test_frames_may_be_left_out(raw):
    reader = SyntheticContextClips(**OPTIONS, sampling=FrameSampling(frame_stride=2))
    assert len(list(reader.read(Source(raw)))) == 35 * 2


def test_prepare_tells_other_options(raw):
    with pytest.raises(DataError, match=r"face_correlation=0\.5.*found one drawn with face_correlation=1\.0"):
        SyntheticContextClips(**OPTIONS, face_correlation=0.5).prepare(raw)
