"""The mean of the predictions for one person over the last frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fercli.inference.clips import Clips
from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.outputs import Outputs
from fercli.inference.piece import Visit
from fercli.inference.track import Track
from fercli.preprocess.face import Face


@dataclass
class Voices:
    """What a run says of each face; a run that reads clips keeps the last frames of each track.

    Args:
        model: the run.
        rate: frames a second; models that read clips need it.
        continues: whether a clip goes on through frames without a face, as it does for one followed person.
    """

    model: Model
    rate: float
    continues: bool
    clips: dict[Track | Visit | None, Clips] = field(default_factory=dict)

    def said(self, seen: Sequence[tuple[Still, Face | None, Track | Visit | None]]) -> list[Outputs]:
        """Return the outputs for each face; none for a missing face, unless the run predicts the middle."""
        if self.model.clip is None:
            is_known = [face is not None or self.model.predicts_middle for _, face, _ in seen]
            known = [(still.image, face) for (still, face, _), knows in zip(seen, is_known, strict=True) if knows]
            rest = iter(self.model.predict(known))
            return [next(rest) if knows else Outputs() for knows in is_known]
        return [self._of_clip(*one) for one in seen]

    def _of_clip(self, still: Still, face: Face | None, track: Track | Visit | None) -> Outputs:
        if (face is None and not (self.continues and self.model.predicts_middle)) or (face is not None and not track):
            return Outputs()
        if track not in self.clips:  # clips of tracks that are over are given back
            self.clips = {
                one: clips for one, clips in self.clips.items() if one is not None and not one.is_over(still.time)
            }
            self.clips[track] = Clips(self.model, self.rate)
        return self.clips[track].predict(still, face)
