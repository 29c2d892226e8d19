"""The landmarks of drawn images and videos, in a separate file: official layouts have no place for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from fercli.datasets.readers.arrays import npz
from fercli.datasets.source import Source
from fercli.errors import reading
from fercli.records import Record, Reject

FILE = "landmarks.npz"


def write_landmarks(folder: Path, landmarks: Mapping[str, np.ndarray]) -> None:
    """Write (68, 2) points of each image, or (T, 68, 2) of the frames of each video, by the name of its file."""
    np.savez_compressed(
        folder / FILE, allow_pickle=False, **{name: p.astype(np.float32) for name, p in landmarks.items()}
    )


def with_landmarks(source: Source, rows: Iterable[Record | Reject]) -> Iterator[Record | Reject]:
    """Yield the rows; a record gets the landmarks of its image or frame.

    Raises:
        DataError: the landmarks are missing or damaged.
    """
    landmarks = npz(source, FILE)
    for row in rows:
        if not isinstance(row, Record) or (points := landmarks.get(str(row.image))) is None:
            yield row
            continue
        with reading(source.place(FILE), "68 landmarks of each image or frame", remedy="draw the data again"):
            own = (points if row.frame is None else points[row.frame]).astype(np.float64)
            if own.shape != (68, 2) or not np.isfinite(own).all():
                raise ValueError(f"for {row.image}: shape {own.shape}")
        yield replace(row, landmarks=own)
