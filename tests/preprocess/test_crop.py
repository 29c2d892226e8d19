import cv2
import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as F

from fercli.errors import ConfigError
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


@pytest.mark.parametrize(
    ("shape", "size", "expected"), [((20, 40), 40, (40, 80)), ((500, 333), 256, (384, 256)), ((48, 48), 48, (48, 48))]
)
def test_whole_image_keeps_its_shape_where_the_shorter_side_is_to_fit(shape, size, expected):
    crop, face = Crop(size, fit="short"), whole(np.zeros(shape))
    assert crop.shape(face) == expected == F.resize(torch.empty(1, *shape), [size]).shape[1:]
    assert Crop(size).shape(face) == (size, size)
    ends = np.array([[-0.5, -0.5], [shape[1] - 0.5, shape[0] - 0.5]])
    moved = transform(ends, crop.matrix(face))
    np.testing.assert_allclose(moved, [[-0.5, -0.5], [expected[1] - 0.5, expected[0] - 0.5]], atol=1e-9)
    white = warp(np.full(shape, 255, np.uint8), crop.matrix(face), crop.shape(face), border=crop.border)
    assert white.shape == expected
    assert white.min() == 255


def test_whole_image_whose_shorter_side_fits_is_left_alone():
    image = np.zeros((48, 70, 3), np.uint8)
    crop, face = Crop(48, fit="short"), whole(image)
    assert is_identity(crop.matrix(face), image, crop.shape(face))
    assert not is_identity(crop.matrix(face), image[:, :69], crop.shape(face))


def test_a_face_is_a_square_whatever_is_to_fit():
    face = Face((10, 10, 30, 60))
    assert Crop(64, fit="short").shape(face) == (64, 64)
    np.testing.assert_array_equal(Crop(64, fit="short").matrix(face), Crop(64).matrix(face))


def test_box_crop_is_centered_with_its_margin():
    face = Face((19.5, 29.5, 39.5, 49.5))
    corners = np.array([[9.5, 19.5], [49.5, 59.5]])  # 20 pixels, and half as many on each side
    moved = transform(corners, Crop(80, margin=0.5).matrix(face))
    np.testing.assert_allclose(moved, [[-0.5, -0.5], [79.5, 79.5]])


def test_aligned_crop_brings_the_points_onto_the_template():
    points = template(300, 0.4) + np.array([40, -7])
    crop = Crop(64, margin=0.1)
    np.testing.assert_allclose(transform(points, crop.matrix(Face((0, 0, 1, 1), points))), template(64, 0.1), atol=1e-9)


def test_align_none_ignores_the_points():
    with_points = Face((10, 10, 30, 30), template(300, 0.4))
    upright = Crop(64, align="none")
    np.testing.assert_array_equal(upright.matrix(with_points), upright.matrix(Face((10, 10, 30, 30))))


def test_a_crop_by_the_eyes_has_them_level_where_asked_and_reads_no_other_point():
    points = np.array([[30.0, 50.0], [70.0, 60.0], [50.0, 70.0], [35.0, 90.0], [60.0, 95.0]])
    crop = Crop(100, align="eyes", eye_distance=0.35, eye_height=0.4)
    eyes = transform(points, crop.matrix(Face((0, 0, 1, 1), points)))[:2]
    np.testing.assert_allclose(eyes, [[32, 39.5], [67, 39.5]], atol=1e-9)
    elsewhere = Face((3, 3, 9, 9), np.concatenate([points[:2], points[2:] + 20]))
    np.testing.assert_array_equal(crop.matrix(elsewhere), crop.matrix(Face((0, 0, 1, 1), points)))


def test_aligning_by_the_eyes_twice_changes_nothing():
    crop = Crop(64, align="eyes")
    face = Face((0, 0, 99, 99), np.array([[30.0, 50.0], [70.0, 60.0], [50.0, 70.0], [35.0, 90.0], [60.0, 95.0]]))
    again = Face((0, 0, 63, 63), transform(face.points, crop.matrix(face)))
    image = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    assert is_identity(crop.matrix(again), image, 64)


@pytest.mark.parametrize("align", ["five_point", "eyes"])
def test_a_face_without_points_is_left_upright(align):
    face = Face((10, 10, 30, 30))
    np.testing.assert_array_equal(Crop(64, align=align).matrix(face), Crop(64, align="none").matrix(face))


def test_eyes_are_drawn_by_cubic_interpolation():
    image = np.random.default_rng(0).integers(0, 256, (20, 20), dtype=np.uint8)
    half = np.array([[1, 0, 0.5], [0, 1, 0]])
    crop = warp(image, half, 20, Crop(20, align="eyes").interpolation)
    # Halfway between pixels, the cubic kernel of OpenCV (a = -0.75) has the weights -3/32, 19/32, 19/32, -3/32.
    weights = np.array([-3, 19, 19, -3]) / 32
    expected = np.clip(sum(w * image[:, i : 17 + i] for i, w in enumerate(weights)), 0, 255)
    assert np.abs(crop[:, 2:19] - expected).max() <= 1
    assert Crop(20).interpolation == cv2.INTER_LINEAR


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"align": "eye"}, "no crop.align named 'eye'; did you mean 'eyes'"),
        ({"align": True}, "no crop.align named 'True'; choices: eyes, five_point, none"),
        ({"eye_distance": 0}, "crop.eye_distance .* between 0 and 1; found 0"),
        ({"eye_height": 40}, "crop.eye_height .* between 0 and 1; found 40"),
        ({"margin": -0.1}, "crop.margin"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ConfigError, match=message):
        Crop(64, **options)


@pytest.mark.parametrize("box", [(5, 5, 5, 9), (9, 0, 5, 9), (0, 0, float("nan"), 4)])
def test_an_empty_box_is_refused(box):
    with pytest.raises(ValueError, match="empty"):
        Crop(48).matrix(Face(box))


def test_an_extreme_shrinking_stays_within_memory():
    image = np.full((50, 50), 9, np.uint8)
    assert warp(image, Crop(48).matrix(Face((0, 0, 1e7, 1e7))), 48).shape == (48, 48)
