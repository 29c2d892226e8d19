"""Clips of faces in scenes that fercli draws itself, in the layout of CAER; face, scene or both show the class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fercli.datasets.readers.caer import CAER, CLASSES
from fercli.datasets.source import Source
from fercli.datasets.synthetic.drawing import draw_once
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.datasets.synthetic.scenes import Cues, write_caer
from fercli.datasets.video import FrameSampling
from fercli.records import DataInfo, Record, Reject


class SyntheticContextClips:
    """Draws clips where there are none yet, and reads them.

    Face and scene show the class as in `SyntheticContext`, the same in all frames of a clip. Pose, light and strength
    of the expression are drawn for each frame separately: the order of the frames carries no information.

    Args:
        num_clips: number of clips: 60 % for training, 20 % for validation, 20 % for test, the same number for each of
            the 7 classes.
        num_frames: frames of a clip, at 10 frames a second.
        seed: decides everything that the other options leave open.
        size: width and height of a frame in pixels; the head fills about a third of it.
        context_correlation: probability that the scene is that of the class; otherwise it is drawn at random.
        face_correlation: probability that the face shows the class; otherwise its expression is drawn at random.
        sampling: which frames to take; None takes all.
    """

    info = DataInfo(
        name="synthetic_context_clips",
        title="Synthetic clips of faces in scenes",
        licence="drawn by fercli: nobody is shown, no restriction",
        classes=CLASSES,
    )

    def __init__(
        self,
        num_clips: int = 420,
        num_frames: int = 16,
        seed: int = 0,
        size: int = 112,
        context_correlation: float = 1.0,
        face_correlation: float = 1.0,
        sampling: FrameSampling | None = None,
    ):
        self.cues = Cues(context_correlation, face_correlation)
        self.drawn: dict[str, Any] = {"num_clips": num_clips, "num_frames": num_frames, "seed": seed, "size": size}
        self.reader = CAER(sampling or FrameSampling(frame_stride=1))

    def prepare(self, raw: Path) -> None:
        """Draw the raw data set into a folder that is missing or empty; leave a complete data set as it is.

        Raises:
            DataError: the folder holds something else, or clips that were drawn with other options.
        """
        if not raw.is_file():
            draw_once(raw, self.drawn | vars(self.cues), self._write)

    def _write(self, folder: Path) -> None:
        written = write_caer(folder, cues=self.cues, **self.drawn)
        write_landmarks(folder, {clip.file: clip.landmarks for clip in written})

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every sampled frame, with 68 landmarks.

        Raises:
            DataError: there is no clip, or the landmarks are missing.
        """
        return with_landmarks(source, self.reader.read(source))
