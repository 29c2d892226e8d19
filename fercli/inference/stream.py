"""Faces of a stream of pictures, predicted by one run or several, in constant memory."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from typing import Any, NamedTuple, Protocol

import numpy as np

from fercli.inference.clips import Clips
from fercli.inference.frames import Still
from fercli.inference.model import Model, Outputs
from fercli.preprocess.face import Face

REACH = 0.75  # sides of a face between where a person is expected and where they are
MOST_GROWTH = 1.6  # of the side of a face from one sighting to the next


class FindsFaces(Protocol):
    """Finds all faces of each picture, most confident first."""

    batch_size: int

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """One list of faces for each image."""
        ...


@dataclass(frozen=True)
class FacePrediction:
    """One face of one picture with what the runs say of it; a picture without a face has one with `face` None.

    Attributes:
        number: of the face in its picture, or of the person that is followed through a video, from 0; it means nothing
            without a face.
        said: by each run; empty where it says nothing yet. Where no face was found, runs that were trained so have
            predicted the middle of the picture, see `Model.predicts_middle`; the others say nothing.
    """

    still: Still
    number: int
    face: Face | None
    said: tuple[Outputs, ...] = ()

    @property
    def outputs(self) -> Outputs:
        """What all runs say; of what several predict, the first one's."""
        return {name: value for said in reversed(self.said) for name, value in said.items()}

    @property
    def predicted_by_middle(self) -> bool:
        """Whether no face was found, and a run predicted the middle of the picture."""
        return self.face is None and any(self.said)

    def row(self, names: Sequence[dict[str, str]]) -> dict[str, Any]:
        """Frame, time and place of the face, and the outputs, as a row of a table.

        Args:
            names: of the columns of each run, see `column_names`.
        """
        box = self.face.box if self.face else (None,) * 4
        left, top, right, bottom = box
        place = {"left": left, "top": top, "right": right, "bottom": bottom}
        return {
            "frame": self.still.frame,
            "time": self.still.time,
            "face_found": self.face is not None,
            "face": self.number if self.face else None,
            "confidence": self.face.confidence if self.face else None,
            **place,
            **{own[name]: value for own, said in zip(names, self.said, strict=False) for name, value in said.items()},
        }


def column_names(models: Sequence[Model]) -> list[dict[str, str]]:
    """For each run, the column of each of its outputs: its name, or `run2_<name>` where an earlier run has the name."""
    names: list[dict[str, str]] = []
    for i, model in enumerate(models, 1):
        known = {column for own in names for column in own.values()}
        names.append({name: f"run{i}_{name}" if name in known else name for name in model.columns})
    return names


class Place(NamedTuple):
    """The center of a face in its picture, and the side of a square as large as its box; in pixels."""

    x: float
    y: float
    side: float

    @classmethod
    def of(cls, face: Face) -> "Place":
        """Where a face is."""
        left, top, right, bottom = face.box
        return cls((left + right) / 2, (top + bottom) / 2, math.sqrt(max(0.0, (right - left) * (bottom - top))))


@dataclass
class Follower:
    """Keeps to one person of a video: the largest face first, then the face nearest to where the last one is bound for.

    That place is the last one, moved on as from the sighting before it. A face farther from it than `REACH`, or of
    another size, is somebody else. Who is not seen for `patience` frames is lost; the largest face is then the next
    person.
    """

    patience: int = 12
    place: Place | None = None
    velocity: tuple[float, float] = (0.0, 0.0)
    person: int = -1
    num_unseen: int = 0

    def choose(self, faces: Sequence[Face]) -> Face | None:
        """The face of the followed person among those of the next frame; None where it is not there."""
        self.num_unseen += 1
        if self.place is not None and self.num_unseen <= self.patience:
            found = min(faces, key=self._distance, default=None)
            if found is None or self._distance(found) > REACH:
                return None
            now = Place.of(found)
            self.velocity = (
                (now.x - self.place.x) / self.num_unseen,
                (now.y - self.place.y) / self.num_unseen,
            )
        elif faces:
            found, self.person, self.velocity = max(faces, key=_area), self.person + 1, (0.0, 0.0)
        else:
            return None
        self.place, self.num_unseen = Place.of(found), 0
        return found

    def _distance(self, face: Face) -> float:
        """From where the person is bound for, in sides of the last face; infinite for a face of another size."""
        assert self.place is not None
        found, side = Place.of(face), max(self.place.side, 1e-9)
        if not 1 / MOST_GROWTH <= found.side / side <= MOST_GROWTH:
            return math.inf
        x, y = (start + speed * self.num_unseen for start, speed in zip(self.place[:2], self.velocity, strict=True))
        return math.hypot(found.x - x, found.y - y) / side


def predict_stream(
    stills: Iterable[Still], models: Sequence[Model], detector: FindsFaces, all_faces: bool, rate: float = 0.0
) -> Iterator[list[FacePrediction]]:
    """The faces of each picture, predicted; as many pictures as the detector takes at a time are held.

    Args:
        all_faces: every face, of which models of clips say nothing; otherwise one person is followed, see `Follower`.
        rate: frames a second; models of clips need it.
    """
    clips = {} if all_faces else {i: Clips(model, rate) for i, model in enumerate(models) if model.clip is not None}
    follower = Follower()
    waiting = iter(stills)
    while chunk := list(islice(waiting, detector.batch_size)):
        found = detector.detect([still.image for still in chunk])
        chosen = [_everybody(faces) if all_faces else _followed(faces, follower) for faces in found]
        seen = [(still, face, number) for still, faces in zip(chunk, chosen, strict=True) for number, face in faces]
        said = [_said(model, clips.get(i), seen) for i, model in enumerate(models)]
        rest = zip(*said, strict=True)
        for still, numbered in zip(chunk, chosen, strict=True):
            yield [FacePrediction(still, n, face, next(rest)) for n, face in numbered] or [
                FacePrediction(still, 0, None)
            ]


def _everybody(faces: Sequence[Face]) -> list[tuple[int, Face | None]]:
    """The faces of a picture with their numbers; None for a picture without any."""
    return [*enumerate(faces)] or [(0, None)]


def _followed(faces: Sequence[Face], follower: Follower) -> list[tuple[int, Face | None]]:
    """The person who is followed with their face, None for a picture without any face; nothing where others are seen.

    The middle of a picture is not shown to the follower: it would follow it as if somebody were there.
    """
    face = follower.choose(faces)
    return [] if faces and face is None else [(follower.person, face)]


def _said(model: Model, clips: Clips | None, seen: Sequence[tuple[Still, Face | None, int]]) -> list[Outputs]:
    """What a run says of each; nothing of a picture without a face, unless it was trained with the middle of these."""
    if model.clip is not None and clips is None:
        return [{} for _ in seen]
    predicted = [face is not None or model.predicts_middle for _, face, _ in seen]
    known = list(compress(seen, predicted))
    if clips is not None:
        said = iter([clips.predict(*one) for one in known])
    else:
        said = iter(model.predict([(still.image, face) for still, face, _ in known]))
    return [next(said) if is_predicted else {} for is_predicted in predicted]


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return (right - left) * (bottom - top)
