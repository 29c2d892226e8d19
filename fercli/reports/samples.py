"""Grids of samples: right and wrong with what was said of them, and named rows of images."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.reports.figure import BLUE, ORANGE, new_figure, styled

LONGEST_LINE = 18  # characters of a name beside its row; longer ones get several lines


def pick_samples(correct: np.ndarray, num_each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of at most `num_each` right and wrong samples, at random: not the prettiest, not the worst.

    Args:
        correct: (n,) bool.
        num_each: how many of either.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    right, wrong = (generator.permutation(np.flatnonzero(which))[:num_each] for which in (correct, ~correct))
    return right, wrong


def draw_samples(number: int, most: int, seed: int = 0) -> np.ndarray:
    """Ascending places of at most so many of a number of samples, drawn at random."""
    return np.sort(np.random.default_rng(seed).permutation(number)[:most])


def pick_of_each(labels: np.ndarray, num_classes: int, num_each: int, seed: int = 0) -> list[np.ndarray]:
    """Row numbers of at most `num_each` samples of each class, at random; an array for each class, maybe an empty one.

    Args:
        labels: (n,) class index; rows of a negative one are of no class.
        num_classes: how many arrays.
        num_each: how many samples of a class.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    return [generator.permutation(np.flatnonzero(labels == index))[:num_each] for index in range(num_classes)]


@styled
def sample_grid_plot(
    images: Sequence[np.ndarray],
    true: Sequence[str],
    predicted: Sequence[str],
    confidence: Sequence[float],
    num_columns: int = 8,
) -> Figure:
    """Right samples first, then wrong ones, each under its true class, the predicted one and the confidence in it.

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
def image_rows_plot(
    rows: Sequence[Sequence[np.ndarray]], names: Sequence[str], headers: Sequence[str] | None = None
) -> Figure:
    """Rows of images, each beside its name; a row that is shorter than others ends with empty cells.

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
        cell.set(xticks=[], yticks=[])  # not switched off, for that would hide the names too
        cell.spines[:].set_visible(False)
    for cells, images, name in zip(axes, rows, lines, strict=False):
        cells[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
        for cell, image in zip(cells, images, strict=False):
            cell.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
    for cell, header in zip(axes[0], headers or (), strict=False):
        cell.set_title(header, fontsize=9, weight="normal", loc="center", pad=4)
    return figure
