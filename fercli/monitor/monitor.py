"""The disorder monitor: it takes one frame after the other and describes the emotions of the last seconds."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fercli.errors import ConfigError, DataError
from fercli.monitor.patterns import entropy
from fercli.monitor.settings import Settings
from fercli.ops.severity import round_half_up, severity


@dataclass(frozen=True, slots=True)
class Window:
    """The state of the monitor at one frame; every field is a column of its table.

    Attributes:
        time: time of the newest frame, in seconds.
        emotion: name of the newest clip prediction.
        entropy: entropy of the emotions in the window, in nats.
        normalized_entropy: in [0, 1], 1 where all emotions are equally frequent.
        negative_share: share of negative emotions in the window, in [0, 1].
        score: median of the clip scores of the window, in points; None without scores.
        severity: name of the band of the score; None without scores, or bands.
        bipolar_alert: the mood has been unstable for long enough.
        depression_alert: the mood has been stable and low for long enough.
        severity_alert: the score has been in the band `severity_alert_min` or above for long enough.
    """

    time: float
    emotion: str
    entropy: float
    normalized_entropy: float
    negative_share: float
    score: float | None
    severity: str | None
    bipolar_alert: bool
    depression_alert: bool
    severity_alert: bool


class Monitor:
    """Rules over the emotions and the depression score of one person, in constant memory.

    The mean of the last frames is a clip prediction, and the last clip predictions are a window. At 32 frames a second,
    a clip has 16 frames and a window 64 clip predictions, so the first window is complete at frame 79. High entropy of
    the emotions in a window is a sign of fast changes of mood (bipolar alert). Low entropy with mostly negative
    emotions is a sign of a lasting low mood (depression alert). A pattern must hold in all windows of
    `persistence_seconds` to raise its alert, so the two alerts never occur together.

    Frames count by their times. The monitor takes one frame at each tick of a clock with the given rate. A frame that
    is shown over several ticks counts at each of them; if several frames fall between two ticks, only the last counts.
    So spans are in seconds even if the rate of a video changes. At a constant rate each frame counts once.

    Args:
        classes: K names of emotions, in the order of the probabilities.
        settings: spans of time and thresholds.
        rate: ticks a second: the mean rate of the frames.

    Raises:
        ConfigError: a negative emotion is not among the classes.
        DataError: the rate is not above 0.

    Source: Lin 2021, section 3.5. It does not give the rule for "negative", the threshold, the persistence, or how a
    model of single images is applied to a clip of 16 frames.
    """

    def __init__(self, classes: Sequence[str], settings: Settings, rate: float) -> None:
        missing = [name for name in settings.negative if name not in classes]
        if missing or len(classes) < 2:
            raise ConfigError(f"expected {', '.join(settings.negative)} among the emotions, found {', '.join(classes)}")
        self.classes = tuple(classes)
        self.settings = settings
        self.counts = settings.counts(rate)
        self.rate = rate
        self.longest_gap = max(settings.gap_seconds, 1.5 / rate)  # the next frame of a slow video is no gap
        self.negative = np.isin(self.classes, settings.negative)
        self.frames: deque[tuple[np.ndarray, float]] = deque(maxlen=self.counts.clip)
        self.clips: deque[tuple[np.ndarray, float]] = deque(maxlen=self.counts.window)
        self.time = -math.inf
        self.shown: tuple[np.ndarray, float] | None = None
        self.newest: Window | None = None
        self._restart()

    def update(self, probabilities: np.ndarray, score: float | None, time: float) -> Window | None:
        """Take the next frame. Return the state of the newest window; None until the first window is complete.

        Args:
            probabilities: (K,) probabilities of the emotions.
            score: points; None without a model for them.
            time: time in seconds, not earlier than that of the previous frame.

        Raises:
            DataError: a number is not finite, the values are no probabilities, or time decreases.
        """
        probabilities = self._checked(probabilities, score, time)
        if time - self.time > self.longest_gap:
            self._restart()
            self.start = time
        self.time = time
        tick = int(round_half_up((time - self.start) * self.rate))
        while self.shown is not None and self.num_ticks < tick:  # ticks that the previous frame covers
            self._take(*self.shown)
        self.shown = (probabilities, math.nan if score is None else score)
        if self.num_ticks <= tick:
            self._take(*self.shown)
        return None if self.newest is None else replace(self.newest, time=time)

    def _take(self, probabilities: np.ndarray, score: float) -> None:
        """Count a frame at the next tick."""
        self.num_ticks += 1
        self.frames.append((probabilities, score))
        if len(self.frames) < self.counts.clip:
            return
        self.clips.append((np.mean([p for p, _ in self.frames], axis=0), float(np.mean([s for _, s in self.frames]))))
        if len(self.clips) == self.counts.window:
            self.newest = self._window()

    def _restart(self) -> None:
        self.frames.clear()
        self.clips.clear()
        self.start, self.num_ticks = 0.0, 0
        self.shown = None
        self.newest = None
        self.lasted = {"bipolar": 0, "depression": 0, "severity": 0}

    def _checked(self, probabilities: np.ndarray, score: float | None, time: float) -> np.ndarray:
        probabilities = np.asarray(probabilities, dtype=np.float64)
        if probabilities.shape != (len(self.classes),):
            raise DataError(f"expected {len(self.classes)} probabilities of a frame, found {probabilities.shape}")
        if not (probabilities.min() >= 0 and math.isclose(probabilities.sum(), 1, abs_tol=1e-3)):
            raise DataError(f"expected probabilities that add up to 1, found {probabilities.tolist()}")
        if not math.isfinite(time) or time < self.time:
            raise DataError(f"expected frames in the order of time, found {time} s after {self.time} s")
        if score is not None and not math.isfinite(score):
            raise DataError(f"expected a score that is a finite number at {time} s, found {score}")
        return probabilities

    def _window(self) -> Window:
        settings, means = self.settings, np.array([mean for mean, _ in self.clips])
        # The first of equally probable emotions gets the vote.
        votes = means if settings.votes == "soft" else np.eye(len(self.classes))[means.argmax(1)]
        shares = votes.mean(0)
        mixed, negative = float(entropy(shares)), float(shares[self.negative].sum())
        score = float(np.median([clip_score for _, clip_score in self.clips]))
        scale, lowest = settings.scale, settings.severity_alert_min
        band = None if math.isnan(score) or not scale.bands else int(severity(score, scale))
        self._count("bipolar", mixed >= settings.threshold)
        self._count("depression", mixed < settings.threshold and negative > settings.negative_share)
        self._count("severity", lowest is not None and band is not None and band >= scale.names.index(lowest))
        return Window(
            time=self.time,
            emotion=self.classes[means[-1].argmax()],
            entropy=mixed,
            normalized_entropy=mixed / math.log(len(self.classes)),
            negative_share=negative,
            score=None if math.isnan(score) else score,
            severity=None if band is None else scale.names[band],
            bipolar_alert=self._alert("bipolar"),
            depression_alert=self._alert("depression"),
            severity_alert=self._alert("severity"),
        )

    def _count(self, pattern: str, holds: bool) -> None:
        self.lasted[pattern] = self.lasted[pattern] + 1 if holds else 0

    def _alert(self, pattern: str) -> bool:
        return self.lasted[pattern] >= self.counts.persistence
