"""Bins of a column of numbers, as groups of rows."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fercli.errors import ConfigError, printable
from fercli.ops.group_names import BINS, EDGE


def numbers_of(column: np.ndarray, name: str) -> np.ndarray:
    """(n,) float64, NaN where missing.

    Raises:
        ConfigError: a value is no number.
    """
    try:
        return np.array([np.nan if value is None else float(value) for value in column])
    except ValueError:
        word = next(value for value in column if value is not None and not _is_number(value))
        raise ConfigError(
            f"expected numbers in the column {printable(name)} to make bins of, found '{printable(str(word))[:40]}'"
        ) from None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def edges_of(text: str, by: str) -> list[float]:
    """Return the edges of bins from their text.

    Raises:
        ConfigError: they are no ascending numbers.
    """
    try:
        found = [float(edge) for edge in text.split(EDGE)]
    except ValueError:
        found = []
    if not found or not np.isfinite(found).all() or any(low >= high for low, high in pairwise(found)):
        raise ConfigError(
            f"expected ascending numbers as edges of bins, such as age{BINS}18{EDGE}30{EDGE}50; found {printable(by)}"
        )
    return found


def binned(values: np.ndarray, edges: Sequence[float]) -> list[str | None]:
    """Return the name of the bin of each value; a bin holds its lower edge and not its upper one."""
    between = [f"{low:g} to under {high:g}" for low, high in pairwise(edges)]
    names = [f"under {edges[0]:g}", *between, f"{edges[-1]:g} and over"]
    places = np.digitize(values, edges)
    return [None if np.isnan(value) else names[place] for value, place in zip(values, places, strict=True)]
