import numpy as np
import pytest
import torch

from fercli.datasets.hidden_face import hide_face


def touched(box, height, width):
    """Whether each pixel, a square of side 1 around its whole numbers, shares area with the box."""
    left, top, right, bottom = box
    return np.array(
        [
            [left < x + 0.5 and right > x - 0.5 and top < y + 0.5 and bottom > y - 0.5 for x in range(width)]
            for y in range(height)
        ]
    )


@pytest.mark.parametrize(
    "box",
    [
        (2, 1, 5, 3),
        (1.5, 0.5, 3.5, 2.5),  # on borders of pixels
        (1.4, 0.6, 3.6, 2.4),
        (-3.0, -2.0, 2.2, 1.0),  # beyond the scene
        (4.0, 2.0, 90.0, 80.0),
        (20.0, 1.0, 30.0, 2.0),  # outside of it
        (-9.0, -9.0, -2.0, -2.0),
    ],
)
def test_every_pixel_that_the_box_touches_is_black_and_no_other(box):
    scene = np.full((3, 6, 8), 90, np.uint8)
    hide_face(scene, box)
    np.testing.assert_array_equal(scene == 0, np.broadcast_to(touched(box, 6, 8), scene.shape))
    tensor = torch.full((2, 3, 6, 8), 90, dtype=torch.uint8)
    hide_face(tensor, np.array(box))
    assert torch.equal(tensor[0], torch.from_numpy(scene))


def test_an_unknown_box_hides_nothing():
    scene = torch.full((3, 6, 8), 90, dtype=torch.uint8)
    hide_face(scene, np.full(4, np.nan))
    assert scene.min() == 90
