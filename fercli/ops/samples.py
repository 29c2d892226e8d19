"""Which samples to show in figures: drawn at random, neither the best nor the worst."""

import numpy as np


def pick_samples(correct: np.ndarray, num_each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of at most `num_each` right and `num_each` wrong samples, drawn at random.

    Args:
        correct: (n,) bool.
        num_each: number of right samples, and of wrong samples.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    right, wrong = (generator.permutation(np.flatnonzero(which))[:num_each] for which in (correct, ~correct))
    return right, wrong


def draw_samples(number: int, most: int, seed: int = 0) -> np.ndarray:
    """Ascending row numbers of at most `most` of `number` samples, drawn at random."""
    return np.sort(np.random.default_rng(seed).permutation(number)[:most])


def pick_of_each(labels: np.ndarray, num_classes: int, num_each: int, seed: int = 0) -> list[np.ndarray]:
    """Row numbers of at most `num_each` samples of each class, drawn at random; one array per class, possibly empty.

    Args:
        labels: (n,) class index; rows with a negative index have no class.
        num_classes: how many arrays.
        num_each: how many samples of a class.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    return [generator.permutation(np.flatnonzero(labels == index))[:num_each] for index in range(num_classes)]
