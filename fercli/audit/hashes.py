"""Perceptual hashes of images: 64 bits that a light change of an image changes little.

Source: the hash is the one of discrete cosine coefficients of Zauner 2010, "Implementation and Benchmarking of
Perceptual Image Hash Functions", section 3.1, with one change: a coefficient is compared with its median over all
images, not with the median of its own image. Aligned faces resemble each other, so their low frequencies have the same
signs; medians over the images make every bit 0 as often as 1, and buckets small.
"""

import numpy as np

from fercli.audit.thumbnails import MIDDLE, middle

NUM_FREQUENCIES = 10
NUM_BITS = 64
BLOCK = 8192  # images at a time


def _cosines() -> np.ndarray:
    """(NUM_FREQUENCIES, MIDDLE) rows of the discrete cosine transform."""
    frequency, place = np.ogrid[:NUM_FREQUENCIES, :MIDDLE]
    return np.cos(np.pi * (2 * place + 1) * frequency / (2 * MIDDLE)).astype(np.float32)


COSINES = _cosines()
# The 64 lowest frequencies besides the mean, from low to high.
FREQUENCIES = sorted(
    ((down, right) for down in range(NUM_FREQUENCIES) for right in range(NUM_FREQUENCIES) if down + right),
    key=lambda pair: (pair[0] ** 2 + pair[1] ** 2, pair),
)[:NUM_BITS]
VERTICAL, HORIZONTAL = (np.array([frequency[axis] for frequency in FREQUENCIES]) for axis in (0, 1))
MIRROR = np.where(HORIZONTAL % 2, -1, 1).astype(np.float32)  # a mirrored image changes the sign of odd frequencies


def coefficients(thumbnails: np.ndarray, shift: tuple[int, int] = (0, 0)) -> np.ndarray:
    """(n, 64) float32 lowest frequencies of the middles of (n, 48, 48) uint8 thumbnails, scaled to length 1.

    Args:
        shift: pixels, down and right, by which the middle is moved.
    """
    found = np.empty((len(thumbnails), NUM_BITS), dtype=np.float32)
    for start in range(0, len(thumbnails), BLOCK):
        middles = middle(thumbnails[start : start + BLOCK], shift).astype(np.float32)
        spectrum = COSINES @ middles @ COSINES.T
        found[start : start + BLOCK] = spectrum[:, VERTICAL, HORIZONTAL]
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)


def hashes(found: np.ndarray, medians: np.ndarray, mirrored: bool = False) -> np.ndarray:
    """(n,) uint64 hashes of (n, 64) coefficients.

    Args:
        medians: (64,) of each coefficient over all images.
        mirrored: hash the mirrored images.
    """
    bits = found * MIRROR > medians if mirrored else found > medians
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)
