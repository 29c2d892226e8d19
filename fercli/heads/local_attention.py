"""Local and global attention learning: parts of a feature map as vectors, each weighted by its own gate.

The layers have P independent sets of weights and take (P, B, ...): P modules without shared weights run as one.
"""

from collections.abc import Callable

from torch import Tensor, nn

from fercli.errors import ConfigError
from fercli.heads.gate import Gate, ParallelConv2d, ParallelLinear, halved
from fercli.ops.patches import NUM_PATCHES, WINDOW

LOCAL_WIDTH, GLOBAL_WIDTH = 64, 512


class LocalAttention(nn.Module):
    """LAL: a vector of 64 numbers from each of 24 windows of the map, times its gate.

    Args:
        channels: of the map.
        gates: False: no gates, as if all were 1.
        gate_pooling: see `Gate`.
        shared: one set of weights for all windows; the source has 24 sets.

    Source: He, Chan and Wang 2021, equations 1 to 3.
    """

    def __init__(self, channels: int, gates: bool = True, gate_pooling: str = "average", shared: bool = False):
        super().__init__()
        self.num_modules = 1 if shared else NUM_PATCHES
        self.first = ParallelConv2d(self.num_modules, channels, channels, 3)
        self.second = ParallelConv2d(self.num_modules, channels, channels, 1)
        self.vector = nn.Sequential(ParallelLinear(self.num_modules, channels * WINDOW**2, LOCAL_WIDTH), nn.ReLU())
        self.gate = Gate(self.num_modules, channels, WINDOW, gate_pooling) if gates else None
        self.dim = NUM_PATCHES * LOCAL_WIDTH

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the vectors (B, 24 * 64), patch by patch, and the gates (B, 24), of windows (B, 24, C, 6, 6)."""
        num_images = windows.shape[0]
        x = windows.transpose(0, 1).reshape(self.num_modules, -1, *windows.shape[2:])
        x = self.second(self.first(x).relu()).relu()
        vector, gate = gated(self.vector, self.gate, x)
        return _by_image(vector, num_images), None if gate is None else _by_image(gate, num_images)


class GlobalAttention(nn.Module):
    """GAL: one vector of 512 numbers from the whole map, times its gate.

    Args:
        channels: of the map.
        side: height and width of the map, at least 4.
        gates: see `LocalAttention`.
        gate_pooling: see `Gate`.

    Raises:
        ConfigError: the map is too small to be halved twice.

    Source: He, Chan and Wang 2021, equations 4 to 6.
    """

    def __init__(self, channels: int, side: int, gates: bool = True, gate_pooling: str = "average"):
        super().__init__()
        if side < 4:
            raise ConfigError(
                f"global attention expects feature maps of at least 4x4, found {side}x{side}; use larger images"
            )
        self.convolution = ParallelConv2d(1, channels, GLOBAL_WIDTH, 3)
        self.vector = nn.Sequential(ParallelLinear(1, GLOBAL_WIDTH * (side // 2) ** 2, GLOBAL_WIDTH), nn.ReLU())
        self.gate = Gate(1, GLOBAL_WIDTH, side // 2, gate_pooling) if gates else None
        self.dim = GLOBAL_WIDTH

    def forward(self, map: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the vector (B, 512) and the gate (B, 1) of maps (B, C, H, W)."""
        x = self.convolution(halved(map[None])).relu()
        vector, gate = gated(self.vector, self.gate, x)
        return vector[0], None if gate is None else gate[0]


def gated(
    layer: Callable[[Tensor], Tensor], gate: Callable[[Tensor], Tensor] | None, map: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Vectors (P, B, dim) of maps (P, B, C, H, W) times their gates, and the gates (P, B, 1).

    Args:
        layer: flattened maps (P, B, C * H * W) to vectors.
        gate: maps to gates; None for vectors without a gate.
        map: the input of both.

    Source: He, Chan and Wang 2021, equations 3 and 6.
    """
    vector = layer(map.flatten(2))
    if gate is None:
        return vector, None
    alpha = gate(map)
    return alpha * vector, alpha


def _by_image(x: Tensor, num_images: int) -> Tensor:
    """Reorder (P, n, dim), with patch first and image next, to (B, 24 * dim)."""
    return x.reshape(-1, num_images, x.shape[-1]).transpose(0, 1).flatten(1)
