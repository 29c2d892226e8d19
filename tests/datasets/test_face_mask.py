import numpy as np
import pytest
from matplotlib.path import Path

from fercli.datasets.face_mask import face_mask
from fercli.datasets.synthetic.faces import faces


def hexagon(center, radius):
    angles = np.arange(6) * np.pi / 3
    return np.array(center) + radius * np.column_stack([np.cos(angles), np.sin(angles)])


@pytest.fixture
def landmarks():
    """Eyes and mouth as convex polygons, all other points where they must not matter."""
    points = np.full((68, 2), 0.0)
    points[36:42] = hexagon((20, 20), 7)
    points[42:48] = hexagon((45, 20), 7)
    points[48:60] = np.concatenate([hexagon((32, 46), 12), hexagon((32, 46), 5)])  # a hull takes the outer ones
    return points


def test_pixels_inside_the_regions_are_255_and_all_others_are_0(landmarks):
    mask = face_mask(landmarks, 60, 64)
    assert mask.dtype == np.uint8
    x, y = np.meshgrid(np.arange(64), np.arange(60))
    pixels = np.column_stack([x.ravel(), y.ravel()])
    regions = [Path(hexagon(c, r)) for c, r in (((20, 20), 7), ((45, 20), 7), ((32, 46), 12))]
    inside = np.any([region.contains_points(pixels, radius=-1) for region in regions], axis=0).reshape(60, 64)
    near = np.any([region.contains_points(pixels, radius=r) for region in regions for r in (1, -1)], axis=0).reshape(
        60, 64
    )
    assert (mask[inside] == 255).all()
    assert (mask[~near] == 0).all()
    assert set(np.unique(mask)) == {0, 255}


def test_order_of_the_points_of_a_region_does_not_matter(landmarks):
    shuffled = landmarks.copy()
    shuffled[48:60] = shuffled[48:60][::-1][[3, 1, 0, 2, 11, 10, 4, 5, 9, 8, 7, 6]]
    np.testing.assert_array_equal(face_mask(shuffled, 60, 64), face_mask(landmarks, 60, 64))


def test_a_region_is_cut_at_the_border(landmarks):
    mask = face_mask(landmarks - [20, 20], 30, 30)
    assert mask[0, 0] == 255
    np.testing.assert_array_equal(mask, face_mask(landmarks, 60, 64)[20:50, 20:50])


@pytest.mark.parametrize("value", [np.nan, 1e30, -1e30])
def test_impossible_landmarks_give_an_empty_mask(landmarks, value):
    assert not face_mask(np.full_like(landmarks, value), 20, 20).any()


def test_one_unknown_point_makes_the_mask_unknown(landmarks):
    landmarks[0, 0] = np.nan
    assert not face_mask(landmarks, 60, 64).any()


def test_a_drawn_face_has_its_mask_on_the_eyes_and_the_mouth():
    face = next(iter(faces(1, seed=3)))
    mask = face_mask(face.landmarks, 160, 160)
    for region in (slice(36, 42), slice(42, 48), slice(48, 60)):
        x, y = face.landmarks[region].mean(0).round().astype(int)
        assert mask[y, x] == 255
    assert 0.005 < (mask > 0).mean() < 0.1
