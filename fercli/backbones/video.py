"""Networks of torchvision on clips: residual networks over space and time, and image networks frame by frame."""

import torch
from torch import Tensor, nn
from torchvision.models import get_model, get_model_weights

from fercli.backbones.downloads import downloaded
from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.backbones.weights import load_file, load_matching
from fercli.errors import ConfigError, nearest
from fercli.prediction import Features

NAMES = ("r3d_18", "mc3_18", "r2plus1d_18")


class VideoResNetBackbone(nn.Module):
    """A video ResNet of torchvision up to its classifier, averaged over space and time.

    Args:
        name: `r3d_18`, `mc3_18` or `r2plus1d_18`.
        channels: of the images.
        weights: None, `kinetics` (KINETICS400_V1 of torchvision), or the path of a state dict file.

    Raises:
        ConfigError: unknown name, or weights of another architecture.
        DataError: the weights can be neither found nor downloaded.

    Source: Tran et al. 2018 (arXiv 1711.11248).
    """

    def __init__(self, name: str, channels: int = 3, weights: str | None = None):
        super().__init__()
        if name not in NAMES:
            raise ConfigError(f"no backbone.name '{name}' among the video ResNets; {nearest(name, NAMES)}")
        self.net = get_model(name, weights=None)
        self.dim: int = self.net.fc.in_features
        self.net.fc = nn.Identity()
        if channels != 3:
            self.net.stem[0] = _for_channels(self.net.stem[0], channels)
        if weights == "kinetics":
            known = get_model_weights(name)["KINETICS400_V1"]
            place = f"{torch.hub.get_dir()}/checkpoints"
            state = downloaded(lambda: known.get_state_dict(progress=True, check_hash=True), known.url, place)
            load_matching(self.net, state, "the Kinetics weights of torchvision")
        elif weights is not None:
            load_file(self.net, weights)

    def forward(self, image: Tensor) -> Features:
        """Features of normalized clips (B, T, C, H, W): vector (B, dim)."""
        return Features(self.net(checked_clip(image).transpose(1, 2)))


class FrameAverage(TorchvisionBackbone):
    """A network of torchvision on each frame, and the mean of the features: a control that ignores the order in time.

    Takes the arguments of `TorchvisionBackbone`.
    """

    def forward(self, image: Tensor) -> Features:
        """Features of normalized clips (B, T, C, H, W): vector (B, dim)."""
        frames = super().forward(checked_clip(image).flatten(0, 1)).vector
        return Features(frames.unflatten(0, tuple(image.shape[:2])).mean(1))


def checked_clip(clip: Tensor) -> Tensor:
    """Return clips (B, T, C, H, W) unchanged; raise ConfigError if the input is images."""
    if clip.dim() != 5:
        raise ConfigError(
            f"this backbone takes clips (B, T, C, H, W), found images of {clip.dim()} dimensions; "
            "set inputs.clip={length: 16, stride: 16}, or choose a backbone of images"
        )
    return clip


def _for_channels(old: nn.Module, channels: int) -> nn.Conv3d:
    """Return the first convolution for another number of channels, drawn as in torchvision."""
    assert isinstance(old, nn.Conv3d)
    names = ("out_channels", "kernel_size", "stride", "padding")
    new = nn.Conv3d(channels, bias=False, **{name: getattr(old, name) for name in names})
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    return new
