"""Which samples to look at: drawn at random, not the prettiest and not the worst."""

import numpy as np


def pick_samples(correct: np.ndarray, num_each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of at most `num_each` right and wrong samples, at random: not the prettiest, not the worst.

    Args:
        correct: (n,) bool.
        num_each: how many of either.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    right, wrong = (generator.permutation(np.flatnonzero(which))[:num_each] for which in (correct, ~correct))
    return right, wrong


def draw_samples(number: int, most: int, seed: int = 0) -> np.ndarray:
    """Ascending places of at most so many of a number of samples, drawn at random."""
    return np.sort(np.random.default_rng(seed).permutation(number)[:most])


def pick_of_each(labels: np.ndarray, num_classes: int, num_each: int, seed: int = 0) -> list[np.ndarray]:
    """Row numbers of at most `num_each` samples of each class, at random; an array for each class, maybe an empty one.

    Args:
        labels: (n,) class index; rows of a negative one are of no class.
        num_classes: how many arrays.
        num_each: how many samples of a class.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    return [generator.permutation(np.flatnonzero(labels == index))[:num_each] for index in range(num_classes)]
