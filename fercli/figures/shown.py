"""Which samples a figure shows, and what the network saw of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fercli.batch import Batch
from fercli.datasets.augment import Plain
from fercli.datasets.images import ImageRows
from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.recordings import spread_recordings
from fercli.engine.screening import evaluated_scores
from fercli.methods.base import Method
from fercli.metrics.metric import Columns, known_rows
from fercli.ops.samples import pick_samples
from fercli.screening.people import Scores


def screened(evaluated: EvaluatedRun) -> tuple[dict[str, Any], Scores] | None:
    """Return the screening in `metrics.json` and the scores that it is made of; None where nothing is screened."""
    document = evaluated.result.get("screening")
    scores = evaluated_scores(evaluated.method, evaluated.data.store, evaluated.evaluation.columns)
    return None if document is None or scores is None else (document, scores)


@dataclass(frozen=True)
class Seen:
    """Some samples as the network gets them.

    Attributes:
        batch: on the device of the method; what training sees is on the CPU.
        images: n arrays (H, W, C) uint8; of a clip, its middle frame.
        contexts: n arrays (H, W, C) uint8; none where the method reads no scene.
    """

    batch: Batch
    images: list[np.ndarray]
    contexts: list[np.ndarray]


def stored_images(evaluated: EvaluatedRun, rows: np.ndarray) -> list[np.ndarray]:
    """Return the stored images (H, W, C) uint8 of some rows of the columns; of a clip, its middle frame."""
    stored = _stored(evaluated, rows)
    return [_middle(stored.image(i)).permute(1, 2, 0).numpy() for i in range(len(rows))]


def stored_contexts(evaluated: EvaluatedRun, rows: np.ndarray) -> list[np.ndarray]:
    """Return the stored scenes (H, W, C) uint8 of some rows; of a clip, its middle frame; empty if none is read."""
    stored = _stored(evaluated, rows)
    if not stored.with_context:
        return []
    return [_middle(stored.context(i)).permute(1, 2, 0).numpy() for i in range(len(rows))]


def seen(evaluated: EvaluatedRun, rows: np.ndarray) -> Seen:
    """Return some rows of the columns as the network sees them in evaluation."""
    return _seen(evaluated, _batch(evaluated, rows).to(evaluated.method.device))


def seen_in_training(evaluated: EvaluatedRun, rows: np.ndarray, num_draws: int, seed: int = 0) -> list[Seen]:
    """Return some rows of the columns after each of `num_draws` draws of the training augmentation."""
    return _drawn(evaluated, _batch(evaluated, rows), evaluated.method.augment, num_draws, seed)


def seen_in_training_alone(
    evaluated: EvaluatedRun, rows: np.ndarray, num_draws: int, seed: int = 0
) -> dict[str, list[Seen]]:
    """Return the same as `seen_in_training` for each random change of the augmentation alone, by its name."""
    batch, augments = _batch(evaluated, rows), evaluated.method.augment.alone()
    return {name: _drawn(evaluated, batch, augment, num_draws, seed) for name, augment in augments.items()}


def trained_on(evaluated: EvaluatedRun, places: np.ndarray, seed: int = 0) -> Seen:
    """Return some samples of the training split, each after one draw of the training augmentation.

    Args:
        places: positions of the samples in the training split.
    """
    samples = evaluated.data.samples(evaluated.data.split.train)[places]
    (found,) = _drawn(evaluated, _whole(_rows(evaluated, samples)), evaluated.method.augment, 1, seed)
    return found


def pick_rows(columns: Columns, num_each: int) -> np.ndarray:
    """Return the rows that a figure shows, at most `2 * num_each`; none where neither classes nor scores are predicted.

    Classes: `num_each` right rows, then `num_each` wrong rows. Scores: one row of each of `2 * num_each` recordings,
    from the lowest score to the highest.
    """
    known = np.flatnonzero(known_rows(columns, ["expression"]))
    if "probabilities" in columns and len(known):
        correct = columns["probabilities"][known].argmax(1) == columns["expression"][known]
        return known[np.concatenate(pick_samples(correct, num_each))]
    if "predicted_score" not in columns:
        return np.empty(0, dtype=np.int64)
    return np.array([rows[len(rows) // 2] for rows in spread_recordings(columns, 2 * num_each)], dtype=np.int64)


def titles_of(evaluated: EvaluatedRun, rows: np.ndarray) -> list[str]:
    """Return two lines for each row: the true label, and the prediction."""
    columns, names = evaluated.evaluation.columns, evaluated.evaluation.classes
    if "probabilities" in columns:
        said = columns["probabilities"].argmax(1)
        return [f"{names[columns['expression'][i]]}\nsaid {names[said[i]]}" for i in rows]
    return [f"{columns['score'][i]:g} points\nsaid {columns['predicted_score'][i]:.1f}" for i in rows]


def num_sectors(evaluated: EvaluatedRun) -> int | None:
    """Return the number of sectors of the valence-arousal plane that a head predicts; None for other heads.

    It is 2 where the head has one score for the two halves.
    """
    number: int | None = getattr(getattr(evaluated.method, "head", None), "num_sectors", None)
    return 2 if number == 1 else number


def _rows(evaluated: EvaluatedRun, samples: np.ndarray) -> ImageRows:
    stored: ImageRows = evaluated.data.samples_dataloader(samples).dataset  # type: ignore[assignment]
    return stored


def _whole(stored: ImageRows) -> Batch:
    return stored.__getitems__(list(range(len(stored))))


def _stored(evaluated: EvaluatedRun, rows: np.ndarray) -> ImageRows:
    return _rows(evaluated, evaluated.samples(rows))


def _batch(evaluated: EvaluatedRun, rows: np.ndarray) -> Batch:
    return _whole(_stored(evaluated, rows))


def _drawn(evaluated: EvaluatedRun, batch: Batch, augment: Plain, num_draws: int, seed: int) -> list[Seen]:
    """Return a batch after each of `num_draws` draws of an augmentation in training mode.

    Afterwards the random state and the mode of the augmentation are restored. All draws happen on the CPU, because its
    generator can be seeded alone.
    """
    training = augment.training
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        augment.train()
        try:
            return [as_seen(evaluated.method, augment(batch)) for _ in range(num_draws)]
        finally:
            augment.train(training)


def _seen(evaluated: EvaluatedRun, stored: Batch) -> Seen:
    return as_seen(evaluated.method, evaluated.method.augmented(stored))


def as_seen(method: Method, batch: Batch) -> Seen:
    """Return a batch in the form that a method takes, with its images."""
    contexts = [] if batch.context is None else _as_images(method, batch.context)
    return Seen(batch, _as_images(method, batch.image), contexts)


def _middle(image: Tensor) -> Tensor:
    return image if image.dim() == 3 else image[len(image) // 2]


def _as_images(method: Method, images: Tensor) -> list[np.ndarray]:
    """Return normalized images, or the middle frame of each clip, as uint8."""
    std, mean = (images.new_tensor(values)[:, None, None] for values in (method.augment.std, method.augment.mean))
    shown = [(_middle(image) * std + mean).clamp(0, 1) for image in images]
    return [(255 * image).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy() for image in shown]
