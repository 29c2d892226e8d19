"""Recordings of talking heads with a depression score that fercli draws itself, in the layout of AVEC2014."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fercli.datasets.readers.avec import AVEC2014
from fercli.datasets.source import Source
from fercli.datasets.synthetic.drawing import draw_once
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.datasets.synthetic.recordings import write_avec2014
from fercli.datasets.video import FrameSampling
from fercli.records import DataInfo, Record, Reject
from fercli.scales import BDI_II


class SyntheticDepression:
    """Draws recordings where there are none yet, and reads them.

    Args:
        num_subjects: number of people: 60 % for training, 20 % for validation, 20 % for test. Every third person has
            two sittings.
        num_frames: mean number of frames of a video, at 10 frames a second; every sitting has two videos.
        seed: decides everything that the other options leave open.
        size: width and height of a frame in pixels; the head fills about half of it.
        sampling: which frames to take; None takes all.
    """

    info = DataInfo(
        name="synthetic_depression",
        title="Synthetic talking heads",
        licence="drawn by fercli: nobody is shown, no restriction",
        extra={"scale": BDI_II.name},
    )

    def __init__(
        self,
        num_subjects: int = 48,
        num_frames: int = 36,
        seed: int = 0,
        size: int = 112,
        sampling: FrameSampling | None = None,
    ):
        self.options: dict[str, Any] = {
            "num_subjects": num_subjects,
            "num_frames": num_frames,
            "seed": seed,
            "size": size,
        }
        self.reader = AVEC2014(sampling=sampling or FrameSampling(frame_stride=1))

    def prepare(self, raw: Path) -> None:
        """Draw the raw data set into a folder that is missing or empty; leave a complete data set as it is.

        Raises:
            DataError: the folder holds something else, or videos that were drawn with other options.
        """
        if not raw.is_file():
            draw_once(raw, self.options, self._write)

    def _write(self, folder: Path) -> None:
        written = write_avec2014(folder, **self.options)
        write_landmarks(folder, {video.file: video.landmarks for video in written})

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every sampled frame, with 68 landmarks.

        Raises:
            DataError: there is no video, or the landmarks are missing.
        """
        return with_landmarks(source, self.reader.read(source))
