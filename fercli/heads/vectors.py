"""Heads that score each class, valence or arousal by the product of the feature with one vector."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from torch import Tensor

AFFECT = ("valence", "arousal")
NamedVectors = tuple[Tensor, list[str]]


@runtime_checkable
class ScoresByVectors(Protocol):
    """A head that has such vectors, which figures compare with each other."""

    def named_vectors(self, classes: Sequence[str]) -> NamedVectors | None:
        """Vectors (n, dim) and the n names of what they score; None where options leave no such vectors.

        Args:
            classes: K names in the order of the labels.
        """
        ...
