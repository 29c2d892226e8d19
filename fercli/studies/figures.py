"""The pictures of a study, all from stored runs: sweeps, features, learning curves, confusion matrices."""

import math

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.metrics.classification import confusion_matrix, rare_classes
from fercli.metrics.separation import class_separation
from fercli.reports.curves import training_curves_plot
from fercli.reports.html import Picture
from fercli.reports.loss_weights import sweep_plot
from fercli.reports.plots import confusion_matrix_plot
from fercli.reports.scatter import Features, feature_scatter_plot
from fercli.runs.folder import RunFolder, read_history
from fercli.studies.affect_figures import affect_figures
from fercli.studies.aggregate import Results
from fercli.studies.embedding_figures import embedding_figures, stored_centers
from fercli.studies.grid import Plan
from fercli.studies.pair_figures import pair_figures
from fercli.studies.predictions import classes_of, columns_of, read_predictions
from fercli.studies.study import StudyRow


def study_figures(results: Results) -> list[Picture]:
    """Caption and picture of whatever the finished runs hold the data for."""
    runs = results.first_runs
    pictures = [*_sweeps(results), *_features(runs), *embedding_figures(runs), *_curves(results, runs)]
    return [*pictures, *affect_figures(results), *pair_figures(runs)]


def confusion_figures(results: Results) -> list[Picture]:
    """Confusion matrices of the rows, each the sum over its seeds, to be shown side by side."""
    pictures = []
    for row in results.plan.study.trained:
        frames = [
            found
            for path in results.folders(row.label).values()
            if (found := _predictions(RunFolder(path))) is not None
        ]
        frames = [frame for frame in frames if "predicted" in frame]  # not of valence and arousal alone
        if not frames:
            continue
        classes = classes_of(frames[0])
        matrix = sum(
            confusion_matrix(columns["expression"], columns["probabilities"]) for columns in map(_known, frames)
        )
        seeds = f"{len(frames)} seeds together" if len(frames) > 1 else "a single seed"
        rare = _rare_classes(results.plan, row, classes)
        dagger = " A dagger marks rare classes." if rare else ""
        caption = f"Confusion matrix: {row.label} ({seeds}).{dagger}"
        pictures.append((caption, confusion_matrix_plot(np.asarray(matrix), classes, rare, row.label)))
    return pictures


def _rare_classes(plan: Plan, row: StudyRow, classes: list[str]) -> list[str]:
    """Those that metrics=minority names; without it, those that are rare among the training images."""
    if (recall := plan.config.metrics.get("minority_recall")) is not None:
        return [name for name in classes if name in recall.function.names]
    return rare_classes(classes, plan.counts[plan.data_of[row.label]])


def _sweeps(results: Results) -> list[Picture]:
    """One picture a metric, where the rows of the study stand on an axis."""
    study = results.plan.study
    swept = [row for row in study.trained if row.x is not None]
    values = sorted({row.x for row in swept if row.x is not None})
    pictures = []
    for metric in study.metrics if len(values) > 1 else ():
        numbers = {row.label: np.array([*results.values(row.label, metric).values()]) for row in study.trained}
        curves = {}
        for curve in dict.fromkeys(row.curve for row in swept):
            at = {row.x: numbers[row.label] for row in swept if row.curve == curve and len(numbers[row.label])}
            mean = np.array([at[x].mean() if x in at else np.nan for x in values])
            spread = np.array([at[x].std(ddof=1) if x in at and len(at[x]) > 1 else np.nan for x in values])
            curves[curve or "measured"] = (mean, spread)
        references = {
            row.label: float(numbers[row.label].mean())
            for row in study.trained
            if row.x is None and len(numbers[row.label])
        }
        column = results.column(metric)
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        if any(np.isfinite(mean).any() for mean, _ in curves.values()):
            caption = f"{column.label} against {study.x_label}: mean and standard deviation over seeds."
            pictures.append((caption, sweep_plot(values, curves, references, study.x_label, label)))
    return pictures


def _predictions(run: RunFolder) -> pd.DataFrame | None:
    try:
        return read_predictions(run)
    except RunError:
        return None


def _known(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return columns_of(frame[frame["expression"].notna()])


def _features(runs: dict[str, RunFolder]) -> list[Picture]:
    panels, classes = {}, []
    for label, run in runs.items():
        frame = _predictions(run)
        if frame is not None and "feature_1" in frame:
            frame, classes = frame[frame["expression"].notna()], classes_of(frame)
            points, labels = frame[["feature_0", "feature_1"]].to_numpy(), columns_of(frame)["expression"]
            apart = class_separation(points, labels)
            title = label if math.isnan(apart) else f"{label}: {apart:.1f}"
            panels[title] = Features(points, labels, stored_centers(run))
    if not panels:
        return []
    caption = (
        "Deep features of the evaluation split on the same axes; crosses are the class centers. The numbers: smallest "
        "distance between two class means, over the mean distance of samples from that of their class."
    )
    return [(caption, feature_scatter_plot(panels, classes))]


def _curves(results: Results, runs: dict[str, RunFolder]) -> list[Picture]:
    """One line a row: the first loss that all rows share, and the first metric where an epoch was chosen by it."""
    metric = results.plan.study.metrics[0]
    found = {label: read_history(run) for label, run in runs.items()}
    histories = {label: history for label, history in found.items() if history is not None}
    terms = [f"train/{name}" for name, term in results.plan.config.loss.items() if term is not None]
    shared = [name for name in terms if all(name in history for history in histories.values())][:1]
    lines: dict[str, pd.Series] = {}
    for label, history in histories.items():
        shown = [name for name in (*shared, f"val/{metric}") if name in history]
        lines |= {f"{name.partition('/')[0]}/{label}": history[name] for name in shown}
    if not lines:
        return []
    frame = pd.DataFrame(lines).sort_index()
    columns = {name: frame[name].to_numpy(dtype=float) for name in lines} | {"epoch": frame.index.to_numpy()}
    parts = [f"{name.partition('/')[2].replace('_', ' ')} in training" for name in shared]
    if any(name.startswith("val/") for name in lines):
        parts.append(f"{results.column(metric).label} in validation")
    caption = f"{' and '.join(parts)}; the first seed of each row."
    units = dict.fromkeys(histories, results.column(metric).unit)  # a column of the figure has the name of its row
    return [(caption[0].upper() + caption[1:], training_curves_plot(columns, units))]
