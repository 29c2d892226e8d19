"""A few moments of a video, evenly spread, with the predictions of each run."""

from dataclasses import dataclass

import cv2
import numpy as np

from fercli.inference.captions import answers
from fercli.inference.stream import FacePrediction
from fercli.inference.thinned import Thinned
from fercli.preprocess.crop import Crop, warp

MOST_MOMENTS = 8
MOST_DRAWN = 8  # people of a video with figures of their own
WIDTH = 320  # pixels of a frame in a strip
FACE = Crop(160, align="none", margin=0.2)


@dataclass(frozen=True)
class Moment:
    """One frame: its time in seconds, the frame and the face (H, W, 3) uint8 RGB, and the lines of each run.

    `face` is None if no face was found; then only runs that predict the middle of the frame have lines.
    """

    time: float
    picture: np.ndarray
    face: np.ndarray | None
    said: tuple[list[str], ...]

    @classmethod
    def of(cls, predicted: FacePrediction) -> "Moment":
        """Return the moment of a predicted face, with a smaller frame."""
        image = predicted.still.image
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
        height = round(image.shape[0] * WIDTH / image.shape[1])
        small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
        face = None
        if predicted.face is not None:
            face = warp(image, FACE.matrix(predicted.face), FACE.size, FACE.interpolation)
        return cls(predicted.still.time, small, face, tuple(answers(said) for said in predicted.said))


class Strip:
    """Moments of a video of unknown length, in constant memory."""

    def __init__(self) -> None:
        self.thinned: Thinned[Moment] = Thinned(2 * MOST_MOMENTS)

    def add(self, predicted: FacePrediction) -> None:
        """Take the next frame."""
        self.thinned.add(lambda: Moment.of(predicted))

    def moments(self) -> list[Moment]:
        """Return at most `MOST_MOMENTS` moments in order, the first frame among them."""
        return self.thinned.evenly(MOST_MOMENTS)
