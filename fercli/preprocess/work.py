"""The work on some rows: open each image, find its face, crop it, encode it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from fercli.datasets.shards import storable
from fercli.datasets.source import Source
from fercli.errors import ConfigError, DataError, nearest
from fercli.preprocess.align import transform
from fercli.preprocess.codec import ENCODINGS, Encoding, ImageError, decode, encode, is_storable
from fercli.preprocess.crop import Crop, is_identity, warp
from fercli.preprocess.face import Detector, Face
from fercli.records import Record, Reject

Row = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """How records become rows of a store. Can be sent to worker processes.

    Attributes:
        channels: 3 keeps images as they are, gray ones gray; 1 makes all gray.
        encoding: `png` or `jpeg`. An image that nothing changes keeps its own bytes.

    Raises:
        ConfigError: another encoding, or another number of channels.
    """

    source: Source
    detector: Detector
    crop: Crop
    channels: int = 3
    encoding: Encoding = "png"

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise ConfigError(f"no encoding named '{self.encoding}'; {nearest(str(self.encoding), ENCODINGS)}")
        if self.channels not in (1, 3):
            raise ConfigError(f"expected data.channels 1 or 3; found {self.channels}")

    def process(self, records: Sequence[Record]) -> tuple[list[Row], list[Reject]]:
        """Rows of `fercli.datasets.store.SCHEMA`, and what was left out, both in the order of the records."""
        results: list[Row | Reject] = []
        for chunk in chunks(records, self.detector.batch_size):
            opened = [self._open(record) for record in chunk]
            good = [(record, item) for record, item in zip(chunk, opened, strict=True) if not isinstance(item, Reject)]
            faces = iter(
                self.detector.find([item[1] for _, item in good], [record for record, _ in good]) if good else []
            )
            for record, item in zip(chunk, opened, strict=True):
                results.append(item if isinstance(item, Reject) else self._row(record, *item, next(faces)))
        rejects = [result for result in results if isinstance(result, Reject)]
        return [result for result in results if not isinstance(result, Reject)], rejects

    def check(self, records: Sequence[Record]) -> list[Reject]:
        """The rows whose image cannot be opened; no face is looked for."""
        return [item for record in records if isinstance(item := self._open(record), Reject)]

    def _open(self, record: Record) -> tuple[bytes, np.ndarray] | Reject:
        """The encoded bytes (none where the label file holds the pixels) and the decoded image."""
        if isinstance(record.image, np.ndarray):
            if record.image.dtype == np.uint8 and record.image.ndim in (2, 3):
                return b"", record.image
            return _left_out(record, "image cannot be decoded", f"{record.image.dtype} {record.image.shape}")
        try:
            data = self.source.read(record.image)
        except DataError as error:
            return _left_out(record, "image cannot be read", str(error))
        try:
            return data, decode(data)
        except ImageError as error:
            return _left_out(record, "image cannot be decoded", f"{record.image}: {error}")

    def _row(self, record: Record, data: bytes, image: np.ndarray, face: Face | None) -> Row | Reject:
        if face is None:
            return _left_out(record, self.detector.absent)
        try:
            matrix = self.crop.matrix(face)
            unchanged = is_identity(matrix, image, self.crop.size)
            pixels = image if unchanged else warp(image, matrix, self.crop.size, self.crop.interpolation)
        except (ValueError, cv2.error) as error:
            return _left_out(record, "face cannot be cropped", str(error))
        if self.channels == 1 and pixels.ndim == 3:
            unchanged, pixels = False, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        keep = unchanged and is_storable(data, self.encoding)
        points = record.landmarks if record.landmarks is not None else face.points
        return {
            "id": record.id,
            "split": record.split,
            "image": data if keep else encode(pixels, self.encoding),
            "expression": record.expression,
            "votes": record.votes,
            "valence": record.valence,
            "arousal": record.arousal,
            "score": record.score,
            "age": record.age,
            "landmarks": None if points is None else transform(points, matrix).ravel().tolist(),
            "subject": record.subject,
            "video": record.video,
            "time": record.time,
        }


def chunks(records: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    """Consecutive pieces of at most `size` records."""
    return (records[start : start + size] for start in range(0, len(records), size))


def _left_out(record: Record, reason: str, detail: str = "") -> Reject:
    return Reject(record.id, record.split, record.expression or "", reason, storable(detail))
