"""Predicted against true valence and arousal: all samples as dots, and the best and worst of them as photographs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from fercli.metrics.affect import ccc
from fercli.reports.affect import draw_plane
from fercli.reports.figure import BLUE, GRAY, ORANGE, new_figure, styled

PLACES = (("true", BLUE, "o"), ("predicted", ORANGE, "X"))  # label, color, marker


@styled
def affect_prediction_plot(true: np.ndarray, predicted: np.ndarray) -> Figure:
    """Predicted against true valence and arousal with their CCC; on the dashed diagonal a prediction is perfect.

    Args:
        true: (n, 2) valence and arousal in [-1, 1], all labelled.
        predicted: (n, 2), unbounded.
    """
    figure, (row,) = new_figure(num_columns=2, width=8.0, height=4.1, same_axes=True)
    low, high = min(-1.05, predicted.min() - 0.05), max(1.05, predicted.max() + 0.05)
    size = np.clip(12000 / max(1, len(true)), 2, 24)
    shown = zip(row, ("Valence", "Arousal"), (BLUE, ORANGE), true.T, predicted.T, strict=True)
    for panel, name, color, truth, said in shown:
        panel.scatter(truth, said, s=size, color=color, alpha=0.5, linewidths=0, rasterized=True)
        panel.plot([-1, 1], [-1, 1], color="#333333", linewidth=1, linestyle="--")
        panel.set(xlim=(-1.05, 1.05), ylim=(low, high), xlabel="true", title=f"{name}: CCC {ccc(truth, said):.3f}")
        panel.grid()
    row[0].set_ylabel("predicted")
    return figure


def affect_errors(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """(n,) distance in the valence-arousal plane between prediction and truth, both (n, 2); NaN without a label."""
    return np.linalg.norm(np.asarray(predicted, dtype=float) - true, axis=1)


def pick_affect_samples(true: np.ndarray, predicted: np.ndarray, num_each: int = 3) -> np.ndarray:
    """Row numbers of the samples with the smallest and then with the largest error, each by rising error.

    Args:
        true: (n, 2) valence and arousal; rows without a label are not picked.
        predicted: (n, 2).
        num_each: how many of either; fewer where there are not enough, and none twice.
    """
    errors = affect_errors(true, predicted)
    rising = np.argsort(errors, kind="stable")[: np.count_nonzero(~np.isnan(errors))]  # NaN is sorted to the end
    return np.concatenate([rising[:num_each], rising[num_each:][-num_each:]])


@styled
def affect_grid_plot(
    images: Sequence[np.ndarray],
    true: np.ndarray,
    predicted: np.ndarray,
    expressions: Sequence[tuple[str, str]] | None = None,
) -> Figure:
    """Images over the valence-arousal plane with the true and the predicted place of each, written above as well.

    Args:
        images: n arrays (H, W), (H, W, 1) or (H, W, 3) uint8, in the order to be shown.
        true: (n, 2) valence and arousal.
        predicted: (n, 2).
        expressions: n pairs of the true and the predicted class name, written before the numbers; None leaves them out.

    Source: Antoniadis 2021, figure 6.4.2.
    """
    names = [("", "")] * len(images) if expressions is None else expressions
    num_columns = max(1, len(images))
    figure, axes = new_figure(2, num_columns, width=1.75 * num_columns + 0.3, height=4.25)
    for cell in axes.flat:
        cell.set_axis_off()
    errors = affect_errors(true, predicted)
    for top, plane, image, *places, error, name in zip(*axes, images, true, predicted, errors, names, strict=False):
        top.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=255)
        plane.set_axis_on()
        draw_plane(plane)
        plane.plot(*zip(*places, strict=True), color=GRAY, linewidth=1)
        lines = [f"{word} {_pair(place)}".strip() for word, place in zip(name, places, strict=True)]
        top.set_title(lines[0], color=PLACES[0][1], fontsize=8, weight="normal", loc="center", pad=14)
        top.text(0.5, 1.02, lines[1], transform=top.transAxes, ha="center", va="bottom", color=PLACES[1][1], fontsize=8)
        for place, (label, color, marker) in zip(places, PLACES, strict=True):
            plane.plot(*place, marker, color=color, markersize=6, label=label, clip_on=False)
        plane.set_title(f"error {error:.2f}", fontsize=8.5, weight="normal", loc="center", pad=3)
        plane.tick_params(labelsize=7, length=2)
        plane.set_xlabel("valence", fontsize=8, labelpad=1)
    axes[1, 0].set_ylabel("arousal", fontsize=8, labelpad=1)
    figure.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
    return figure


def _pair(affect: np.ndarray) -> str:
    valence, arousal = np.round(affect, 2) + 0.0  # which takes the sign of -0.00
    return f"({valence:.2f}, {arousal:.2f})"
