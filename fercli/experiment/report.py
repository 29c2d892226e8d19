"""The figures and the page of one judged run."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from fercli.datasets.datamodule import FaceData
from fercli.experiment.evaluation import Evaluation, Judged
from fercli.methods.base import Method
from fercli.metrics.classification import confusion_matrix
from fercli.reports.curves import reliability_plot, training_curves_plot
from fercli.reports.figure import save_figure
from fercli.reports.html import write_run_report
from fercli.reports.plots import class_counts_plot, class_recall_plot, confusion_matrix_plot
from fercli.reports.samples import pick_samples, sample_grid_plot
from fercli.reports.scatter import Features, feature_scatter_plot, tsne_plot
from fercli.reports.tables import metrics_table, per_class_table
from fercli.runs.folder import RunFolder

NUM_SAMPLES_EACH = 16


def write_report(run: RunFolder, judged: Judged) -> Path:
    """Draw the figures of an evaluation into `figures/`, and `report.html` with all of them inside; give its path."""
    target, evaluation, result = judged.folder, judged.evaluation, judged.result
    matrix = confusion_matrix(evaluation.columns["expression"], evaluation.columns["probabilities"])
    pictures = _pictures(run, judged, matrix)
    for name, _, figure in pictures:
        save_figure(figure, target / "figures" / f"{name}.png")
    page = target / "report.html"
    write_run_report(
        page,
        title=f"{result['method']} on {result['data']['name']}, seed {result['seed']}",
        facts=_facts(run, result),
        metrics=metrics_table(result["metrics"]),
        per_class=per_class_table(matrix, evaluation.classes),
        figures=[(caption, figure) for _, caption, figure in pictures],
        notes=_notes(result),
    )
    return page


def _pictures(run: RunFolder, judged: Judged, matrix: np.ndarray) -> list[tuple[str, str, Figure]]:
    """File name, caption and figure, in the order of the page."""
    method, data, evaluation = judged.method, judged.data, judged.evaluation
    columns, classes = evaluation.columns, evaluation.classes
    confidence = columns["probabilities"].max(1)
    predicted = columns["probabilities"].argmax(1)
    correct = predicted == columns["expression"]
    rare = {
        name for name, count in zip(classes, matrix.sum(1), strict=True) if count < matrix.sum() / (2 * len(classes))
    }
    pictures = [
        (
            "confusion_matrix",
            "Confusion matrix: rows are the true classes and add up to 100 %; a dagger marks rare classes",
            confusion_matrix_plot(matrix, classes, minority=sorted(rare)),
        ),
        ("class_recall", "Recall of each class with its 95 % interval", class_recall_plot(matrix, classes)),
        _feature_picture(method, evaluation),
        ("samples", "Samples drawn at random, right ones first", _sample_grid(data, evaluation, correct)),
        ("reliability", "How often a prediction of a given confidence is right", reliability_plot(confidence, correct)),
    ]
    counts = {
        split: np.array([data.store.meta["counts"].get(split, {}).get(name, 0) for name in data.store.classes])
        for split in data.store.splits
    }
    pictures.append(("class_counts", "Images per class and split", class_counts_plot(counts, data.store.classes)))
    history = _history(run.path / "history.csv")
    if len(history.get("epoch", [])) > 1:
        pictures.append(("training_curves", "The training", training_curves_plot(history)))
    return pictures


def _feature_picture(method: Method, evaluation: Evaluation) -> tuple[str, str, Figure]:
    features, labels = evaluation.columns["feature"], evaluation.columns["expression"]
    if features.shape[1] > 2:
        caption = (
            f"t-SNE of the {features.shape[1]}-dimensional deep feature: neighborhoods mean something, distances do not"
        )
        return "features", caption, tsne_plot(features, labels, evaluation.classes)
    bank = method.objective.centers
    centers = None if bank is None else bank.centers.double().cpu().numpy()
    panel = {evaluation.split: Features(features, labels, centers)}
    return "features", "The two-dimensional deep feature", feature_scatter_plot(panel, evaluation.classes)


def _sample_grid(data: FaceData, evaluation: Evaluation, correct: np.ndarray) -> Figure:
    right, wrong = pick_samples(correct, NUM_SAMPLES_EACH)
    chosen = np.concatenate([right, wrong])
    columns, names = evaluation.columns, evaluation.classes
    rows = data.split.evaluation
    row_of = dict(zip(data.store.column("id")[rows], rows, strict=True))
    images = data.rows_dataloader(np.array([row_of[columns["id"][i]] for i in chosen], dtype=np.int64)).dataset
    return sample_grid_plot(
        images=[images.image(i).permute(1, 2, 0).numpy() for i in range(len(chosen))],  # type: ignore[attr-defined]
        true=[names[columns["expression"][i]] for i in chosen],
        predicted=[names[columns["probabilities"][i].argmax()] for i in chosen],
        confidence=[float(columns["probabilities"][i].max()) for i in chosen],
    )


def _history(path: Path) -> dict[str, np.ndarray]:
    with open(path, newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {name: np.array([float(row[name]) for row in rows if row[name]]) for name in (rows[0] if rows else {})}


def _facts(run: RunFolder, result: dict[str, Any]) -> dict[str, str]:
    protocol = result["protocol"]
    origin = json.loads((run.path / "provenance.json").read_text())
    return {
        "judged on": f"{result['num_rows']:,} samples of {result['data']['name']}, split {protocol['split']}",
        "trained on": f"{protocol['num_train_rows']:,} samples",
        "selection": protocol["selection"],
        "network": f"{result['backbone']}, initially {protocol['weights'] or 'random'}, {protocol['size']} pixels",
        "budget": protocol["budget"],
        "run": run.run_id,
        "commit": str(result["commit"]),
        "data fingerprint": result["data"]["fingerprint"][:16],
        "hardware": ", ".join(origin["hardware"]["gpus"]) or f"{origin['hardware']['cores']} processor cores",
        "command": origin["command"],
    }


def _notes(result: dict[str, Any]) -> list[str]:
    notes = ["One seed: the intervals are over samples, not over trainings."]
    if result["protocol"]["selection"] == "paper":
        notes.append("The epoch was chosen on the samples that the numbers are reported on, as in the paper.")
    if result["protocol"]["budget"] != "full":
        notes.append(
            f"Budget '{result['protocol']['budget']}': a shortened training, not to be compared with published numbers."
        )
    return notes
