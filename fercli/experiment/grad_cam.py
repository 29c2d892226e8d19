"""Grad-CAM: which part of an image or a clip a class or a score comes from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from fercli.errors import ConfigError
from fercli.prediction import Features

Scores = Callable[[Features], Tensor]
POOLING = (nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool3d, nn.AdaptiveAvgPool3d)


def grad_cam(backbone: nn.Module, scores: Scores, image: Tensor, class_index: Tensor) -> np.ndarray:
    """Heat maps (B, h, w) in [0, 1], as fine as the last feature map; all zero where nothing speaks for the class.

    The channels of the map, weighted by the mean gradient of the class score over each, are added up and cut off at 0.
    Each map is divided by its largest value. No gradient is left in the network.

    Networks for clips give no map: theirs is what their last pooling reads, and the heat maps are (B, t, h, w), as fine
    in time as that is. A network that takes frame by frame weighs the channels of each frame apart.

    Args:
        backbone: in evaluation mode, images to `Features`.
        scores: `Features` to class scores (B, K) before softmax, such as `lambda features: head(features)["logits"]`.
        image: (B, C, H, W) as the backbone takes them; clips (B, T, C, H, W).
        class_index: (B,) int64, the class to explain of each image.

    Raises:
        ConfigError: the backbone gives no map, a map of one position, or one that the scores do not come from.

    Source: Selvaraju et al. 2017, equations 1 and 2.
    """
    assert not backbone.training, "in training mode, the images would change the running statistics"
    with torch.inference_mode(False), torch.enable_grad(), _pooled_maps(backbone) as pooled:
        # Cloned, because a tensor of inference mode takes no gradient; with one, so that frozen networks have a graph.
        features = backbone(image.detach().clone().requires_grad_())
        map = pooled[-1] if image.dim() == 5 and pooled else features.map
        if map is None or map.shape[-2:].numel() == 1:
            found = "none" if map is None else "one of a single position"
            raise ConfigError(
                f"Grad-CAM expects a backbone with a feature map, found {found}; "
                "name the node of the last map in backbone.map, or take larger images"
            )
        score = scores(features).gather(1, class_index[:, None].clone()).sum()
        gradient = _gradient(score, map)
    places = tuple(range(2, map.dim()))
    weights = gradient.float().mean(places, keepdim=True)
    heat = (weights * map.detach().float()).sum(1).relu()
    if image.dim() == 5:
        heat = heat.reshape(len(image), -1, *heat.shape[-2:])
    most = heat.amax(tuple(range(1, heat.dim())), keepdim=True)
    return torch.where(most > 0, heat / most, 0.0).cpu().numpy()


@contextmanager
def _pooled_maps(backbone: nn.Module) -> Iterator[list[Tensor]]:
    """What pooling layers read in a forward pass, in their order."""
    read: list[Tensor] = []

    def remember(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read.append(inputs[0])

    hooks = [module.register_forward_pre_hook(remember) for module in backbone.modules() if isinstance(module, POOLING)]
    try:
        yield read
    finally:
        for hook in hooks:
            hook.remove()


def _gradient(score: Tensor, map: Tensor) -> Tensor:
    """Of the score with respect to the map, of the same shape."""
    place = get_gradient_edge(map)
    channels_last = place.node.name().startswith("Permute")
    if channels_last:  # the map is a view beside the way to the scores, which goes through what it is a view of
        node, index = place.node.next_functions[0]
        assert node is not None
        place = GradientEdge(node, index)
    (gradient,) = torch.autograd.grad(score, [place], allow_unused=True)
    if gradient is None:
        raise ConfigError(
            "Grad-CAM expects class scores that come from the feature map; set backbone.map to a later node"
        )
    return gradient.movedim(-1, 1) if channels_last else gradient
