"""What the monitor is told: its threshold, its spans of time, and what counts as negative."""

import math
from dataclasses import dataclass

from fercli.errors import ConfigError, DataError, choose
from fercli.ops.severity import SEVERITIES, round_half_up

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

    Spans are seconds, so that a video of any frame rate is evaluated by the same stretch of time; at 32 frames a second
    they are 16 frames, 64 predictions and 32 windows. Threshold and persistence are not given in the source: 0.69 is
    just below ln 2, so an even change between two emotions is the mildest pattern that counts as unstable.

    Attributes:
        threshold: entropy in nats from which on the mood counts as unstable.
        negative: emotions of a low mood.
        negative_share: a stable mood is low where more than this share of a window is negative.
        votes: `hard` counts the most probable emotion of each clip; `soft` takes the mean of the clips' probabilities.
        clip_seconds: whose frames are averaged to one prediction.
        window_seconds: whose predictions are evaluated together.
        persistence_seconds: how long a pattern must last before it is an alert; 0 alerts at the first window.
        gap_seconds: a longer time without a frame ends everything that came before; counting starts afresh.
        severity_alert_min: name of the band of severity from which on the score alone is an alert; None for never.

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

    def __post_init__(self) -> None:
        choose("votes", self.votes, VOTES)
        if self.severity_alert_min is not None and self.severity_alert_min not in SEVERITIES:
            raise ConfigError(f"no severity named '{self.severity_alert_min}'; choices: {', '.join(SEVERITIES)}")
        if not 0 <= self.negative_share <= 1:
            raise ConfigError(f"expected negative_share from 0 to 1, found {self.negative_share}")
        for name in ("threshold", "clip_seconds", "window_seconds", "persistence_seconds", "gap_seconds"):
            if not (math.isfinite(value := getattr(self, name)) and value >= 0):
                raise ConfigError(f"expected {name} to be a number of 0 or more, found {value}")

    def counts(self, rate: float) -> Counts:
        """The spans at a frame rate, each rounded to whole frames and at least one.

        Args:
            rate: frames a second that the monitor is fed with.

        Raises:
            DataError: the rate is not above 0.
            ConfigError: a window holds a single prediction, whose entropy is always 0.
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
