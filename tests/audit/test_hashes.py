import numpy as np
from scipy.fft import dctn

from fercli.audit.hashes import FREQUENCIES, coefficients, hashes
from fercli.audit.thumbnails import middle

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 48, 48)).astype(np.uint8)


def test_coefficients_are_those_of_scipy():
    spectrum = dctn(middle(IMAGES, (1, -2)).astype(float), axes=(1, 2))
    expected = np.array([[image[pair] for pair in FREQUENCIES] for image in spectrum])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(coefficients(IMAGES, (1, -2)), expected, atol=1e-5)


def test_a_mirrored_hash_is_the_hash_of_the_mirrored_image():
    medians = np.zeros(64)
    mirrored = hashes(coefficients(IMAGES[:, :, ::-1]), medians)
    np.testing.assert_array_equal(hashes(coefficients(IMAGES), medians, mirrored=True), mirrored)
