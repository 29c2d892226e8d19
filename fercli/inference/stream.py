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


class FindsFaces(Protocol):
    """Finds all faces of each picture, most confident first."""

    batch_size: int

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """One list of faces for each image."""
        ...


@dataclass(frozen=True)
class Judged:
    """One face of one picture with what the runs say of it; a picture without a face has one with `face` None."""

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
        all_faces: every face, else only the largest: of a video, it is the person that is watched.
    """
    clips = {i: Clips(model) for i, model in enumerate(models) if model.clip is not None}
    waiting = iter(stills)
    while chunk := list(islice(waiting, detector.batch_size)):
        found = detector.detect([still.image for still in chunk])
        chosen = [faces if all_faces else [max(faces, key=_area)] if faces else [] for faces in found]
        pictures = [(still.image, face) for still, faces in zip(chunk, chosen, strict=True) for face in faces]
        outputs: list[Outputs] = [{} for _ in pictures]
        for i, model in enumerate(models):
            said = [clips[i].judge(*picture) for picture in pictures] if i in clips else model.judge(pictures)
            for output, more in zip(outputs, said, strict=True):
                output |= more
        rest = iter(outputs)
        for still, faces in zip(chunk, chosen, strict=True):
            yield [Judged(still, n, face, next(rest)) for n, face in enumerate(faces)] or [Judged(still, 0, None, {})]


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)
