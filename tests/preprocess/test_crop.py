import numpy as np
import pytest

from fercli.preprocess.align import template, transform
from fercli.preprocess.crop import Crop, is_identity, warp
from fercli.preprocess.face import Face, WholeImage


def whole(image):
    return WholeImage().find([image], [])[0]


def test_whole_image_of_the_right_size_is_left_alone():
    image = np.zeros((48, 48), np.uint8)
    assert is_identity(Crop(48).matrix(whole(image)), image, 48)
    assert not is_identity(Crop(32).matrix(whole(image)), image, 32)


def test_shrinking_averages_over_blocks():
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    crop = warp(image, Crop(32).matrix(whole(image)), 32)
    blocks = image.reshape(32, 3, 32, 3, 3).mean((1, 3))
    assert np.abs(crop - blocks).max() <= 0.5  # only the rounding to whole numbers


def test_shrinking_by_any_factor_keeps_a_fine_checkerboard_gray():
    image = np.indices((200, 200)).sum(0).astype(np.uint8) % 2 * 255
    crop = warp(image, Crop(37).matrix(whole(image)), 37)
    assert np.abs(crop[1:-1, 1:-1].astype(int) - 127).max() < 40  # without averaging: 0 and 255


def test_whole_image_that_is_not_square_is_neither_cut_nor_stretched():
    image = np.full((20, 40), 200, np.uint8)
    crop = warp(image, Crop(40).matrix(whole(image)), 40)
    assert (crop[10:30] == 200).all()
    assert (crop[:9] == 0).all()
    assert (crop[31:] == 0).all()


def test_box_crop_is_centered_with_its_margin():
    face = Face((19.5, 29.5, 39.5, 49.5))
    corners = np.array([[9.5, 19.5], [49.5, 59.5]])  # 20 pixels, and half as many on each side
    moved = transform(corners, Crop(80, margin=0.5).matrix(face))
    np.testing.assert_allclose(moved, [[-0.5, -0.5], [79.5, 79.5]])


def test_aligned_crop_brings_the_points_onto_the_template():
    points = template(300, 0.4) + np.array([40, -7])
    crop = Crop(64, margin=0.1)
    np.testing.assert_allclose(transform(points, crop.matrix(Face((0, 0, 1, 1), points))), template(64, 0.1), atol=1e-9)


def test_align_false_ignores_the_points():
    with_points = Face((10, 10, 30, 30), template(300, 0.4))
    upright = Crop(64, align=False)
    np.testing.assert_array_equal(upright.matrix(with_points), upright.matrix(Face((10, 10, 30, 30))))


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (9, 0, 5, 9), (0, 0, float("nan"), 4)])
def test_an_empty_box_is_refused(box):
    with pytest.raises(ValueError, match="empty"):
        Crop(48).matrix(Face(box))


def test_an_extreme_shrinking_stays_within_memory():
    image = np.full((50, 50), 9, np.uint8)
    assert warp(image, Crop(48).matrix(Face((0, 0, 1e7, 1e7))), 48).shape == (48, 48)
