"""Samples as images: right and wrong ones, some of each class, and training samples."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.datasets.labels import training_labels
from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import (
    BLUE,
    MOST_CLASSES,
    ORANGE,
    NamedFigure,
    new_figure,
    styled,
)
from fercli.figures.shown import NUM_LARGEST, largest_classes, stored_images, trained_on
from fercli.metrics.metric import known_rows
from fercli.ops.samples import pick_of_each, pick_samples

LONGEST_LINE = 18  # characters of a name beside its row; longer ones get several lines
NUM_EACH = 16
NUM_OF_CLASS = 8


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figures that labels and predictions allow."""
    columns = evaluated.evaluation.columns
    known = np.flatnonzero(known_rows(columns, ["expression"]))
    if len(known) and "probabilities" in columns:
        yield _of_predictions(evaluated, known)
    if len(known):
        yield _of_classes(evaluated, known)
    data = evaluated.data
    labels = training_labels(data.store, data.first_rows(data.split.train)).expression
    if (labels >= 0).any():
        yield _of_training(evaluated, labels, data.store.classes)


def _of_predictions(evaluated: EvaluatedRun, known: np.ndarray) -> NamedFigure:
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    labels, probabilities = columns["expression"][known], columns["probabilities"][known]
    predicted = probabilities.argmax(1)
    chosen = np.concatenate(pick_samples(predicted == labels, NUM_EACH))
    grid = sample_grid_figure(
        images=stored_images(evaluated, known[chosen]),
        true=[names[labels[i]] for i in chosen],
        predicted=[names[predicted[i]] for i in chosen],
        confidence=[float(probabilities[i].max()) for i in chosen],
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
    confidence: Sequence[float],
    num_columns: int = 8,
) -> Figure:
    """Draw right samples, then wrong ones, each under its true class, its predicted class and the confidence.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8.
        true: n class names.
        predicted: n class names.
        confidence: n probabilities of the predicted class.
        num_columns: images in a row.
    """
    groups = [[i for i in range(len(images)) if (true[i] == predicted[i]) == right] for right in (True, False)]
    lines = [group[i : i + num_columns] for group in groups for i in range(0, len(group), num_columns)]
    figure, axes = new_figure(
        max(1, len(lines)), num_columns, width=1.25 * num_columns, height=1.75 * max(1, len(lines))
    )
    for cell in axes.flat:
        cell.set_axis_off()
    for row, line in zip(axes, lines, strict=False):
        for cell, i in zip(row, line, strict=False):
            right = true[i] == predicted[i]
            cell.imshow(np.squeeze(images[i]), cmap="gray", vmin=0, vmax=255)
            said = f"{true[i]}\n{confidence[i]:.0%}" if right else f"{true[i]}\nnot {predicted[i]} {confidence[i]:.0%}"
            cell.set_title(said, fontsize=7.5, weight="normal", loc="center", color=BLUE if right else ORANGE, pad=3)
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
    figure, axes = new_figure(max(1, len(rows)), num_columns, width=width, height=height)
    for cell in axes.flat:
        cell.set(xticks=[], yticks=[])  # axes that are switched off would hide the names too
        cell.spines[:].set_visible(False)
    for cells, images, name in zip(axes, rows, lines, strict=False):
        cells[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
        for cell, image in zip(cells, images, strict=False):
            cell.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
    for cell, header in zip(axes[0], headers or (), strict=False):
        cell.set_title(header, fontsize=9, weight="normal", loc="center", pad=4)
    return figure
