"""Samples before and after augmentation."""

from collections.abc import Iterator

import numpy as np

from fercli.engine.evaluation import EvaluatedRun
from fercli.figures.figure import NamedFigure
from fercli.figures.needs import Needs
from fercli.figures.samples import image_rows_figure
from fercli.figures.shown import seen, seen_in_training, seen_in_training_alone, stored_contexts, stored_images
from fercli.ops.samples import draw_samples

NEEDS = Needs.RUN
NUM_SAMPLES = 4
NUM_DRAWS = 6


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield all changes together, then each change alone."""
    yield _of_all_changes(evaluated)
    yield from _of_each_change(evaluated)


def _of_all_changes(evaluated: EvaluatedRun) -> NamedFigure:
    """Draw some samples on their way into the network; if it looks at both, the scene stands below the face."""
    num_rows = len(evaluated.evaluation.columns["id"])
    chosen = draw_samples(num_rows, NUM_SAMPLES)
    steps = [seen(evaluated, chosen), *seen_in_training(evaluated, chosen, NUM_DRAWS)]
    streams, (reads_face, reads_scene) = {}, _reads(evaluated)
    if reads_face:
        streams["face"] = [stored_images(evaluated, chosen), *(step.images for step in steps)]
    if reads_scene:
        streams["scene"] = [stored_contexts(evaluated, chosen), *(step.contexts for step in steps)]
    rows = [[step[i] for step in stream] for i in range(len(chosen)) for stream in streams.values()]
    names = list(streams) * len(chosen) if "scene" in streams else [""] * len(rows)
    headers = ["stored", "evaluation", *(f"training {draw + 1}" for draw in range(NUM_DRAWS))]
    caption = "Samples as they are stored, as the network sees them in evaluation, and in some draws of the training"
    if all(np.array_equal(row[1], image) for row in rows for image in row[2:]):
        rows, headers = [row[:2] for row in rows], ["stored", "network"]
        caption = "Samples as they are stored, and as the network sees them; nothing is random in training"
    middle = "; the frame in the middle of each clip" if steps[0].batch.image.dim() == 5 else ""
    return NamedFigure("augmentation", caption + middle, image_rows_figure(rows, names, headers))


def _of_each_change(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield one sample under each random change of the augmentation alone, a row for each change.

    Source: Antoniadis 2021, figure 3.1.3.
    """
    chosen = draw_samples(len(evaluated.evaluation.columns["id"]), 1)
    plain, changed = seen(evaluated, chosen), seen_in_training_alone(evaluated, chosen, NUM_DRAWS)
    if not changed:
        return
    reads_face, reads_scene = _reads(evaluated)
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
    yield NamedFigure("augmentation_alone", caption + middle, image_rows_figure(rows, names, headers))


def _reads(evaluated: EvaluatedRun) -> tuple[bool, bool]:
    """Return whether the network looks at the face, and whether it looks at the scene."""
    seen = evaluated.method.seen
    return "face" in seen, "context" in seen
