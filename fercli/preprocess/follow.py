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

    With `detector.every` of n > 1, the detector sees every n-th frame of a video, and its last one. Between two frames
    with the same person, `detector.check` places the face, starting from the box between both; a frame in which it
    fails is seen by the detector as well. Between two frames with different people or without a face, the detector sees
    the frame in the middle, and so on. What is found in a video does not depend on other images.
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
    last: tuple[Record, Picture] | None = None  # the last frame that was read, and its face
    face: Face | Absent = Absent("")
    while chunk := list(islice(frames, most if last else 1)):
        read = [*([last] if last else []), *_pictures(chunk)]
        found = _faces_of(detector, follows, read, {0: face} if last else {})
        yield from _joined(chunk, [found[i] for i in range(1 if last else 0, len(read))])
        last, face = (read[-1], found[len(read) - 1]) if read else (last, face)


def _faces_of(
    detector: Detector, follows: Follows, read: Sequence[tuple[Record, Picture]], known: dict[int, Face | Absent]
) -> dict[int, Face | Absent]:
    """Return the face of each frame by its index; that of the first may be known."""

    def look(indices: Iterable[int]) -> None:
        new = [i for i in indices if i not in known]
        for start in range(0, len(new), detector.batch_size):
            part = new[start : start + detector.batch_size]
            known.update(zip(part, _find(detector, [read[i] for i in part]), strict=True))

    ends = sorted({*range(0, len(read), follows.every), len(read) - 1} if read else ())
    look(ends)
    spans = list(pairwise(ends))
    while spans := [(start, stop) for start, stop in spans if stop > start + 1]:
        divided = []
        for start, stop in spans:
            first, last = known[start], known[stop]
            if isinstance(first, Face) and isinstance(last, Face) and overlap(first.box, last.box) >= SAME:
                for i in range(start + 1, stop):
                    moments = [read[j][1].time or 0.0 for j in (start, i, stop)]
                    if face := _checked(follows, read[i][1].pixels, first.box, last.box, moments):
                        known[i] = face
            else:
                divided.append((start, (start + stop) // 2, stop))
        look(middle for _, middle, _ in divided)
        spans = [half for start, middle, stop in divided for half in ((start, middle), (middle, stop))]
    look(range(len(read)))
    return known


def _checked(follows: Follows, image: np.ndarray, before: Box, after: Box, moments: Sequence[float]) -> Face | None:
    """Return the face at the box between two others, at the second of three moments; None if it must be looked for."""
    sides = [float(np.interp(moments[1], moments[::2], ends)) for ends in zip(before, after, strict=True)]
    box = sides[0], sides[1], sides[2], sides[3]
    face = follows.check(image, box)
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
