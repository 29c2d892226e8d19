"""Drawn frames as a video file."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from fercli.errors import DataError

CODECS = {".avi": "MJPG", ".mp4": "mp4v"}


def write_video(path: Path, frames: Iterable[np.ndarray], frames_per_second: float) -> None:
    """Write frames (H, W, 3) uint8 RGB of even height and width as `.mp4` or `.avi`, and the folders above the file.

    Raises:
        DataError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = None
    for frame in frames:
        if writer is None:
            codec = cv2.VideoWriter.fourcc(*CODECS[path.suffix])
            writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, codec, frames_per_second, frame.shape[1::-1])
            if not writer.isOpened():
                raise DataError(f"cannot write the video {path}")
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    if writer is not None:
        writer.release()
