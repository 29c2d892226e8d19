"""Inputs of a method: the tensors of one step, and the labels of the whole training split."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from fercli.fields import UNLABELLED, BatchNumbers, LabelNumbers
from fercli.scales import BDI_II, Scale

NO_LABELS = ("id", "image", "extent", "context", "video", "role", "known")  # the fields of a batch that no loss reads


@dataclass
class Batch(BatchNumbers):
    """B samples. A field is None where the store lacks it. A single missing label is UNLABELLED or NaN.

    Attributes:
        id: B identifiers of the store.
        image: (B, C, H, W) uint8 as stored; float, normalized, after augmentation. Clips: (B, T, C, H, W).
        extent: (B, 2) int64 height and width in pixels of each image, from the top left, where image shapes differ.
            Beyond it `image` is black. None where all images have the same shape, and after augmentation.
        expression: (B,) int64 class index in the store's class order.
        votes: (B, K) float, annotators per class.
        affect: (B, 2) float, valence and arousal in [-1, 1].
        score, age, and further numbers: (B,) float, see `fercli.fields.NUMBERS`.
        landmarks: (B, 68, 2) float, x and y in pixels of the image; of the first frame of a clip.
        mask: (B, H, W), 255 in the eyes and the mouth, else 0: uint8 as drawn from the landmarks; after augmentation
            float in [0, 1] and moved as the image was.
        context: (B, C, h, w) the scene around the face, as `image`; (B, T, C, h, w) of clips.
        session: (B,) int64 number of the sitting, UNLABELLED where unknown.
        video: B names; None for a sample that comes from no video.
        role: B times `query`, `gallery` or None.
        known: label field to the field on a GPU and, on the host, (B,) bool which of its rows carry a label; `to` fills
            it before it moves the labels. A field that has been replaced since then does not count.
    """

    id: list[str]
    image: Tensor
    expression: Tensor | None = None
    votes: Tensor | None = None
    landmarks: Tensor | None = None
    mask: Tensor | None = None
    context: Tensor | None = None
    session: Tensor | None = None
    video: list[str | None] | None = None
    role: list[str | None] | None = None
    extent: Tensor | None = None
    known: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.id)

    def to(self, device: Any) -> "Batch":
        """The same batch with every tensor on `device`. A copy to a GPU does not wait for it."""
        tensors = {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), Tensor)}
        moved: dict[str, Any] = {}
        known = dict(self.known)
        for name, value in tensors.items():
            leaves_host = value.is_cpu and torch.device(device).type != "cpu"
            moved[name] = value.to(device, non_blocking=leaves_host)
            if leaves_host and name in MOVED_LABELS:
                known[name] = (moved[name], labelled(value))
        return replace(self, **moved, known=known)

    def pin_memory(self) -> "Batch":
        """Copy the tensors to memory from which a GPU reads while the host goes on."""
        tensors = {f.name: value for f in fields(self) if isinstance(value := getattr(self, f.name), Tensor)}
        pinned: dict[str, Any] = {name: value.pin_memory() for name, value in tensors.items()}
        return replace(self, **pinned)

    def has_label(self, name: str) -> Tensor:
        """Return (B,) bool on the host: which rows carry the label of this field; no wait if `known` says it."""
        value = getattr(self, name)
        moved, rows = self.known.get(name, (None, None))
        return rows if rows is not None and moved is value else labelled(value).cpu()


LABELS = tuple(f.name for f in fields(Batch) if f.name not in NO_LABELS)
MOVED_LABELS = tuple(name for name in LABELS if name != "mask")  # the mask is a label only after augmentation


def labelled(values: Tensor) -> Tensor:
    """Return (B,) bool: which rows of a label field carry a label."""
    if not values.is_floating_point():
        return values != UNLABELLED
    known = ~torch.isnan(values)
    return known.flatten(1).all(1) if known.dim() > 1 else known


@dataclass(frozen=True)
class Labels(LabelNumbers):
    """Labels of all N training samples. Samplers draw by them; losses and heads compute constants from them.

    Attributes:
        expression: (N,) int64 class index in the store's class order, UNLABELLED where unknown.
        affect: (N, 2) valence and arousal in [-1, 1], NaN where unknown.
        score, age, and further numbers: (N,), NaN where unknown; see `fercli.fields.NUMBERS`.
        session: (N,) int64 number of the sitting, UNLABELLED where unknown.
        subject: (N,) int64 number of the person, UNLABELLED where unknown.
        scale: of the scores.
    """

    expression: np.ndarray
    session: np.ndarray
    subject: np.ndarray
    scale: Scale = BDI_II

    def __len__(self) -> int:
        return len(self.expression)


@runtime_checkable
class FitsLabels(Protocol):
    """A module with buffers that are computed once, before training, from the labels of the training split.

    Attributes:
        fits: the fields of `Labels` that it reads; before training starts, each must be known for some row.
    """

    fits: Sequence[str]

    def fit(self, labels: Labels) -> None:
        """Fill the buffers; they are saved with the weights."""
