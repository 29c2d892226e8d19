"""Any image network of timm as a backbone."""

from collections.abc import Callable
from typing import Any

import timm
import torch
from torch import Tensor, nn

from fercli.backbones.downloads import downloaded, no_such_network
from fercli.backbones.weights import load_file
from fercli.errors import ConfigError
from fercli.prediction import Features


class TimmBackbone(nn.Module):
    """The network up to its classifier.

    Args:
        name: of the network in timm, such as `convnext_atto`.
        channels: of the images.
        weights: None, `imagenet` (the default weights of timm for this name), or the path of a state dict file.
        img_size: side of the images in pixels, for networks that are built for one size, such as vision transformers;
            other networks take any size. None: the size of timm.
        options: further arguments of `timm.create_model`.

    Raises:
        ConfigError: unknown name, weights of another architecture, or a size of images that the network cannot read.
        DataError: the weights can be neither found nor downloaded.
    """

    def __init__(
        self,
        name: str,
        channels: int = 3,
        weights: str | None = None,
        img_size: int | None = None,
        **options: Any,
    ):
        super().__init__()
        if not timm.is_model(name.split(".")[0]):
            raise no_such_network(name, timm.list_models(), "timm")

        def create(pretrained: bool) -> Any:
            return timm.create_model(name, pretrained=pretrained, in_chans=channels, num_classes=0, **options)

        # None for a name without pretrained weights.
        known = timm.get_pretrained_cfg(name)
        if img_size is not None and known is not None and known.fixed_input_size:
            options["img_size"] = img_size
            _check_size(lambda: create(False), name, channels, img_size, known.input_size[-1])
        self.net: Any
        if weights == "imagenet":
            self.net = downloaded(lambda: create(True), f"the weights of {name}", "the cache of Hugging Face Hub")
        else:
            self.net = create(False)
            if weights is not None:
                load_file(self.net, weights)
        self.dim: int = getattr(self.net, "head_hidden_size", None) or self.net.num_features
        self.channels_last_map = getattr(self.net, "output_fmt", "NCHW") == "NHWC"

    def forward(self, image: Tensor) -> Features:
        """Features of (B, C, H, W) normalized images: vector (B, dim), and the map if the network has one."""
        last = self.net.forward_features(image)
        vector = self.net.forward_head(last, pre_logits=True)
        if last.dim() != 4:
            return Features(vector)
        return Features(vector, last.permute(0, 3, 1, 2) if self.channels_last_map else last)


def _check_size(create: Callable[[], Any], name: str, channels: int, side: int, usual: int) -> None:
    """Raise ConfigError if a network cannot be built for images of this size, or cannot read them."""
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        try:
            create().eval()(torch.zeros(1, channels, side, side))
        except (AssertionError, RuntimeError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{name} of timm cannot read images of {side} x {side} pixels ({error}); it wants {usual} x {usual}: "
                f"set augment.size={usual}, and prepare the data set with data.size={usual} to avoid blurred images"
            ) from error
