"""Frames of a video with the times that the file gives them, decoded forward in one pass; and which frames to take."""

import math
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from fercli.errors import ConfigError

# A damaged video becomes a Reject with its reason; lines of the decoders on stderr would only tear the progress bar.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# The last frame of a file that is cut off would else be shown with its lower part made up.
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "fflags;discardcorrupt")

HIGHEST_RATE, LOWEST_RATE = 1000.0, 0.01  # per second; FFmpeg gives others where the file has no rate
AVI_HEADER = 65536  # bytes in which the headers of an AVI's streams lie


class VideoError(Exception):
    """A video that is of no use. `reason` is a short constant phrase; the text says what was found."""

    def __init__(self, reason: str, found: str):
        super().__init__(found)
        self.reason = reason


@dataclass(frozen=True)
class VideoInfo:
    """What the head of a file says: frames (0: it does not say), mean rate, width and height in pixels."""

    num_frames: int
    frames_per_second: float
    width: int
    height: int


@dataclass(frozen=True)
class Frame:
    """One decoded frame: image (H, W, 3) uint8 RGB, index from 0, time in seconds from the start."""

    image: np.ndarray
    index: int
    time: float


class Video:
    """A video file, read forward once.

    Frames of a variable rate have the times that the file gives them. A file that is cut off ends where its frames end.

    Raises:
        VideoError: it cannot be opened, or has no frame rate.
    """

    def __init__(self, path: str | Path):
        # One thread, no graphics card: several processes share the cores, and pixels are the same on every machine.
        options = [cv2.CAP_PROP_N_THREADS, 1, cv2.CAP_PROP_HW_ACCELERATION, cv2.VIDEO_ACCELERATION_NONE]
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, options)
        if not self._capture.isOpened():
            raise VideoError("video cannot be opened", f"{Path(path).name}: damaged, or of an unknown format")
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        if not LOWEST_RATE <= rate <= HIGHEST_RATE or _is_avi_without_rate(Path(path)):
            self._capture.release()
            raise VideoError("video has no frame rate", f"{Path(path).name}: its rate is zero or meaningless")
        keys = (cv2.CAP_PROP_FRAME_COUNT, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        num_frames, width, height = (int(self._capture.get(key)) for key in keys)
        self.info = VideoInfo(max(0, num_frames), rate, width, height)

    def __enter__(self) -> "Video":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._capture.release()

    def frames(self) -> Iterator[Frame]:
        """Every frame that can be decoded."""
        for index, time in self._grabbed():
            frame = self._retrieved(index, time)
            if frame is not None:
                yield frame

    def pick(self, wanted: Sequence[tuple[int, float | None]]) -> Iterator[Frame | None]:
        """Some frames; None for one that cannot be decoded, or that the video ends before.

        Args:
            wanted: index and time of each in ascending order. With a time in seconds, the frame that begins nearest to
                it in a video of constant rate, else the first from then on; without one, the frame of that index.
        """
        grabbed = self._grabbed()
        index, time = -1, -math.inf
        frame: Frame | None = None
        for number, moment in wanted:
            while index < number if moment is None else time + 0.5 / self.info.frames_per_second <= moment:
                index, time = next(grabbed, (sys.maxsize, math.inf))
                frame = None
            if frame is None and index < sys.maxsize:
                frame = self._retrieved(index, time)
            yield frame

    def _grabbed(self) -> Iterator[tuple[int, float]]:
        """Index and time of each frame, which lies ready to be retrieved."""
        period = 1 / self.info.frames_per_second
        previous = -period
        for index in count():
            if not self._capture.grab():
                return
            time = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # Streams without times of their own give zero for every frame.
            previous = time if time > previous else previous + period
            yield index, previous

    def _retrieved(self, index: int, time: float) -> Frame | None:
        is_decoded, image = self._capture.retrieve()
        return Frame(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), index, time) if is_decoded else None


def _is_avi_without_rate(path: Path) -> bool:
    """Whether an AVI says that its rate is zero, for which FFmpeg takes 25 frames a second."""
    with path.open("rb") as stream:
        head = stream.read(AVI_HEADER)
    pictures = re.search(rb"strh.{4}vids.{16}(.{8})", head, re.DOTALL)  # the header of the stream of pictures
    if not head.startswith(b"RIFF") or pictures is None:
        return False
    scale, rate = np.frombuffer(pictures[1], "<u4")
    return scale == 0 or rate == 0


def probe(path: str | Path) -> VideoInfo:
    """What the head of a video file says; where it does not say how many frames there are, they are counted.

    Raises:
        VideoError: it cannot be opened, or has no frame rate or no frame.
    """
    with Video(path) as video:
        info = video.info if video.info.num_frames else replace(video.info, num_frames=sum(1 for _ in video.frames()))
    if not info.num_frames:
        raise VideoError("video has no frames", f"{Path(path).name}: nothing could be decoded")
    return info


@dataclass(frozen=True)
class FrameSampling:
    """Which frames of a video to take.

    Args:
        frame_stride: every n-th frame; 1 takes all.
        frames_per_second: so many frames of every second, by their times; all frames of a video that has fewer.
        max_frames_per_video: where there would be more, so many of these, evenly spread.

    Raises:
        ConfigError: both or none of the first two are given, or one is no positive number.
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
        """Frames from one that is taken to the next in a video of so many frames a second, at least 1."""
        return float(self.frame_stride or max(1.0, rate / (self.frames_per_second or rate)))

    def choose(self, info: VideoInfo) -> list[tuple[int, float | None]]:
        """Index and time in seconds of each chosen frame, in ascending order; no time where the index decides.

        Where the time decides, the index is that of a video of constant rate.
        """
        if self.frames_per_second is None or self.frames_per_second >= info.frames_per_second:
            chosen: list[tuple[int, float | None]] = [
                (i, None) for i in range(0, info.num_frames, self.frame_stride or 1)
            ]
        else:
            num_times = math.ceil(info.num_frames / info.frames_per_second * self.frames_per_second)
            times = np.arange(num_times) / self.frames_per_second
            indices = np.floor(times * info.frames_per_second + 0.5).astype(int)
            chosen = [(int(i), float(t)) for i, t in zip(indices, times, strict=True) if i < info.num_frames]
        most = self.max_frames_per_video
        if most is None or len(chosen) <= most:
            return chosen
        return [chosen[(2 * i + 1) * len(chosen) // (2 * most)] for i in range(most)]  # the middles of equal parts
