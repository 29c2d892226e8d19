"""BReG-NeXt: residual blocks with a shortcut that has a bounded gradient."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fercli.prediction import Features


class BoundedShortcut(nn.Module):
    """atan(alpha x / s) / (alpha s) with s^2 = beta^2 + 1; alpha and beta are trained and start at 1.

    Its gradient is 1 / (1 + beta^2 + (alpha x)^2): positive, and at most 1.

    Source: Hasani et al. 2020, the adaptive complex mapping.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(()))
        self.beta = nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor in the shape of x."""
        scale = torch.sqrt(self.beta**2 + 1)
        return torch.atan(self.alpha * x / scale) / (self.alpha * scale)


class BReGBlock(nn.Module):
    """Twice batch normalization, ELU and a 3x3 convolution, added to the bounded shortcut of the input.

    A block that widens also halves the side. Its shortcut is then average-pooled over 2x2 and padded with channels of
    zeros, half of them before and half after its own channels.
    """

    def __init__(self, num_in: int, num_out: int):
        super().__init__()
        self.widens = num_out - num_in
        first = nn.Conv2d(num_in, num_out, 3, stride=2 if self.widens else 1, padding=1)
        second = nn.Conv2d(num_out, num_out, 3, padding=1)
        self.residual = nn.Sequential(
            nn.BatchNorm2d(num_in), nn.ELU(), first, nn.BatchNorm2d(num_out), nn.ELU(), second
        )
        self.shortcut = BoundedShortcut()

    def forward(self, x: Tensor) -> Tensor:
        """(B, num_out, H', W') of (B, num_in, H, W): half the side, rounded up, where the block widens."""
        shortcut = self.shortcut(x)
        if self.widens:
            shortcut = F.avg_pool2d(shortcut, 2, ceil_mode=True)
            shortcut = F.pad(shortcut, (0, 0, 0, 0, self.widens // 2, self.widens // 2))
        return self.residual(x) + shortcut


class BReGNeXt(nn.Module):
    """BReG-NeXt-50: 7 blocks of 32 channels, 9 of 64 and 8 of 128; then batch normalization, ELU, average pooling.

    The paper shows the blocks and the shortcut. The number of blocks, pre-activation, padding of the shortcut and the
    initial weights (He's normal distribution, biases at 0) are those of its released TensorFlow code. That code draws
    the first convolution differently, and cuts off the normal distributions at two standard deviations.

    Args:
        channels: of the images. The paper has images of 64x64 pixels, Antoniadis 2021 of 112x112.

    Source: Hasani, Negi and Mahoor 2020, "BReG-NeXt: Facial affect computing using adaptive residual networks with
    bounded gradient".
    """

    dim = 128

    def __init__(self, channels: int = 3):
        super().__init__()
        widths = [32] * 8 + [64] * 9 + [128] * 8
        blocks = (BReGBlock(num_in, num_out) for num_in, num_out in pairwise(widths))
        self.net = nn.Sequential(nn.Conv2d(channels, 32, 3, padding=1), *blocks, nn.BatchNorm2d(128), nn.ELU())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor) -> Features:
        """Features of (B, channels, H, W) images: vector (B, 128), map (B, 128, H / 4, W / 4)."""
        last = self.net(image)
        return Features(last.mean((2, 3)), last)
