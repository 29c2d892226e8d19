"""The base class of all fusions of a face and its scene."""

from collections.abc import Sequence

from torch import Tensor, nn


class Fusion(nn.Module):
    """Fuse maps (B, D, h, w) of the streams to one feature (B, dim), the part of the face first.

    Attributes:
        streams: the streams that it reads: `face`, `context`, or both in this order.
        dim: width of the feature.
    """

    streams: Sequence[str]
    dim: int

    def graph(self, maps: dict[str, Tensor], seed: int | None = None) -> tuple[Tensor, Tensor] | None:
        """Similarities and kept weights, both (B, P, P) with rows for the first stream; None if there is no graph.

        Args:
            maps: (B, D, h, w) by stream.
            seed: of one draw, also if the sampling does not draw in evaluation. None: do as in evaluation.
        """
        return None
