"""Grad-CAM: which part of an image a class score comes from."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from fercli.errors import ConfigError
from fercli.prediction import Features

Scores = Callable[[Features], Tensor]


def grad_cam(backbone: nn.Module, scores: Scores, image: Tensor, class_index: Tensor) -> np.ndarray:
    """Heat maps (B, h, w) in [0, 1], as fine as the last feature map; all zero where nothing speaks for the class.

    The channels of the map, weighted by the mean gradient of the class score over each, are added up and cut off at 0.
    Each map is divided by its largest value. No gradient is left in the network.

    Args:
        backbone: in evaluation mode, images to `Features`.
        scores: `Features` to class scores (B, K) before softmax, such as `lambda features: head(features)["logits"]`.
        image: (B, C, H, W) as the backbone takes them.
        class_index: (B,) int64, the class to explain of each image.

    Raises:
        ConfigError: the backbone gives no map, a map of one position, or one that the scores do not come from.

    Source: Selvaraju et al. 2017, equations 1 and 2.
    """
    assert not backbone.training, "in training mode, the images would change the running statistics"
    with torch.inference_mode(False), torch.enable_grad():
        # Cloned, because a tensor of inference mode takes no gradient; with one, so that frozen networks have a graph.
        features = backbone(image.detach().clone().requires_grad_())
        if features.map is None or features.map[0, 0].numel() == 1:
            found = "none" if features.map is None else "one of a single position"
            raise ConfigError(
                f"Grad-CAM expects a backbone with a feature map, found {found}; "
                "name the node of the last map in backbone.map, or take larger images"
            )
        score = scores(features).gather(1, class_index[:, None].clone()).sum()
        gradient = _gradient(score, features.map)
    weights = gradient.float().mean((2, 3), keepdim=True)
    heat = (weights * features.map.detach().float()).sum(1).relu()
    most = heat.amax((1, 2), keepdim=True)
    return torch.where(most > 0, heat / most, 0.0).cpu().numpy()


def _gradient(score: Tensor, map: Tensor) -> Tensor:
    """Of the score with respect to the map, (B, C, h, w)."""
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
