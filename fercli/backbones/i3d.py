"""I3D: the Inception network for images, with time as a third dimension of every filter and pooling."""

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import GoogLeNet_Weights, googlenet

from fercli.backbones.downloads import downloaded
from fercli.backbones.video import checked_clip
from fercli.backbones.weights import load_file, load_matching
from fercli.prediction import Features

NO_TIME = ("maxpool1", "maxpool2")  # these two poolings keep every frame (Figure 3 of the paper)


class I3D(nn.Module):
    """GoogLeNet of torchvision, inflated, up to its classifier, and averaged over space and time.

    A filter of k x k becomes a filter of k x k x k. From trained weights, each of its k slices is 1/k of the image
    filter. A clip that repeats one image then gives the same features as the image, except for the padding in time.
    The network of torchvision has batch normalization, and 3 x 3 filters instead of 5 x 5, like that of the authors.

    Args:
        channels: of the images.
        weights: None, `imagenet` (IMAGENET1K_V1 of torchvision, inflated), or the path of a state dict file. `imagenet`
            expects pixels in [-1, 1], so set `data.mean` and `data.std` to 0.5.

    Raises:
        ConfigError: weights of another architecture.
        DataError: the weights can be neither found nor downloaded.

    Source: Carreira and Zisserman 2017 (arXiv 1705.07750), sections 2.4 and 2.5.
    """

    def __init__(self, channels: int = 3, weights: str | None = None):
        super().__init__()
        net = googlenet(weights=None, aux_logits=False, init_weights=False)
        self.dim: int = net.fc.in_features
        net.fc = nn.Identity()
        if channels != 3:
            net.conv1.conv = nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
        if weights == "imagenet":
            known = GoogLeNet_Weights.IMAGENET1K_V1
            place = f"{torch.hub.get_dir()}/checkpoints"
            state = downloaded(lambda: known.get_state_dict(progress=True, check_hash=True), known.url, place)
            load_matching(net, state, "the ImageNet weights of torchvision")
        self.net = inflate(net)
        if weights != "imagenet":
            for module in net.modules():
                if isinstance(module, nn.Conv3d):
                    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if weights not in (None, "imagenet"):
            load_file(self.net, weights)

    def forward(self, image: Tensor) -> Features:
        """Features of normalized clips (B, T, C, H, W): vector (B, dim)."""
        return Features(self.net(checked_clip(image).transpose(1, 2)))


def inflate(net: nn.Module) -> nn.Module:
    """Turn an image network into one for clips (B, C, T, H, W): replace every layer that depends on image axes."""
    for name, module in list(net.named_modules()):
        new: nn.Module
        if isinstance(module, nn.Conv2d):
            new = _convolution(module)
        elif isinstance(module, nn.BatchNorm2d):
            new = nn.BatchNorm3d(module.num_features, eps=module.eps)
            new.load_state_dict(module.state_dict())
        elif isinstance(module, nn.MaxPool2d):
            new = _pooling(module, keeps_frames=name in NO_TIME)
        elif isinstance(module, nn.AdaptiveAvgPool2d):
            new = nn.AdaptiveAvgPool3d(1)
        else:
            continue
        net.set_submodule(name, new.train(module.training))
    return net


def _convolution(old: nn.Conv2d) -> nn.Conv3d:
    size, stride, padding = old.kernel_size[0], old.stride[0], int(old.padding[0])
    new = nn.Conv3d(old.in_channels, old.out_channels, size, stride, padding, bias=False)
    with torch.no_grad():
        new.weight.copy_(old.weight.unsqueeze(2).expand_as(new.weight) / size)
    return new


def _pooling(old: nn.MaxPool2d, keeps_frames: bool) -> nn.MaxPool3d:
    """Return a pooling that treats frames like rows, or that keeps every frame."""

    def sides(value: Any, of_a_frame: int) -> tuple[int, int, int]:
        return (of_a_frame if keeps_frames else value, value, value)

    return nn.MaxPool3d(sides(old.kernel_size, 1), sides(old.stride, 1), sides(old.padding, 0), ceil_mode=old.ceil_mode)
