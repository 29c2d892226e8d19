"""Samples as images: right and wrong ones, some of each class, and training samples."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.classified import NUM_LARGEST, largest_classes
from fercli.figures.figure import BLUE, MOST_CLASSES, ORANGE, NamedFigure, styled
from fercli.figures.image_grid import draw_image, image_grid, write_above
from fercli.figures.needs import Needs
from fercli.figures.shown import stored_images, trained_on
from fercli.metrics.metric import known_rows
from fercli.ops.samples import pick_of_each, pick_samples

NEEDS = Needs.PREDICTIONS
LONGEST_LINE = 18  # characters of a name beside its row; longer ones get several lines
NUM_EACH = 16
NUM_OF_CLASS = 8
SAMPLE_HEIGHT = 1.4  # of an image with two lines above it, in cells


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figures that labels and predictions allow."""
    columns = evaluated.evaluation.columns
    known = np.flatnonzero(known_rows(columns, ["expression"]))
    if len(known) and "probabilities" in columns:
        yield _of_predictions(evaluated, known)
    if len(known):
        yield _of_classes(evaluated, known)
    data = evaluated.data
    labels = data.training_labels().expression
    if (labels >= 0).any():
        yield _of_training(evaluated, labels, data.store.classes)


def _of_predictions(evaluated: EvaluatedRun, known: np.ndarray) -> NamedFigure:
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    labels, probabilities = columns["expression"][known], columns["probabilities"][known]
    predicted = probabilities.argmax(1)
    chosen = np.concatenate(pick_samples(predicted == labels, NUM_EACH))
    is_known = Needs.PROBABILITIES.met_by(evaluated.result)
    grid = sample_grid_figure(
        images=stored_images(evaluated, known[chosen]),
        true=[names[labels[i]] for i in chosen],
        predicted=[names[predicted[i]] for i in chosen],
        confidence=[float(probabilities[i].max()) for i in chosen] if is_known else None,
    )
    return NamedFigure("samples", "Samples drawn at random, right ones first", grid)


def _of_classes(evaluated: EvaluatedRun, known: np.ndarray) -> NamedFigure:
    """Draw a row for each class that has a sample."""
    names, labels = evaluated.evaluation.classes, evaluated.evaluation.columns["expression"][known]
    drawn = pick_of_each(labels, len(names), NUM_OF_CLASS)
    shown, of_which = np.unique(labels), ""
    if len(shown) > MOST_CLASSES:
        shown, of_which = largest_classes(labels, len(names)), f"; the {NUM_LARGEST} classes with most samples"
    elif len(shown) < len(names):
        of_which = f"; {len(names) - len(shown)} of {len(names)} classes have none"
    rows = [stored_images(evaluated, known[drawn[i]]) for i in shown]
    caption = f"Samples of each class, drawn at random{of_which}"
    return NamedFigure("class_samples", caption, image_rows_figure(rows, [names[i] for i in shown]))


def _of_training(evaluated: EvaluatedRun, labels: np.ndarray, names: tuple[str, ...]) -> NamedFigure:
    """Draw a row for each class of the training samples, with the number of its samples."""
    shown, of_which = np.unique(labels[labels >= 0]), ""
    if len(shown) > MOST_CLASSES:
        shown, of_which = largest_classes(labels[labels >= 0], len(names)), f"; the {NUM_LARGEST} largest classes"
    elif len(shown) < len(names):
        of_which = f"; {len(names) - len(shown)} of {len(names)} classes have none"
    drawn = pick_of_each(labels, len(names), NUM_OF_CLASS)
    places = np.concatenate([drawn[i] for i in shown])
    images = iter(trained_on(evaluated, places).images)
    rows = [[next(images) for _ in drawn[i]] for i in shown]
    counts = [f"{names[i]}: {(labels == i).sum():,}" for i in shown]
    caption = f"Training samples as the network sees them after augmentation, with the number of each class{of_which}"
    return NamedFigure("training_samples", caption, image_rows_figure(rows, counts))


@styled
def sample_grid_figure(
    images: Sequence[np.ndarray],
    true: Sequence[str],
    predicted: Sequence[str],
    confidence: Sequence[float] | None = None,
    num_columns: int = 8,
) -> Figure:
    """Draw right samples, then wrong ones, each under its true class, its predicted class and the confidence.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8.
        true: n class names.
        predicted: n class names.
        confidence: n probabilities of the predicted class; None where they are not known.
        num_columns: images in a row.
    """
    groups = [[i for i in range(len(images)) if (true[i] == predicted[i]) == right] for right in (True, False)]
    lines = [group[i : i + num_columns] for group in groups for i in range(0, len(group), num_columns)]
    num_rows = max(1, len(lines))
    figure, axes = image_grid(num_columns, num_rows * SAMPLE_HEIGHT, 1.25 * num_columns, 1.75 * num_rows)
    for row, line in enumerate(lines):
        top = (row + 1) * SAMPLE_HEIGHT - 1
        for column, i in enumerate(line):
            right = true[i] == predicted[i]
            below = ["" if right else f"not {predicted[i]}", "" if confidence is None else f"{confidence[i]:.0%}"]
            said = f"{true[i]}\n{' '.join(filter(None, below))}"
            draw_image(axes, images[i], column, top)
            write_above(axes, said, column, top, BLUE if right else ORANGE)
    return figure


@styled
def image_rows_figure(
    rows: Sequence[Sequence[np.ndarray]], names: Sequence[str], headers: Sequence[str] | None = None
) -> Figure:
    """Draw rows of images, each row beside its name; a row that is shorter than others ends with empty cells.

    Args:
        rows: of arrays (H, W), (H, W, 1) or (H, W, 3) uint8, whose sizes may differ.
        names: one for each row.
        headers: words above the columns of the longest row.
    """
    num_columns = max(1, *map(len, rows), len(headers or ())) if rows else 1
    lines = ["\n".join(textwrap.wrap(name, LONGEST_LINE)) for name in names]
    longest = max((len(part) for name in lines for part in name.split("\n")), default=0)
    width, height = 1.1 * num_columns + 0.09 * longest, 1.1 * max(1, len(rows)) + (0.2 if headers else 0)
    figure, axes = image_grid(num_columns, max(1, len(rows)), width, height)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            draw_image(axes, image, column, row)
    axes.set_yticks(np.arange(len(lines)) + 0.5, lines, fontsize=9)
    axes.set_xticks(np.arange(len(headers or ())) + 0.5, headers or (), fontsize=9)
    axes.tick_params(length=0, pad=4, labeltop=True, labelbottom=False)
    return figure
