"""Faces of a stream of pictures, judged by one run or several, in constant memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.model import Model, Outputs
from fercli.preprocess.face import Face

LEAST_OVERLAP = 0.3  # of the boxes of one person in two frames


class FindsFaces(Protocol):
    """Finds all faces of each picture, most confident first."""

    batch_size: int

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """One list of faces for each image."""
        ...


@dataclass(frozen=True)
class Judged:
    """One face of one picture with what the runs say of it; a picture without a face has one with `face` None.

    Attributes:
        number: of the face in its picture, or of the person that is followed through a video, from 0.
    """

    still: Still
    number: int
    face: Face | None
    outputs: Outputs

    @property
    def row(self) -> dict[str, Any]:
        """Frame, time and place of the face, and the outputs, as a row of a table."""
        box = self.face.box if self.face else (None,) * 4
        left, top, right, bottom = box
        place = {"left": left, "top": top, "right": right, "bottom": bottom}
        return {
            "frame": self.still.frame,
            "time": self.still.time,
            "face": self.number if self.face else None,
            "confidence": self.face.confidence if self.face else None,
            **place,
            **self.outputs,
        }


@dataclass
class Follower:
    """Keeps to one person of a video: the largest face first, then the face that lies where the last one was.

    Who is not seen for `patience` frames is lost; the largest face is then the next person.
    """

    patience: int = 12
    box: tuple[float, float, float, float] | None = None
    person: int = -1
    num_unseen: int = 0

    def choose(self, faces: Sequence[Face]) -> Face | None:
        """The face of the followed person among those of the next frame; None where it is not there."""
        self.num_unseen += 1
        if self.box is not None and self.num_unseen <= self.patience:
            found = max(faces, key=lambda face: overlap(face.box, self.box or face.box), default=None)
            if found is None or overlap(found.box, self.box) < LEAST_OVERLAP:
                return None
        elif faces:
            found, self.person = max(faces, key=_area), self.person + 1
        else:
            return None
        self.box, self.num_unseen = found.box, 0
        return found


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Area of the intersection of two boxes over that of their union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@dataclass
class Clips:
    """The last crops of one person, for a model of clips; between two clips, what it said last holds.

    The first clip is complete after `length` frames; before that it says nothing.
    """

    model: Model
    crops: deque[np.ndarray] = field(init=False)
    num_frames: int = 0
    said: Outputs = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.model.clip is not None
        self.length, self.stride = self.model.clip
        self.crops = deque(maxlen=self.length)

    def judge(self, image: np.ndarray, face: Face) -> Outputs:
        """Take one more frame."""
        self.crops.append(self.model.pixels(image, face))
        self.num_frames += 1
        since_first = self.num_frames - self.length
        if since_first >= 0 and since_first % self.stride == 0:
            (self.said,) = self.model.judge_crops(np.stack(self.crops)[None])
        return self.said


def judge_stream(
    stills: Iterable[Still], models: Sequence[Model], detector: FindsFaces, all_faces: bool
) -> Iterator[list[Judged]]:
    """The faces of each picture, judged; as many pictures as the detector takes at a time are held.

    Args:
        all_faces: every face; otherwise one person is followed, see `Follower`.
    """
    clips = {i: Clips(model) for i, model in enumerate(models) if model.clip is not None}
    follower = Follower()
    waiting = iter(stills)
    while chunk := list(islice(waiting, detector.batch_size)):
        found = detector.detect([still.image for still in chunk])
        chosen: list[list[tuple[int, Face]]] = []
        for faces in found:
            one = None if all_faces else follower.choose(faces)
            chosen.append([*enumerate(faces)] if all_faces else [(follower.person, one)] if one else [])
        pictures = [(still.image, face) for still, faces in zip(chunk, chosen, strict=True) for _, face in faces]
        outputs: list[Outputs] = [{} for _ in pictures]
        for i, model in enumerate(models):
            said = [clips[i].judge(*picture) for picture in pictures] if i in clips else model.judge(pictures)
            for output, more in zip(outputs, said, strict=True):
                output |= more
        rest = iter(outputs)
        for still, numbered in zip(chunk, chosen, strict=True):
            yield [Judged(still, n, face, next(rest)) for n, face in numbered] or [Judged(still, 0, None, {})]


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)
