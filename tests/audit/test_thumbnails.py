import numpy as np

from fercli.audit.thumbnails import SHIFTS, middle, thumbnail


def test_images_of_every_size_and_shape_become_48_pixels():
    for shape in ((48, 48), (10, 12), (100, 200)):
        assert thumbnail(np.zeros(shape, np.uint8)).shape == (48, 48)


def test_a_shifted_middle_holds_the_same_pixels_of_a_shifted_image():
    image = np.random.default_rng(0).integers(0, 256, (1, 48, 48)).astype(np.uint8)
    for shift in SHIFTS:
        np.testing.assert_array_equal(middle(np.roll(image, shift, (1, 2)), shift), middle(image))
