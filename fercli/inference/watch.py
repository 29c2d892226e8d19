"""The disorder monitor for each person of the videos."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from fercli.inference.model import Model
from fercli.inference.stream import FacePrediction
from fercli.inference.thinned import Thinned
from fercli.monitor.monitor import Monitor, Window
from fercli.monitor.settings import Settings

MOST_WINDOWS = 4000  # that are kept of a person for the figure


@dataclass
class Watched:
    """What the monitor saw of one person: windows, spread evenly over the video, and the names of the alerts.

    Attributes:
        rate: frames a second of the video.
        longest: seconds of the longest stretch in sight, without a gap that starts the monitor again.
    """

    monitor: Monitor
    rate: float
    windows: Thinned[Window] = field(default_factory=lambda: Thinned(MOST_WINDOWS))
    alerts: set[str] = field(default_factory=set)
    longest: float = 0.0
    start: float = -math.inf
    last: float = -math.inf

    def update(self, models: Sequence[Model], predicted: FacePrediction) -> Window | None:
        """Take the next frame of the person. Return the state of the monitor; None before its first window.

        The first run that predicts expressions counts. Until its first clip is complete, there is no window.
        """
        said = next(said for said, model in zip(predicted.said, models, strict=True) if model.classifies)
        if not said:
            return None
        time = predicted.still.time
        self.start = time if time - self.last > self.monitor.longest_gap else self.start
        self.last, self.longest = time, max(self.longest, time - self.start + 1 / self.rate)
        probabilities = np.array([said[f"prob_{name}"] for name in self.monitor.classes])
        window = self.monitor.update(probabilities, predicted.outputs.get("predicted_score"), time)
        if window is not None:
            self.windows.add(lambda: window)
            self.alerts.update(alerts(window))
        return window


class Watch:
    """A monitor for each person; the monitor of somebody who comes back starts again, see `Monitor`.

    Args:
        settings: of the monitor; None for no monitor at all.
    """

    def __init__(self, settings: Settings | None, models: Sequence[Model]):
        self.settings, self.models = settings, models
        self.people: dict[tuple[str, str], Watched] = {}

    def update(self, source: str, name: str | None, predicted: FacePrediction, rate: float) -> Window | None:
        """Take a face of the next frame.

        The prediction for the middle of a frame without a face says nothing about a mood, so it is not watched.
        """
        if self.settings is None or predicted.face is None or name is None:
            return None
        if (source, name) not in self.people:
            monitor = Monitor(emotions(self.models), self.settings, rate)
            self.people[source, name] = Watched(monitor, rate)
        return self.people[source, name].update(self.models, predicted)

    def silence(self) -> list[str]:
        """Return a line for each person without a window: how long they were seen, and how long it takes."""
        lines = []
        for (source, name), one in self.people.items():
            if not one.windows.values:
                counts = one.monitor.counts
                needed = (counts.clip + counts.window - 1) / one.rate
                lines.append(
                    f"{source}, {name}: no result of the monitor; it needs {needed:.2f} s in sight without a gap of "
                    f"more than {one.monitor.longest_gap:g} s (--clip and --window), and the longest sighting is "
                    f"{one.longest:.2f} s"
                )
        return lines


def alerts(window: Window) -> list[str]:
    """Return the names of the alerts that a window gives."""
    return [f.name for f in fields(window) if f.name.endswith("_alert") and getattr(window, f.name)]


def emotions(models: Sequence[Model]) -> tuple[str, ...]:
    """Return the names of the expressions of the first run that predicts any; empty if no run does."""
    return next((model.classes for model in models if model.classes and model.classifies), ())
