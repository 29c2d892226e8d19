"""Frames of one person on their way to a model of clips."""

from collections import deque

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.model import Model, Outputs
from fercli.preprocess.face import Face


class Clips:
    """The last crops of the person who is followed, for a model of clips, with their scenes where it reads them.

    Between two clips, what the model said last holds.

    Frames are as far apart as those that the model was trained on. Until a first clip of a person is complete, nothing
    is said of them. A clip goes on with the middle of frames in which no face is found, if the model was trained on
    such clips, and starts afresh with the next person.

    Args:
        model: reads clips.
        rate: frames a second of the video.
    """

    def __init__(self, model: Model, rate: float):
        assert model.clip is not None
        self.model = model
        self.length, self.stride = model.clip
        self.step = model.frame_step(rate)
        self._restart(-1)

    def _restart(self, person: int) -> None:
        self.person = person
        self.crops: deque[np.ndarray] = deque(maxlen=self.length)
        self.scenes: deque[np.ndarray] = deque(maxlen=self.length)
        self.num_crops = 0
        self.next_frame = -np.inf
        self.said: Outputs = {}

    def judge(self, still: Still, face: Face | None, person: int) -> Outputs:
        """Take one more frame; with a new person everything starts afresh."""
        if person != self.person:
            self._restart(person)
        if still.frame < self.next_frame:
            return self.said
        late = still.frame - self.next_frame >= self.step  # the first frame, or one after a time out of sight
        self.next_frame = (still.frame if late else self.next_frame) + self.step
        self.crops.append(self.model.pixels(still.image, face))
        if self.model.context is not None:
            self.scenes.append(self.model.scene(still.image, face))
        self.num_crops += 1
        since_first = self.num_crops - self.length
        if since_first >= 0 and since_first % self.stride == 0:
            scenes = np.stack(self.scenes)[None] if self.scenes else None
            (self.said,) = self.model.judge_crops(np.stack(self.crops)[None], scenes)
        return self.said
