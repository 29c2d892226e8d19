"""68 landmarks by a shape predictor of dlib, an optional extra; the user must provide its file."""

import hashlib
import importlib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from fercli.apart import read_apart
from fercli.errors import ConfigError, DataError, printable
from fercli.preprocess.align import similarity, template, transform
from fercli.preprocess.crop import warp
from fercli.preprocess.face import Face, five_points

FILE = "shape_predictor_68_face_landmarks.dat"
WHERE_FROM = (
    f"{FILE} is at http://dlib.net/files/{FILE}.bz2 (compressed) and in the package face_recognition_models. "
    "It was trained on iBUG 300-W, whose license excludes commercial use"
)
NUM_LANDMARKS = 68

# The predictor gets the face warped upright to SIZE x SIZE pixels. It returns integer pixels, so SIZE is large.
SIZE = 512
MARGIN = 0.3
UPRIGHT = template(SIZE, MARGIN)
FACE = SIZE / (1 + 2 * MARGIN)  # size of the face in the warped image, in pixels
# The square in which the predictor expects the face, as dlib's own detector gives it. It was measured with that
# detector on photographs, relative to the five points and to a box that contains the face from hairline to chin.
CENTER = UPRIGHT.mean(0) - (0, 0.01 * FACE)
SIDE = 0.77 * FACE
SQUARE: list[int] = np.rint([CENTER - SIDE / 2, CENTER + SIDE / 2]).astype(int).ravel().tolist()
SHARE_OF_BOX = 0.9
BELOW_MIDDLE = 0.05  # of the longer side of the box
# An image visits only some splits of the predictor's trees; with many images of noise, some visit a damaged split.
NUM_TRIALS = 32


class ShapePredictor:
    """Finds 68 landmarks in a face with a known box, better with known five points (Kazemi and Sullivan 2014).

    The face is first warped upright by its five points, so that the landmarks of rotated faces are found as well.
    Without five points, a first prediction from the box gives them. A face in profile also gets landmarks, but they do
    not fit.

    Args:
        model: path of a predictor of 68 landmarks in the iBUG order, as dlib saves it.

    Raises:
        ConfigError: dlib is not installed, or no path is given.
        DataError: the file is missing, or holds no predictor of 68 landmarks.
    """

    def __init__(self, model: str | Path | None = None):
        try:
            importlib.import_module("dlib")
        except ImportError as error:
            wanted = "landmarks=dlib needs dlib, which is not installed"
            raise ConfigError(f"{wanted}; pip install fercli[landmarks]") from error
        if model is None:
            raise ConfigError(f"no value for landmarks.model; add landmarks.model=<path of {FILE}>.\n{WHERE_FROM}.")
        self.model = Path(model).expanduser().absolute()
        place, expected = printable(str(self.model)), f"dlib's predictor of {NUM_LANDMARKS} landmarks"
        if not self.model.is_file():
            raise DataError(f"expected {expected} in {place}, found no file.\n{WHERE_FROM}.")
        try:  # a damaged file would end this process without a message
            number = read_apart(try_out, self.model, place, expected)
        except DataError as error:
            raise DataError(f"{error}.\n{WHERE_FROM}.") from None
        if number != NUM_LANDMARKS:
            raise DataError(f"expected {expected} in {place}, found one of {number} landmarks.\n{WHERE_FROM}.")
        self._predictor = _load(self.model)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send only the path to worker processes; they load the file, which this process has already checked."""
        return object.__new__, (ShapePredictor,), self.model

    def __setstate__(self, model: Path) -> None:
        self.model = model
        self._predictor = _load(model)

    @cached_property
    def facts(self) -> dict[str, str]:
        """Facts that a store records: path and sha256 of the file."""
        with self.model.open("rb") as stream:
            return {"model": str(self.model), "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}

    def locate(self, image: np.ndarray, face: Face) -> Face:
        """Return the same face with 68 landmarks, and with its five points computed from them.

        Args:
            image: (H, W) or (H, W, 3) RGB uint8.

        Raises:
            ValueError: the box is empty, or the points coincide.
        """
        points = face.points
        if points is None:
            points = five_points(self._fit(image, from_box(face)))
            assert points is not None
        landmarks = self._fit(image, similarity(points, UPRIGHT))
        return replace(face, points=five_points(landmarks), landmarks=landmarks)

    def _fit(self, image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Return (68, 2) landmarks in pixels of the image; the matrix maps the image to the warped one."""
        return transform(_points(self._predictor, warp(image, matrix, SIZE)), _inverse(matrix))


def from_box(face: Face) -> np.ndarray:
    """Return the (2, 3) matrix that maps the central part of a face box to the square that the predictor expects."""
    left, top, right, bottom = face.box
    if not (right > left and bottom > top):
        raise ValueError(f"the box {face.box} is empty")
    side = max(right - left, bottom - top)
    center = np.array([left + right, top + bottom]) / 2 + (0, BELOW_MIDDLE * side)
    scale = SIDE / (SHARE_OF_BOX * side)
    return np.column_stack([scale * np.eye(2), CENTER - scale * center])


def _inverse(matrix: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def try_out(path: str, place: str) -> int:
    """Return the number of landmarks that a predictor finds in images of noise; call it in a separate process."""
    predictor, rng = _load(path), np.random.default_rng(0)
    drawings = rng.integers(0, 256, (NUM_TRIALS, SIZE, SIZE), np.uint8)
    return min(len(_points(predictor, drawing)) for drawing in drawings)


def _load(path: str | Path) -> Any:
    import dlib

    return dlib.shape_predictor(str(path))


def _points(predictor: Any, drawing: np.ndarray) -> np.ndarray:
    import dlib

    shape = predictor(drawing, dlib.rectangle(*SQUARE))
    return np.array([(point.x, point.y) for point in shape.parts()], np.float64)
