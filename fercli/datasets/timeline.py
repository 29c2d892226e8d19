"""When the frames of a video are shown: the time of each frame in the file, and what follows for the whole video."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

FEWEST_MISSING = 2  # a complete video may have so many frames fewer than its header declares
SHARE_MISSING = 0.01  # and may be shorter by this share of the declared length


class Clock:
    """Times of the frames of a video in the order in which they are shown; they never go back.

    A frame with the same time as the frame before has no time of its own: it gets a time one mean frame duration later.
    Where the times of a file go back, a recording was started again or one time is wrong. Then time continues from the
    last frame, until the times of the file fit again.

    Args:
        period: seconds of a frame by the rate in the file's header, used until the mean duration is known; None where
            the header gives no plausible rate.
    """

    def __init__(self, period: float | None):
        self.period = period
        self.num_frames = self.num_untimed = self.num_backwards = 0
        self.time = self._told = self._offset = 0.0

    def next(self, told: float) -> float | None:
        """Return the seconds from the start at which the next frame is shown; None where the file does not give them.

        Args:
            told: time of the frame in seconds, as the file gives it.
        """
        period = self.time / (self.num_frames - 1) if self.num_frames > 1 and self.time else self.period
        if self.num_frames == 0:
            self.time = max(0.0, told)
        elif told > self._told:
            # After a jump back, the file's own time counts again once it is at most half a frame before the last time.
            slack = self.time - 0.5 * (period or 0.0)
            fitting = [told] if told >= slack else []
            self.time = max(self.time, min([*fitting, *([told + self._offset] if self._offset else [])], default=told))
            self._offset = self._offset if self._offset and self.time != told else 0.0
        elif period is None:
            return None
        else:
            self.num_untimed += told == self._told
            self.num_backwards += told < self._told
            self.time += period
            if told < self._told:
                self._offset = self.time - told
        self._told = told
        self.num_frames += 1
        return self.time


@dataclass(frozen=True, eq=False)
class Timeline:
    """Times of the frames of a video.

    Attributes:
        times: (N,) seconds from the start, ascending.
        declared_rate: frames a second in the file's header; 0 where the header has no plausible rate.
        declared_seconds: length in the header; 0 where the header has none.
        num_untimed: number of frames without a time of their own.
        num_backwards: number of frames with an earlier time than the frame before.
    """

    times: np.ndarray
    declared_rate: float = 0.0
    declared_seconds: float = 0.0
    num_untimed: int = 0
    num_backwards: int = 0

    @property
    def num_frames(self) -> int:
        """Number of frames, N."""
        return len(self.times)

    @property
    def frames_per_second(self) -> float:
        """Mean rate by the times; with fewer than two times the rate of the header, or 1 where it has none."""
        span = self.times[-1] - self.times[0] if len(self.times) else 0.0
        return float((len(self.times) - 1) / span) if span > 0 else self.declared_rate or 1.0

    @property
    def seconds(self) -> float:
        """Seconds from the start to the end of the last frame, which is taken to last one mean frame duration."""
        return float(self.times[-1]) + 1 / self.frames_per_second if len(self.times) else 0.0

    @property
    def shortfall(self) -> str:
        """A sentence on a video that is shorter than its header declares; empty where it is not."""
        gap = max(
            [1 / self.frames_per_second, *np.diff(self.times[-2:])]
        )  # where the rate changes, the last gap may be longer than the mean
        slack = max(FEWEST_MISSING * gap, SHARE_MISSING * self.declared_seconds)
        if self.declared_seconds <= self.seconds + slack:
            return ""
        return (
            f"{self.num_frames:,} frames of {self.seconds:,.1f} s could be read, and its header promises "
            f"{self.declared_seconds:,.1f} s; the video is cut off or damaged, or its header is wrong"
        )

    @property
    def remarks(self) -> list[str]:
        """Sentences on frames with odd times; these frames are read all the same."""
        told = [
            (self.num_untimed, "have no time of their own; each was placed one mean frame duration after the last"),
            (self.num_backwards, "go back in time; after each of them, time continues from the frame before"),
        ]
        return [f"{number:,} of {self.num_frames:,} frames {what}" for number, what in told if number]


def in_order_of_display(times: Iterable[float], most: int) -> np.ndarray | None:
    """Sort the times of packets, which are stored in decoding order; None if they are not the times of the frames.

    They are if all times differ and none moves far: a codec decodes at most a few frames before a frame that is shown
    earlier.

    Args:
        times: (N,) seconds.
        most: largest number of places that a time may move.
    """
    found = np.fromiter(times, dtype=np.float64)
    order = found.argsort(kind="stable")
    moved = np.abs(order - np.arange(len(found))).max(initial=0)
    return found[order] if moved <= most and (np.diff(found[order]) > 0).all() else None
