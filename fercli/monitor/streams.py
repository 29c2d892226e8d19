"""Drawn streams of predicted emotions, and how often the monitor raises a bipolar alert for a stable person."""

from collections.abc import Sequence

import numpy as np

from fercli.monitor.patterns import entropy, lasting, sliding_shares
from fercli.monitor.settings import Counts


def stable(length: int, label: int) -> np.ndarray:
    """(length,) one emotion throughout."""
    return np.full(length, label)


def noisy(labels: np.ndarray, accuracy: float, num_classes: int, seed: int = 0) -> np.ndarray:
    """The emotions (n,) as a classifier sees them that errs at random, and as often towards any of the other classes.

    Args:
        labels: (n,) class index.
        accuracy: share of right predictions, in [0, 1].
    """
    generator = np.random.default_rng(seed)
    wrong = generator.random(len(labels)) >= accuracy
    other = generator.integers(1, num_classes, size=len(labels))
    return np.where(wrong, (labels + other) % num_classes, labels)


def false_alarms(
    accuracies: Sequence[float],
    persistences: Sequence[int],
    counts: Counts,
    threshold: float = 0.69,
    num_classes: int = 7,
    num_frames: int = 300_000,
    seed: int = 0,
) -> np.ndarray:
    """(A, P) share of windows in which a person who shows one emotion throughout is under a bipolar alert.

    Errors are drawn independently: of each clip prediction with `counts.clip` 1, and of each frame otherwise, where the
    mean over the 16 frames of a clip leaves hardly any error. Neither is a real classifier, whose errors come in runs;
    its rate has to be measured on recordings.

    Args:
        accuracies: A shares of frames that are recognized.
        persistences: P numbers of windows that the entropy must stay high before it is an alert; 1 for none.
        counts: of a clip and of a window; its own persistence is not used.
        threshold: entropy in nats.
        num_frames: of each drawn stream.
        seed: of the draws, the same for all accuracies, so that they differ in accuracy alone.
    """
    rates = np.empty((len(accuracies), len(persistences)))
    for row, accuracy in zip(rates, accuracies, strict=True):
        frames = noisy(stable(num_frames, 0), accuracy, num_classes, seed)
        clips = sliding_shares(frames, num_classes, counts.clip).argmax(1)
        unstable = entropy(sliding_shares(clips, num_classes, counts.window)) >= threshold
        row[:] = [lasting(unstable, length).mean() for length in persistences]
    return rates
