"""Grad-CAM: which parts of a face or of its scene the predicted class or score comes from."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from textwrap import wrap
from typing import NamedTuple

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
from fercli.figures.short_names import short
from fercli.figures.shorten import MOST_OF_A_LINE
from fercli.figures.shown import Seen, pick_rows, seen, titles_of
from fercli.methods.base import Method, Stream
from fercli.ops.score_distribution import expectation
from fercli.prediction import Features

NEEDS = Needs.RUN
NUM_EACH = 8
CELL, LEAST_WIDTH = 1.25, 3.0  # inches of an image, and of all images of a figure with a caption
LETTERS = 14  # of a caption in an inch
PAIR_HEIGHT = 2.3  # of an image, its heat map and the lines above them, in cells

Fields = dict[str, Tensor]
FieldScores = Callable[[Fields], Tensor]


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the heat maps of networks that predict a class or a score and have a feature map.

    No map is drawn where a classifier on the features predicts: its answers do not come from the head of the network.
    For a score above the mean of all predictions, the map shows what raises it; for any other score, what lowers it.
    """
    columns = evaluated.evaluation.columns
    rows = pick_rows(columns, NUM_EACH)
    if len(rows) == 0 or "classifier" in evaluated.result:
        return
    if "probabilities" in columns:
        chosen = evaluated.evaluation.outputs[columns["probabilities"][rows].argmax(1)]
        scores = class_scores
        what = "where the predicted class comes from; right predictions first"
    else:
        predicted = columns["predicted_score"]
        chosen = (predicted[rows] < predicted.mean()).astype(np.int64)
        scores = raised_or_lowered
        what = f"what raises scores above the mean of all predictions, {predicted.mean():.1f}, or lowers them below it"
    for heat in heats(evaluated.method, seen(evaluated, rows), scores, chosen):
        name = "grad_cam" if heat.stream == "face" else "grad_cam_context"
        yield NamedFigure(name, heat.caption(what), grad_cam_figure(heat.images, heat.maps, titles_of(evaluated, rows)))


class StreamHeat(NamedTuple):
    """Heat maps of the images that one stream of a network reads.

    Attributes:
        stream: `face` or `context`.
        images: n arrays (H, W, C) uint8; of a clip, its middle frame.
        maps: n arrays (h, w) in [0, 1], of the same frames.
        source: words for the layer and the size of the maps.
        of_clips: whether the stream reads clips.
    """

    stream: str
    images: list[np.ndarray]
    maps: list[np.ndarray]
    source: str
    of_clips: bool

    def caption(self, what: str) -> str:
        """Return the caption of a figure of these maps, which show `what`."""
        middle = "; the frame in the middle of each clip" if self.of_clips else ""
        return f"Grad-CAM of {self.source}: {what}{middle}. Dark: nothing there speaks for it"


def heats(method: Method, shown: Seen, scores: FieldScores, chosen: np.ndarray) -> Iterator[StreamHeat]:
    """Yield the heat maps of each stream that has a map on which the scores depend.

    Args:
        method: in evaluation mode.
        shown: n samples.
        scores: fields of a prediction to scores (n, K).
        chosen: (n,) the score to explain for each sample.
    """
    for stream in method.streams(shown.batch):
        try:
            yield stream_heat(stream, shown, scores, chosen)
        except ConfigError:  # a network without a map has no such figure
            continue


def stream_heat(stream: Stream, shown: Seen, scores: FieldScores, chosen: np.ndarray) -> StreamHeat:
    """Return the heat maps of one stream, see `heats`.

    Raises:
        ConfigError: it has no map on which the scores depend; the message says what it lacks.
    """

    def of_features(features: Features) -> Tensor:
        return scores(stream.head(features))

    index = torch.from_numpy(chosen).to(stream.image.device)
    heat = grad_cam(stream.network, of_features, stream.image, index)
    images = shown.images if stream.name == "face" else shown.contexts
    maps = [one if one.ndim == 2 else one[len(one) // 2] for one in heat.maps]
    layer = f"layer {heat.layer}" if heat.layer else "the last map"
    source = f"{layer}, {' x '.join(map(str, heat.maps.shape[-2:]))} places"
    return StreamHeat(stream.name, images, maps, source, heat.maps.ndim == 4)


def class_scores(fields: Fields) -> Tensor:
    """Return the scores (B, K) of the classes."""
    return fields["logits"]


def raised_or_lowered(fields: Fields) -> Tensor:
    """Return (B, 2): the predicted score and its negative, for what raises and what lowers it.

    The most probable level has no gradient: the mean level stands for it.
    """
    predicted = fields["predicted_score"]
    points = predicted if predicted.requires_grad else expectation(fields["score_logits"].softmax(1))
    return torch.stack([points, -points], dim=1)


def affect_raised_or_lowered(fields: Fields) -> Tensor:
    """Return (B, 4): valence, arousal, and their negatives."""
    affect = fields["predicted_affect"]
    return torch.cat([affect, -affect], dim=1)


@styled
def grad_cam_figure(
    images: Sequence[np.ndarray],
    maps: Sequence[np.ndarray],
    titles: Sequence[str],
    num_columns: int = 8,
    heading: str = "",
    caption: str = "",
) -> Figure:
    """Draw each image, and below it the same image in gray under its heat map, stretched over the whole image.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8: only the part that the network saw.
        maps: n arrays (h, w) in [0, 1].
        titles: n lines, such as the true and the predicted class.
        num_columns: images in a row.
        heading: above the figure.
        caption: below the figure, for a file that stands alone; a few images are larger then, to give it room.
    """
    num_rows = max(1, -(-len(images) // num_columns))
    num_columns = min(num_columns, max(1, len(images)))
    cell = max(CELL, LEAST_WIDTH / num_columns) if caption else CELL
    width = cell * num_columns + 0.9
    most = min(MOST_OF_A_LINE, int(width * LETTERS))
    lines = wrap(caption, min(most, len(caption) // ceil(len(caption) / most) + 8)) if caption else []
    height = 2.36 * cell * num_rows + 0.18 * len(lines) + (0.3 if heading else 0)
    figure, axes = image_grid(num_columns, PAIR_HEIGHT * num_rows, width, height)
    if heading:
        figure.suptitle(short(heading, int(width * 9)), x=0.01, ha="left", fontsize=10, weight="bold")
    if lines:
        figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8)
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
