"""When the frames of a video are shown: what the file says of each frame, and what that says of the whole video."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

FEWEST_MISSING = 2  # frames that the head of a whole video may promise and not have
SHARE_MISSING = 0.01  # likewise, of its length


class Clock:
    """Times of the frames of a video in the order in which they are shown; they never go back.

    A frame whose time equals that of the frame before has no time of its own: it comes one mean frame later. Where the
    times of a file go back, a recording was started again or one time is wrong. Then time goes on from the last frame,
    until the times of the file fit again.

    Args:
        period: seconds of a frame by the rate in the head of the file, for frames before any gap is known; None where
            the head gives no rate that can be.
    """

    def __init__(self, period: float | None):
        self.period = period
        self.num_frames = self.num_untimed = self.num_backwards = 0
        self.time = self._told = self._offset = 0.0

    def next(self, told: float) -> float | None:
        """Seconds from the start at which the next frame is shown; None where neither file nor head give a time.

        Args:
            told: seconds, as the file says.
        """
        period = self.time / (self.num_frames - 1) if self.num_frames > 1 and self.time else self.period
        if self.num_frames == 0:
            self.time = max(0.0, told)
        elif told > self._told:
            # After times went back, the file's own time counts again as soon as it is not long before the last one.
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
    """The frames of a video by their times.

    Attributes:
        times: (N,) seconds from the start, ascending.
        declared_rate: frames a second, as the head of the file says; 0 where it says nothing that can be.
        declared_seconds: length, as the head says; 0 where it does not say.
        num_untimed: frames without a time of their own.
        num_backwards: frames whose time is before that of the frame before.
    """

    times: np.ndarray
    declared_rate: float = 0.0
    declared_seconds: float = 0.0
    num_untimed: int = 0
    num_backwards: int = 0

    @property
    def num_frames(self) -> int:
        """N."""
        return len(self.times)

    @property
    def frames_per_second(self) -> float:
        """The mean rate by the times; that of the head where a single time tells no rate, and 1 without any."""
        span = self.times[-1] - self.times[0] if len(self.times) else 0.0
        return float((len(self.times) - 1) / span) if span > 0 else self.declared_rate or 1.0

    @property
    def seconds(self) -> float:
        """From the start to the end of the last frame, which lasts as long as the mean one."""
        return float(self.times[-1]) + 1 / self.frames_per_second if len(self.times) else 0.0

    @property
    def shortfall(self) -> str:
        """What is missing of a video that ends before its head says; empty where nothing is."""
        gap = max(
            [1 / self.frames_per_second, *np.diff(self.times[-2:])]
        )  # where the rate changes, the last one counts
        slack = max(FEWEST_MISSING * gap, SHARE_MISSING * self.declared_seconds)
        if self.declared_seconds <= self.seconds + slack:
            return ""
        return (
            f"{self.num_frames:,} frames of {self.seconds:,.1f} s could be read, and its head promises "
            f"{self.declared_seconds:,.1f} s; the video is cut off or damaged, or its head is wrong"
        )

    @property
    def remarks(self) -> list[str]:
        """What is odd about the times of frames that are read all the same."""
        told = [
            (self.num_untimed, "have no time of their own; each was put one mean frame after the one before"),
            (self.num_backwards, "go back in time; from each on, time was counted on from the frame before"),
        ]
        return [f"{number:,} of {self.num_frames:,} frames {what}" for number, what in told if number]


def in_order_of_display(times: Iterable[float], most: int) -> np.ndarray | None:
    """Times of packets, which lie in the order of decoding, as the times of frames; None where they give no order.

    They tell where all differ and none lies far from its place: a codec moves a frame past a few others at most.

    Args:
        times: (N,) seconds.
        most: places that a frame may be moved.
    """
    found = np.fromiter(times, dtype=np.float64)
    order = found.argsort(kind="stable")
    moved = np.abs(order - np.arange(len(found))).max(initial=0)
    return found[order] if moved <= most and (np.diff(found[order]) > 0).all() else None
