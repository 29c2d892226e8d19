"""Frames of one person on their way to a model of clips."""

from collections import deque

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.model import Model, Outputs
from fercli.preprocess.face import Face

NEAREST = 0.5 - 1e-6  # mean frames before a wanted time; from then on no later frame is nearer


class Clips:
    """The last crops of the person who is followed, for a model of clips, with their scenes where it reads them.

    Between two clips, what the model said last holds.

    Frames are as far apart as those that the model was trained on, by their times where these were chosen so. Until a
    first clip of a person is complete, nothing is said of them. A clip goes on with the middle of frames in which no
    face is found, if the model was trained on such clips, and starts afresh with the next person.

    Args:
        model: reads clips.
        rate: mean frames a second of the video.
    """

    def __init__(self, model: Model, rate: float):
        assert model.clip is not None
        self.model = model
        self.length, self.stride = model.clip
        self.rate, self.step = rate, model.frame_step(rate)
        self.by_time = model.sampling.frames_per_second is not None and self.step > 1
        self._restart(-1)

    def _restart(self, person: int) -> None:
        self.person = person
        self.crops: deque[np.ndarray] = deque(maxlen=self.length)
        self.scenes: deque[np.ndarray] = deque(maxlen=self.length)
        self.num_crops = 0
        self.next_place = -np.inf
        self.said: Outputs = {}

    def predict(self, still: Still, face: Face | None, person: int) -> Outputs:
        """Take one more frame; with a new person everything starts afresh."""
        if person != self.person:
            self._restart(person)
        place = still.time * self.rate if self.by_time else still.frame
        if place < self.next_place - NEAREST:
            return self.said
        late = place - self.next_place >= self.step - NEAREST  # the first frame, or one after a time out of sight
        self.next_place = (place if late else self.next_place) + self.step
        self.crops.append(self.model.pixels(still.image, face))
        if self.model.context is not None:
            self.scenes.append(self.model.scene(still.image, face))
        self.num_crops += 1
        since_first = self.num_crops - self.length
        if since_first >= 0 and since_first % self.stride == 0:
            scenes = np.stack(self.scenes)[None] if self.scenes else None
            (self.said,) = self.model.predict_crops(np.stack(self.crops)[None], scenes)
        return self.said
