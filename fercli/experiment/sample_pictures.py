"""Pictures of the samples themselves: right and wrong ones, some of each class, and what augmentation makes of them."""

from collections.abc import Iterator

import numpy as np

from fercli.experiment.evaluation import Judged
from fercli.experiment.shown import (
    NUM_LARGEST,
    Picture,
    largest_classes,
    seen,
    seen_in_training,
    seen_in_training_alone,
    stored_contexts,
    stored_images,
)
from fercli.methods.cross_modal import CrossModal
from fercli.metrics.metric import known_rows
from fercli.reports.figure import MOST_CLASSES
from fercli.reports.samples import draw_samples, image_rows_plot, pick_of_each, pick_samples, sample_grid_plot

NUM_EACH = 16
NUM_OF_CLASS = 8
NUM_AUGMENTED = 4
NUM_DRAWS = 6


def sample_pictures(judged: Judged) -> Iterator[Picture]:
    """Those that labels and predictions allow; the augmentation always."""
    columns = judged.evaluation.columns
    known = np.flatnonzero(known_rows(columns, ["expression"]))
    if len(known) and "probabilities" in columns:
        yield _of_predictions(judged, known)
    if len(known):
        yield _of_classes(judged, known)
    yield _of_augmentation(judged)
    yield from _of_each_change(judged)


def _of_predictions(judged: Judged, known: np.ndarray) -> Picture:
    columns, names = judged.evaluation.columns, judged.evaluation.classes
    labels, probabilities = columns["expression"][known], columns["probabilities"][known]
    predicted = probabilities.argmax(1)
    chosen = np.concatenate(pick_samples(predicted == labels, NUM_EACH))
    grid = sample_grid_plot(
        images=stored_images(judged, known[chosen]),
        true=[names[labels[i]] for i in chosen],
        predicted=[names[predicted[i]] for i in chosen],
        confidence=[float(probabilities[i].max()) for i in chosen],
    )
    return "samples", "Samples drawn at random, right ones first", grid


def _of_classes(judged: Judged, known: np.ndarray) -> Picture:
    """A row for each class that has a sample."""
    names, labels = judged.evaluation.classes, judged.evaluation.columns["expression"][known]
    drawn = pick_of_each(labels, len(names), NUM_OF_CLASS)
    shown, of_which = np.unique(labels), ""
    if len(shown) > MOST_CLASSES:
        shown, of_which = largest_classes(labels, len(names)), f"; the {NUM_LARGEST} classes of most samples"
    elif len(shown) < len(names):
        of_which = f"; {len(names) - len(shown)} of {len(names)} classes have none"
    rows = [stored_images(judged, known[drawn[i]]) for i in shown]
    caption = f"Samples of each class, drawn at random{of_which}"
    return "class_samples", caption, image_rows_plot(rows, [names[i] for i in shown])


def _of_augmentation(judged: Judged) -> Picture:
    """Some samples on their way into the network; below each face its scene, where the network looks at both."""
    num_rows = len(judged.evaluation.columns["id"])
    chosen = draw_samples(num_rows, NUM_AUGMENTED)
    steps = [seen(judged, chosen), *seen_in_training(judged, chosen, NUM_DRAWS)]
    streams, (reads_face, reads_scene) = {}, _streams(judged)
    if reads_face:
        streams["face"] = [stored_images(judged, chosen), *(step.images for step in steps)]
    if reads_scene:
        streams["scene"] = [stored_contexts(judged, chosen), *(step.contexts for step in steps)]
    rows = [[step[i] for step in stream] for i in range(len(chosen)) for stream in streams.values()]
    names = list(streams) * len(chosen) if "scene" in streams else [""] * len(rows)
    headers = ["stored", "evaluation", *(f"training {draw + 1}" for draw in range(NUM_DRAWS))]
    caption = "Samples as they are stored, as the network sees them in evaluation, and in some draws of the training"
    if all(np.array_equal(row[1], image) for row in rows for image in row[2:]):
        rows, headers = [row[:2] for row in rows], ["stored", "network"]
        caption = "Samples as they are stored, and as the network sees them; nothing is random in training"
    middle = "; the frame in the middle of each clip" if steps[0].batch.image.dim() == 5 else ""
    return "augmentation", caption + middle, image_rows_plot(rows, names, headers)


def _of_each_change(judged: Judged) -> Iterator[Picture]:
    """One sample, and in a row for each random change of the augmentation what this change alone makes of it.

    Source: Antoniadis 2021, figure 3.1.3.
    """
    chosen = draw_samples(len(judged.evaluation.columns["id"]), 1)
    plain, changed = seen(judged, chosen), seen_in_training_alone(judged, chosen, NUM_DRAWS)
    if not changed:
        return
    reads_face, reads_scene = _streams(judged)
    rows, names = [], []
    for name, draws in changed.items():
        steps = [plain, *draws]
        if reads_face:
            rows.append([step.images[0] for step in steps])
            names.append(f"{name}, face" if reads_scene else name)
        if reads_scene:
            rows.append([step.contexts[0] for step in steps])
            names.append(f"{name}, scene" if reads_face else name)
    headers = ["evaluation", *(f"training {draw + 1}" for draw in range(NUM_DRAWS))]
    caption = "Each change of the augmentation alone: one sample as it is seen in evaluation, and in some draws"
    middle = "; the frame in the middle of the clip" if plain.batch.image.dim() == 5 else ""
    yield "augmentation_alone", caption + middle, image_rows_plot(rows, names, headers)


def _streams(judged: Judged) -> tuple[bool, bool]:
    """Whether the network looks at the face, and at its scene."""
    method = judged.method
    if not isinstance(method, CrossModal):
        return True, False
    return method.backbone is not None, method.context_backbone is not None
