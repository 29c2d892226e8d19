"""Options of the monitor: its threshold, its spans of time, and which emotions count as negative."""

import math
from dataclasses import dataclass

from fercli.errors import ConfigError, DataError, choose
from fercli.ops.severity import round_half_up
from fercli.scales import BDI_II, Scale

NOTICE = (
    "A research tool, not a diagnosis: the alerts are rules on what networks see in a face, never tested on patients. "
    "Only a clinician can tell whether somebody is ill."
)
VOTES = ("hard", "soft")


@dataclass(frozen=True)
class Counts:
    """The spans of the monitor: frames of a `clip`, clip predictions of a `window`, windows of `persistence`."""

    clip: int = 16
    window: int = 64
    persistence: int = 32


@dataclass(frozen=True)
class Settings:
    """Options of the monitor.

    Spans are in seconds, so that videos of any frame rate are evaluated over the same length of time. At 32 frames a
    second they are 16 frames, 64 predictions and 32 windows. The source gives neither threshold nor persistence. The
    threshold 0.69 is just below ln 2, so equal shares of two emotions are the mildest pattern that counts as unstable.

    Attributes:
        threshold: the mood counts as unstable at this entropy in nats or above.
        negative: emotions of a low mood.
        negative_share: a stable mood counts as low if more than this share of a window is negative.
        votes: `hard` counts the most probable emotion of each clip; `soft` takes the mean of the clips' probabilities.
        clip_seconds: length of a clip; its frames are averaged to one prediction.
        window_seconds: length of a window; its predictions are evaluated together.
        persistence_seconds: how long a pattern must last to raise an alert; with 0, the first window can raise it.
        gap_seconds: after a longer time without a frame, the monitor forgets all earlier frames and starts again.
        severity_alert_min: name of the band of severity at which, or above, the score alone raises an alert; None for
            never.
        scale: of the scores.

    Raises:
        ConfigError: an option is outside of its range.

    Source: Lin 2021, section 3.5.
    """

    threshold: float = 0.69
    negative: tuple[str, ...] = ("sadness", "fear", "anger")
    negative_share: float = 0.5
    votes: str = "hard"
    clip_seconds: float = 0.5
    window_seconds: float = 2.0
    persistence_seconds: float = 1.0
    gap_seconds: float = 0.5
    severity_alert_min: str | None = None
    scale: Scale = BDI_II

    def __post_init__(self) -> None:
        choose("votes", self.votes, VOTES)
        if self.severity_alert_min is not None and self.severity_alert_min not in self.scale.names:
            names = ", ".join(self.scale.names) or "none, the scale has no bands"
            raise ConfigError(
                f"no severity named '{self.severity_alert_min}' in the {self.scale.name}; choices: {names}"
            )
        if not 0 <= self.negative_share <= 1:
            raise ConfigError(f"expected negative_share from 0 to 1, found {self.negative_share}")
        for name in ("threshold", "clip_seconds", "window_seconds", "persistence_seconds", "gap_seconds"):
            if not (math.isfinite(value := getattr(self, name)) and value >= 0):
                raise ConfigError(f"expected {name} to be a number of 0 or more, found {value}")

    def counts(self, rate: float) -> Counts:
        """Return the spans at a frame rate, each rounded to whole frames and at least one.

        Args:
            rate: frames a second that the monitor takes.

        Raises:
            DataError: the rate is not above 0.
            ConfigError: a window holds only one prediction; its entropy would always be 0.
        """
        if not (math.isfinite(rate) and rate > 0):
            raise DataError(f"expected a frame rate above 0, found {rate}; the video is damaged or does not give it")
        spans = (self.clip_seconds, self.window_seconds, self.persistence_seconds)
        clip, window, persistence = (max(1, int(round_half_up(seconds * rate))) for seconds in spans)
        if window < 2:
            raise ConfigError(
                f"{rate:g} frames a second give one prediction in window_seconds={self.window_seconds:g}, which cannot "
                "change; ask for a longer window or read more frames"
            )
        return Counts(clip, window, persistence)
