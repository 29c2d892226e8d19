"""What `fercli predict` writes: a table that grows row by row, and pictures and videos with the answers drawn in."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fercli.errors import DataError
from fercli.spreadsheet import SpreadsheetWriter

ROWS_AT_A_TIME = 1024
TEXTS = ("source", "emotion", "severity")
WHOLE_NUMBERS = ("frame", "face")


class PredictionTable:
    """Rows written to a Parquet file and a CSV as they come, so that a table larger than memory can be made.

    Args:
        folder: gets `predictions.parquet` and `predictions.csv`.
        columns: their names; what a row lacks is empty.
    """

    def __init__(self, folder: Path, columns: Sequence[str]):
        self.columns = tuple(columns)
        self.schema = pa.schema([(name, _kind(name)) for name in self.columns])
        self.parquet, self.csv = folder / "predictions.parquet", folder / "predictions.csv"
        self.waiting: list[dict[str, Any]] = []
        self.num_rows = 0

    def __enter__(self) -> "PredictionTable":
        self._parquet = pq.ParquetWriter(_beside(self.parquet), self.schema)
        self._stream = open(_beside(self.csv), "w", newline="", encoding="utf-8")
        self._csv = SpreadsheetWriter(self._stream, self.columns)
        return self

    def add(self, row: dict[str, Any]) -> None:
        """Append one row."""
        self.waiting.append({name: row.get(name) for name in self.columns})
        self.num_rows += 1
        if len(self.waiting) == ROWS_AT_A_TIME:
            self._write()

    def _write(self) -> None:
        self._parquet.write_table(pa.Table.from_pylist(self.waiting, schema=self.schema))
        self._csv.write(self.waiting)
        self.waiting.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.waiting:  # what is done is kept, also when the rest cannot be
            self._write()
        self._parquet.close()
        self._stream.close()
        for file in (self.parquet, self.csv):
            _beside(file).replace(file)


class VideoFile:
    """A video that is written frame by frame, without sound.

    Raises:
        DataError: this build of OpenCV cannot write it there.
    """

    def __init__(self, path: Path, rate: float, height: int, width: int):
        self.path = path
        self.size = (width, height)
        self._writer = cv2.VideoWriter(str(_beside(path)), cv2.VideoWriter.fourcc(*"mp4v"), rate, self.size)
        if not self._writer.isOpened():
            raise DataError(f"expected to write a video to {path}; OpenCV cannot")

    def __enter__(self) -> "VideoFile":
        return self

    def add(self, image: np.ndarray) -> None:
        """Append (H, W, 3) uint8 RGB; a frame of another size is brought to that of the first."""
        if image.shape[1::-1] != self.size:
            image = cv2.resize(image, self.size, interpolation=cv2.INTER_AREA)
        self._writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._writer.release()
        _beside(self.path).replace(self.path)


def _beside(path: Path) -> Path:
    """The name of an unfinished file; it keeps its ending, by which OpenCV knows the format."""
    return path.with_name(f".unfinished-{path.name}")


def _kind(name: str) -> pa.DataType:
    if name in TEXTS or name.endswith("predicted"):  # `predicted`, `run2_predicted`
        return pa.string()
    if name == "face_found" or name.endswith("_alert"):
        return pa.bool_()
    return pa.int64() if name in WHOLE_NUMBERS else pa.float64()
