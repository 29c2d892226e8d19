"""Any classification network of torchvision as a backbone."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor

from fercli.backbones.downloads import downloaded, no_such_network
from fercli.backbones.weights import load_file, load_matching
from fercli.errors import ConfigError, choose, nearest
from fercli.prediction import Features

POOLS = ("average", "max")


class TorchvisionBackbone(nn.Module):
    """The network up to its last linear layer.

    Args:
        name: of the network in torchvision, such as `resnet18`.
        map: node of the network that gives the last feature map, such as `layer4`; None: no map.
        channels: of the images.
        weights: None, `imagenet` (IMAGENET1K_V1 of torchvision), or the path of a state dict file.
        small_input: for ResNets on images of 64 pixels or less: a 3x3 first convolution of stride 1 and no max
            pooling, so that the last map of a 64-pixel image is 8x8 and not 2x2.
        pool: None: the network's own way from the map to the feature. `average` or `max`: the average or maximum of
            each channel of the map, for networks whose last step before the linear layer is a pooling.

    Raises:
        ConfigError: unknown name, node or pool, a pool without a map, `small_input` for another network, or weights of
            another architecture.
        DataError: the weights can be neither found nor downloaded.
    """

    def __init__(
        self,
        name: str,
        map: str | None = None,
        channels: int = 3,
        weights: str | None = None,
        small_input: bool = False,
        pool: str | None = None,
    ):
        super().__init__()
        _check_pool(pool, map)
        self.pool = pool
        known = models.list_models(module=models)
        if name not in known:
            raise no_such_network(name, known, "torchvision")
        net = models.get_model(name, weights=None)
        classifier, self.dim = _remove_classifier(net, name)
        if small_input:
            _small_stem(net, name)
        if channels != 3:
            _replace_first_convolution(net, in_channels=channels)
        if weights == "imagenet":
            load_matching(net, _imagenet(name), "the ImageNet weights of torchvision")
        elif weights is not None:
            load_file(net, weights)
        nodes = {} if map is None else {map: "map"}
        if pool is None:
            nodes[classifier] = "vector"
        try:
            self.net = create_feature_extractor(net, nodes)
        except ValueError as error:
            children = [key for key, _ in net.named_children()]
            raise ConfigError(f"no node '{map}' in {name} for backbone.map; {nearest(str(map), children)}") from error

    def forward(self, image: Tensor) -> Features:
        """Features of (B, C, H, W) normalized images: vector (B, dim) and map.

        Raises:
            ConfigError: with `pool`, the number of channels of the map is not the width of the feature.
        """
        found = self.net(image)
        if self.pool is None:
            return Features(**found)
        last = found["map"]
        vector = last.mean((2, 3)) if self.pool == "average" else last.amax((2, 3))
        if vector.shape[1] != self.dim:
            raise ConfigError(
                f"backbone.pool gives a feature of {vector.shape[1]} from this map, but this network has one of "
                f"{self.dim}; set backbone.pool=null, or choose another backbone.map"
            )
        return Features(vector, last)


def _remove_classifier(net: nn.Module, name: str) -> tuple[str, int]:
    """Replace the last linear layer by the identity; return its name and the width of its input."""
    linear = [(key, module) for key, module in net.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise ConfigError(f"{name} ends in no linear layer that could be replaced; choose another backbone.name")
    key, last = linear[-1]
    net.set_submodule(key, nn.Identity())
    return key, last.in_features


def _check_pool(pool: str | None, map: str | None) -> None:
    choose("backbone.pool", pool, (None, *POOLS))
    if pool is not None and map is None:
        raise ConfigError(f"backbone.pool={pool} pools the last feature map; set backbone.map")


def _small_stem(net: nn.Module, name: str) -> None:
    if not isinstance(net, models.ResNet):
        raise ConfigError(f"backbone.small_input is for ResNets of torchvision, found backbone.name={name}")
    _replace_first_convolution(net, kernel_size=3, stride=1, padding=1)
    net.maxpool = nn.Identity()


def _replace_first_convolution(net: nn.Module, **changes: int) -> None:
    """Replace the first convolution by one drawn from He's normal distribution, as in torchvision's ResNets."""
    key, old = next((key, module) for key, module in net.named_modules() if isinstance(module, nn.Conv2d))
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
    new = nn.Conv2d(**{name: getattr(old, name) for name in names} | changes, bias=old.bias is not None)
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    net.set_submodule(key, new)


def _imagenet(name: str) -> Mapping[str, Tensor]:
    known = models.get_model_weights(name)
    if "IMAGENET1K_V1" not in known.__members__:
        raise ConfigError(f"torchvision has no IMAGENET1K_V1 weights of {name}; set backbone.weights to null or a path")
    weights = known["IMAGENET1K_V1"]
    place = f"{torch.hub.get_dir()}/checkpoints"
    return downloaded(lambda: weights.get_state_dict(progress=True, check_hash=True), weights.url, place)
