"""Small gray images, on which images of all sizes are compared."""

from collections.abc import Iterable

import cv2
import numpy as np

from fercli.datasets.store import Store
from fercli.errors import DataError

SIDE = 48  # pixels of a thumbnail
MARGIN = 4  # pixels around the middle of a thumbnail, so that shifts stay inside
MIDDLE = SIDE - 2 * MARGIN
REACH = 2  # pixels of a thumbnail by which a near-duplicate may be shifted, in each direction
SHIFTS = [(down, right) for down in range(-REACH, REACH + 1) for right in range(-REACH, REACH + 1)]
SHIFTS.sort(key=lambda shift: abs(shift[0]) + abs(shift[1]))  # of equal correlations, the smallest shift counts
SOFT = 1.0  # standard deviation in pixels of the blur that hides the blocks of a JPEG


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Return the (48, 48) uint8 thumbnail of a gray image (H, W) uint8."""
    method = cv2.INTER_AREA if min(image.shape) > SIDE else cv2.INTER_LINEAR
    small = image if image.shape == (SIDE, SIDE) else cv2.resize(image, (SIDE, SIDE), interpolation=method)
    return cv2.GaussianBlur(small, (0, 0), SOFT)


def thumbnails(store: Store, rows: Iterable[int]) -> np.ndarray:
    """(n, 48, 48) uint8 thumbnails of rows of a store."""
    found = [thumbnail(_gray(store, row)) for row in rows]
    return np.stack(found) if found else np.empty((0, SIDE, SIDE), np.uint8)


def middle(images: np.ndarray, shift: tuple[int, int] = (0, 0)) -> np.ndarray:
    """(n, 40, 40) middles of (n, 48, 48) thumbnails, moved by `shift` pixels, down and right."""
    top, left = MARGIN + shift[0], MARGIN + shift[1]
    return images[:, top : top + MIDDLE, left : left + MIDDLE]


def _gray(store: Store, row: int) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(store.image(row), np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DataError(
            f"row {row} of {store.path} holds no image: the store is damaged; preprocess the data set again"
        )
    return image
