"""The images that records name: stills, and frames of videos, which are decoded forward in one pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from fercli.datasets.readers.roll import left_out
from fercli.datasets.source import Source
from fercli.datasets.video import Video, VideoError
from fercli.errors import DataError
from fercli.preprocess.codec import MAX_MEGAPIXELS, decode
from fercli.preprocess.image_head import ImageError, said_of
from fercli.records import Embedded, Record, Reject


@dataclass(frozen=True)
class Picture:
    """A decoded image.

    Attributes:
        pixels: (H, W) or (H, W, 3) RGB, uint8.
        data: encoded bytes of the image file; empty for frames of videos and for pixels from label files.
        time: seconds from the start of the video, as the decoder gives them; None for a still.
    """

    pixels: np.ndarray
    data: bytes = b""
    time: float | None = None


def video_of(record: Record) -> str | None:
    """Return the name of the video file that a record is a frame of; None for a still."""
    return str(record.image) if record.frame is not None else None


def pictures(
    source: Source, records: Sequence[Record], max_megapixels: float = MAX_MEGAPIXELS
) -> Iterator[tuple[Record, Picture | Reject]]:
    """Yield each record with its image, or with a reject; only one image at a time is in memory.

    Frames of a video that follow each other, in ascending order, are decoded in one pass.
    """
    for video, group in groupby(records, video_of):
        if video is None:
            yield from ((record, _still(source, record, max_megapixels)) for record in group)
        else:
            yield from _frames(source, video, list(group))


def _frames(source: Source, video: str, records: Sequence[Record]) -> Iterator[tuple[Record, Picture | Reject]]:
    wanted = [(record.frame or 0, record.time) for record in records]
    num_done = num_decoded = 0
    try:
        with source.on_disk(video) as path, Video(path) as opened:
            for frame in opened.pick(wanted):
                record = records[num_done]
                num_done += 1
                if frame is None:
                    yield record, left_out(record, "frame cannot be decoded", f"{video}: {num_decoded} decoded before")
                else:
                    num_decoded += 1
                    yield record, Picture(frame.image, time=frame.time)
    except (VideoError, DataError) as error:  # also if a video turns out to be damaged after some frames
        reason = error.reason if isinstance(error, VideoError) else "video cannot be read"
        yield from ((record, left_out(record, reason, str(error))) for record in records[num_done:])


def _still(source: Source, record: Record, max_megapixels: float) -> Picture | Reject:
    if isinstance(record.image, np.ndarray):
        if record.image.dtype == np.uint8 and record.image.ndim in (2, 3):
            return Picture(record.image)
        return left_out(record, "image cannot be decoded", f"{record.image.dtype} {record.image.shape}")
    name = record.image.name if isinstance(record.image, Embedded) else record.image
    try:
        data = record.image.read() if isinstance(record.image, Embedded) else source.read(record.image)
    except (DataError, OSError) as error:
        return left_out(record, "image cannot be read", str(error))
    try:
        return Picture(decode(data, max_megapixels), data)
    except ImageError as error:
        return left_out(record, said_of(name, error).reason, f"{name}: {error}")
