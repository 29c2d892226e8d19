"""CMGCN: a face and its scene fused through a sparse graph between the pixels of their feature maps."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.errors import ConfigError, choose
from fercli.graphs.convolution import noise_for, normalized_sums, pixels, similarity
from fercli.graphs.fusion import Fusion
from fercli.graphs.sampling import Sampling
from fercli.ops.pairs import directions

STREAMS = {
    "baseline": ("face", "context"),
    "face": ("face",),
    "context": ("context",),
    "both": ("face", "context"),
}
MODES = ("cross", "own", "block")


class CrossModalGraph(Fusion):
    """Means over the pixels of each map, after every pixel has added what it receives along the graph.

    The weight of an edge is the cosine of the features of its two pixels, or 0 if the cosine is negative. The sampling
    keeps some edges. With one stream, the graph is between the pixels of its map.

    The source does not say what a pixel receives, which activation is used, and whether the two directions share
    weights. Here `mode` gives the first, the activation is ReLU, and each direction has a weight matrix without bias.

    Args:
        map: channels, height and width of each map.
        sampling: which edges are kept.
        variant: `both`: face and scene receive from each other. `face`, `context`: one stream; the other is not read.
            `baseline`: no graph, the two means side by side.
        mode: `cross`: a pixel receives from the other map, with an additional weight of 1 for the pixel at the same
            place there. `own`: the same graph mixes the pixels of its own map. `block`: a pixel receives from the other
            map, and from itself with a weight of 1.
        max_entries: number of similarities in memory at once. A batch with more is computed in parts, and computed
            again in the backward pass.

    Raises:
        ConfigError: unknown variant or mode, or no map.

    Source: Lin 2021, equations 3.1 to 3.4.
    """

    def __init__(
        self,
        map: Sequence[int] | None,
        sampling: Sampling,
        variant: str = "both",
        mode: str = "cross",
        max_entries: int = 2**22,
    ):
        super().__init__()
        if map is None:
            raise ConfigError("the graph is between pixels of feature maps, which the backbone does not give")
        choose("method.fusion.variant", variant, STREAMS)
        choose("method.fusion.mode", mode, MODES)
        self.streams = STREAMS[variant]
        self.sampling = sampling
        self.mode = mode
        self.max_entries = max_entries
        self.dim = map[0] * len(self.streams)
        # By stream, and empty for the baseline.
        self.weights = nn.ModuleDict(
            {stream: nn.Linear(map[0], map[0], bias=False) for stream in self.streams if variant != "baseline"}
        )

    def forward(self, maps: dict[str, Tensor]) -> Tensor:
        """(B, dim) fused feature of maps (B, D, h, w) by stream, the part of the face first.

        Raises:
            ConfigError: the maps differ in size and the mode links equal places.
        """
        rows = {stream: pixels(maps[stream]) for stream in self.streams}
        if not self.weights:
            return torch.cat([x.mean(1) for x in rows.values()], 1)
        if self.mode != "block" and len({x.shape[1] for x in rows.values()}) > 1:
            found = " and ".join("x".join(map(str, maps[stream].shape[2:])) for stream in self.streams)
            raise ConfigError(
                f"expected maps of one size, because mode={self.mode} links equal places, found {found}; "
                "use method.fusion.mode=block"
            )
        passes = [self._fused(rows, seed) for seed in self.sampling.seeds(self.training)]
        return torch.stack(passes).mean(0) if len(passes) > 1 else passes[0]

    def _fused(self, rows: dict[str, Tensor], seed: int | None) -> Tensor:
        """One pass: equations 3.3 and 3.4."""
        x, y = rows[self.streams[0]], rows[self.streams[-1]]
        noise = noise_for(seed, x, y, shared=not self.training)
        if len(self.streams) == 1:
            to_x, to_y = (x, x), None
        else:
            to_x = (x if self.mode == "own" else y, y if self.mode == "cross" else x)
            to_y = (y if self.mode == "own" else x, x if self.mode == "cross" else y)
        heard = normalized_sums(self.sampling, x, y, to_x, to_y, noise, self.max_entries)
        fused = [
            (F.relu(self.weights[stream](sums)) + rows[stream]).mean(1)
            for stream, sums in zip(self.streams, heard, strict=False)
        ]
        return torch.cat(fused, 1)

    @torch.no_grad()
    def graph(self, maps: dict[str, Tensor], seed: int | None = None) -> tuple[Tensor, Tensor] | None:
        """Similarities and kept weights, both (B, P, P) with rows for the first stream; for figures of a few samples.

        None for the baseline, which has no graph.

        Args:
            seed: of one draw, also if the scheme does not draw in evaluation. None: do as in evaluation.
        """
        if not self.weights:
            return None
        x, y = (directions(pixels(maps[stream])) for stream in (self.streams[0], self.streams[-1]))
        dense = similarity(x, y)
        return dense, self.sampling(dense, noise_for(seed, x, y, shared=True)(0, x.shape[1]))
