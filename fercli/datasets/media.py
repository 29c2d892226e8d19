"""The one place where images and videos are written as files."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import numpy as np

from fercli.datasets.file_names import readable_name, whole_file
from fercli.datasets.video import HIGHEST_RATE, VideoError, probe
from fercli.errors import RunError, printable
from fercli.files import write_whole

CODECS = {".avi": "MJPG", ".mp4": "mp4v"}
REMEDY = "see whether the disk is full and whether you may write there"


def write_image(path: Path, image: np.ndarray) -> None:
    """Write an image (H, W) or (H, W, 3) RGB uint8 in the format of its suffix, and the folders above it.

    Raises:
        OSError: the file cannot be written; then no part of it is left.
        ValueError: OpenCV has no such format.
    """
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    is_encoded, data = cv2.imencode(path.suffix, pixels)
    if not is_encoded:
        raise ValueError(f"OpenCV cannot write {image.shape} pixels as {path.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data.tobytes())


class FrameWriter:
    """Writes the frames of one video, all in one size."""

    def __init__(self, writer: cv2.VideoWriter, size: tuple[int, int]):
        self._writer, self._size = writer, size
        self.num_frames = 0

    def add(self, image: np.ndarray) -> None:
        """Append (H, W, 3) uint8 RGB; a frame of another size is resized to the size of the video."""
        if image.shape[1::-1] != self._size:
            image = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        self._writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        self.num_frames += 1


@contextmanager
def written_video(path: Path, rate: float, height: int, width: int) -> Iterator[FrameWriter]:
    """Write a video frame by frame, without sound, and count its frames at the end.

    Counting is necessary because OpenCV does not report a full disk.

    Args:
        path: `.mp4` or `.avi`; the folders above it are made.
        rate: frames a second.
        height: in pixels.
        width: in pixels.

    Raises:
        RunError: OpenCV cannot write the video there, or not completely; then no file is left.
    """
    with whole_file(path) as unfinished:
        with readable_name(unfinished) as name:
            codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix])
            # The times of a few frames may give any mean rate; no player shows more than this one.
            writer = cv2.VideoWriter(name, cv2.CAP_FFMPEG, codec, min(rate, HIGHEST_RATE), (width, height))
            if not writer.isOpened():
                raise RunError(f"OpenCV cannot write the video {printable(str(path))}; {REMEDY}")
            frames = FrameWriter(writer, (width, height))
            try:
                yield frames
            finally:
                writer.release()
        if _num_frames(unfinished) != frames.num_frames:
            raise RunError(f"the video {printable(str(path))} could not be written whole; {REMEDY}")


def _num_frames(path: Path) -> int:
    with suppress(VideoError):
        return probe(path).num_frames
    return 0
