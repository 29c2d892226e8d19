"""The work on rows: open each image, find its face, crop it, encode it, and keep the scene if asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import cv2
import numpy as np

from fercli.datasets.readers.roll import left_out
from fercli.datasets.source import Source
from fercli.errors import ConfigError, choose
from fercli.fields import NUMBERS
from fercli.preprocess.align import transform
from fercli.preprocess.codec import ENCODINGS, MAX_MEGAPIXELS, Encoding, encode, is_storable
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop, is_identity, warp
from fercli.preprocess.damage import Damage
from fercli.preprocess.face import Absent, Detector, Face
from fercli.preprocess.follow import faces
from fercli.preprocess.no_face import LEAVE_OUT, NO_FACE, face_to_cut
from fercli.preprocess.pictures import Picture, pictures, video_of
from fercli.preprocess.shape_predictor import ShapePredictor
from fercli.records import GROUPS, Record, Reject

Row = dict[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Work:
    """How records become rows of a store. Can be sent to worker processes.

    Attributes:
        channels: 3 keeps color images in color and gray images gray; 1 makes all images gray.
        encoding: `png` or `jpeg`. An image that is not changed keeps its own bytes where possible.
        context: the scene around the face.
        no_face: for an image without a face: `leave_out` leaves the row out, `center` uses the middle of the image.
        min_frames: a video with fewer kept frames is left out completely.
        max_megapixels: millions of pixels; a larger image is left out before it is decoded.
        damage: is done to each crop before it is stored, on purpose.
        landmarks: finds 68 landmarks in every face, which replace given landmarks; None keeps the given ones.

    Raises:
        ConfigError: an unknown encoding, number of channels or `no_face`, `min_frames` below 0, or `max_megapixels`
            not above 0.
    """

    source: Source
    detector: Detector
    crop: Crop
    channels: int = 3
    encoding: Encoding = "png"
    context: Context = field(default_factory=Context)
    no_face: str = LEAVE_OUT
    min_frames: int = 0
    landmarks: ShapePredictor | None = None
    max_megapixels: float = MAX_MEGAPIXELS
    damage: Damage = field(default_factory=Damage)

    def __post_init__(self) -> None:
        choose("encoding", self.encoding, ENCODINGS)
        if self.channels not in (1, 3):
            raise ConfigError(f"expected data.channels 1 or 3; found {self.channels}")
        choose("way no_face", self.no_face, NO_FACE)
        if not isinstance(self.max_megapixels, int | float) or not self.max_megapixels > 0:
            raise ConfigError(f"expected max_megapixels as a number above 0; found {self.max_megapixels}")
        if not isinstance(self.min_frames, int) or self.min_frames < 0:
            raise ConfigError(f"expected min_frames as a whole number, at least 0; found {self.min_frames}")

    def process(self, records: Sequence[Record]) -> tuple[list[Row], list[Reject]]:
        """Return rows of `fercli.datasets.store.SCHEMA`, and rejects, both in the order of the records."""
        results = self._with_enough_frames(self._rows(records))
        rejects = [result for result in results if isinstance(result, Reject)]
        return [result for result in results if not isinstance(result, Reject)], rejects

    def check(self, records: Sequence[Record]) -> tuple[list[Reject], Counter[tuple[int, int]]]:
        """Open the images; no faces are detected.

        Returns:
            A reject for each row with an image that cannot be opened, and the number of images by width and height.
        """
        sizes = Counter[tuple[int, int]]()

        def opened() -> Iterator[tuple[Record, Reject | None]]:
            for record, item in pictures(self.source, records, self.max_megapixels):
                if isinstance(item, Picture):
                    sizes[item.pixels.shape[1], item.pixels.shape[0]] += 1
                yield record, item if isinstance(item, Reject) else None

        return [item for item in self._with_enough_frames(opened()) if item is not None], sizes

    def _rows(self, records: Sequence[Record]) -> Iterator[tuple[Record, Row | Reject]]:
        for record, item, face in faces(self.detector, pictures(self.source, records, self.max_megapixels)):
            yield record, item if isinstance(item, Reject) else self._row(record, item, face)

    def _with_enough_frames(self, results: Iterable[tuple[Record, Result | Reject]]) -> list[Result | Reject]:
        """Return the results, with rejects for all frames of a video with too few kept frames; videos are complete."""
        evaluated = list(results)
        kept = Counter(video_of(record) for record, result in evaluated if not isinstance(result, Reject))
        reason, expected = "video keeps too few frames", f"expected {self.min_frames}"
        return [
            left_out(record, reason, f"{video}: {expected}, found {kept[video]}")
            if (video := video_of(record)) and not isinstance(result, Reject) and kept[video] < self.min_frames
            else result
            for record, result in evaluated
        ]

    def _row(self, record: Record, picture: Picture, kept: Face | Absent) -> Row | Reject:
        if isinstance(kept, Absent) and self.no_face == LEAVE_OUT:
            return left_out(record, kept.reason, kept.detail)
        image, found = picture.pixels, kept if isinstance(kept, Face) else None
        if found is not None and (problem := found.problem(*image.shape[:2])):
            size = f"{image.shape[1]} x {image.shape[0]} pixels"
            return left_out(record, problem, f"box {found.box} in an image of {size}")
        try:
            face = face_to_cut(image, found, self.landmarks)
            matrix, shape = self.crop.matrix(face), self.crop.shape(face)
            unchanged = is_identity(matrix, image, shape)
            pixels = image if unchanged else warp(image, matrix, shape, self.crop.interpolation, self.crop.border)
        except (ValueError, cv2.error) as error:
            return left_out(record, "face cannot be cropped", str(error))
        unchanged = unchanged and self.damage.is_none
        keep = unchanged and self._is_gray_enough(pixels) and self._is_storable(picture)
        points = next((p for p in (face.landmarks, record.landmarks, face.points) if p is not None), None)
        return {
            "id": record.id,
            "split": record.split,
            "image": picture.data if keep else self._encoded(self.damage.apply(pixels)),
            "context": self._encoded(self.context.picture(image)) if self.context.keep else None,
            "face_box": self.context.box(image, found) if self.context.keep else None,
            "face_found": found is not None,
            "expression": record.expression,
            "votes": record.votes,
            **{name: getattr(record, name) for name in (*NUMBERS, *GROUPS)},
            "landmarks": None if points is None else transform(points, matrix).ravel().tolist(),
            "subject": record.subject,
            "video": record.video,
            "session": record.session,
            "time": record.time if picture.time is None else picture.time,
            "role": record.role,
        }

    def _is_storable(self, picture: Picture) -> bool:
        return is_storable(picture.data, picture.pixels, self.encoding, self.channels)

    def _is_gray_enough(self, pixels: np.ndarray) -> bool:
        return self.channels == 3 or pixels.ndim == 2

    def _encoded(self, pixels: np.ndarray) -> bytes:
        gray = pixels if self._is_gray_enough(pixels) else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        return encode(gray, self.encoding)
