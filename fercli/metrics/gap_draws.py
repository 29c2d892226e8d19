"""Draws of groups of rows without any difference between the groups: permutations, and resamples."""

from collections.abc import Iterator

import numpy as np

from fercli.metrics.units import effective

AT_A_TIME = 250  # draws in memory


def permutations(pseudo: np.ndarray, within: bool, number: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield arrays (at most 250, U, G) with the groups permuted among the units, or within each unit."""
    there = ~np.isnan(pseudo)
    for start in range(0, number, AT_A_TIME):
        size = min(AT_A_TIME, number - start)
        if within:
            keys = np.where(there, generator.random((size, *pseudo.shape)), 2.0)
            drawn = np.take_along_axis(np.broadcast_to(pseudo, keys.shape), keys.argsort(axis=-1), axis=-1)
            places = np.broadcast_to(np.argsort(~there, axis=-1, kind="stable"), keys.shape)
            permuted = np.full(keys.shape, np.nan)
            np.put_along_axis(permuted, places, drawn, axis=-1)
        else:
            group, value = there.argmax(axis=1), np.nansum(pseudo, axis=1)
            labels = generator.permuted(np.tile(group, (size, 1)), axis=1)
            permuted = np.where(labels[..., None] == np.arange(pseudo.shape[1]), value[None, :, None], np.nan)
        yield permuted


def resamples(
    pseudo: np.ndarray, sizes: np.ndarray, within: bool, number: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield arrays (at most 250, n, G) of units that are drawn with replacement, without any difference of groups.

    Units in one group each are drawn group by group; units in several groups keep their groups.

    Args:
        sizes: (U,) rows of each unit.
    """
    centered = pseudo - np.nanmean(pseudo, axis=0)
    group = np.zeros(len(pseudo), dtype=int) if within else (~np.isnan(pseudo)).argmax(axis=1)
    parts = [np.flatnonzero(group == one) for one in np.unique(group)]
    for start in range(0, number, AT_A_TIME):
        size = min(AT_A_TIME, number - start)
        drawn = [own[generator.integers(len(own), size=(size, _num_drawn(sizes[own])))] for own in parts]
        yield centered[np.concatenate(drawn, axis=1)]


def _num_drawn(sizes: np.ndarray) -> int:
    """Return how many units of a group a resample has: one less than their effective number, and at least 2."""
    return max(2, int(effective(sizes) + 1e-9) - 1)
