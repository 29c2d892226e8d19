"""How alike two images are: the correlation of what distinguishes them from all images, over small shifts.

Faces that are aligned resemble each other, so the correlation of two people may exceed 0.95. What all images share is
therefore removed before images are correlated: their mean and their leading principal components (eigenfaces).

Sources: Lewis 1995, "Fast Normalized Cross-Correlation", equation 1, which does not depend on brightness and contrast;
Turk and Pentland 1991, "Eigenfaces for Recognition".
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from fercli.audit.thumbnails import MIDDLE, SHIFTS, middle

BLOCK = 2048  # pairs at a time
FLAT = 2.0  # standard deviation of gray values, of 255, below which an image shows nothing to compare
NUM_PIXELS = MIDDLE * MIDDLE
MOST_COMPONENTS = 48
IMAGES_PER_COMPONENT = 8  # with fewer images, a component would be that of single images, twins among them
MOST_FITTED = 4000  # images that the components are computed from


@dataclass(frozen=True)
class Shared:
    """What the images of a set have in common.

    Attributes:
        mean: (1600,) mean of the normalized images.
        components: (1600, k) leading principal components, of length 1.
    """

    mean: np.ndarray
    components: np.ndarray

    @classmethod
    def of(cls, thumbnails: np.ndarray) -> "Shared":
        """Compute it from (n, 48, 48) uint8 thumbnails; fewer than 8 images have nothing in common."""
        number = min(MOST_COMPONENTS, len(thumbnails) // IMAGES_PER_COMPONENT)
        if number == 0:
            return cls(np.zeros(NUM_PIXELS, np.float32), np.zeros((NUM_PIXELS, 0), np.float32))
        fitted = np.linspace(0, len(thumbnails) - 1, min(MOST_FITTED, len(thumbnails))).astype(int)
        images = normalized(middle(thumbnails[fitted]))
        mean = images.mean(axis=0)
        centered = images - mean
        leading = (NUM_PIXELS - number, NUM_PIXELS - 1)  # by rising variance
        _, vectors = eigh(centered.T @ centered, subset_by_index=leading)
        return cls(mean, np.ascontiguousarray(vectors))

    def removed(self, images: np.ndarray) -> np.ndarray:
        """(n, 1600) what remains of (n, 1600) normalized images, of length 1; 0 where nothing remains."""
        rest = images - self.mean
        rest -= (rest @ self.components) @ self.components.T
        return _of_length_1(rest, 1e-6)


def similarities(thumbnails: np.ndarray, pairs: np.ndarray, shared: Shared) -> tuple[np.ndarray, np.ndarray]:
    """Compare pairs of thumbnails.

    Args:
        thumbnails: (n, 48, 48) uint8.
        pairs: (m, 3) two places, and 1 where the first image is to be mirrored.
        shared: what is removed from both.

    Returns:
        The (m,) float32 correlation of the rest, in [-1, 1], at the shift with the largest correlation of the images
        themselves, and this (m, 2) int64 shift of the first image, in pixels of a thumbnail, down and right. A flat
        image has a correlation of 0 with every image.
    """
    value, where = np.zeros(len(pairs), dtype=np.float32), np.zeros((len(pairs), 2), dtype=np.int64)
    for start in range(0, len(pairs), BLOCK):
        one, other, mirrored = pairs[start : start + BLOCK].T
        moving = thumbnails[one]
        moving[mirrored == 1] = moving[mirrored == 1, :, ::-1]
        still = normalized(middle(thumbnails[other]))
        best, image = np.full(len(one), -np.inf, dtype=np.float32), np.zeros_like(still)
        for shift in SHIFTS:
            moved = normalized(middle(moving, shift))
            found = np.einsum("np,np->n", moved, still)
            better = found > best
            best[better], image[better] = found[better], moved[better]
            where[start : start + BLOCK][better] = shift
        seen = still.any(axis=1) & image.any(axis=1)
        rest = np.einsum("np,np->n", shared.removed(image), shared.removed(still))
        value[start : start + BLOCK] = np.where(seen, rest, 0)
    return value, where


def normalized(images: np.ndarray) -> np.ndarray:
    """(n, 1600) float32 of mean 0 and length 1, from (n, 40, 40) uint8; 0 for a flat image."""
    values = images.reshape(len(images), NUM_PIXELS).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return _of_length_1(values, FLAT * MIDDLE)


def _of_length_1(values: np.ndarray, least: float) -> np.ndarray:
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.divide(values, length, out=np.zeros_like(values), where=length > least)
