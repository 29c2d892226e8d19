"""Parts of a track, and the visits of people that they are joined to."""

from dataclasses import dataclass, field

import numpy as np

from fercli.inference.thinned import Thinned
from fercli.inference.track import MOST_LOOKS

GAP = 0.25  # seconds without a sighting in which the same person may have been found elsewhere


@dataclass(frozen=True)
class Visit:
    """One person who is followed without a long gap.

    Attributes:
        track: number of the track.
        person: number of the person, from 1; None for somebody who was seen too shortly.
        end: time of the last sighting, in seconds.
    """

    track: int
    person: int | None
    end: float
    is_decided: bool = True

    def is_over(self, time: float) -> bool:
        """Whether nobody continues this visit from a time on, in seconds."""
        return time > self.end


@dataclass(eq=False)
class Piece:
    """A part of a track, with nobody else near all the time or with somebody near all the time.

    Who passes in front of somebody else may take over the track, and the next piece is another person then.

    Attributes:
        track: number of the track.
        scene: number of cuts of the film before it.
        is_contested: whether somebody else is near.
        side: of the first face, in pixels.
        spans: start and end of each time in sight, in seconds.
        visit: who it is; None until the video is over.
    """

    track: int
    scene: int
    is_contested: bool
    side: float
    spans: list[list[float]]
    looks: Thinned[np.ndarray] = field(default_factory=lambda: Thinned(MOST_LOOKS))
    num_seen: int = 0
    visit: Visit | None = None

    @property
    def start(self) -> float:
        """Time of the first sighting."""
        return self.spans[0][0]

    @property
    def end(self) -> float:
        """Time of the last sighting."""
        return self.spans[-1][1]

    def add(self, vector: np.ndarray, time: float) -> None:
        """Take one more sighting."""
        if time - self.end > GAP:
            self.spans.append([time, time])
        self.spans[-1][1] = time
        self.looks.add(lambda: vector)
        self.num_seen += 1
