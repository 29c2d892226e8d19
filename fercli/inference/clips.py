"""The last frames of one visit of a person, for a model that reads clips."""

from collections import deque

import numpy as np

from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.outputs import Outputs
from fercli.preprocess.face import Face

NEAREST = 0.5 - 1e-6  # in mean frames: a frame this close before the wanted time is taken, no later frame is nearer


class Clips:
    """The last crops of one person, for a model that reads clips, with their scenes if it reads scenes.

    The model predicts when a clip is complete. Its last prediction holds until the next clip. Until the first clip is
    complete, there is no prediction.

    Frames are as far apart as in the training data of the model: in seconds, or in frames, as they were chosen there.
    Where no face is found, a clip continues with the middle of the frame if the model was trained that way. Another
    person, or a later visit of the same one, has clips of its own.

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
        self.crops: deque[np.ndarray] = deque(maxlen=self.length)
        self.scenes: deque[np.ndarray] = deque(maxlen=self.length)
        self.num_crops = 0
        self.next_place = -np.inf
        self.said = Outputs()

    def predict(self, still: Still, face: Face | None) -> Outputs:
        """Take one more frame and return the current prediction."""
        place = still.time * self.rate if self.by_time else still.frame
        if place < self.next_place - NEAREST:
            return self.said
        late = place - self.next_place >= self.step - NEAREST  # the first frame, or the first after a gap
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
