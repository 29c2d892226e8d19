"""When the frames of a video are shown, and what follows for the whole video."""

from dataclasses import dataclass

import numpy as np

FEWEST_MISSING = 2  # a complete video may have so many frames fewer than its header declares
SHARE_MISSING = 0.01  # and may be shorter by this share of the declared length


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
