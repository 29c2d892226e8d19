"""Faces in scenes that fercli draws itself, in the layout of CAER-S; face, scene or both show the class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fercli.datasets.readers.caer import CAERS, CLASSES
from fercli.datasets.source import Source
from fercli.datasets.synthetic.drawing import draw_once
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.datasets.synthetic.scenes import Cues, write_caer_s
from fercli.records import DataInfo, Record, Reject


class SyntheticContext:
    """Draws stills where there are none yet, and reads them.

    With `face_correlation=0`, only the scene tells the class; with `context_correlation=0`, only the face does. A crop
    of the face shows nothing of the scene. The whole image shows the scene and also the face, unless
    `context.mask_face=true` hides the face.

    Args:
        num_images: number of images: two thirds for training, one third for test, the same number for each of the 7
            classes.
        seed: decides everything that the other options leave open.
        size: width and height of a drawing in pixels; the head fills about a third of it.
        context_correlation: probability that the scene is that of the class; otherwise it is drawn at random.
        face_correlation: probability that the face shows the class; otherwise its expression is drawn at random.
    """

    info = DataInfo(
        name="synthetic_context",
        title="Synthetic faces in scenes",
        licence="drawn by fercli: nobody is shown, no restriction",
        classes=CLASSES,
    )

    def __init__(
        self,
        num_images: int = 1400,
        seed: int = 0,
        size: int = 176,
        context_correlation: float = 1.0,
        face_correlation: float = 1.0,
    ):
        self.cues = Cues(context_correlation, face_correlation)
        self.drawn: dict[str, Any] = {"num_images": num_images, "seed": seed, "size": size}

    def prepare(self, raw: Path) -> None:
        """Draw the raw data set into a folder that is missing or empty; leave a complete data set as it is.

        Raises:
            DataError: the folder holds something else, or images that were drawn with other options.
        """
        if not raw.is_file():
            draw_once(raw, self.drawn | vars(self.cues), self._write)

    def _write(self, folder: Path) -> None:
        written = write_caer_s(folder, cues=self.cues, **self.drawn)
        write_landmarks(folder, {image.file: image.landmarks for image in written})

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every still, with 68 landmarks.

        Raises:
            DataError: there is no still, or the landmarks are missing.
        """
        return with_landmarks(source, CAERS().read(source))
