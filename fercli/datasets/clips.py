"""Clips: consecutive frames of one video as one sample."""

import warnings

import numpy as np

from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError


def clips(store: Store, rows: np.ndarray, length: int, stride: int) -> np.ndarray:
    """Return row numbers (n, length) of clips, in the order of their videos and of time.

    A video with fewer rows than a clip gives one clip that repeats frames evenly. A warning tells how many videos are
    too short. Rows at the end of a video that fill no clip are not used.

    Args:
        rows: (N,) row numbers of frames.
        length: frames of a clip.
        stride: frames from the start of one clip to the start of the next.

    Raises:
        ConfigError: length or stride is below 1.
        DataError: a row belongs to no video.
    """
    if length < 1 or stride < 1:
        raise ConfigError(f"expected inputs.clip.length and stride of at least 1, found {length} and {stride}")
    videos, times = store.column("video")[rows], store.column("time")[rows]
    if any(video is None for video in videos):
        raise DataError(
            f"{store.path} holds images that are of no video, and clips are wanted; take a data set of videos"
        )
    _, first, number = np.unique(videos.astype(str), return_index=True, return_inverse=True)
    found = [np.empty((0, length), dtype=np.int64)]
    num_short = 0
    for video in np.argsort(first):
        members = np.flatnonzero(number == video)
        frames = rows[members[np.argsort(times[members], kind="stable")]]
        if len(frames) < length:
            found.append(frames[np.arange(length) * len(frames) // length][None])
            num_short += 1
        else:
            found.append(np.lib.stride_tricks.sliding_window_view(frames, length)[::stride])
    if num_short:
        warnings.warn(
            f"{num_short:,} of {len(first):,} videos of {store.path} are shorter than a clip of {length} frames: "
            "their frames come repeatedly",
            stacklevel=2,
        )
    return np.concatenate(found)
