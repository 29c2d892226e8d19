"""Read rows of a store as batches of tensors, by random access."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from fercli.batch import Batch
from fercli.datasets.decoder import decoded
from fercli.datasets.face_mask import face_mask
from fercli.datasets.hidden_face import hide_face
from fercli.datasets.store import Store
from fercli.fields import NUMBERS, joined
from fercli.ops.layout import stack_pixels
from fercli.ops.reused import keep_freed_memory


class ImageRows(Dataset[Batch]):
    """Some images or clips of a store; a list of positions gives one `Batch`, decoded.

    Args:
        rows: (n,) row numbers of the store, or (n, T) for clips; the first row of a clip gives its labels, id and
            landmarks.
        channels: 3 for RGB, 1 for gray.
        with_mask: draw the mask of eyes and mouth; it is empty for a row without 68 landmarks.
        with_context: read the scene around the face as well.
        hide_face: black out the face in that scene.
    """

    def __init__(
        self,
        store: Store,
        rows: np.ndarray,
        channels: int = 3,
        with_mask: bool = False,
        with_context: bool = False,
        hide_face: bool = False,
    ):
        keep_freed_memory()  # of batches, and of what augmentation makes of them
        self.store = store
        self.rows = rows
        self.channels = channels
        self.with_mask = with_mask
        self.with_context = with_context
        self.hide_face = hide_face
        first = rows if rows.ndim == 1 else rows[:, 0]
        self.first = first
        self.ids = store.column("id")[first]
        self.labels = store.labels[first]
        self.videos = store.column("video")[first]
        self.roles = store.column("role")[first]
        self.has_landmarks = bool(store.has_landmarks[first].any())
        columns = {"votes": store.votes[first]} | joined({name: store.column(name)[first] for name in NUMBERS})
        self.columns = {name: known.astype(np.float32) for name, known in columns.items() if not np.isnan(known).all()}
        sessions = store.sessions[first]
        if (sessions >= 0).any():
            self.columns["session"] = sessions

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, positions: list[int]) -> Batch:
        """Return the batch of these positions, in their order."""
        image, extent = stacked([self.image(i) for i in positions])
        landmarks = self.store.landmarks(self.first[positions])
        columns: dict[str, Any] = {name: torch.from_numpy(known[positions]) for name, known in self.columns.items()}
        return Batch(
            id=[self.ids[i] for i in positions],
            image=image,
            extent=extent,
            expression=torch.from_numpy(self.labels[positions]),
            landmarks=torch.from_numpy(landmarks) if self.has_landmarks else None,
            mask=masks(landmarks, *image.shape[-2:]) if self.with_mask else None,
            context=stack_pixels([self.context(i) for i in positions]) if self.with_context else None,
            video=[self.videos[i] for i in positions],
            role=[self.roles[i] for i in positions],
            **columns,
        )

    def image(self, position: int) -> torch.Tensor:
        """Return the (C, H, W) uint8 image of one sample; (T, C, H, W) for a clip."""
        return self._frames(position, lambda row: decoded(self.store.image(row), self.channels))

    def context(self, position: int) -> torch.Tensor:
        """Return the (C, h, w) uint8 scene of one sample; (T, C, h, w) for a clip."""
        return self._frames(position, self._scene)

    def _frames(self, position: int, read: Callable[[int], torch.Tensor]) -> torch.Tensor:
        rows = self.rows[position]
        return read(int(rows)) if rows.ndim == 0 else stack_pixels([read(int(row)) for row in rows])

    def _scene(self, row: int) -> torch.Tensor:
        scene = decoded(self.store.image(row, "context"), self.channels)
        if self.hide_face:
            hide_face(scene, self.store.face_boxes[row])
        return scene


def stacked(images: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Stack images (..., H, W) into one tensor; where shapes differ, also return (n, 2) heights and widths.

    A smaller image lies at the top left, with black on its right and below it.
    """
    shapes = [image.shape[-2:] for image in images]
    if len(set(shapes)) == 1:
        return stack_pixels(images), None
    height, width = (max(sides) for sides in zip(*shapes, strict=True))
    *frames, channels = images[0].shape[:-2]
    canvas = images[0].new_zeros(len(images), *frames, height, width, channels).movedim(-1, -3)
    for place, image in zip(canvas, images, strict=True):
        place[..., : image.shape[-2], : image.shape[-1]] = image
    return canvas, torch.tensor(shapes)


def masks(landmarks: np.ndarray, height: int, width: int) -> torch.Tensor:
    """Draw (n, height, width) uint8 masks of (n, 68, 2) landmarks."""
    return torch.from_numpy(np.stack([face_mask(points, height, width) for points in landmarks]))
