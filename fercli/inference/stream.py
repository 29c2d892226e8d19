"""Faces of a stream of images, predicted by one run or several, in one pass and constant memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.outputs import Outputs
from fercli.inference.piece import Visit
from fercli.inference.track import Track
from fercli.inference.tracker import PATIENCE, Tracker
from fercli.inference.voices import Voices
from fercli.preprocess.face import Face


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
        number: of the face in its image, from 0, the most confident first; it means nothing without a face.
        person: number of the person in the video, from 1; None in an image, without a face, and for a face that was
            seen too shortly to be a person.
        said: the outputs of each run; empty while a run predicts nothing. If no face was found, only runs with
            `Model.predicts_middle` have outputs, those for the middle of the image.
    """

    still: Still
    number: int
    face: Face | None
    said: tuple[Outputs, ...] = ()
    person: int | None = None

    @property
    def outputs(self) -> dict[str, Any]:
        """Outputs of all runs; where several runs have an output, that of the first run."""
        return {name: value for said in reversed(self.said) for name, value in said.items()}

    @property
    def predicted_by_middle(self) -> bool:
        """Whether no face was found, and a run predicted the middle of the image."""
        return self.face is None and any(self.said)

    def row(self, names: Sequence[Mapping[str, str]], person: str | None = None) -> dict[str, Any]:
        """Return frame, time and place of the face, and the outputs, as a row of a table.

        Args:
            names: columns of each run, see `column_names`.
            person: name of the person.
        """
        box = self.face.box if self.face else (None,) * 4
        left, top, right, bottom = box
        place = {"left": left, "top": top, "right": right, "bottom": bottom}
        return {
            "frame": self.still.frame,
            "time": self.still.time,
            "face_found": self.face is not None,
            "face": self.number if self.face else None,
            "person": person,
            "confidence": self.face.confidence if self.face else None,
            **place,
            **{own[name]: value for own, said in zip(names, self.said, strict=False) for name, value in said.items()},
        }


Sighting = tuple[Face | None, Track | Visit | None]  # an image has faces without tracks; None is a missing face


@dataclass
class MainPerson:
    """Chooses whom to predict where only one person is wanted: the largest face, until that person is away for long.

    After `PATIENCE` seconds out of sight, the largest face is the next main person.
    """

    person: int | None = None
    track: Track | Visit | None = None
    time: float = -np.inf

    def choose(self, seen: Sequence[Sighting], time: float) -> list[Sighting]:
        """Return the main person of a frame; nobody if only others are seen; a missing face if nobody is seen."""
        known = [(face, track) for face, track in seen if track is not None and track.person is not None]
        mine = [one for one in known if one[1].person == self.person]
        if not mine and known and (self.person is None or time - self.time > PATIENCE):
            mine = [max(known, key=lambda one: _area(one[0]))]
        if mine:
            self.track, self.time = mine[0][1], time
            self.person = self.track.person
            return [mine[0]]
        return [] if any(face is not None for face, _ in seen) else [(None, self.track)]


def predict_stream(
    stills: Iterable[Still],
    models: Sequence[Model],
    detector: FindsFaces,
    tracker: Tracker | None = None,
    all_faces: bool = True,
    rate: float = 0.0,
) -> Iterator[list[FacePrediction]]:
    """Yield the predicted faces of each image, at least one entry each.

    One batch of the detector is held in memory, and with a tracker the few frames until everybody in them is known.

    Args:
        tracker: of the people of a video; None for images that have nothing to do with each other.
        all_faces: predict everybody; otherwise the main person of a video, see `MainPerson`.
        rate: frames a second; models that read clips need it.
    """
    main = None if all_faces or tracker is None else MainPerson()
    voices = [Voices(model, rate, continues=main is not None) for model in models]
    waiting: deque[tuple[Still, list[Sighting]]] = deque()
    source = iter(stills)
    while chunk := list(islice(source, detector.batch_size)):
        for still, faces in detected(chunk, detector):
            tracks = [None] * len(faces) if tracker is None else tracker.step(still.image, faces, still.time)
            waiting.append((still, list(zip(faces, tracks, strict=True))))
        yield from predicted(_decided(waiting), voices, main)
    if tracker is not None:
        tracker.finish()
    yield from predicted(list(waiting), voices, main)


def detected(chunk: Sequence[Still], detector: FindsFaces) -> Iterator[tuple[Still, list[Face]]]:
    """Yield the faces of each image of a batch of the detector."""
    return zip(chunk, detector.detect([still.image for still in chunk]), strict=True)


def _decided(waiting: deque[tuple[Still, list[Sighting]]]) -> list[tuple[Still, list[Sighting]]]:
    """Take the first frames in which everybody is known."""
    ready = []
    while waiting and all(track is None or track.is_decided for _, track in waiting[0][1]):
        ready.append(waiting.popleft())
    return ready


def predicted(
    frames: Sequence[tuple[Still, list[Sighting]]], voices: Sequence[Voices], main: MainPerson | None
) -> Iterator[list[FacePrediction]]:
    """Yield the predicted faces of each of some frames, at least one entry each.

    Args:
        frames: images with the faces in them, and who they are.
        voices: of the runs.
        main: chooses whom to predict; None for everybody.
    """
    chosen = [main.choose(seen, still.time) if main else _in_order(seen) for still, seen in frames]
    flat = [(still, face, track) for (still, _), some in zip(frames, chosen, strict=True) for face, track in some]
    said = zip(*(voice.said(flat) for voice in voices), strict=True)
    for (still, seen), some in zip(frames, chosen, strict=True):
        numbers = {id(face): number for number, (face, _) in enumerate(seen)}
        yield [
            FacePrediction(
                still, numbers.get(id(face), 0), face, next(said), track.person if track and face is not None else None
            )
            for face, track in some
        ] or [FacePrediction(still, 0, None)]


def _in_order(seen: Sequence[Sighting]) -> list[Sighting]:
    """Return the faces in the order of the people, those of nobody last; a missing face if there are none."""
    people = [one[1].person if one[1] is not None else None for one in seen]
    order = sorted(range(len(seen)), key=lambda i: np.inf if people[i] is None else people[i])  # type: ignore[arg-type, return-value]
    return [seen[i] for i in order] or [(None, None)]


def _area(face: Face | None) -> float:
    left, top, right, bottom = face.box if face is not None else (0.0, 0.0, 0.0, 0.0)
    return (right - left) * (bottom - top)


def column_names(models: Sequence[Model]) -> list[dict[str, str]]:
    """Return for each run the column of each output: its name, or `run2_<name>` if an earlier run has this name."""
    names: list[dict[str, str]] = []
    for i, model in enumerate(models, 1):
        known = {column for own in names for column in own.values()}
        names.append({name: f"run{i}_{name}" if name in known else name for name in model.columns})
    return names
