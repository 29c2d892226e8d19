"""Figures of what a network was trained on: images of each class after augmentation, and where they lie in affect."""

from collections.abc import Iterator

import numpy as np

from fercli.datasets.labels import training_labels
from fercli.experiment.evaluation import Judged
from fercli.experiment.shown import NUM_LARGEST, Picture, largest_classes, num_sectors, trained_on
from fercli.reports.affect import affect_plane_plot
from fercli.reports.figure import MOST_CLASSES
from fercli.reports.samples import image_rows_plot, pick_of_each

NUM_OF_CLASS = 8


def training_pictures(judged: Judged) -> Iterator[Picture]:
    """Those that the labels of the training split allow; none where another store than the run's was evaluated."""
    data, names = judged.data, judged.data.store.classes
    if len(data.split.train) == 0:
        return
    labels = training_labels(data.store, data.first_rows(data.split.train))
    if (labels.expression < 0).all():
        return
    yield _of_classes(judged, labels.expression, names)
    known = (labels.expression >= 0) & ~np.isnan(labels.affect).any(axis=1)
    if known.any() and len(names) <= MOST_CLASSES:
        caption = "The training samples in the valence-arousal plane"
        plot = affect_plane_plot(labels.affect[known], labels.expression[known], names, num_sectors(judged))
        yield "training_affect", caption, plot


def _of_classes(judged: Judged, labels: np.ndarray, names: tuple[str, ...]) -> Picture:
    """A row for each class that is trained on, with the number of its samples."""
    shown, of_which = np.unique(labels[labels >= 0]), ""
    if len(shown) > MOST_CLASSES:
        shown, of_which = largest_classes(labels[labels >= 0], len(names)), f"; the {NUM_LARGEST} largest classes"
    elif len(shown) < len(names):
        of_which = f"; {len(names) - len(shown)} of {len(names)} classes have none"
    drawn = pick_of_each(labels, len(names), NUM_OF_CLASS)
    places = np.concatenate([drawn[i] for i in shown])
    images = iter(trained_on(judged, places).images)
    rows = [[next(images) for _ in drawn[i]] for i in shown]
    counts = [f"{names[i]}: {(labels == i).sum():,}" for i in shown]
    caption = f"Training samples as the network sees them after augmentation, with the number of each class{of_which}"
    return "training_samples", caption, image_rows_plot(rows, counts)
