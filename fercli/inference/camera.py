"""Frames of a camera: the newest one counts, and those that nobody had time for are dropped and counted."""

import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from fercli.inference.capture import Capture
from fercli.inference.frames import Still

USUAL_RATE = 30.0  # frames a second, where the camera does not say


class Camera:
    """A camera that a thread reads all the time. Only the newest frame waits; an older one is dropped and counted.

    Args:
        capture: an open camera.
        number: of the camera.
        clock: seconds.
    """

    def __init__(self, capture: Capture, number: int = 0, clock: Callable[[], float] = time.monotonic):
        self.name = f"camera {number}"
        self.num_given = self.num_dropped = 0
        self.clock = clock
        self._capture = capture
        self._newest: tuple[np.ndarray, float] | None = None
        self._is_over = False
        self._changed = threading.Condition()
        told = capture.get(cv2.CAP_PROP_FPS)
        self.rate = told if 1 <= told <= 1000 else USUAL_RATE

    def stills(self) -> Iterator[Still]:
        """Yield the newest frame each time, until the camera ends or `stop` is called."""
        self._start = self.clock()
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        try:
            while (taken := self._take()) is not None:
                image, moment = taken
                self.num_given += 1
                yield Still(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), self.num_given - 1, moment - self._start)
        finally:
            self.stop()
            reader.join(timeout=5)
            self._capture.release()

    def stop(self) -> None:
        """End the frames; a frame that waits is dropped."""
        with self._changed:
            self._is_over = True
            self._drop()
            self._changed.notify_all()

    @property
    def given_rate(self) -> float:
        """Frames that were given in each second so far."""
        seconds = self.clock() - self._start
        return self.num_given / seconds if seconds > 0 else 0.0

    def _take(self) -> tuple[np.ndarray, float] | None:
        with self._changed:
            while self._newest is None and not self._is_over:
                self._changed.wait(timeout=0.1)  # so that Ctrl-C is heard
            newest, self._newest = self._newest, None
            return newest

    def _read(self) -> None:
        while not self._is_over:
            is_frame, image = self._capture.read()
            with self._changed:
                if not is_frame:
                    self._is_over = True
                elif not self._is_over:
                    self._drop()
                    self._newest = (image, self.clock())
                self._changed.notify_all()

    def _drop(self) -> None:
        self.num_dropped += self._newest is not None
        self._newest = None
