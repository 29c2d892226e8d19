"""What every reader yields: one labelled face or clip, or one row that was left out."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fercli.fields import RecordNumbers

SPLITS = ("train", "val", "test")
GROUPS = ("age_group", "gender", "race")  # fields of a record that assign a person to a group
ALL_SPLITS = "train, val and test"  # pooled, where a publication gives one number for all of them


@dataclass(frozen=True, slots=True)
class Embedded:
    """An encoded image within a file of many: `size` bytes from `offset` on of the file at `path`.

    Attributes:
        name: what messages call it.
        path: of an unpacked copy, which differs each time and is not part of the image's identity.
    """

    name: str
    path: str = field(repr=False)
    offset: int
    size: int

    def read(self) -> bytes:
        """Return the bytes; raises OSError."""
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


@dataclass(frozen=True, slots=True)
class Record(RecordNumbers):
    """One labelled image of a raw data set. A label that the data set does not give is None.

    Attributes:
        id: unique within the data set and stable between releases of it, such as `train_00001`.
        split: `train`, `val` or `test`, as officially given.
        image: path relative to the root of the source; an encoded image within a file; or the pixels themselves:
            uint8, (H, W) or (H, W, 3) RGB.
        expression: name of the class: canonical (`fercli.taxonomy`) for expressions, the digit or item for toy sets.
        votes: number of annotators for each class of the reader, in its class order.
        valence, arousal, and further numbers: see `fercli.fields.NUMBERS`.
        age_group: such as `20-39`, where the data set gives no age in years.
        gender: in the words of the data set, such as `female` or `unsure`.
        race: in the words of the data set.
        landmarks: (N, 2) x, y in pixels of the raw image; 5 points (eyes, nose, mouth corners) or 68.
        box: left, top, right, bottom of the face in pixels of the raw image, where the data set gives it. The center of
            the first pixel is 0: a box that covers the whole columns 10 to 19 is from 9.5 to 19.5.
        subject: who is shown; never split across folds.
        video: the clip that a frame comes from; never split across folds.
        session: the sitting in which a recording was made, where one sitting has several recordings.
        time: seconds from the start of the video.
        role: `query` or `gallery`, in a retrieval set that searches one among the other.
        frame: number of the frame, counted from 0, where `image` names a video.
        more: name and text of each further column of the raw data set that has a value in this row, such as `site`.
    """

    id: str
    split: str
    image: str | Embedded | np.ndarray
    expression: str | None = None
    votes: tuple[float, ...] | None = None
    age_group: str | None = None
    gender: str | None = None
    race: str | None = None
    landmarks: np.ndarray | None = None
    box: tuple[float, float, float, float] | None = None
    subject: str | None = None
    video: str | None = None
    session: str | None = None
    time: float | None = None
    role: str | None = None
    frame: int | None = None
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was left out, with the reason: a short constant phrase, so that rows can be counted by reason.

    Attributes:
        detail: what exactly was found.
        file: the image or video of the row, where it names one.
    """

    id: str
    split: str
    expression: str
    reason: str
    detail: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class DataInfo:
    """Facts about a data set: `classes` in label order (None: the classes that the rows hold) and its licence."""

    name: str
    title: str
    licence: str
    classes: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Steps:
    """One image on its way to the store.

    Attributes:
        raw: (H, W) or (H, W, 3) uint8.
        box: left, top, right, bottom of the face in pixels of `raw`.
        points: (n, 2) landmarks in pixels of `raw` that the store keeps: 68, or five from the detector; n is 0 where
            they are unknown.
        aligned: uint8, `raw` turned, scaled and shifted as the crop is, and twice as wide and high as it.
        crop: uint8, the middle of `aligned`, as it is stored.
    """

    raw: np.ndarray
    box: tuple[float, float, float, float]
    points: np.ndarray
    aligned: np.ndarray
    crop: np.ndarray
