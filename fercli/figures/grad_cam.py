"""Grad-CAM: which parts of a face or of its scene the predicted class or score comes from."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, get_gradient_edge

from fercli.engine.evaluation import EvaluatedRun
from fercli.errors import ConfigError
from fercli.figures.figure import NamedFigure, styled
from fercli.figures.image_grid import draw_image, image_grid, write_above
from fercli.figures.shown import pick_rows, seen, titles_of
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features

NUM_EACH = 8
PAIR_HEIGHT = 2.3  # of an image, its heat map and the lines above them, in cells
POOLING = (nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool3d, nn.AdaptiveAvgPool3d)

Scores = Callable[[Features], Tensor]


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the heat maps of networks that predict a class or a score and have a feature map.

    No map is drawn where a classifier on the features predicts: its answers do not come from the head of the network.
    For a score above the mean of all predictions, the map shows what raises it; for any other score, what lowers it.
    """
    columns = evaluated.evaluation.columns
    rows = pick_rows(columns, NUM_EACH)
    if len(rows) == 0 or "classifier" in evaluated.result:
        return
    of_classes = "probabilities" in columns
    if of_classes:
        chosen = columns["probabilities"][rows].argmax(1)
        what = "where the predicted class comes from; right predictions first"
    else:
        predicted = columns["predicted_score"]
        chosen = (predicted[rows] < predicted.mean()).astype(np.int64)
        what = f"what raises scores above the mean of all predictions, {predicted.mean():.1f}, or lowers them below it"
    index = torch.from_numpy(chosen).to(evaluated.method.device)
    shown = seen(evaluated, rows)
    for stream in evaluated.method.streams(shown.batch):

        def scores(features: Features, head: Callable[[Features], dict[str, Tensor]] = stream.head) -> Tensor:
            fields = head(features)
            return fields["logits"] if of_classes else torch.stack([_points(fields), -_points(fields)], dim=1)

        try:
            heat = grad_cam(stream.network, scores, stream.image, index)
        except ConfigError:  # a network without a map has no such figure
            continue
        images = shown.images if stream.name == "face" else shown.contexts
        name = "grad_cam" if stream.name == "face" else "grad_cam_context"
        frames = [maps if maps.ndim == 2 else maps[len(maps) // 2] for maps in heat]
        middle = "; the frame in the middle of each clip" if heat.ndim == 4 else ""
        caption = f"Grad-CAM: {what}{middle}. Dark: nothing there speaks for it"
        yield NamedFigure(name, caption, grad_cam_figure(images, frames, titles_of(evaluated, rows)))


def _points(fields: dict[str, Tensor]) -> Tensor:
    """Return the predicted score (B,). The most probable level has no gradient: the mean level stands for it."""
    predicted = fields["predicted_score"]
    return predicted if predicted.requires_grad else expectation(fields["score_logits"].softmax(1))


def grad_cam(backbone: nn.Module, scores: Scores, image: Tensor, class_index: Tensor) -> np.ndarray:
    """Return heat maps (B, h, w) in [0, 1], one value per position of the last feature map.

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
        ConfigError: the backbone gives no map, a map of one position, or a map that the scores do not depend on.

    Source: Selvaraju et al. 2017, equations 1 and 2.
    """
    assert not backbone.training, "in training mode, the images would change the running statistics"
    with torch.inference_mode(False), torch.enable_grad(), _pooled_maps(backbone) as pooled:
        # A clone, because a tensor of inference mode takes no gradient. It requires one, so that the graph exists even
        # for a frozen network.
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
    """Collect the inputs of the pooling layers in a forward pass, in order."""
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
    """Return the gradient of the score with respect to the map, in the shape of the map."""
    place = get_gradient_edge(map)
    channels_last = place.node.name().startswith("Permute")
    if channels_last:  # the map is a permuted view, and the scores are computed from the tensor before the permutation
        node, index = place.node.next_functions[0]
        assert node is not None
        place = GradientEdge(node, index)
    (gradient,) = torch.autograd.grad(score, [place], allow_unused=True)
    if gradient is None:
        raise ConfigError(
            "Grad-CAM expects class scores that come from the feature map; set backbone.map to a later node"
        )
    return gradient.movedim(-1, 1) if channels_last else gradient


@styled
def grad_cam_figure(
    images: Sequence[np.ndarray], maps: Sequence[np.ndarray], titles: Sequence[str], num_columns: int = 8
) -> Figure:
    """Draw each image, and below it the same image in gray under its heat map, stretched over the whole image.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8: only the part that the network saw.
        maps: n arrays (h, w) in [0, 1].
        titles: n lines, such as the true and the predicted class.
        num_columns: images in a row.
    """
    num_rows = max(1, -(-len(images) // num_columns))
    num_columns = min(num_columns, max(1, len(images)))
    figure, axes = image_grid(num_columns, PAIR_HEIGHT * num_rows, 1.25 * num_columns + 0.9, 2.95 * num_rows)
    scale = ScalarMappable(Normalize(0, 1), "inferno")
    look = {"cmap": scale.cmap, "norm": scale.norm, "alpha": 0.6, "interpolation": "bilinear"}
    for i, (image, weights, title) in enumerate(zip(images, maps, titles, strict=True)):
        row, column = divmod(i, num_columns)
        below = (row + 1) * PAIR_HEIGHT - 1
        draw_image(axes, image, column, below - 1)
        write_above(axes, title, column, below - 1)
        gray = np.squeeze(image) if np.squeeze(image).ndim == 2 else np.asarray(image).mean(2)
        draw_image(axes, gray, column, below)
        draw_image(axes, weights, column, below, like=gray, **look)
    bar = figure.colorbar(scale, ax=axes, shrink=0.6, aspect=28, ticks=[0, 1])
    bar.outline.set_visible(False)
    bar.set_label("share of the largest weight", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure
