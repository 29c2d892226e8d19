"""The face of each image; in videos, it may be looked for in every n-th frame, and followed and checked in between."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from typing import Protocol, runtime_checkable

import numpy as np

from fercli.preprocess.face import Absent, Box, Detector, Face, overlap
from fercli.preprocess.pictures import Picture, video_of
from fercli.records import Record, Reject

SAME = 0.3  # least overlap of two boxes of one person
Opened = tuple[Record, Picture | Reject]
Found = tuple[Record, Picture | Reject, Face | Absent]


@runtime_checkable
class Follows(Protocol):
    """A detector that can also check whether a face is where it is expected.

    Attributes:
        every: faces are looked for in every n-th frame of a video.
    """

    every: int

    def check(self, image: np.ndarray, box: Box) -> Face | None:
        """Return the face at a box, placed anew; None if there is none."""
        ...


def faces(detector: Detector, opened: Iterable[Opened]) -> Iterator[Found]:
    """Yield each record with its image and the face to keep; with a reject, there is no face.

    With `detector.every` of n > 1, the detector sees every n-th frame of a video, and its last one. If it found the
    same person before and after a frame, `detector.check` places the face there, starting from the box between both.
    It sees all other frames as well. What is found in a video does not depend on other images.
    """
    every = detector.every if isinstance(detector, Follows) else 1
    for video, group in groupby(opened, lambda one: video_of(one[0]) if every > 1 else None):
        if video is not None and isinstance(detector, Follows):
            yield from _followed(detector, detector, group)
        else:
            while chunk := list(islice(group, detector.batch_size)):
                yield from _joined(chunk, _find(detector, _pictures(chunk)))


def _followed(detector: Detector, follows: Follows, frames: Iterator[Opened]) -> Iterator[Found]:
    most = follows.every * max(1, detector.batch_size // follows.every)
    before: tuple[Picture, Face | Absent] | None = None  # the last frame that was read
    while chunk := list(islice(frames, most if before else 1)):
        read = _pictures(chunk)
        looked = sorted({*range(follows.every - 1, len(read), follows.every), len(read) - 1} if read else ())
        known = dict(zip(looked, _find(detector, [read[i] for i in looked]), strict=True))
        ends = [(-1, before), *((i, (read[i][1], face)) for i, face in known.items())]
        for (start, one), (stop, other) in pairwise(ends):
            for i in range(start + 1, stop):
                if one and other and (face := _between(follows, read[i][1], one, other)):
                    known[i] = face
        anew = [i for i in range(len(read)) if i not in known]
        known |= zip(anew, _find(detector, [read[i] for i in anew]), strict=True)
        yield from _joined(chunk, [known[i] for i in range(len(read))])
        before = (read[-1][1], known[len(read) - 1]) if read else before


def _between(
    follows: Follows, frame: Picture, one: tuple[Picture, Face | Absent], other: tuple[Picture, Face | Absent]
) -> Face | None:
    """Return the face of a frame between two others, None if it must be looked for."""
    (before, first), (after, last) = one, other
    if isinstance(first, Absent) or isinstance(last, Absent) or overlap(first.box, last.box) < SAME:
        return None
    moments = [picture.time or 0.0 for picture in (before, frame, after)]
    left, top, right, bottom = (
        float(np.interp(moments[1], moments[::2], sides)) for sides in zip(first.box, last.box, strict=True)
    )
    box = left, top, right, bottom
    face = follows.check(frame.pixels, box)
    return face if face is not None and overlap(face.box, box) >= SAME else None


def _pictures(chunk: Sequence[Opened]) -> list[tuple[Record, Picture]]:
    return [(record, item) for record, item in chunk if isinstance(item, Picture)]


def _find(detector: Detector, read: Sequence[tuple[Record, Picture]]) -> list[Face | Absent]:
    return detector.find([item.pixels for _, item in read], [record for record, _ in read]) if read else []


def _joined(chunk: Sequence[Opened], found: Iterable[Face | Absent]) -> Iterator[Found]:
    """Yield the items with the faces of the pictures among them."""
    left = iter(found)
    for record, item in chunk:
        yield record, item, next(left) if isinstance(item, Picture) else Absent(item.reason)
