"""Rows of a store as batches of tensors, by random access."""

import warnings

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision.io import ImageReadMode, decode_image

from fercli.batch import Batch
from fercli.datasets.store import Store


class ImageRows(Dataset[Batch]):
    """Some rows of a store; a list of positions gives one `Batch`, decoded.

    Args:
        rows: (n,) row numbers of the store.
        channels: 3 for RGB, 1 for gray.
    """

    def __init__(self, store: Store, rows: np.ndarray, channels: int = 3):
        self.store = store
        self.rows = rows
        self.mode = ImageReadMode.RGB if channels == 3 else ImageReadMode.GRAY
        self.ids = store.column("id")[rows]
        self.labels = store.labels[rows]
        self.votes = self._votes()
        self.affect = np.stack([store.column("valence")[rows], store.column("arousal")[rows]], axis=1)
        self.score = store.column("score")[rows]
        self.age = store.column("age")[rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, positions: list[int]) -> Batch:
        """The batch of these positions, in their order."""

        def floats(values: np.ndarray | None) -> torch.Tensor | None:
            if values is None or np.isnan(values).all():
                return None
            return torch.from_numpy(values[positions].astype(np.float32))

        return Batch(
            id=[self.ids[i] for i in positions],
            image=torch.stack([self.image(i) for i in positions]),
            expression=torch.from_numpy(self.labels[positions]),
            votes=floats(self.votes),
            affect=floats(self.affect),
            score=floats(self.score),
            age=floats(self.age),
        )

    def image(self, position: int) -> torch.Tensor:
        """(C, H, W) uint8 image of one row."""
        encoded = self.store.image(int(self.rows[position]))
        with warnings.catch_warnings():  # frombuffer warns that bytes are read-only; the decoder only reads
            warnings.simplefilter("ignore", UserWarning)
            return decode_image(torch.frombuffer(encoded, dtype=torch.uint8), mode=self.mode)

    def _votes(self) -> np.ndarray | None:
        column = self.store.column("votes")[self.rows]
        if all(value is None for value in column):
            return None
        missing = np.full(len(self.store.classes), np.nan)
        return np.stack([missing if value is None else value for value in column]).astype(np.float64)
