"""The landmarks of drawn images and videos, in a file beside them: official layouts have no place for them."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from fercli.datasets.source import Source
from fercli.records import Record, Reject

FILE = "landmarks.npz"


def write_landmarks(folder: Path, landmarks: Mapping[str, np.ndarray]) -> None:
    """Write (68, 2) points of each image, or (T, 68, 2) of the frames of each video, by the name of its file."""
    np.savez_compressed(
        folder / FILE, allow_pickle=False, **{name: p.astype(np.float32) for name, p in landmarks.items()}
    )


def with_landmarks(source: Source, rows: Iterable[Record | Reject]) -> Iterator[Record | Reject]:
    """The rows, records with the landmarks of their image or frame."""
    with np.load(io.BytesIO(source.read(FILE)), allow_pickle=False) as archive:
        landmarks = {name: archive[name].astype(np.float64) for name in archive}
    for row in rows:
        points = landmarks.get(str(row.image)) if isinstance(row, Record) else None
        if isinstance(row, Record) and points is not None:
            yield replace(row, landmarks=points if row.frame is None else points[row.frame])
        else:
            yield row
