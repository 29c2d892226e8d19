"""Any image network of timm as a backbone."""

from typing import Any

import timm
from torch import Tensor, nn

from fercli.backbones.weights import downloaded, load_file, no_such_network
from fercli.prediction import Features


class TimmBackbone(nn.Module):
    """The network up to its classifier.

    Args:
        name: of the network in timm, such as `convnext_atto`.
        channels: of the images.
        weights: None, `imagenet` (the default weights of timm for this name), or the path of a state dict file.
        options: further arguments of `timm.create_model`, such as `img_size` for a vision transformer.

    Raises:
        ConfigError: unknown name, or weights of another architecture.
        DataError: the weights can be neither found nor downloaded.
    """

    def __init__(self, name: str, channels: int = 3, weights: str | None = None, **options: Any):
        super().__init__()
        if not timm.is_model(name.split(".")[0]):
            raise no_such_network(name, timm.list_models(), "timm")

        def create(pretrained: bool) -> Any:
            return timm.create_model(name, pretrained=pretrained, in_chans=channels, num_classes=0, **options)

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
        """Features of (B, C, H, W) normalized images: vector (B, dim), and the map where the network has one."""
        last = self.net.forward_features(image)
        vector = self.net.forward_head(last, pre_logits=True)
        if last.dim() != 4:
            return Features(vector)
        return Features(vector, last.permute(0, 3, 1, 2) if self.channels_last_map else last)
