import shutil

import numpy as np
import pytest

from fercli.datasets.readers.caer import CAER, CAERS
from fercli.datasets.synthetic.scenes import write_caer, write_caer_s
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError
from fercli.records import ALL_SPLITS

LAYOUTS = {}  # the folder of a clip or image is its label


def test_clips_give_frames_with_class_and_clip(tmp_path, reading):
    written = write_caer(tmp_path, 35, num_frames=3, size=48)
    read = reading(CAER(), tmp_path)
    assert len(read.records) == 35 * 3
    for clip in written:
        record = read.records[f"{clip.id}/000002"]
        assert (record.image, record.frame, record.expression, record.video) == (clip.file, 2, clip.expression, clip.id)
        assert record.split == {"validation": "val"}.get(clip.id.split("/")[0], clip.id.split("/")[0])
    assert {record.split for record in read.records.values()} == {"train", "val", "test"}
    assert read.rejects == {}


def test_published_numbers_of_clips_and_frames():
    """Crossmodal GCN, table of CAER: clips and frames of each class, and the printed shares of clips."""
    clips = [1628, 719, 514, 2726, 4579, 1473, 1562]
    frames = [139681, 59630, 46441, 219377, 377276, 138599, 126873]
    assert CAER.info.extra["expected_videos"] == {ALL_SPLITS: sum(clips)} == {ALL_SPLITS: 13201}
    assert sum(frames) == 1_107_877
    printed = [12.33, 5.44, 3.89, 20.64, 34.69, 11.16, 11.83]
    np.testing.assert_allclose(100 * np.array(clips) / sum(clips), printed, atol=0.011)  # two are cut, not rounded
    assert sum(printed) == pytest.approx(99.98)


def test_sixteen_frames_of_a_long_clip_are_taken(tmp_path, reading):
    write_caer(tmp_path, 1, num_frames=40, size=48)
    frames = [record.frame for record in reading(CAER(), tmp_path).records.values()]
    assert len(frames) == 16
    assert len(reading(CAER(FrameSampling(frame_stride=10)), tmp_path).records) == 4


def test_stills_give_a_class_and_the_warning(tmp_path, reading):
    written = write_caer_s(tmp_path / "CAER-S", 21, size=48)
    read = reading(CAERS(), tmp_path)
    assert {(r.id, r.image, r.expression) for r in read.records.values()} == {
        (image.id, image.file, image.expression) for image in written
    }
    assert {(record.split, record.video, record.frame) for record in read.records.values()} == {
        ("train", None, None),
        ("test", None, None),
    }
    assert "come from the same clips" in CAERS.info.notes[0]


def test_what_does_not_fit_is_told(tmp_path, reading):
    write_caer_s(tmp_path, 7, size=48)
    image = tmp_path / "train" / "Happy" / "0001.png"
    for place in ("train/Bored/1.png", "holdout/Happy/1.png", "1.png", "train/Happy/0001.jpg"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(image, tmp_path / place)
    read = reading(CAERS(), tmp_path)
    assert {name: reject.reason for name, reject in read.rejects.items()} == {
        "1.png": "unknown split",
        "holdout/Happy/1.png": "unknown split",
        "train/Bored/1": "unknown label",
        "train/Happy/0001": "duplicate id",
    }
    assert len(read.records) == 7


def test_a_damaged_clip_is_told(tmp_path, reading):
    (clip,) = write_caer(tmp_path, 1, num_frames=3, size=48)
    (tmp_path / "train" / "Neutral" / "0002.avi").write_bytes((tmp_path / clip.file).read_bytes()[:100])
    read = reading(CAER(), tmp_path)
    assert read.rejects["train/Neutral/0002"].reason == "video cannot be opened"
    assert read.rejects["train/Neutral/0002"].expression == "neutral"
    assert len(read.records) == 3


@pytest.mark.parametrize("reader", [CAER(), CAERS()])
def test_what_is_missing_is_named(tmp_path, reading, reader):
    with pytest.raises(DataError, match=r"expected (clips|stills) <split>/<Class>/<file> in .*; found none"):
        reading(reader, tmp_path)
