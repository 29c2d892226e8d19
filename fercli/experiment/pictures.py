"""The pictures of one judged run: whatever its predictions, its labels and its network give."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fercli.datasets.images import ImageRows
from fercli.errors import ConfigError, nearest
from fercli.experiment.evaluation import Judged
from fercli.experiment.network_pictures import network_pictures
from fercli.metrics.classification import confusion_matrix
from fercli.metrics.metric import known_rows
from fercli.reports.affect import affect_counts_plot, affect_plane_plot
from fercli.reports.affect_errors import affect_grid_plot, affect_prediction_plot, pick_affect_samples
from fercli.reports.age import age_plot
from fercli.reports.attention import attention_plot
from fercli.reports.curves import reliability_plot, training_curves_plot
from fercli.reports.plots import class_counts_plot, class_recall_plot, confusion_matrix_plot
from fercli.reports.samples import pick_samples, sample_grid_plot
from fercli.reports.scatter import Features, feature_scatter_plot, tsne_plot, umap_plot
from fercli.runs.folder import RunFolder

EMBEDDINGS = ("tsne", "umap")
NUM_SAMPLES_EACH = 16
NUM_ATTENTION_SAMPLES = 6

Picture = tuple[str, str, Figure]  # file name, caption, figure


@dataclass(frozen=True)
class Classified:
    """The rows whose class is known and was predicted: a view of the columns, with `predicted` (n,)."""

    columns: dict[str, np.ndarray]

    @property
    def labels(self) -> np.ndarray:
        """(n,) true class index."""
        return self.columns["expression"]

    @property
    def predicted(self) -> np.ndarray:
        """(n,) most probable class index."""
        return self.columns["probabilities"].argmax(1)

    @property
    def matrix(self) -> np.ndarray:
        """(K, K) counts."""
        return confusion_matrix(self.labels, self.columns["probabilities"])


def classified(columns: dict[str, np.ndarray]) -> Classified | None:
    """The rows with a class; None where there is none or none was predicted."""
    known = known_rows(columns, ["expression"])
    if "probabilities" not in columns or not known.any():
        return None
    return Classified({name: column[known] for name, column in columns.items()})


def draw_pictures(run: RunFolder, judged: Judged, embedding: str) -> list[Picture]:
    """In the order of the page.

    Raises:
        ConfigError: no such embedding.
    """
    if embedding not in EMBEDDINGS:
        raise ConfigError(f"no embedding named '{embedding}'; {nearest(embedding, EMBEDDINGS)}")
    rows = classified(judged.evaluation.columns)
    pictures = list(_of_classes(judged, rows)) if rows is not None else []
    pictures += [_features(judged, embedding), *_of_affect(judged), *network_pictures(judged), *_of_attention(judged)]
    counts = {
        split: np.array([judged.data.store.meta["counts"].get(split, {}).get(name, 0) for name in _found(judged)])
        for split in judged.data.store.splits
    }
    if _found(judged):
        pictures.append(("class_counts", "Images per class and split", class_counts_plot(counts, _found(judged))))
    history = _history(run.path / "history.csv")
    if len(history.get("epoch", [])) > 1:
        pictures.append(("training_curves", "The training", training_curves_plot(history)))
    return pictures


def _found(judged: Judged) -> tuple[str, ...]:
    return judged.data.store.classes


def _of_classes(judged: Judged, rows: Classified) -> Iterator[Picture]:
    classes, matrix = judged.evaluation.classes, rows.matrix
    rare = [name for name, count in zip(classes, matrix.sum(1), strict=True) if count < matrix.sum() / 2 / len(classes)]
    caption = "Confusion matrix: rows are the true classes and add up to 100 %; a dagger marks rare classes"
    yield "confusion_matrix", caption, confusion_matrix_plot(matrix, classes, minority=sorted(rare))
    yield "class_recall", "Recall of each class with its 95 % interval", class_recall_plot(matrix, classes)
    correct = rows.predicted == rows.labels
    confidence = rows.columns["probabilities"].max(1)
    yield "samples", "Samples drawn at random, right ones first", _sample_grid(judged, rows, correct)
    caption = "How often a prediction of a given confidence is right"
    yield "reliability", caption, reliability_plot(confidence, correct)
    age = rows.columns.get("age")
    if age is not None and not np.isnan(age).all():
        yield "age", "Classes and accuracy by age", age_plot(age, rows.labels, correct, classes)


def _features(judged: Judged, embedding: str) -> Picture:
    columns, classes = judged.evaluation.columns, judged.evaluation.classes
    known = known_rows(columns, ["expression"])
    features, labels = columns["feature"][known], columns["expression"][known]
    bank = judged.method.objective.centers
    centers = None if bank is None else bank.centers.double().cpu().numpy()
    if features.shape[1] > 2 and embedding == "umap":
        caption = f"UMAP of the {features.shape[1]}-dimensional deep feature; squares are the class centers"
        flat = None if centers is None or centers.ndim > 2 else centers
        return "features", caption, umap_plot(features, labels, classes, flat)
    if features.shape[1] > 2:
        caption = (
            f"t-SNE of the {features.shape[1]}-dimensional deep feature: neighborhoods mean something, distances not"
        )
        return "features", caption, tsne_plot(features, labels, classes)
    panel = {judged.evaluation.split: Features(features, labels, centers)}
    return "features", "The two-dimensional deep feature", feature_scatter_plot(panel, classes)


def _of_affect(judged: Judged) -> Iterator[Picture]:
    columns, classes = judged.evaluation.columns, judged.evaluation.classes
    if "valence" not in columns or np.isnan(columns["valence"]).all():
        return
    true = np.stack([columns["valence"], columns["arousal"]], axis=1)
    known = known_rows(columns, ["expression", "valence", "arousal"])
    if known.any():
        labels, shown = columns["expression"][known], true[known]
        num_sectors = getattr(judged.method.head, "num_sectors", None)
        num_sectors = 2 if num_sectors == 1 else num_sectors  # two halves by one score
        caption = "The evaluated images in the valence-arousal plane"
        yield "affect_plane", caption, affect_plane_plot(shown, labels, classes, num_sectors)
        yield "affect_counts", "How many images lie where, by class", affect_counts_plot(shown, labels, classes)
    if "predicted_valence" in columns:
        predicted = np.stack([columns["predicted_valence"], columns["predicted_arousal"]], axis=1)
        yield "affect_prediction", "Predicted against true values", affect_prediction_plot(true, predicted)
        chosen = pick_affect_samples(true, predicted)
        names = _pairs_of_names(judged, chosen)
        grid = affect_grid_plot(sample_images(judged, chosen), true[chosen], predicted[chosen], names)
        yield "affect_samples", "Smallest and largest errors of valence and arousal", grid


def _pairs_of_names(judged: Judged, rows: np.ndarray) -> list[tuple[str, str]] | None:
    columns, names = judged.evaluation.columns, judged.evaluation.classes
    if "probabilities" not in columns or (columns["expression"][rows] < 0).any():
        return None
    predicted = columns["probabilities"][rows].argmax(1)
    return [(names[true], names[said]) for true, said in zip(columns["expression"][rows], predicted, strict=True)]


def _of_attention(judged: Judged) -> Iterator[Picture]:
    """Samples of the two most frequent classes, as the source shows two classes."""
    columns = judged.evaluation.columns
    if "attention" not in columns:
        return
    labels = columns["expression"]
    classes, counts = np.unique(labels[labels >= 0], return_counts=True)
    chosen = [np.flatnonzero(labels == k)[: NUM_ATTENTION_SAMPLES // 2] for k in classes[np.argsort(-counts)][:2]]
    rows = np.concatenate(chosen)
    caption = "Attention weights of some samples of the two most frequent classes"
    yield "attention", caption, attention_plot(columns["attention"][rows], labels[rows], judged.evaluation.classes)


def sample_images(judged: Judged, rows: np.ndarray) -> list[np.ndarray]:
    """Stored images (H, W, C) uint8 of some rows of the columns; of a clip, the frame in its middle."""
    stored: ImageRows = judged.data.samples_dataloader(judged.samples(rows)).dataset  # type: ignore[assignment]
    images = (stored.image(i) for i in range(len(rows)))
    return [(image if image.dim() == 3 else image[len(image) // 2]).permute(1, 2, 0).numpy() for image in images]


def _sample_grid(judged: Judged, rows: Classified, correct: np.ndarray) -> Figure:
    chosen = np.concatenate(pick_samples(correct, NUM_SAMPLES_EACH))
    names, whole = judged.evaluation.classes, np.flatnonzero(known_rows(judged.evaluation.columns, ["expression"]))
    return sample_grid_plot(
        images=sample_images(judged, whole[chosen]),
        true=[names[rows.labels[i]] for i in chosen],
        predicted=[names[rows.predicted[i]] for i in chosen],
        confidence=[float(rows.columns["probabilities"][i].max()) for i in chosen],
    )


def _history(path: Path) -> dict[str, np.ndarray]:
    with open(path, newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {name: np.array([float(row[name]) for row in rows if row[name]]) for name in (rows[0] if rows else {})}
