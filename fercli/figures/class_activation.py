"""Grad-CAM of a network: heat maps of a layer whose map is fine enough to see a place in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from fercli.errors import ConfigError
from fercli.prediction import Features

POOLING = (nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool3d, nn.AdaptiveAvgPool3d)
REMEDY = "name the node of the last map in backbone.map, or take larger images"
FEWEST_CELLS = 7  # of a side: a map of fewer shows a blur

Scores = Callable[[Features], Tensor]


class Heat(NamedTuple):
    """Heat maps (B, h, w), or (B, t, h, w) of clips, in [0, 1]; the layer that gave the map, `""` if it has no name."""

    maps: np.ndarray
    layer: str


def grad_cam(backbone: nn.Module, scores: Scores, image: Tensor, class_index: Tensor) -> Heat:
    """Return heat maps in [0, 1], one value per position of a feature map, and the layer of this map.

    The map is the last one of the network if it has at least 7 x 7 positions. Otherwise it is that of the last layer
    that has 7 x 7 and that the scores depend on; if no layer has, it is the last map all the same.

    Each channel of the map is weighted by the mean gradient of the class score over this channel. The weighted sum is
    cut off at 0 and divided by its largest value. A map is all zero where nothing speaks for the class. No gradient is
    left in the network.

    Networks for clips return no feature map. For them, the input of their last pooling layer takes its place, and the
    heat maps are (B, t, h, w) with the t time steps of that input. A network that reads a clip frame by frame weighs
    the channels of each frame separately.

    Args:
        backbone: in evaluation mode, images to `Features`.
        scores: `Features` to class scores (B, K) before softmax, such as `lambda features: head(features)["logits"]`.
        image: (B, C, H, W) as the backbone takes them; clips (B, T, C, H, W).
        class_index: (B,) int64, the class to explain for each image.

    Raises:
        ConfigError: the backbone gives no map, only maps of one position, or a map that the scores do not depend on.

    Source: Selvaraju et al. 2017, equations 1 and 2.
    """
    assert not backbone.training, "in training mode, the images would change the running statistics"
    with torch.inference_mode(False), torch.enable_grad(), _watched(backbone) as (pooled, outputs):
        # A clone, because a tensor of inference mode takes no gradient. It requires one, so that the graph exists even
        # for a frozen network.
        features = backbone(image.detach().clone().requires_grad_())
        map = pooled[-1] if image.dim() == 5 and pooled else features.map
        if map is None:
            raise ConfigError(f"Grad-CAM expects a backbone with a feature map, found none; {REMEDY}")
        score = scores(features).gather(1, class_index[:, None].clone()).sum()
        layer = next((name for name, output in reversed(outputs) if output is map), "")
        gradient = None
        if min(map.shape[-2:]) < FEWEST_CELLS:
            layer, map, gradient = _finer(score, layer, map, outputs, image)
        if map.shape[-2:].numel() == 1:
            raise ConfigError(f"Grad-CAM expects a feature map, found one of a single position; {REMEDY}")
        if gradient is None:
            gradient = _gradient(score, map)
        if gradient is None:
            raise ConfigError(
                "Grad-CAM expects class scores that come from the feature map; set backbone.map to a later node"
            )
    places = tuple(range(2, map.dim()))
    weights = gradient.float().mean(places, keepdim=True)
    heat = (weights * map.detach().float()).sum(1).relu()
    if image.dim() == 5:
        heat = heat.reshape(len(image), -1, *heat.shape[-2:])
    most = heat.amax(tuple(range(1, heat.dim())), keepdim=True)
    return Heat(torch.where(most > 0, heat / most, 0.0).cpu().numpy(), layer)


@contextmanager
def _watched(backbone: nn.Module) -> Iterator[tuple[list[Tensor], list[tuple[str, Tensor]]]]:
    """Collect, in the order of a forward pass, the inputs of the pooling layers, and all tensors that layers return."""
    read: list[Tensor] = []
    given: list[tuple[str, Tensor]] = []

    def remember_input(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        read.append(inputs[0])

    def remember_output(name: str) -> Callable[[nn.Module, object, object], None]:
        def remember(_: nn.Module, __: object, output: object) -> None:
            if isinstance(output, Tensor) and output.requires_grad:
                given.append((name, output))

        return remember

    hooks = [mod.register_forward_pre_hook(remember_input) for mod in backbone.modules() if isinstance(mod, POOLING)]
    hooks += [mod.register_forward_hook(remember_output(name)) for name, mod in backbone.named_modules() if name]
    try:
        yield read, given
    finally:
        for hook in hooks:
            hook.remove()


def _finer(
    score: Tensor, layer: str, map: Tensor, outputs: list[tuple[str, Tensor]], image: Tensor
) -> tuple[str, Tensor, Tensor | None]:
    """Return the last layer whose map has 7 x 7 positions, its map and its gradient; without one, what is given."""
    for name, output in reversed(outputs):
        if output.dim() != map.dim() or len(output) != len(map):
            continue
        for axis in (1, -1):  # of the channels: some transformers put them last
            moved = output.movedim(axis, 1)
            if _has_places(moved, image) and (gradient := _gradient(score, output)) is not None:
                return name, moved, gradient.movedim(axis, 1)
    return layer, map, None


def _has_places(map: Tensor, image: Tensor) -> bool:
    """Return whether the last two axes are places in the image: enough of them, and in its proportions."""
    (height, width), (rows, columns) = image.shape[-2:], map.shape[-2:]
    fits = rows <= height and columns <= width and abs(rows * width / height - columns) <= 1
    return fits and min(rows, columns) >= FEWEST_CELLS


def _gradient(score: Tensor, map: Tensor) -> Tensor | None:
    """Return the gradient of the score with respect to the map, in its shape; None if the score does not depend on it.

    The graph is kept, for the gradient of another map.
    """
    place = get_gradient_edge(map)
    channels_last = place.node.name().startswith("Permute")
    if channels_last:  # the map is a permuted view, and the scores are computed from the tensor before the permutation
        node, index = place.node.next_functions[0]
        assert node is not None
        place = GradientEdge(node, index)
    (gradient,) = torch.autograd.grad(score, [place], allow_unused=True, retain_graph=True)
    return gradient.movedim(-1, 1) if channels_last and gradient is not None else gradient
