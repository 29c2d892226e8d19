"""Drawn frames as a video file."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from fercli.datasets.media import written_video


def write_video(path: Path, frames: Iterable[np.ndarray], frames_per_second: float) -> None:
    """Write frames (H, W, 3) uint8 RGB of even height and width as `.mp4` or `.avi`; create the folders above the file.

    Raises:
        RunError: the file cannot be written.
    """
    following = iter(frames)
    first = next(following)
    with written_video(path, frames_per_second, *first.shape[:2]) as video:
        for frame in chain([first], following):
            video.add(frame)
