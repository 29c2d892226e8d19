"""The gate of a part of a feature map: how much it counts for the prediction."""

import torch
from torch import Tensor, nn

from fercli.errors import choose

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
        x = self.convolution(halved(map)).relu()
        x = x.mean((-2, -1)) if self.pooling == "average" else x.flatten(2)
        return self.last(self.first(x).relu()).sigmoid()


def halved(map: Tensor) -> Tensor:
    """Return maps of half the height and width, by the largest of four places."""
    return nn.functional.max_pool2d(map.flatten(0, 1), 2).unflatten(0, map.shape[:2])


def _he_normal(shape: tuple[int, ...], fan_in: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).normal_(std=(2 / fan_in) ** 0.5))
