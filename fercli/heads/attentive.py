"""The head of DACL and g-DACL: a linear classifier, and beside it the attention that the sparse center loss reads."""

from collections.abc import Sequence
from math import prod

from torch import Tensor

from fercli.errors import ConfigError, choose
from fercli.heads.attention import AttentionNetwork
from fercli.heads.linear import LinearHead
from fercli.prediction import Features


class AttentiveHead(LinearHead):
    """A `LinearHead` with an attention network on the last feature map; the class scores do not depend on it.

    The classifier is initialized first, so it starts as that of a `LinearHead` with the same seed. Its parameters have
    the same names.

    Only the sparse center loss trains the attention network, and its gradient lowers every attention weight. As
    published, all of them may fall to 0, where the loss has no effect. `normalize` is an addition that prevents this.

    Args:
        dim: width of the feature.
        num_classes: K.
        map: channels, height and width of the backbone's last map.
        widths: of the context encoder.
        gated: g-DACL.
        detach: keep the gradient of the attention out of the backbone; the source does not.
        normalize: None, or `mean`: divide the weights of each sample by their mean, so that they are 1 on average.

    Raises:
        ConfigError: the backbone gives no map; unknown normalization.

    Source: Farzaneh 2020, section 4.2.
    """

    def __init__(
        self,
        dim: int,
        num_classes: int,
        map: Sequence[int] | None,
        widths: Sequence[int] = (3584, 512, 64),
        gated: bool = False,
        detach: bool = False,
        normalize: str | None = None,
    ):
        super().__init__(dim, num_classes)
        if map is None:
            raise ConfigError(
                "this head reads the last feature map, which the backbone does not give; set backbone.map"
            )
        choose("head.normalize", normalize, (None, "mean"))
        self.map = tuple(map)
        self.detach = detach
        self.normalize = normalize
        self.attention = AttentionNetwork(prod(map), dim, widths, gated)

    def forward(self, features: Features) -> dict[str, Tensor]:  # type: ignore[override]
        """`logits` (B, K), `class_vectors` (K, dim) and `attention` (B, dim), in training and evaluation alike.

        Raises:
            ConfigError: the map has another shape.
            RunError: a training batch of one image.
        """
        context = features.map
        if context is None or tuple(context.shape[1:]) != self.map:
            found = "none" if context is None else _times(context.shape[1:])
            raise ConfigError(f"expected feature maps of {_times(self.map)}, found {found}; all images need one size")
        attention = self.attention(context.detach() if self.detach else context)
        if self.normalize == "mean":
            attention = attention / attention.mean(1, keepdim=True)
        return super().forward(features) | {"attention": attention}


def _times(shape: Sequence[int]) -> str:
    return "x".join(str(size) for size in shape)
