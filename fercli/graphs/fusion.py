"""What all fusions of a face and its scene share."""

from collections.abc import Sequence

from torch import nn


class Fusion(nn.Module):
    """Maps (B, D, h, w) by stream to one feature (B, dim), the part of the face first.

    Attributes:
        streams: those that it reads, `face`, `context` or both in this order.
        dim: width of the feature.
    """

    streams: Sequence[str]
    dim: int
