"""What a face looks like, as a vector by which a person is known again within one video."""

from typing import Protocol

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter

from fercli.preprocess.crop import Crop, warp
from fercli.preprocess.face import Face

SIDE = 64  # pixels of the face whose edges are described
CELL, ORIENTATIONS = 8, 9  # pixels of a cell of edges, and bins of their directions
COLORS = (6, 8, 8)  # bins of lightness and of the two color axes
AROUND, BELOW = 0.1, 0.7  # of the head around the box: hair and neck, in sides of the face
SOFTNESS = 0.5  # bins by which a color spreads, so that one at the border of two bins does not jump
COLOR_SHARE = 0.7  # of the similarity; edges give the rest


class Appearance(Protocol):
    """Describes faces by vectors of length 1; the similarity of two faces is the dot product of their vectors.

    Attributes:
        name: what the output says.
        same: from this similarity on, a face may be a person who has been out of sight for long.
        soon: the same for a person who was in sight seconds ago, when a stranger in the same clothes is less likely.
        different: below this similarity, a face is not the person who was expected there.
        margin: a person is known again only if no other person is nearly as similar.
    """

    name: str
    same: float
    soon: float
    different: float
    margin: float

    def describe(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the vector (D,) of a face in an image (H, W) or (H, W, 3) RGB uint8."""
        ...


class EdgesAndColors:
    """Edges of the upright face, and colors of the head with hair and neck. Needs no trained network.

    The histogram of oriented gradients (Dalal and Triggs 2005) is that of the equalized face. The histogram of colors
    is in CIELAB. Colors count more, because edges change with the pose. A person is known again in the same light and
    clothes; after a larger change, a new person is counted rather than a wrong one named.

    The threshold `same` was measured on 102 people of the Face Research Lab London Set, neutral and smiling, in one
    light: among three people, 99 % are known again, and 1 % of strangers are taken for one of the three.
    """

    name = "edges and colors"
    same, soon, different, margin = 0.93, 0.86, 0.82, 0.01

    def describe(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the vector of a face."""
        rgb = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
        crop = Crop(SIDE, align="none" if face.points is None else "five_point", margin=0.1)
        gray = cv2.cvtColor(warp(rgb, crop.matrix(face), SIDE, crop.interpolation), cv2.COLOR_RGB2GRAY)
        edges = oriented_gradients(cv2.equalizeHist(gray))
        lab = cv2.cvtColor(_head(rgb, face), cv2.COLOR_RGB2LAB)
        colors = cv2.calcHist([lab], [0, 1, 2], None, list(COLORS), [0, 256, 80, 176, 80, 176])
        colors = gaussian_filter(colors, SOFTNESS, mode="constant").ravel()
        shares = np.sqrt([1 - COLOR_SHARE, COLOR_SHARE])
        return _unit(np.concatenate([shares[0] * _unit(edges), shares[1] * _unit(np.sqrt(colors))]))


def oriented_gradients(gray: np.ndarray) -> np.ndarray:
    """Return the histograms of edge directions of all cells of an image (SIDE, SIDE), normalized over 2 x 2 cells.

    Source: Dalal and Triggs 2005, with hard bins.
    """
    x, y = (cv2.Sobel(gray, cv2.CV_32F, *order, ksize=1) for order in ((1, 0), (0, 1)))
    direction = np.floor(np.arctan2(y, x) / np.pi % 1 * ORIENTATIONS).astype(np.int64) % ORIENTATIONS
    number = SIDE // CELL
    rows, columns = np.indices(gray.shape) // CELL
    place = (rows * number + columns) * ORIENTATIONS + direction
    cells = np.bincount(place.ravel(), np.hypot(x, y).ravel(), number**2 * ORIENTATIONS)
    cells = cells.reshape(number, number, ORIENTATIONS)
    blocks = np.concatenate([cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=-1)
    return np.asarray(blocks / np.maximum(np.linalg.norm(blocks, axis=-1, keepdims=True), 1e-6)).ravel()


def _head(image: np.ndarray, face: Face) -> np.ndarray:
    left, top, right, bottom = face.box
    side, (height, width) = max(right - left, bottom - top), image.shape[:2]
    x0, x1 = round(max(0, left - AROUND * side)), round(min(width, right + AROUND * side))
    y0, y1 = round(max(0, top - AROUND * side)), round(min(height, bottom + BELOW * side))
    head = image[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return cv2.resize(head, (48, 64), interpolation=cv2.INTER_AREA)


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)
