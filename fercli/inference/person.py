"""Sums over the frames of one person in a video."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fercli.inference.tracker import PATIENCE


@dataclass
class Person:
    """Sums over the frames with predictions for one person, and the means of each second."""

    start: float
    end: float
    seconds: float = 0.0
    num_frames: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    by_second: dict[int, dict[str, tuple[float, int]]] = field(default_factory=dict)

    def add(self, time: float, values: Mapping[str, Any], traced: Sequence[str]) -> None:
        """Take the numbers of one frame."""
        if time - self.end <= PATIENCE:
            self.seconds += time - self.end
        self.end, self.num_frames = time, self.num_frames + 1
        for name, value in values.items():
            if isinstance(value, float) and math.isfinite(value):
                self.sums[name] = self.sums.get(name, 0.0) + value
                self.counts[name] = self.counts.get(name, 0) + 1
                if name in traced:
                    second = self.by_second.setdefault(int(time), {})
                    total, count = second.get(name, (0.0, 0))
                    second[name] = (total + value, count + 1)

    def means(self) -> dict[str, float]:
        """Return the mean of each output over the frames that have it."""
        return {name: total / self.counts[name] for name, total in self.sums.items()}
