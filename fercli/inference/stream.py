"""Faces of a stream of images, predicted by one run or several, in constant memory."""

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

REACH = 0.75  # largest distance between the expected and the found place of a person, in sides of the face
MOST_GROWTH = 1.6  # largest factor between the sides of a face in two sightings


class FindsFaces(Protocol):
    """Finds all faces of each image, the most confident first."""

    batch_size: int

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """Return one list of faces for each image."""
        ...


@dataclass(frozen=True)
class FacePrediction:
    """One face of one image with the predictions of the runs; `face` is None for an image without a face.

    Attributes:
        number: of the face in its image, or of the person who is followed through a video, from 0; it means nothing
            without a face.
        said: the outputs of each run; empty while a run predicts nothing. If no face was found, only runs with
            `Model.predicts_middle` have outputs, those for the middle of the image.
    """

    still: Still
    number: int
    face: Face | None
    said: tuple[Outputs, ...] = ()

    @property
    def outputs(self) -> Outputs:
        """Outputs of all runs; where several runs have an output, that of the first run."""
        return {name: value for said in reversed(self.said) for name, value in said.items()}

    @property
    def predicted_by_middle(self) -> bool:
        """Whether no face was found, and a run predicted the middle of the image."""
        return self.face is None and any(self.said)

    def row(self, names: Sequence[dict[str, str]]) -> dict[str, Any]:
        """Return frame, time and place of the face, and the outputs, as a row of a table.

        Args:
            names: columns of each run, see `column_names`.
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
    """Return for each run the column of each output: its name, or `run2_<name>` if an earlier run has this name."""
    names: list[dict[str, str]] = []
    for i, model in enumerate(models, 1):
        known = {column for own in names for column in own.values()}
        names.append({name: f"run{i}_{name}" if name in known else name for name in model.columns})
    return names


class Place(NamedTuple):
    """The center of a face in its image, and the side of a square with the area of its box; in pixels."""

    x: float
    y: float
    side: float

    @classmethod
    def of(cls, face: Face) -> "Place":
        """Return the place of a face."""
        left, top, right, bottom = face.box
        return cls((left + right) / 2, (top + bottom) / 2, math.sqrt(max(0.0, (right - left) * (bottom - top))))


@dataclass
class Follower:
    """Follow one person through a video: first the largest face, then the face nearest to the expected place.

    The expected place continues the movement between the last two sightings. A face farther from it than `REACH`, or
    of another size, is another person. After `patience` frames without a sighting the person is lost, and the largest
    face is the next person.
    """

    patience: int = 12
    place: Place | None = None
    velocity: tuple[float, float] = (0.0, 0.0)
    person: int = -1
    num_unseen: int = 0

    def choose(self, faces: Sequence[Face]) -> Face | None:
        """Return the face of the followed person among the faces of the next frame; None if it is not there."""
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
        """Return the distance from the expected place in sides of the last face; infinite if the size differs much."""
        assert self.place is not None
        found, side = Place.of(face), max(self.place.side, 1e-9)
        if not 1 / MOST_GROWTH <= found.side / side <= MOST_GROWTH:
            return math.inf
        x, y = (start + speed * self.num_unseen for start, speed in zip(self.place[:2], self.velocity, strict=True))
        return math.hypot(found.x - x, found.y - y) / side


def predict_stream(
    stills: Iterable[Still], models: Sequence[Model], detector: FindsFaces, all_faces: bool, rate: float = 0.0
) -> Iterator[list[FacePrediction]]:
    """Yield the predicted faces of each image; one batch of the detector is held in memory.

    Args:
        all_faces: predict every face, with no outputs of models that read clips; otherwise follow one person, see
            `Follower`.
        rate: frames a second; models that read clips need it.
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
    """Return the faces of an image with their numbers; a single None for an image without faces."""
    return [*enumerate(faces)] or [(0, None)]


def _followed(faces: Sequence[Face], follower: Follower) -> list[tuple[int, Face | None]]:
    """Return the followed person with their face.

    The face is None for an image without any face; the list is empty if only other people are seen. The follower does
    not get the middle of an image: it would follow it like a person.
    """
    face = follower.choose(faces)
    return [] if faces and face is None else [(follower.person, face)]


def _said(model: Model, clips: Clips | None, seen: Sequence[tuple[Still, Face | None, int]]) -> list[Outputs]:
    """Return the outputs of a run for each face; none for an image without a face, unless the run predicts middles."""
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
