"""Local and global attention learning: parts of a feature map as vectors, each weighted by its own gate.

The layers have P independent sets of weights and take (P, B, ...): P modules without shared weights run as one.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from fercli.errors import ConfigError, choose
from fercli.ops.patches import NUM_PATCHES, WINDOW

LOCAL_WIDTH, GLOBAL_WIDTH = 64, 512
GATE_WIDTHS = (128, 64)  # of the convolution and the first fully connected layer of a gate
GATE_POOLINGS = ("average", "flatten")


class ParallelConv2d(nn.Module):
    """P convolutions with stride 1; the output has the height and width of the input.

    They run one after another: as one grouped convolution they took up to 2.7 times as long on a CPU.
    """

    def __init__(self, num_modules: int, num_in: int, num_out: int, kernel: int):
        super().__init__()
        self.weight = _he_normal((num_modules, num_out, num_in, kernel, kernel), num_in * kernel**2)
        self.bias = nn.Parameter(torch.zeros(num_modules, num_out))
        self.padding = kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        """(P, B, num_in, H, W) to (P, B, num_out, H, W)."""
        modules = zip(x.unbind(), self.weight.unbind(), self.bias.unbind(), strict=True)
        return torch.stack([nn.functional.conv2d(each, w, b, padding=self.padding) for each, w, b in modules])


class ParallelLinear(nn.Module):
    """P fully connected layers."""

    def __init__(self, num_modules: int, num_in: int, num_out: int):
        super().__init__()
        self.weight = _he_normal((num_modules, num_in, num_out), num_in)
        self.bias = nn.Parameter(torch.zeros(num_modules, num_out))

    def forward(self, x: Tensor) -> Tensor:
        """(P, B, num_in) to (P, B, num_out)."""
        return torch.baddbmm(self.bias[:, None], x, self.weight)


class Gate(nn.Module):
    """The self-attention network: how much a part of the face matters, as one number in (0, 1).

    Args:
        num_modules: P.
        channels: C.
        side: height and width of the maps.
        pooling: before the first fully connected layer. `average`: over all places, as in Li et al. 2019; the source
            does not list it. `flatten`: no pooling.

    Source: He, Chan and Wang 2021, equations 2 and 5; widths from Li et al. 2019.
    """

    def __init__(self, num_modules: int, channels: int, side: int, pooling: str = "average"):
        super().__init__()
        choose("head.gate_pooling", pooling, GATE_POOLINGS)
        wide, narrow = GATE_WIDTHS
        num_places = 1 if pooling == "average" else (side // 2) ** 2
        self.pooling = pooling
        self.convolution = ParallelConv2d(num_modules, channels, wide, 1)
        self.first = ParallelLinear(num_modules, wide * num_places, narrow)
        self.last = ParallelLinear(num_modules, narrow, 1)

    def forward(self, map: Tensor) -> Tensor:
        """Gates (P, B, 1) of maps (P, B, C, H, W)."""
        x = self.convolution(_halved(map)).relu()
        x = x.mean((-2, -1)) if self.pooling == "average" else x.flatten(2)
        return self.last(self.first(x).relu()).sigmoid()


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
        x = self.convolution(_halved(map[None])).relu()
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


def _halved(map: Tensor) -> Tensor:
    return nn.functional.max_pool2d(map.flatten(0, 1), 2).unflatten(0, map.shape[:2])


def _by_image(x: Tensor, num_images: int) -> Tensor:
    """Reorder (P, n, dim), with patch first and image next, to (B, 24 * dim)."""
    return x.reshape(-1, num_images, x.shape[-1]).transpose(0, 1).flatten(1)


def _he_normal(shape: tuple[int, ...], fan_in: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).normal_(std=(2 / fan_in) ** 0.5))
