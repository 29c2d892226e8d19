"""What all fusions of a face and its scene share."""

from collections.abc import Sequence

from torch import Tensor, nn


class Fusion(nn.Module):
    """Maps (B, D, h, w) by stream to one feature (B, dim), the part of the face first.

    Attributes:
        streams: those that it reads, `face`, `context` or both in this order.
        dim: width of the feature.
    """

    streams: Sequence[str]
    dim: int

    def graph(self, maps: dict[str, Tensor], seed: int | None = None) -> tuple[Tensor, Tensor] | None:
        """Similarities and kept weights, both (B, P, P) with rows for the first stream; None for fusions without.

        Args:
            maps: (B, D, h, w) by stream.
            seed: of one draw, whatever the sampling does in evaluation; None for what it does there.
        """
        return None
