"""Tensors out: what a method's forward pass gives."""

from dataclasses import dataclass

from torch import Tensor


@dataclass
class Features:
    """What a backbone gives: `vector` (B, dim) and, where the network has one, the last `map` (B, C, H, W)."""

    vector: Tensor
    map: Tensor | None = None


@dataclass
class Prediction:
    """Tensors of one forward pass; a field that a method does not produce is None.

    Attributes:
        feature: (B, dim) deep feature, the input of the classifier and of every metric loss.
        logits: (B, K) class scores before softmax.
    """

    feature: Tensor
    logits: Tensor | None = None
