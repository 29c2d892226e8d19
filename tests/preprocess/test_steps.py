from pathlib import Path

import cv2
import numpy as np
import pytest

from fercli.datasets.source import Source
from fercli.preprocess.align import TEMPLATE, transform
from fercli.preprocess.codec import decode
from fercli.preprocess.crop import Crop
from fercli.preprocess.face import Given, WholeImage
from fercli.preprocess.steps import examples, steps
from fercli.preprocess.work import Work
from fercli.records import Record, Reject

TURN = np.array([[0.9, -0.3, 20.0], [0.3, 0.9, 5.0]])
POINTS = transform(TEMPLATE * 40, TURN)


def records(number, **kind):
    return [Record(str(i), "train", f"{i}.png", **kind) for i in range(number)]


@pytest.fixture
def work(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "0.png"), cv2.GaussianBlur(image, (0, 0), 3))
    return lambda detector, **crop: Work(Source(tmp_path), detector, Crop(24, **crop))


@pytest.mark.parametrize("crop", [{}, {"align": "eyes"}, {"align": "none"}], ids=str)
def test_the_crop_is_the_stored_one_and_the_middle_of_the_aligned_image(work, crop):
    record = Record("0", "train", "0.png", landmarks=POINTS)
    found = work(Given(), **crop)
    (shown,) = steps(found, [record])
    (row,), _ = found.process([record])
    np.testing.assert_array_equal(shown.crop, decode(row["image"]))
    assert shown.raw.shape == (70, 90, 3)
    assert shown.aligned.shape == (48, 48, 3)
    np.testing.assert_allclose(shown.aligned[12:36, 12:36].astype(int), shown.crop, atol=1)
    np.testing.assert_array_equal(shown.points, POINTS)
    assert shown.box == (*POINTS.min(0), *POINTS.max(0))


def test_ready_crops_and_images_without_a_face_have_no_steps(work):
    record = Record("0", "train", "0.png")
    assert steps(work(WholeImage()), [record]) == []
    assert steps(work(Given()), [record]) == []
    assert steps(work(Given()), [Record("x", "train", "missing.png", landmarks=POINTS)]) == []


def test_examples_are_spread_over_the_rows_that_are_kept():
    rejects = [Reject("0", "train", None, "no face"), Reject("9", "train", None, "no face")]
    assert [record.id for record in examples(records(10), rejects, 3)] == ["1", "5", "8"]
    assert [record.id for record in examples(records(2), [], 3)] == ["0", "1"]
    assert examples([], [], 3) == ()


def test_of_a_video_the_first_frame_is_an_example():
    frames = [Record(f"{v} {i}", "train", Path(f"{v}.mp4"), frame=i) for v in "abc" for i in range(5)]
    assert [record.id for record in examples(frames, [], 3)] == ["a 0", "b 0", "c 0"]
