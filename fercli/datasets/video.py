"""Frames of a video with their times, decoded forward in one pass; and the choice of frames to take."""

import math
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from fercli.datasets.clock import Clock, in_order_of_display
from fercli.datasets.file_names import readable_name
from fercli.datasets.timeline import Timeline
from fercli.errors import ConfigError, printable

# A damaged video becomes a Reject with its reason; the decoders' own lines on stderr would break the progress bar.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# discardcorrupt: FFmpeg would otherwise invent the lower part of the last frame of a truncated file.
# protocol_whitelist: a file that is a list of other files must not fetch them from a network.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "fflags;discardcorrupt|protocol_whitelist;file")

HIGHEST_RATE, LOWEST_RATE = 1000.0, 0.01  # per second; where a file has no rate, FFmpeg gives one at or beyond these
MOST_PIXELS = 2**26  # of a frame: an 8K frame has half as many
MOST_MOVED = 16  # frames that a codec may decode before a frame that is shown earlier
AVI_HEADER = 65536  # bytes in which the headers of an AVI's streams lie
EXACT = 1e-6  # seconds, far below the unit of time of any file
# One thread and no GPU: several processes share the cores, and pixels are the same on every machine.
DECODED = (cv2.CAP_PROP_N_THREADS, 1, cv2.CAP_PROP_HW_ACCELERATION, cv2.VIDEO_ACCELERATION_NONE)
PACKETS = (cv2.CAP_PROP_FORMAT, -1)  # packets as stored in the file, not decoded


class VideoError(Exception):
    """A video that cannot be used. `reason` is a short constant phrase; the text says what was found."""

    def __init__(self, reason: str, found: str):
        super().__init__(found)
        self.reason = reason


@dataclass(frozen=True)
class Frame:
    """One decoded frame: image (H, W, 3) uint8 RGB, index from 0, time in seconds from the start."""

    image: np.ndarray
    index: int
    time: float


class Video:
    """A video file, read forward once.

    Frames have the times that the file gives them, see `Clock`; the rate and the length in its header are not trusted.
    A truncated file ends where its frames end.

    Raises:
        VideoError: the file cannot be opened, its frames are too large, or it is an AVI with a rate of zero.
    """

    def __init__(self, path: str | Path, options: Sequence[int] = DECODED):
        self.name = printable(Path(path).name)
        with readable_name(Path(path)) as name:
            self._capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, list(options))
        if not self._capture.isOpened():
            raise VideoError("video cannot be opened", f"{self.name}: damaged, or of an unknown format")
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # videos of phones are stored with a rotation
        try:
            self._check_size()
            if _is_avi_without_rate(Path(path)):
                raise self._without_rate()
        except VideoError:
            self._capture.release()
            raise
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.declared_rate = rate if LOWEST_RATE <= rate < HIGHEST_RATE else 0.0
        self.declared_seconds = max(0.0, self._capture.get(cv2.CAP_PROP_FRAME_COUNT) / rate) if rate > 0 else 0.0
        self.clock = Clock(1 / self.declared_rate if self.declared_rate else None)

    def __enter__(self) -> "Video":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._capture.release()

    def frames(self) -> Iterator[Frame]:
        """Yield every frame that can be decoded."""
        for index, time in enumerate(self.times()):
            frame = self._retrieved(index, time)
            if frame is not None:
                yield frame

    def pick(self, wanted: Sequence[tuple[int, float | None]]) -> Iterator[Frame | None]:
        """Yield the wanted frames; None for a frame that cannot be decoded.

        Args:
            wanted: index and time in seconds of each frame in ascending order, as `probe` gives them. A frame is found
                by its time, because the index changes if frames before it are damaged; without a time, by its index.
        """
        times, index, time = self.times(), -1, -math.inf
        frame: Frame | None = None
        for number, moment in wanted:
            while index < number if moment is None else time < moment - EXACT:
                index, time, frame = index + 1, next(times, math.inf), None
                if time == math.inf:
                    index = sys.maxsize
            if frame is None and time < math.inf and (moment is None or time <= moment + EXACT):
                frame = self._retrieved(number, time)
            yield frame

    def told(self) -> Iterator[float]:
        """Yield the time in seconds that the file gives each frame; that frame can then be retrieved."""
        start: float | None = None
        while self._capture.grab():
            if start is None:  # the length in the header may count from 0, but times count from the first frame
                rate = self._capture.get(cv2.CAP_PROP_FPS)
                start = max(0.0, self._capture.get(cv2.CAP_PROP_PTS) / rate) if rate > 0 else 0.0
                self.declared_seconds = max(0.0, self.declared_seconds - start)
            yield self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    def times(self) -> Iterator[float]:
        """Yield the time in seconds of each frame, ascending; that frame can then be retrieved.

        Raises:
            VideoError: frames have no times, and the header has no rate.
        """
        for told in self.told():
            time = self.clock.next(told)
            if time is None:
                raise self._without_rate()
            yield time

    def _retrieved(self, index: int, time: float) -> Frame | None:
        self._check_size()
        try:
            is_decoded, image = self._capture.retrieve()
            return Frame(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), index, time) if is_decoded else None
        except cv2.error as error:
            raise VideoError("video cannot be decoded", f"{self.name}: {error.err or 'OpenCV refused it'}") from None

    def _check_size(self) -> None:
        width, height = (int(self._capture.get(k)) for k in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MOST_PIXELS:
            found = f"{self.name}: frames of {width:,} x {height:,} pixels; expected at most {MOST_PIXELS:,} pixels"
            raise VideoError("video has too large frames", found)

    def _without_rate(self) -> VideoError:
        return VideoError("video has no frame rate", f"{self.name}: its rate is zero or meaningless")


def _is_avi_without_rate(path: Path) -> bool:
    """Return whether a file is an AVI with a rate of zero, which FFmpeg would read as 25 frames a second."""
    with path.open("rb") as stream:
        head = stream.read(AVI_HEADER)
    pictures = re.search(rb"strh.{4}vids.{16}(.{8})", head, re.DOTALL)  # header of the video stream
    if not head.startswith(b"RIFF") or pictures is None:
        return False
    scale, rate = np.frombuffer(pictures[1], "<u4")
    return scale == 0 or rate == 0


def probe(path: str | Path) -> Timeline:
    """Read the times of all frames of a video; frames are decoded only where the times of packets are not enough.

    Raises:
        VideoError: the file cannot be opened, its frames are too large, it has no frame, or neither times nor a rate.
    """
    with Video(path, PACKETS) as video:
        times = in_order_of_display(video.told(), MOST_MOVED)
    if times is None or not len(times):
        with Video(path) as video:
            times = np.fromiter(video.times(), dtype=np.float64)
    if not len(times):
        raise VideoError("video has no frames", f"{video.name}: nothing could be decoded")
    clock = video.clock
    return Timeline(times, video.declared_rate, video.declared_seconds, clock.num_untimed, clock.num_backwards)


@dataclass(frozen=True)
class FrameSampling:
    """Which frames of a video to take.

    Args:
        frame_stride: takes every n-th frame; 1 takes all.
        frames_per_second: number of frames to take of every second, by their times; all frames of a video that has
            fewer.
        max_frames_per_video: largest number of frames; if more are chosen, so many of them are kept, evenly spread.

    Raises:
        ConfigError: both or none of the first two are given, or one is not a positive number.
    """

    frame_stride: int | None = None
    frames_per_second: float | None = None
    max_frames_per_video: int | None = None

    def __post_init__(self) -> None:
        if (self.frame_stride is None) == (self.frames_per_second is None):
            raise ConfigError(
                "expected one of sampling.frame_stride and sampling.frames_per_second, and null for the other; "
                f"found {self.frame_stride} and {self.frames_per_second}"
            )
        for name in ("frame_stride", "max_frames_per_video"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ConfigError(f"expected sampling.{name} as a whole number, at least 1; found {value}")
        rate = self.frames_per_second
        if rate is not None and (not isinstance(rate, int | float) or not 0 < rate < math.inf):
            raise ConfigError(f"expected sampling.frames_per_second as a positive number; found {rate}")

    def step(self, rate: float) -> float:
        """Return the distance in frames between taken frames, for a video of `rate` frames a second; at least 1."""
        return float(self.frame_stride or max(1.0, rate / (self.frames_per_second or rate)))

    def choose(self, timeline: Timeline) -> list[tuple[int, float]]:
        """Return index and time in seconds of each chosen frame, in ascending order.

        With `frames_per_second`, the frame nearest to each of 0, 1, 2, ... periods is taken; of two equally near
        frames, the later one. No frame is taken twice.
        """
        rate = self.frames_per_second
        if rate is None or rate >= timeline.frames_per_second - EXACT:
            chosen = np.arange(0, timeline.num_frames, self.frame_stride or 1)
        else:
            end = timeline.times[-1] + 0.5 / timeline.frames_per_second  # later, a next frame would be nearer
            wanted = np.arange(math.ceil((end - EXACT) * rate)) / rate
            halves = (timeline.times[1:] + timeline.times[:-1]) / 2  # after each, the next frame is nearer
            chosen = np.unique(np.searchsorted(halves - EXACT, wanted, side="right"))
        most = self.max_frames_per_video
        if most is not None and len(chosen) > most:  # take the middles of equal parts
            chosen = chosen[[(2 * i + 1) * len(chosen) // (2 * most) for i in range(most)]]
        return [(int(index), float(timeline.times[index])) for index in chosen]
