"""A grid of samples, right and wrong, with what was true, what was said, and how surely."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.reports.figure import BLUE, ORANGE, new_figure, styled


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
