import numpy as np
import pytest

from fercli.datasets.clips import clips
from fercli.datasets.images import ImageRows
from fercli.errors import ConfigError, DataError


@pytest.fixture
def store(write_store):
    """Seven frames of video b, not in order of time, three of video a between them."""
    rows = [("b", 3), ("b", 0), ("a", 0), ("b", 1), ("b", 2), ("a", 2), ("b", 4), ("a", 1), ("b", 6), ("b", 5)]
    return write_store(
        [{"split": "train", "expression": "0", "video": video, "time": float(time)} for video, time in rows]
    )


def times(store, found):
    return [store.column("time")[clip].astype(int).tolist() for clip in found]


def test_a_clip_is_frames_of_one_video_in_the_order_of_time(store):
    found = clips(store, np.arange(10), length=3, stride=3)
    assert [store.column("video")[clip].tolist() for clip in found] == [["b"] * 3, ["b"] * 3, ["a"] * 3]
    assert times(store, found) == [[0, 1, 2], [3, 4, 5], [0, 1, 2]]


def test_clips_overlap_where_the_stride_is_short(store):
    assert times(store, clips(store, np.arange(10), length=3, stride=2)) == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [0, 1, 2]]


def test_frames_of_a_short_video_come_repeatedly(store):
    with pytest.warns(UserWarning, match="1 of 2 videos of .* are shorter than a clip of 7 frames"):
        found = clips(store, np.arange(10), length=7, stride=7)
    assert times(store, found)[1] == [0, 0, 0, 1, 1, 2, 2]


def test_only_the_given_rows_are_used(store):
    with pytest.warns(UserWarning, match="1 of 2 videos"):
        assert times(store, clips(store, np.array([0, 1, 3, 2]), length=3, stride=3)) == [[0, 1, 3], [0, 0, 0]]


def test_images_of_no_video_are_refused(write_store):
    store = write_store([{"split": "train", "expression": "0"}])
    with pytest.raises(DataError, match="holds images that are of no video"):
        clips(store, np.arange(1), length=2, stride=2)


def test_a_stride_of_zero_is_refused(store):
    with pytest.raises(ConfigError, match="of at least 1, found 3 and 0"):
        clips(store, np.arange(10), length=3, stride=0)


def test_a_batch_of_clips_has_the_labels_of_their_first_frames(store):
    batch = ImageRows(store, clips(store, np.arange(10), length=3, stride=3)).__getitems__([2, 0])
    assert batch.image.shape == (2, 3, 3, 6, 6)
    assert batch.image[:, :, 0, 0, 0].tolist() == [[2, 7, 5], [1, 3, 4]]  # the gray level is the number of the row
    assert batch.id == ["row2", "row1"]
    assert batch.video == ["a", "b"]
    assert batch.session.tolist() == [0, 1]
