"""The pictures of a study, all from stored runs at their first seed: features, confusion matrices, training curves."""

import pickle
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fercli.reports.columns import metric_column
from fercli.reports.curves import training_curves_plot
from fercli.reports.loss_weights import sweep_plot
from fercli.reports.plots import confusion_matrix_plot
from fercli.reports.scatter import Features, feature_scatter_plot
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results

Picture = tuple[str, Figure]  # caption and picture
PROBABILITY = "prob_"
CENTERS = "objective.centers.centers"


def study_figures(results: Results) -> list[Picture]:
    """Caption and picture of whatever the finished runs hold the data for."""
    runs = _first_runs(results)
    predictions = {label: found for label, run in runs.items() if (found := _predictions(run)) is not None}
    return [
        *_sweeps(results),
        *_features(results, runs, predictions),
        *_curves(results, runs),
        *_confusions(predictions),
    ]


def _first_runs(results: Results) -> dict[str, RunFolder]:
    """The run of each row at its first seed."""
    folders = {row.label: results.folders(row.label) for row in results.plan.study.trained}
    return {label: RunFolder(found[min(found)]) for label, found in folders.items() if found}


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
        column = metric_column(metric)
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        if any(np.isfinite(mean).any() for mean, _ in curves.values()):
            caption = f"{column.label} against {study.x_label}: mean and standard deviation over seeds."
            pictures.append((caption, sweep_plot(values, curves, references, study.x_label, label)))
    return pictures


def _predictions(run: RunFolder) -> pd.DataFrame | None:
    path = run.path / "predictions.parquet"
    return pd.read_parquet(path) if path.is_file() else None


def _classes(frame: pd.DataFrame) -> list[str]:
    return [name.removeprefix(PROBABILITY) for name in frame.columns if name.startswith(PROBABILITY)]


def _features(results: Results, runs: dict[str, RunFolder], predictions: dict[str, pd.DataFrame]) -> list[Picture]:
    panels = {}
    for label, frame in predictions.items():
        if "feature_1" in frame:
            labels = frame["expression"].map({name: i for i, name in enumerate(_classes(frame))})
            panels[label] = Features(
                frame[["feature_0", "feature_1"]].to_numpy(), labels.to_numpy(), _centers(results, label, runs[label])
            )
    if not panels:
        return []
    classes = _classes(next(iter(predictions.values())))
    caption = "Deep features of the evaluation split on the same axes; crosses are the class centers."
    return [(caption, feature_scatter_plot(panels, classes))]


def _centers(results: Results, label: str, run: RunFolder) -> np.ndarray | None:
    """The class centers beside the weights that were evaluated; None without a center bank or checkpoint."""
    import torch

    rows = results.runs[results.runs["label"] == label]
    checkpoint = run.last if rows["selection"].iloc[0] == "last" else run.best
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    except (OSError, RuntimeError, pickle.UnpicklingError, KeyError):
        return None
    return state[CENTERS].numpy() if CENTERS in state else None


def _curves(results: Results, runs: dict[str, RunFolder]) -> list[Picture]:
    """One line a row: cross-entropy, which all rows share, and the first metric where an epoch was chosen by it."""
    metric = results.plan.study.metrics[0]
    shown = {"train": "train/cross_entropy", "val": f"val/{metric}"}
    lines: dict[str, pd.Series] = {}
    for label, run in runs.items():
        if (history := _history(run.path / "history.csv")) is not None:
            lines |= {f"{panel}/{label}": history[name] for panel, name in shown.items() if name in history}
    if not lines:
        return []
    frame = pd.DataFrame(lines).sort_index()
    columns = {name: frame[name].to_numpy(dtype=float) for name in lines} | {"epoch": frame.index.to_numpy()}
    caption = "Cross-entropy in training"
    if any(name.startswith("val/") for name in lines):
        caption += f", and {metric.replace('_', ' ')} in validation"
    return [(f"{caption}.", training_curves_plot(columns))]


def _history(path: Path) -> pd.DataFrame | None:
    return pd.read_csv(path).set_index("epoch") if path.is_file() else None


def _confusions(predictions: dict[str, pd.DataFrame]) -> list[Picture]:
    pictures = []
    for label, frame in predictions.items():
        if "predicted" not in frame:  # of valence and arousal alone
            continue
        classes = _classes(frame)
        matrix = pd.crosstab(frame["expression"], frame["predicted"]).reindex(
            index=classes, columns=classes, fill_value=0
        )
        pictures.append((f"Confusion matrix: {label}.", confusion_matrix_plot(matrix.to_numpy(), classes, title=label)))
    return pictures
