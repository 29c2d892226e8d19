"""Evenly spread values of a stream of unknown length."""

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Thinned(Generic[T]):
    """Every n-th value of a stream, from the first on; n doubles whenever more than `most` values are held.

    Args:
        most: number of values that are held at a time.
    """

    def __init__(self, most: int):
        self.most = most
        self.every = 1
        self.num_seen = 0
        self.values: list[T] = []

    def add(self, make: Callable[[], T]) -> None:
        """Take the next value; `make` is called only if the value is kept."""
        if self.num_seen % self.every == 0:
            self.values.append(make())
        self.num_seen += 1
        if len(self.values) > self.most:
            del self.values[1::2]
            self.every *= 2

    def evenly(self, most: int) -> list[T]:
        """Return at most `most` values in order, evenly spread, the first one among them."""
        chosen = np.linspace(0, len(self.values) - 1, min(most, len(self.values))).round().astype(int)
        return [self.values[i] for i in chosen]
