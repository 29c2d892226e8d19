"""Simulated streams of predicted emotions, and how often the monitor raises a bipolar alert for a stable person."""

from collections.abc import Sequence

import numpy as np

from fercli.monitor.patterns import entropy, lasting, sliding_shares
from fercli.monitor.settings import Counts


def stable(length: int, label: int) -> np.ndarray:
    """(length,) labels of one constant emotion."""
    return np.full(length, label)


def noisy(labels: np.ndarray, accuracy: float, num_classes: int, seed: int = 0) -> np.ndarray:
    """Simulate the predictions (n,) of a classifier with random errors, equally often towards each other class.

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
    """(A, P) share of windows with a bipolar alert for a person who shows one constant emotion.

    Errors are drawn independently for each frame; the mean over the 16 frames of a clip removes almost all of them.
    With `counts.clip` 1, errors are drawn for each clip prediction. Neither case is realistic: errors of a real
    classifier come in sequences, and its rate of false alarms has to be measured on recordings.

    Args:
        accuracies: A shares of frames that are recognized.
        persistences: P numbers of windows for which the entropy must stay high to raise an alert; 1 for the first
            window.
        counts: lengths of a clip and of a window; its persistence is not used.
        threshold: entropy in nats.
        num_frames: length of each simulated stream.
        seed: seed of the draws, the same for all accuracies, so that the streams differ only in accuracy.
    """
    rates = np.empty((len(accuracies), len(persistences)))
    for row, accuracy in zip(rates, accuracies, strict=True):
        frames = noisy(stable(num_frames, 0), accuracy, num_classes, seed)
        clips = sliding_shares(frames, num_classes, counts.clip).argmax(1)
        unstable = entropy(sliding_shares(clips, num_classes, counts.window)) >= threshold
        row[:] = [lasting(unstable, length).mean() for length in persistences]
    return rates
