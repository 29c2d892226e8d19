"""Heads that compute each class score, valence or arousal as the product of the feature with one vector."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor

AFFECT = ("valence", "arousal")
NamedVectors = tuple[Tensor, list[str]]


@runtime_checkable
class ScoresByVectors(Protocol):
    """A head that has one vector for each score; figures compare these vectors with each other."""

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors | None:
        """Return vectors (n, dim) and the n names of what they score; None if the options of the head leave no vectors.

        Args:
            classes: K names in the order of the labels.
        """
        ...
