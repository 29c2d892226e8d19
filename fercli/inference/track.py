"""One face that is followed through a video, and what it looked like."""

from dataclasses import dataclass, field

import numpy as np

from fercli.inference.motion import Motion
from fercli.inference.thinned import Thinned

MOST_LOOKS = 12  # kept of a person, evenly spread over time


class Looks:
    """Vectors of the appearance of a person over time."""

    def __init__(self) -> None:
        self.kept: Thinned[np.ndarray] = Thinned(MOST_LOOKS)

    def add(self, vector: np.ndarray) -> None:
        """Keep one more vector."""
        self.kept.add(lambda: vector)

    def similarity(self, vector: np.ndarray) -> float:
        """Return the similarity of the most similar kept vector, in [-1, 1]."""
        return float((np.stack(self.kept.values) @ vector).max())


@dataclass(eq=False)
class Track:
    """One face that is followed without a long gap; several tracks can be one person.

    Attributes:
        number: of the track, from 0; it tells two visits of a person apart.
        start: time of the first sighting, in seconds.
        person: number of the person, from 1; None until the track is confirmed, and for a track that never is.
        is_open: whether the next face may continue it.
    """

    number: int
    start: float
    motion: Motion
    looks: Looks = field(default_factory=Looks)
    vectors: list[np.ndarray] = field(default_factory=list)
    num_seen: int = 1
    num_unseen: int = 0
    person: int | None = None
    is_open: bool = True

    @property
    def is_decided(self) -> bool:
        """Whether it is known who this is, or that it stays unknown."""
        return self.person is not None or not self.is_open

    def is_over(self, time: float) -> bool:
        """Whether nobody continues it from a time on, in seconds."""
        return not self.is_open and time > self.motion.time
