"""Times of the frames of a video, from those that its file gives to frames or packets."""

from collections.abc import Iterable

import numpy as np


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
