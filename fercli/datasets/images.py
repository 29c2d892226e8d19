"""Rows of a store as batches of tensors, by random access."""

import warnings

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision.io import ImageReadMode, decode_image

from fercli.batch import Batch
from fercli.datasets.face_mask import face_mask
from fercli.datasets.store import Store


class ImageRows(Dataset[Batch]):
    """Some rows of a store; a list of positions gives one `Batch`, decoded.

    Args:
        rows: (n,) row numbers of the store.
        channels: 3 for RGB, 1 for gray.
        with_mask: draw the mask of eyes and mouth; empty for a row without 68 landmarks.
    """

    def __init__(self, store: Store, rows: np.ndarray, channels: int = 3, with_mask: bool = False):
        self.store = store
        self.rows = rows
        self.mode = ImageReadMode.RGB if channels == 3 else ImageReadMode.GRAY
        self.with_mask = with_mask
        self.ids = store.column("id")[rows]
        self.labels = store.labels[rows]
        self.has_landmarks = bool(store.has_landmarks[rows].any())
        columns = {
            "votes": store.votes[rows],
            "affect": np.stack([store.column("valence")[rows], store.column("arousal")[rows]], axis=1),
            "score": store.column("score")[rows],
            "age": store.column("age")[rows],
        }
        self.columns = {name: known.astype(np.float32) for name, known in columns.items() if not np.isnan(known).all()}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, positions: list[int]) -> Batch:
        """The batch of these positions, in their order."""
        image = torch.stack([self.image(i) for i in positions])
        landmarks = self.store.landmarks(self.rows[positions])
        return Batch(
            id=[self.ids[i] for i in positions],
            image=image,
            expression=torch.from_numpy(self.labels[positions]),
            landmarks=torch.from_numpy(landmarks) if self.has_landmarks else None,
            mask=masks(landmarks, *image.shape[-2:]) if self.with_mask else None,
            **{name: torch.from_numpy(known[positions]) for name, known in self.columns.items()},
        )

    def image(self, position: int) -> torch.Tensor:
        """(C, H, W) uint8 image of one row."""
        encoded = self.store.image(int(self.rows[position]))
        with warnings.catch_warnings():  # frombuffer warns that bytes are read-only; the decoder only reads
            warnings.simplefilter("ignore", UserWarning)
            return decode_image(torch.frombuffer(encoded, dtype=torch.uint8), mode=self.mode)


def masks(landmarks: np.ndarray, height: int, width: int) -> torch.Tensor:
    """(n, height, width) uint8 masks of (n, 68, 2) landmarks."""
    return torch.from_numpy(np.stack([face_mask(points, height, width) for points in landmarks]))
