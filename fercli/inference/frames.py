"""Read images and video frames one after the other, from an image or a video."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.readers.media_names import IMAGE_SUFFIXES
from fercli.datasets.timeline import Timeline
from fercli.datasets.video import Video, VideoError, probe
from fercli.errors import DataError, printable
from fercli.preprocess.codec import decode
from fercli.preprocess.image_head import ImageError, is_image, is_video, said_of


@dataclass(frozen=True)
class Still:
    """An image or a video frame: `image` (H, W) or (H, W, 3) RGB uint8; `frame` and `time` (s) are 0 for an image."""

    image: np.ndarray
    frame: int = 0
    time: float = 0.0


def known_content(path: Path) -> str:
    """Return `image` or `video` by the first bytes of a file; empty if they are neither, or cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError:
        return ""
    return "image" if is_image(start) else "video" if is_video(start) else ""


def read_as_video(path: Path) -> bool:
    """Whether a file is read as a video: by its content, or by its suffix if the content does not tell."""
    kind = known_content(path)
    return kind == "video" if kind else path.suffix.lower() not in IMAGE_SUFFIXES


def stills(path: Path) -> Iterator[Still]:
    """Yield an image, or the frames of a video.

    Raises:
        DataError: the file cannot be read.
    """
    if not read_as_video(path):
        try:
            yield Still(decode(path.read_bytes()))
        except ImageError as error:
            told = said_of(path.name, error)
            raise DataError(f"{printable(str(path))} cannot be read: {told.reason} ({told})") from None
        except OSError as error:
            raise DataError(f"{printable(str(path))} cannot be read: {error}") from None
        return
    try:
        with Video(path) as video:
            for frame in video.frames():
                yield Still(frame.image, frame.index, frame.time)
    except VideoError as error:
        raise DataError(f"{printable(str(path))}: {error.reason} ({error})") from None


def timeline(path: Path) -> Timeline:
    """Return the times of the frames of a video, from its packets; for an image, a single frame at 0.

    Raises:
        DataError: the file cannot be read.
    """
    if not read_as_video(path):
        return Timeline(np.zeros(1))
    try:
        return probe(path)
    except VideoError as error:
        raise DataError(f"{printable(str(path))}: {error.reason} ({error})") from None
