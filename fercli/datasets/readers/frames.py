"""What the readers of videos share: a record for each sampled frame."""

from collections.abc import Iterator
from dataclasses import replace

from fercli.datasets.readers.roll import left_out
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling, VideoError, probe
from fercli.errors import DataError
from fercli.records import Record, Reject


def frame_records(source: Source, video: Record, sampling: FrameSampling) -> Iterator[Record | Reject]:
    """Yield a record for each sampled frame of a video, and one reject if the video cannot be read to its end.

    Oddities in the times of its frames become a remark of the source.

    Args:
        video: what all frames share. Its `image` is the name of the video file; the ids of the frames begin with its
            `id`.
    """
    try:
        with source.on_disk(str(video.image)) as path:
            timeline = probe(path)
    except VideoError as error:
        yield left_out(video, error.reason, str(error))
        return
    except DataError as error:
        yield left_out(video, "video cannot be read", str(error))
        return
    if timeline.shortfall:
        yield left_out(video, "video ends before its header says", timeline.shortfall)
    if timeline.remarks:
        source.remarks[str(video.image)] = "; ".join(timeline.remarks)
    for frame, time in sampling.choose(timeline):
        yield replace(video, id=f"{video.id}/{frame:06d}", frame=frame, time=time)
