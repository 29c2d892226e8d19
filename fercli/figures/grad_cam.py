"""Grad-CAM: which parts of a face or of its scene the predicted class or score comes from."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor

from fercli.engine.evaluation import EvaluatedRun
from fercli.errors import ConfigError
from fercli.figures.class_activation import grad_cam
from fercli.figures.figure import NamedFigure, styled
from fercli.figures.image_grid import draw_image, image_grid, write_above
from fercli.figures.needs import Needs
from fercli.figures.shown import pick_rows, seen, titles_of
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features

NEEDS = Needs.RUN
NUM_EACH = 8
PAIR_HEIGHT = 2.3  # of an image, its heat map and the lines above them, in cells


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
        chosen = evaluated.evaluation.outputs[columns["probabilities"][rows].argmax(1)]
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
        maps = heat.maps
        images = shown.images if stream.name == "face" else shown.contexts
        name = "grad_cam" if stream.name == "face" else "grad_cam_context"
        frames = [one if one.ndim == 2 else one[len(one) // 2] for one in maps]
        middle = "; the frame in the middle of each clip" if maps.ndim == 4 else ""
        layer = f"layer {heat.layer}" if heat.layer else "the last map"
        size = " x ".join(map(str, maps.shape[-2:]))
        caption = f"Grad-CAM of {layer}, {size} places: {what}{middle}. Dark: nothing there speaks for it"
        yield NamedFigure(name, caption, grad_cam_figure(images, frames, titles_of(evaluated, rows)))


def _points(fields: dict[str, Tensor]) -> Tensor:
    """Return the predicted score (B,). The most probable level has no gradient: the mean level stands for it."""
    predicted = fields["predicted_score"]
    return predicted if predicted.requires_grad else expectation(fields["score_logits"].softmax(1))


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
