"""New faces that are cropped or encoded unlike the training faces of a run."""

from dataclasses import dataclass

import numpy as np

from fercli.inference.model import Model
from fercli.preprocess.face import Face

MOST_ENLARGED = 2.0  # times a face may be enlarged to the size of the training faces
MOST_OUTSIDE = 0.15  # share of a crop that may lie outside of its image
MOST_FILLED = 0.5  # share of an image that a face may fill where training images were crops already
MOST_FACES = 0.5  # share of the faces that may be unlike before a warning


@dataclass
class Unlike:
    """Counts the faces that are unlike the training faces of one run.

    Attributes:
        model: the run.
        num_faces: faces that were counted.
        num_gray: faces in images without color, where the run was trained on color.
        num_small: faces that are enlarged more than twice.
        num_cut: faces in images that were cut out already.
    """

    model: Model
    num_faces: int = 0
    num_gray: int = 0
    num_small: int = 0
    num_cut: int = 0

    def add(self, image: np.ndarray, face: Face) -> None:
        """Count one face, found in an image (H, W) or (H, W, 3) uint8."""
        self.num_faces += 1
        self.num_gray += not self.model.is_gray and is_gray(image)
        self.num_small += enlargement(self.model, face) > MOST_ENLARGED
        if self.model.came_cropped:
            self.num_cut += filled(image, face) > MOST_FILLED
        else:
            self.num_cut += outside(self.model, image, face) > MOST_OUTSIDE

    @property
    def warnings(self) -> list[str]:
        """Sentences about what most faces differ in; empty if they are like the training faces."""
        size = self.model.crop.size
        cut = (
            "were cut out before, and fercli cuts them out again: give the photographs themselves, or evaluate ready "
            "crops as a data set (fercli preprocess data=folder data.cropped=true, then fercli eval --store)"
        )
        closer = (
            "are cut closer than the training faces, so that a part of the crop is black: give the whole photographs"
        )
        found = {
            "are in images without color; the run was trained on color": self.num_gray,
            f"are smaller than half of the {size} pixels of the training faces, and are enlarged": self.num_small,
            cut if self.model.came_cropped else closer: self.num_cut,
        }
        return [
            f"{number:,} of {self.num_faces:,} faces {words}"
            for words, number in found.items()
            if number > MOST_FACES * self.num_faces
        ]


def is_gray(image: np.ndarray) -> bool:
    """Return whether an image, (H, W) or (H, W, 3) uint8, has no color: all channels are equal."""
    return image.ndim == 2 or bool((image == image[..., :1]).all())


def enlargement(model: Model, face: Face) -> float:
    """Return how many times a face is enlarged to the size of the training faces; below 1 it is shrunk."""
    left, top, right, bottom = face.box
    side = max(right - left, bottom - top) * (1 + 2 * model.crop.margin)
    return float(model.crop.size / side)


def outside(model: Model, image: np.ndarray, face: Face) -> float:
    """Return the share of the square around a face, with the margin of the training faces, outside of its image."""
    left, top, right, bottom = face.box
    half = max(right - left, bottom - top) * (0.5 + model.crop.margin)
    x, y = (left + right) / 2, (top + bottom) / 2
    height, width = image.shape[:2]
    inside = [max(0.0, min(at + half, most) - max(at - half, 0.0)) for at, most in ((x, width), (y, height))]
    return float(1 - inside[0] * inside[1] / (2 * half) ** 2)


def filled(image: np.ndarray, face: Face) -> float:
    """Return the share of an image that the box of a face fills."""
    left, top, right, bottom = face.box
    height, width = image.shape[:2]
    sides = min(right, width) - max(left, 0.0), min(bottom, height) - max(top, 0.0)
    return float(max(0.0, sides[0]) * max(0.0, sides[1]) / (height * width))
