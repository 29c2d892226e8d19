"""C3D: eight convolutions over space and time, and one fully connected layer."""

import torch
from torch import Tensor, nn

from fercli.backbones.weights import load_file
from fercli.errors import ConfigError
from fercli.prediction import Features

# Name of each 3x3x3 convolution, and its width as a multiple of the first; a pooling ends each group.
GROUPS = (
    (("conv1", 1),),
    (("conv2", 2),),
    (("conv3a", 4), ("conv3b", 4)),
    (("conv4a", 8), ("conv4b", 8)),
    (("conv5a", 8), ("conv5b", 8)),
)


class C3D(nn.Module):
    """The network up to its first fully connected layer, fc6, with ReLU and dropout.

    Weights start from He's normal distribution and biases at 0, a choice of this project: with the defaults of torch,
    almost nothing of the image is left after eight layers without normalization. Layers are named as in the paper and
    in public files of weights.

    Args:
        channels: of the images.
        length: frames of a clip, 16 or more.
        size: height and width of the frames in pixels, 16 or more.
        width: channels of the first convolution; the others have 2, 4, 4, 8, 8, 8 and 8 times as many.
        dim: width of the feature.
        dropout: after fc6, in [0, 1).
        weights: None, or the path of a state dict file.

    Raises:
        ConfigError: too few or too small frames to be pooled, or weights of another architecture.
        DataError: the file of weights is missing.

    Source: Tran et al. 2015 (arXiv 1412.0767); 16 frames of 112 pixels as in public code of the group behind DJ-LDML.
    """

    def __init__(
        self,
        channels: int = 3,
        length: int = 16,
        size: int = 112,
        width: int = 64,
        dim: int = 4096,
        dropout: float = 0.5,
        weights: str | None = None,
    ):
        super().__init__()
        if length < 16 or size < 16:
            raise ConfigError(
                f"C3D takes clips of 16 frames or more, of 16 pixels or more; found {length} frames of {size} pixels. "
                "Set inputs.clip.length and augment.size"
            )
        self.clip = (channels, length, size)
        self.dim = dim
        num_in = channels
        for number, group in enumerate(GROUPS, start=1):
            for name, factor in group:
                self.add_module(name, nn.Conv3d(num_in, factor * width, 3, padding=1))
                num_in = factor * width
            self.add_module(f"pool{number}", _pool(number))
        side = size // 16 // 2 + 1  # the last pooling pads
        self.fc6 = nn.Linear(num_in * (length // 16) * side**2, dim)
        self.dropout = nn.Dropout(dropout)
        for module in self.modules():
            if isinstance(module, nn.Conv3d | nn.Linear):
                assert module.bias is not None
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)
        if weights is not None:
            load_file(self, weights)

    def forward(self, image: Tensor) -> Features:
        """Features of clips (B, T, C, H, W): vector (B, dim).

        Raises:
            ConfigError: the clips do not have the length and size that the network was built for.
        """
        channels, length, size = self.clip
        if tuple(image.shape[1:]) != (length, channels, size, size):
            found = "x".join(str(side) for side in image.shape[1:])
            raise ConfigError(
                f"expected clips (B, T, C, H, W) of {length}x{channels}x{size}x{size}, found {found} in each row; "
                "set inputs.clip.length, augment.size and backbone.size"
            )
        x = image.transpose(1, 2)
        for number, group in enumerate(GROUPS, start=1):
            for name, _ in group:
                x = torch.relu(self.get_submodule(name)(x))
            x = self.get_submodule(f"pool{number}")(x)
        return Features(self.dropout(torch.relu(self.fc6(x.flatten(1)))))


def _pool(number: int) -> nn.Module:
    """Pool by 2 along all axes; the first keeps all frames, and the last pads, so that 7 pixels become 4."""
    if number == 1:
        return nn.MaxPool3d((1, 2, 2))
    return nn.MaxPool3d(2, padding=(0, 1, 1)) if number == len(GROUPS) else nn.MaxPool3d(2)
