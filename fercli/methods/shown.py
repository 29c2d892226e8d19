"""Data that a method may give to figures, beside its streams: patches of a face, a graph between pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from fercli.batch import Batch
from fercli.ops.patches import PatchRule


@dataclass(frozen=True)
class Patches:
    """The positions of the patches of some faces, in pixels of the augmented image.

    Attributes:
        landmarks: (B, 68, 2), with the center of the first pixel at (0, 0).
        centers: (B, 24, 2), with the corner of the image at (0, 0).
        rule: from landmarks to centers.
        stride: pixels of the image per pixel of the map from which windows are cut.
    """

    landmarks: np.ndarray
    centers: np.ndarray
    rule: PatchRule
    stride: int


@runtime_checkable
class CutsPatches(Protocol):
    """A method that cuts patches out of each face."""

    def drawn_patches(self, batch: Batch) -> Patches:
        """Return the patches of the faces of a batch, for figures."""
        ...


@dataclass(frozen=True)
class PixelGraph:
    """The graph between the pixels of two maps, for some samples.

    Attributes:
        streams: the streams of the rows and of the columns; a single stream is both.
        similarity: B arrays (P, P) of all pairs.
        weights: B arrays (P, P) of the edges that the sampling keeps; 0: no edge.
        grid: height and width of the map of the columns.
    """

    streams: Sequence[str]
    similarity: list[np.ndarray]
    weights: list[np.ndarray]
    grid: tuple[int, int]


@runtime_checkable
class TiesPixels(Protocol):
    """A method with a graph between the pixels of its streams."""

    def pixel_graph(self, batch: Batch, seed: int) -> PixelGraph | None:
        """Return the graph of one draw of the sampling; None if the options of the method leave no graph."""
        ...
