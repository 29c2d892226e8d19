"""Predicted against true valence and arousal of all samples, and which samples are the best and the worst."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.affect_grid import Places, affect_grid_figure
from fercli.figures.figure import BLUE, ORANGE, NamedFigure, new_figure, styled
from fercli.figures.needs import Needs
from fercli.figures.shown import stored_images
from fercli.metrics.affect import ccc
from fercli.metrics.metric import known_rows

NEEDS = Needs.PREDICTIONS


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the figures of runs that predict valence and arousal for samples with these labels."""
    columns = evaluated.evaluation.columns
    if "predicted_valence" not in columns or "valence" not in columns:
        return
    rated = known_rows(columns, ["valence", "arousal"])
    if not rated.any():
        return
    true = np.stack([columns["valence"], columns["arousal"]], axis=1)
    predicted = np.stack([columns["predicted_valence"], columns["predicted_arousal"]], axis=1)
    left_out = f"; {(~rated).sum():,} images without a label left out" if not rated.all() else ""
    caption = f"Predicted against true values{left_out}"
    yield NamedFigure("affect_prediction", caption, affect_prediction_figure(true[rated], predicted[rated]))
    chosen = pick_affect_samples(true, predicted)
    titles = [f"error {error:.2f}" for error in affect_errors(true[chosen], predicted[chosen])]
    names = _names(evaluated, chosen)
    places = [Places("true", true[chosen], names[0]), Places("predicted", predicted[chosen], names[1])]
    grid = affect_grid_figure(stored_images(evaluated, chosen), places, titles)
    yield NamedFigure("affect_samples", "Smallest and largest errors of valence and arousal", grid)


def _names(evaluated: EvaluatedRun, rows: np.ndarray) -> tuple[list[str] | None, list[str] | None]:
    """Return the true and the predicted classes of some rows; None for both unless every row has both."""
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    if "probabilities" not in columns or (columns["expression"][rows] < 0).any():
        return None, None
    predicted = columns["probabilities"][rows].argmax(1)
    return [names[i] for i in columns["expression"][rows]], [names[i] for i in predicted]


@styled
def affect_prediction_figure(true: np.ndarray, predicted: np.ndarray) -> Figure:
    """Draw predicted against true valence and arousal with their CCC; on the dashed diagonal a prediction is perfect.

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
    """Return the distance (n,) of prediction and truth, both (n, 2), in the plane; NaN without a label."""
    return np.linalg.norm(np.asarray(predicted, dtype=float) - true, axis=1)


def pick_affect_samples(true: np.ndarray, predicted: np.ndarray, num_each: int = 3) -> np.ndarray:
    """Return the row numbers of the smallest errors, then those of the largest errors, both by rising error.

    Args:
        true: (n, 2) valence and arousal; rows without a label are not picked.
        predicted: (n, 2).
        num_each: number of small and of large errors; fewer where samples lack. No sample comes twice.
    """
    errors = affect_errors(true, predicted)
    rising = np.argsort(errors, kind="stable")[: np.count_nonzero(~np.isnan(errors))]  # NaN is sorted to the end
    return np.concatenate([rising[:num_each], rising[num_each:][-num_each:]])
