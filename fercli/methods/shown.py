"""What a method may offer to figures, beside its streams: the patches of a face, a graph between pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from fercli.batch import Batch
from fercli.ops.patches import PatchRule


@dataclass(frozen=True)
class Patches:
    """Where the patches of some faces lie, in pixels of the augmented image.

    Attributes:
        landmarks: (B, 68, 2), from the center of the first pixel.
        centers: (B, 24, 2), from the corner of the image.
        rule: from landmarks to centers.
        stride: pixels of the image for one of the map that windows are cut from.
    """

    landmarks: np.ndarray
    centers: np.ndarray
    rule: PatchRule
    stride: int


@runtime_checkable
class CutsPatches(Protocol):
    """A method that cuts patches out of each face."""

    def drawn_patches(self, batch: Batch) -> Patches:
        """The patches of the faces of a batch, for figures."""
        ...


@dataclass(frozen=True)
class PixelGraph:
    """The graph between the pixels of two maps, for some samples.

    Attributes:
        streams: of the rows and of the columns; a single one is tied to itself.
        similarity: B arrays (P, P) of all pairs.
        weights: B arrays (P, P) of those that the sampling keeps; 0: no edge.
        grid: height and width of the map of the columns.
    """

    streams: Sequence[str]
    similarity: list[np.ndarray]
    weights: list[np.ndarray]
    grid: tuple[int, int]


@runtime_checkable
class TiesPixels(Protocol):
    """A method that ties the pixels of its streams by a graph."""

    def pixel_graph(self, batch: Batch, seed: int) -> PixelGraph | None:
        """The graph of one draw of the sampling; None where options leave no graph."""
        ...
