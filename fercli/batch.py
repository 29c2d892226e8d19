"""Tensors in: what a method gets for one step."""

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

UNLABELLED = -1  # of `expression`; floating fields use NaN


@dataclass
class Batch:
    """B samples. Optional fields are None where the store lacks them; single missing labels are UNLABELLED or NaN.

    Attributes:
        id: B identifiers of the store.
        image: (B, C, H, W) uint8 as stored; float, normalized, after augmentation.
        expression: (B,) int64 class index in the store's class order.
        votes: (B, K) float, annotators per class.
        affect: (B, 2) float, valence and arousal in [-1, 1].
        score: (B,) float, BDI-II points.
        age: (B,) float, years.
    """

    id: list[str]
    image: Tensor
    expression: Tensor | None = None
    votes: Tensor | None = None
    affect: Tensor | None = None
    score: Tensor | None = None
    age: Tensor | None = None

    def __len__(self) -> int:
        return len(self.id)

    def to(self, device: Any, non_blocking: bool = False) -> "Batch":
        """The same batch with every tensor on `device`."""
        moved: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, Tensor):
                moved[f.name] = value.to(device, non_blocking=non_blocking)
        return replace(self, **moved)


def labelled(field: Tensor) -> Tensor:
    """(B,) bool: the rows of a label field that carry a label."""
    if not field.is_floating_point():
        return field != UNLABELLED
    known = ~torch.isnan(field)
    return known.flatten(1).all(1) if known.dim() > 1 else known
