"""The region to cut out of an image: the face that was found, or the middle of the image where none was found."""

import numpy as np

from fercli.preprocess.face import Face
from fercli.preprocess.shape_predictor import ShapePredictor

LEAVE_OUT, CENTER = NO_FACE = ("leave_out", "center")
CENTER_SHARE = 0.6  # of the image's shorter side


def face_to_cut(image: np.ndarray, found: Face | None, landmarks: ShapePredictor | None) -> Face:
    """Return the face that was found, with 68 landmarks if there is a predictor; without a face, the image's middle.

    Preprocessing and prediction both use this function, so that new images are cropped like the training images.

    Args:
        image: (H, W) or (H, W, 3) RGB uint8.

    Raises:
        ValueError: the box of the face is empty, or its points coincide.
    """
    if found is None:
        return center_face(image)
    return found if landmarks is None else landmarks.locate(image, found)


def center_face(image: np.ndarray) -> Face:
    """Return the middle of an image, a square of 60 % of its shorter side, in place of a face that was not found."""
    height, width = image.shape[:2]
    x, y, half = (width - 1) / 2, (height - 1) / 2, CENTER_SHARE * min(height, width) / 2
    return Face((x - half, y - half, x + half, y + half), confidence=0.0, is_framed=True)
