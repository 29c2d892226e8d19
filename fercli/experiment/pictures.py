"""The pictures of one judged run: whatever its predictions, its labels and its network give."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from fercli.errors import ConfigError, nearest
from fercli.experiment.evaluation import Judged
from fercli.experiment.heat_pictures import heat_pictures
from fercli.experiment.mask_pictures import mask_pictures
from fercli.experiment.monitor_pictures import monitor_pictures
from fercli.experiment.network_pictures import network_pictures
from fercli.experiment.part_pictures import part_pictures
from fercli.experiment.sample_pictures import sample_pictures
from fercli.experiment.score_pictures import score_feature_pictures, score_pictures
from fercli.experiment.shown import NUM_LARGEST, Picture, largest_classes, num_sectors, stored_images
from fercli.experiment.training_pictures import training_pictures
from fercli.metrics.classification import confusion_matrix, rare_classes
from fercli.metrics.metric import known_rows
from fercli.metrics.retrieval import RetrievalMetric, class_ranks, cmc
from fercli.reports.affect import affect_counts_plot, affect_plane_plot
from fercli.reports.affect_errors import (
    Places,
    affect_errors,
    affect_grid_plot,
    affect_prediction_plot,
    pick_affect_samples,
)
from fercli.reports.age import age_plot
from fercli.reports.attention import attention_plot
from fercli.reports.cmc import cmc_plot
from fercli.reports.curves import reliability_plot, training_curves_plot
from fercli.reports.figure import MOST_CLASSES
from fercli.reports.plots import class_counts_plot, class_recall_plot, confusion_matrix_plot
from fercli.reports.scatter import Features, feature_scatter_plot, tsne_plot, umap_plot
from fercli.reports.score_similarity import read_pairs
from fercli.runs.folder import RunFolder, read_history

EMBEDDINGS = ("tsne", "umap")
ATTENTION_CLASSES = ("neutral", "surprise")  # of which the source shows two samples and three
NUM_ATTENTION_SAMPLES = (2, 3)
LEAST_EMBEDDED = 5  # samples of which t-SNE and UMAP make a picture
MOST_RANKS = 100


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
    pictures += [
        *training_pictures(judged),
        *sample_pictures(judged),
        *score_pictures(judged),
        *_features(judged, embedding),
        *score_feature_pictures(judged, read_pairs(run.pairs_untrained) if judged.recorded else None),
        *_of_retrieval(judged),
        *_of_affect(judged),
        *network_pictures(judged),
        *part_pictures(judged),
        *monitor_pictures(judged),
        *heat_pictures(judged),
        *mask_pictures(judged),
        *_of_attention(judged),
    ]
    counts = {
        split: np.array([judged.data.store.meta["counts"].get(split, {}).get(name, 0) for name in _found(judged)])
        for split in judged.data.store.splits
    }
    if 0 < len(_found(judged)) <= MOST_CLASSES:
        pictures.append(("class_counts", "Images per class and split", class_counts_plot(counts, _found(judged))))
    history = read_history(run)
    if history is not None and len(history) > 1:
        units = {name: metric.unit for name, metric in judged.method.metrics.items()}
        columns = {str(name): history[name].to_numpy() for name in history}
        columns["epoch"] = history.index.to_numpy()
        pictures.append(("training_curves", "The training", training_curves_plot(columns, units)))
    return pictures


def _found(judged: Judged) -> tuple[str, ...]:
    return judged.data.store.classes


def _of_classes(judged: Judged, rows: Classified) -> Iterator[Picture]:
    classes, matrix = judged.evaluation.classes, rows.matrix
    if len(classes) <= MOST_CLASSES:
        yield from _of_each_class(matrix, classes, _rare_classes(judged))
    ranks = class_ranks(rows.labels, rows.columns["probabilities"])
    caption = "Share of samples whose class is among the k most probable ones"
    yield "cmc", caption, cmc_plot({judged.result["method"]: cmc(ranks, min(len(classes), MOST_RANKS))})
    correct = rows.predicted == rows.labels
    confidence = rows.columns["probabilities"].max(1)
    caption = "How often a prediction of a given confidence is right"
    yield "reliability", caption, reliability_plot(confidence, correct)
    age = rows.columns.get("age")
    if age is not None and not np.isnan(age).all() and len(classes) <= MOST_CLASSES:
        yield "age", "Classes and accuracy by age", age_plot(age, rows.labels, correct, classes)


def _of_each_class(matrix: np.ndarray, classes: tuple[str, ...], rare: list[str]) -> Iterator[Picture]:
    caption = "Confusion matrix: rows are the true classes and add up to 100 %"
    caption += "; a dagger marks rare classes" if rare else ""
    yield "confusion_matrix", caption, confusion_matrix_plot(matrix, classes, minority=rare)
    yield "class_recall", "Recall of each class with its 95 % interval", class_recall_plot(matrix, classes)


def _rare_classes(judged: Judged) -> list[str]:
    """Those that metrics=minority names; without it, those that are rare among the training images."""
    classes = judged.evaluation.classes
    recall = judged.method.metrics.get("minority_recall")
    if recall is not None and isinstance(recall.function, partial):
        return [name for name in classes if name in recall.function.keywords["names"]]
    return rare_classes(classes, _training_counts(judged))


def _training_counts(judged: Judged) -> dict[str, int]:
    """Images of each class in the training split; in the evaluated one where the store has no other."""
    counts: dict[str, dict[str, int]] = judged.data.store.meta["counts"]
    split = next(split for split in ("train", judged.evaluation.split) if any(counts.get(split, {}).values()))
    return counts[split]


def _features(judged: Judged, embedding: str) -> Iterator[Picture]:
    columns, classes = judged.evaluation.columns, judged.evaluation.classes
    known = known_rows(columns, ["expression"])
    features, labels = columns["feature"][known], columns["expression"][known]
    bank = judged.method.objective.centers
    centers = None if bank is None else bank.centers.double().cpu().numpy()
    of_which = ""
    if len(classes) > MOST_CLASSES:
        largest = largest_classes(labels, len(classes))
        chosen = np.isin(labels, largest)
        features, labels = features[chosen], np.searchsorted(largest, labels[chosen])
        classes = tuple(classes[i] for i in largest)
        centers, of_which = None, f"; the {NUM_LARGEST} classes of most samples"
    if len(features) < LEAST_EMBEDDED:
        return
    if features.shape[1] == 2:
        panel = {judged.evaluation.split: Features(features, labels, centers)}
        yield "features", f"The two-dimensional deep feature{of_which}", feature_scatter_plot(panel, classes)
    elif embedding == "umap":
        squares = "" if centers is None else "; squares are the class centers"
        caption = f"UMAP of the {features.shape[1]}-dimensional deep feature{squares}{of_which}"
        yield "features", caption, umap_plot(features, labels, classes, centers)
    else:
        caption = (
            f"t-SNE of the {features.shape[1]}-dimensional deep feature: neighborhoods mean something, distances not"
        )
        yield "features", caption + of_which, tsne_plot(features, labels, classes)


def _of_retrieval(judged: Judged) -> Iterator[Picture]:
    """Where the run was judged by what the neighbors of an image are."""
    columns = judged.evaluation.columns
    metric = next((m for m in judged.method.metrics.values() if isinstance(m, RetrievalMetric)), None)
    if metric is None or not metric.is_possible(columns):
        return
    (queries,) = metric.rows(columns)
    curve = cmc(queries["rank"], min(MOST_RANKS, max(1, len(columns["id"]) - 1)))
    caption = "Share of queries with an image of their class among the k nearest"
    yield "retrieval_cmc", caption, cmc_plot({judged.result["method"]: curve})


def _of_affect(judged: Judged) -> Iterator[Picture]:
    columns, classes = judged.evaluation.columns, judged.evaluation.classes
    if "valence" not in columns or not known_rows(columns, ["valence", "arousal"]).any():
        return
    true = np.stack([columns["valence"], columns["arousal"]], axis=1)
    known = known_rows(columns, ["expression", "valence", "arousal"])
    if known.any():
        labels, shown = columns["expression"][known], true[known]
        caption = "The evaluated images in the valence-arousal plane"
        yield "affect_plane", caption, affect_plane_plot(shown, labels, classes, num_sectors(judged))
        yield "affect_counts", "How many images lie where, by class", affect_counts_plot(shown, labels, classes)
    if "predicted_valence" in columns:
        predicted = np.stack([columns["predicted_valence"], columns["predicted_arousal"]], axis=1)
        rated = known_rows(columns, ["valence", "arousal"])
        left_out = f"; {(~rated).sum():,} images without a label left out" if not rated.all() else ""
        caption = f"Predicted against true values{left_out}"
        yield "affect_prediction", caption, affect_prediction_plot(true[rated], predicted[rated])
        chosen = pick_affect_samples(true, predicted)
        titles = [f"error {error:.2f}" for error in affect_errors(true[chosen], predicted[chosen])]
        names = _names(judged, chosen)
        places = [Places("true", true[chosen], names[0]), Places("predicted", predicted[chosen], names[1])]
        grid = affect_grid_plot(stored_images(judged, chosen), places, titles)
        yield "affect_samples", "Smallest and largest errors of valence and arousal", grid


def _names(judged: Judged, rows: np.ndarray) -> tuple[list[str] | None, list[str] | None]:
    """The true and the predicted classes of some rows, where each of them has both."""
    columns, names = judged.evaluation.columns, judged.evaluation.classes
    if "probabilities" not in columns or (columns["expression"][rows] < 0).any():
        return None, None
    predicted = columns["probabilities"][rows].argmax(1)
    return [names[i] for i in columns["expression"][rows]], [names[i] for i in predicted]


def _of_attention(judged: Judged) -> Iterator[Picture]:
    """Samples of the two classes that the source shows; of other data, of the two most frequent ones in training."""
    columns, names = judged.evaluation.columns, judged.evaluation.classes
    if "attention" not in columns:
        return
    shown = ATTENTION_CLASSES
    if not set(shown) <= set(names):
        counts = _training_counts(judged)
        shown = tuple(names[k] for k in np.argsort([-counts.get(name, 0) for name in names], kind="stable")[:2])
    labels = columns["expression"]
    samples = zip(shown, NUM_ATTENTION_SAMPLES, strict=False)  # there may be one class
    rows = np.concatenate([np.flatnonzero(labels == names.index(name))[:number] for name, number in samples])
    if len(rows):
        caption = f"Attention weights of some samples of {' and '.join(shown)}"
        yield "attention", caption, attention_plot(columns["attention"][rows], labels[rows], names)
