"""Predicted faces that Grad-CAM explains: few enough to look at, with what the network read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fercli.inference.outputs import NetworkInput, Outputs
from fercli.inference.stream import FacePrediction
from fercli.inference.strip import MOST_DRAWN, MOST_MOMENTS
from fercli.inference.thinned import Thinned

MOST_FACES = 32  # of images


@dataclass(frozen=True)
class ExplainedFace:
    """One predicted face.

    Attributes:
        place: the image, or the time in a video.
        face: number of the face in an image, `middle` without a face; empty in a video.
        said: the prediction.
        read: what the network read for it.
    """

    place: str
    face: str
    said: Outputs
    read: NetworkInput

    @classmethod
    def of_image(cls, source: str, predicted: FacePrediction) -> "ExplainedFace":
        """Return a face of an image."""
        return cls(source, "middle" if predicted.face is None else f"face {predicted.number + 1}", *_copied(predicted))

    @classmethod
    def of_video(cls, predicted: FacePrediction) -> "ExplainedFace":
        """Return a face of a frame of a video."""
        return cls(f"{predicted.still.time:.1f} s", "", *_copied(predicted))


class Explained:
    """The first faces of images, and evenly spread moments of the first people of each video, in constant memory.

    Attributes:
        num_predicted: predictions of faces, drawn or not.
        images: at most `MOST_FACES` faces.
        people: (source, name) to moments; the first `MOST_DRAWN` people of a video.
    """

    def __init__(self) -> None:
        self.num_predicted = 0
        self.images: list[ExplainedFace] = []
        self.people: dict[tuple[str, str], Thinned[ExplainedFace]] = {}

    def add(
        self, source: str, faces: Sequence[FacePrediction], names: Sequence[str | None], is_video: bool = False
    ) -> None:
        """Take the faces of the next image, or of the next frame of a video, of one run."""
        for predicted, name in zip(faces, names, strict=True):
            if not any(predicted.said):
                continue
            self.num_predicted += 1
            if is_video and name is not None and self._has_room(source, name):
                moments = self.people.setdefault((source, name), Thinned(2 * MOST_MOMENTS))
                moments.add(partial(ExplainedFace.of_video, predicted))
            elif not is_video and len(self.images) < MOST_FACES:
                self.images.append(ExplainedFace.of_image(source, predicted))

    def moments(self) -> dict[tuple[str, str], list[ExplainedFace]]:
        """Return at most `MOST_MOMENTS` moments of each person."""
        return {person: thinned.evenly(MOST_MOMENTS) for person, thinned in self.people.items()}

    @property
    def num_drawn(self) -> int:
        """Number of predictions that figures show."""
        return len(self.images) + sum(map(len, self.moments().values()))

    def _has_room(self, source: str, name: str) -> bool:
        return (source, name) in self.people or sum(of == source for of, _ in self.people) < MOST_DRAWN


def _copied(predicted: FacePrediction) -> tuple[Outputs, NetworkInput]:
    (said,) = predicted.said
    assert said.read is not None
    return said, said.read.copy()
