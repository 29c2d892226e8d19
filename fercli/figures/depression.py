"""Predicted depression scores: against the truth, as distributions, and over the deep feature."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.recordings import recordings, spread_recordings
from fercli.errors import DataError
from fercli.figures.classes import confusion_matrix_figure
from fercli.figures.figure import (
    BLUE,
    GRAY,
    ORANGE,
    NamedFigure,
    horizontal_grid,
    new_figure,
    styled,
    wide_legend,
)
from fercli.figures.needs import Needs
from fercli.figures.severity import HALF_POINT, SHOWN, draw_severity_bands
from fercli.losses.score_distribution import LearnsDistributions
from fercli.methods.base import Method
from fercli.metrics.affect import mae, rmse
from fercli.metrics.metric import known_rows
from fercli.metrics.severity import aggregation_of, recording_scores, severity_confusion, severity_errors
from fercli.scales import Scale

NEEDS = Needs.PREDICTIONS
MOST_PANELS_IN_A_ROW = 3
NUM_DISTRIBUTIONS = 6
FEWEST_SAMPLES = 3
BORDER = 1.5 / 63  # width of the border of a figure, as a share of the range


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield predictions against the truth, their distributions, and the feature colored by score."""
    columns = evaluated.evaluation.columns
    if "predicted_score" in columns and recordings(columns):
        yield from _of_predictions(evaluated)
    known = known_rows(columns, ["score"]) if "score" in columns else np.zeros(0, dtype=bool)
    if known.sum() >= FEWEST_SAMPLES and "feature" in columns:
        drawn = score_feature_figure(columns["feature"][known], columns["score"][known])
        yield NamedFigure("score_features", "The deep feature, colored by score", drawn)


def _of_predictions(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    columns = evaluated.evaluation.columns
    score, predicted = recording_scores(columns, aggregation_of(evaluated.method.metrics))
    scale = evaluated.data.store.scale
    constant = evaluated.result.get("constant_predictor", {}).get("mean", {}).get("score")
    caption = "Predicted against true score of each recording; dotted: the mean score of the training recordings"
    yield NamedFigure("score_prediction", caption, score_prediction_figure(score, predicted, scale, constant))
    if scale.bands:
        matrix = severity_confusion(score, predicted, scale)
        caption = f"Bands of severity of the {scale.name}: rows are the true ones and add up to 100 %"
        yield NamedFigure("severity_confusion", caption, confusion_matrix_figure(matrix, scale.names))
        caption = "Errors by true band of severity: an uncertain network draws every score to the middle"
        drawn = severity_error_figure(severity_errors(score, predicted, scale), scale)
        yield NamedFigure("severity_errors", caption, drawn)
    if "score_probabilities" in columns:
        yield _distributions(evaluated)


def _distributions(evaluated: EvaluatedRun) -> NamedFigure:
    """Draw the distributions of a few recordings, each averaged over the rows of the recording."""
    columns, head = evaluated.evaluation.columns, evaluated.method.head
    chosen = spread_recordings(columns, NUM_DISTRIBUTIONS)
    predicted = np.stack([columns["score_probabilities"][rows].mean(0) for rows in chosen])
    score = np.array([columns["score"][rows[0]] for rows in chosen])
    names = {rows[0]: name for name, rows in recordings(columns).items()}
    target = _targets(evaluated.method, score, predicted.shape[1])
    offset: float = getattr(head, "bin_offset", 0.0)
    shown = label_distribution_figure(target, predicted, score, [names[rows[0]] for rows in chosen], offset)
    return NamedFigure(
        "label_distributions", "Distributions over the scores of some recordings, averaged over their samples", shown
    )


def _targets(method: Method, score: np.ndarray, num_levels: int) -> np.ndarray | None:
    """Return the target distributions (n, num_levels) of the loss; None where no loss learns distributions."""
    for loss in method.objective.losses.values():
        if isinstance(loss, LearnsDistributions) and loss.num_levels == num_levels:
            return loss.target(torch.from_numpy(score)).numpy()
    return None


@styled
def score_prediction_figure(
    score: np.ndarray, predicted_score: np.ndarray, scale: Scale, constant: float | None = None, title: str = ""
) -> Figure:
    """Draw predicted against true scores of recordings over the bands of severity; the dashed diagonal is no error.

    Args:
        score: (n,) points.
        predicted_score: (n,) points.
        scale: of the scores; its bands are the background.
        constant: the score of a constant predictor, drawn as a dotted line; None for none.
        title: replaces MAE and RMSE above the figure.
    """
    figure, ((axes,),) = new_figure(width=5.2, height=5.0)
    border = BORDER * (scale.high - scale.low)
    highest = max(scale.low + SHOWN * (scale.high - scale.low), score.max(), predicted_score.max()) + border
    lowest = min(scale.low, predicted_score.min()) - border
    draw_severity_bands(axes, lowest, highest, scale)
    for first in scale.firsts[1:]:
        axes.axvline(first - HALF_POINT, color="white", linewidth=1.4, zorder=-1)
    axes.plot([scale.low, scale.high], [scale.low, scale.high], color="#333333", linewidth=1, linestyle="--")
    size = np.clip(6000 / max(1, len(score)), 6, 32)
    axes.scatter(score, predicted_score, s=size, color=BLUE, alpha=0.75, linewidths=0, rasterized=True)
    if constant is not None:
        axes.axhline(constant, color=ORANGE, linewidth=1.4, linestyle=":", label=f"always {constant:.1f}")
        axes.legend(loc="upper left", fontsize=8.5)
    limits = (lowest, highest)
    axes.set(xlim=limits, ylim=limits, aspect="equal", xlabel=f"true {scale.unit}", ylabel=f"predicted {scale.unit}")
    errors = f"MAE {mae(score, predicted_score):.2f}, RMSE {rmse(score, predicted_score):.2f}"
    axes.set_title(title or f"{errors}, {len(score):,} recordings")
    return figure


@styled
def severity_error_figure(errors: Mapping[str, np.ndarray], scale: Scale) -> Figure:
    """Draw mean absolute error and bias of the recordings in each band of severity; an empty band has no bars.

    Args:
        errors: as `fercli.metrics.severity.severity_errors` returns them.
        scale: of the scores.
    """
    figure, ((axes,),) = new_figure(width=1.35 * max(4, len(scale.bands)), height=3.4)
    places = np.arange(len(scale.bands))
    kinds = ((-0.2, BLUE, "mae", "MAE", ".1f"), (0.2, ORANGE, "bias", "bias: predicted minus true", "+.1f"))
    for shift, color, name, label, written in kinds:
        bars = axes.bar(places + shift, errors[name], width=0.36, color=color, label=label)
        labels = ["" if np.isnan(value) else format(value, written) for value in errors[name]]
        axes.bar_label(bars, labels, fontsize=8, padding=2)
    axes.axhline(0, color="#333333", linewidth=0.8)
    counts = errors["num_videos"]
    axes.set_xticks(places, [f"{band}\n{number:,} rec." for band, number in zip(scale.names, counts, strict=True)])
    axes.set(ylabel=scale.unit)
    axes.margins(y=0.12)
    horizontal_grid(axes)
    axes.legend(fontsize=8.5)
    return figure


@styled
def label_distribution_figure(
    target: np.ndarray | None, predicted: np.ndarray, score: np.ndarray, names: Sequence[str], offset: float = 0.0
) -> Figure:
    """Draw target and predicted distributions over the levels of severity, a panel for each recording.

    Args:
        target: (n, L) shares of level 0, 1, ... of a few recordings, each row adding up to 1. None marks the true
            score by a line instead.
        predicted: (n, L) shares, each row adding up to 1. A dashed line marks their expectation, the predicted score.
        score: (n,) true points.
        names: n titles.
        offset: level i stands for i - offset points.
    """
    num_columns = min(MOST_PANELS_IN_A_ROW, len(names))
    num_rows = math.ceil(len(names) / num_columns)
    figure, axes = new_figure(
        num_rows, num_columns, width=3.1 * num_columns, height=2.1 * num_rows + 0.6, same_axes=True
    )
    levels = np.arange(predicted.shape[1]) - offset
    for i, (panel, name, said, points) in enumerate(zip(axes.flat, names, predicted, score, strict=False)):
        expected = float(said @ levels)
        if target is None:
            panel.axvline(points, color=GRAY, linewidth=2, alpha=0.8, label="true score")
        else:
            panel.fill_between(levels, target[i], step="mid", color=GRAY, alpha=0.45, linewidth=0, label="target")
        panel.step(levels, said, where="mid", color=BLUE, linewidth=1.4, label="predicted")
        panel.axvline(expected, color=BLUE, linewidth=1, linestyle="--", label="its expectation")
        panel.set_title(f"{name}: {points:g}, predicted {expected:.1f}", fontsize=9)
        panel.tick_params(labelsize=8)
        horizontal_grid(panel)
    for panel in axes.flat[len(names) :]:
        panel.set_visible(False)
    axes[0, 0].set(xlim=(levels[0] - 1, levels[-1] + 1), ylim=(0, None))
    figure.supxlabel("points", fontsize=10)
    figure.supylabel("share", fontsize=10)
    wide_legend(figure, axes[0, 0].get_legend_handles_labels()[0], "outside upper center", ncols=3)
    return figure


@styled
def score_feature_figure(features: np.ndarray, score: np.ndarray, num_samples: int = 2000, seed: int = 0) -> Figure:
    """Draw features in two dimensions, colored by the score.

    Wider features are scaled to unit length, as the metric losses see them, and projected on their two principal
    axes. t-SNE and UMAP would tear an ordered line of scores apart.

    Args:
        features: (n, dim) with dim 2 or more.
        score: (n,) points.
        num_samples: shown at most, drawn at random.
        seed: of the draw.

    Raises:
        DataError: fewer than 3 samples, or a feature that is not finite.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import normalize

    if len(features) < 3 or not np.isfinite(features).all():
        raise DataError(f"expected at least 3 samples of finite features, found {len(features)}")
    rows = np.random.default_rng(seed).permutation(len(features))[:num_samples]
    shown, title = features[rows], "deep feature"
    if features.shape[1] > 2:
        projection = PCA(2)
        shown = projection.fit_transform(normalize(shown))
        title = f"{projection.explained_variance_ratio_.sum():.0%} of the variance of {features.shape[1]} features"
    figure, ((axes,),) = new_figure(width=5.2, height=4.2)
    size = np.clip(12000 / max(1, len(rows)), 4, 30)
    dots = axes.scatter(*shown.T, c=score[rows], s=size, cmap="viridis", alpha=0.85, linewidths=0, rasterized=True)
    axes.set(title=title, xticks=[], yticks=[])
    bar = figure.colorbar(dots, ax=axes, shrink=0.8, aspect=28)
    bar.outline.set_visible(False)
    bar.set_label("score in points")
    return figure
