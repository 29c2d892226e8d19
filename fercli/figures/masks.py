"""The mask of eyes and mouth beside the one that a network predicts."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from fercli.batch import labelled
from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import NamedFigure
from fercli.figures.needs import Needs
from fercli.figures.samples import image_rows_figure
from fercli.figures.shown import pick_rows, seen, titles_of
from fercli.losses.mask import mask_target

NEEDS = Needs.RUN
NUM_EACH = 4


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield some right and wrong samples, each with the predicted mask and the true mask as the loss reads it.

    Source: Antoniadis 2021, figure 5.1.2.
    """
    rows = pick_rows(evaluated.evaluation.columns, NUM_EACH)
    if len(rows) == 0 or not evaluated.data.with_mask:
        return
    shown = seen(evaluated, rows)
    with torch.inference_mode():
        scores = evaluated.method.eval()(shown.batch).mask_logits
    if scores is None or shown.batch.mask is None:
        return
    known = labelled(shown.batch.mask).tolist()
    true, predicted = _pixels(mask_target(scores, shown.batch.mask)), _pixels(torch.sigmoid(scores.float()))
    lines = [[*images] for images in zip(shown.images, predicted, true, strict=True)]
    lines = [line if is_known else line[:2] for line, is_known in zip(lines, known, strict=True)]
    names = [title.replace("\n", ", ") for title in titles_of(evaluated, rows)]
    caption = "Eyes and mouth: the gray of the predicted mask is the probability of each pixel, beside the true mask"
    caption += "" if all(known) else "; faces without landmarks have no true mask"
    yield NamedFigure("masks", caption, image_rows_figure(lines, names, ["image", "predicted", "true"]))


def _pixels(masks: Tensor) -> list[np.ndarray]:
    """Return masks (B, h, w) in [0, 1] as images (h, w) uint8."""
    return [*(255 * masks.float()).round().to(torch.uint8).cpu().numpy()]
