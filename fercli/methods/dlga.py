"""DLGA-CNN and its parts: the patches of each face follow its landmarks."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fercli.batch import Batch, labelled
from fercli.datasets.datamodule import FaceData
from fercli.errors import ConfigError
from fercli.methods.base import Stream
from fercli.methods.recognizer import Recognizer
from fercli.methods.shown import Patches
from fercli.ops.patches import PatchRule, window_starts
from fercli.ops.template import template_landmarks
from fercli.prediction import Features, Prediction


class DLGA(Recognizer):
    """A backbone, and a head that reads 24 windows of its map around the landmarks of the face.

    A face without 68 landmarks gets those of a generic face. They fit a crop that is aligned by five points and not
    moved by augmentation.

    Args:
        backbone: from images (B, C, H, W) to `Features` with a map.
        head: from `Features` and the starts of the windows to a dictionary of fields of `Prediction`.
        patches: rule from landmarks to the centers of the patches.
        template_margin: `crop.margin` of the prepared crops; used for faces without landmarks.
        per_image_standardize: give the pixels of each image mean 0 and standard deviation 1. The source does not say
            how it scales pixels.
        decay_biases: whether weight decay also applies to biases. The source says "weights".

    Source: He, Chan and Wang 2021.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: nn.Module,
        patches: PatchRule,
        template_margin: float = 0.1,
        per_image_standardize: bool = False,
        decay_biases: bool = False,
        **shared: Any,
    ):
        super().__init__(backbone, head, **shared)
        self.patches = patches
        self.template_margin = template_margin
        self.per_image_standardize = per_image_standardize
        self.decay_biases = decay_biases

    def forward(self, batch: Batch) -> Prediction:
        """Predict the score, the gates, and the vector from which the score is computed."""
        features = self.backbone(self._image(batch))
        return Prediction(**self._windowed(batch)(features))

    def _image(self, batch: Batch) -> Tensor:
        return standardized(batch.image) if self.per_image_standardize else batch.image

    def streams(self, batch: Batch) -> list[Stream]:
        """Return the face; its head reads the windows around the patches."""
        return [Stream("face", self.backbone, self._image(batch), self._windowed(batch))]

    def _windowed(self, batch: Batch) -> Callable[[Features], dict[str, Tensor]]:
        """Return a function that applies the head to the windows around the patches."""
        centers, size = self.patch_centers(batch), batch.image.shape[-1]

        def head(features: Features) -> dict[str, Tensor]:
            scale = 0.0 if features.map is None else features.map.shape[-1] / size
            fields: dict[str, Tensor] = self.head(features, window_starts(centers, scale))
            return fields

        return head

    def check_data(self, data: FaceData) -> None:
        """Warn of faces without 68 landmarks: their patches lie where a generic face has them.

        Raises:
            ConfigError: the generic face does not fit the crops of the store.
        """
        store, rows = data.store, np.concatenate([data.split.train, data.split.evaluation])
        without = int((~store.has_landmarks[rows]).sum())
        if not without:
            return
        crop, margin = store.meta.get("options", {}).get("crop", {}), self.template_margin
        if crop and (crop["align"], crop["margin"]) != ("five_point", margin):
            raise ConfigError(
                f"{without:,} of {len(rows):,} faces of {store.path} have no 68 landmarks, and the generic face that "
                f"replaces them fits crops of crop.align=five_point crop.margin={margin:g}; the store has "
                f"crop.align={crop['align']} crop.margin={crop['margin']:g}. Prepare it with landmarks=dlib, or with "
                "the expected crop, or set method.template_margin"
            )
        warnings.warn(
            f"{without:,} of {len(rows):,} faces of {store.path} have no 68 landmarks: their patches lie where a "
            "generic face has eyes and mouth; landmarks=dlib of fercli preprocess finds them",
            stacklevel=2,
        )

    def drawn_patches(self, batch: Batch) -> Patches:
        """Return the patches of the faces of a batch, for figures."""
        size, side = batch.image.shape[-1], int(self.head.map[-1])  # type: ignore[index]
        landmarks, centers = (
            points.double().cpu().numpy() for points in (self._landmarks(batch), self.patch_centers(batch))
        )
        return Patches(landmarks, centers, self.patches, round(size / side))

    def patch_centers(self, batch: Batch) -> Tensor:
        """(B, 24, 2) centers of the patches in pixels of the augmented image; its corner is (0, 0)."""
        return self.patches.centers(self._landmarks(batch) + 0.5, batch.image.shape[-1])

    def _landmarks(self, batch: Batch) -> Tensor:
        """(B, 68, 2) landmarks; a face without landmarks gets those of a generic face."""
        generic = torch.from_numpy(template_landmarks(batch.image.shape[-1], self.template_margin)).float()
        landmarks = generic.to(batch.image.device, non_blocking=True).expand(batch.image.shape[0], -1, -1)
        if batch.landmarks is None:
            return landmarks
        return torch.where(labelled(batch.landmarks)[:, None, None], batch.landmarks, landmarks)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Split each group of the base class: weights keep weight decay, biases get none unless `decay_biases`."""
        groups = super().parameter_groups()
        if self.decay_biases:
            return groups
        biases = {id(p) for name, p in self.named_parameters() if name.endswith("bias")}
        split = []
        for group in groups:
            for is_bias in (False, True):
                chosen = [p for p in group["params"] if (id(p) in biases) == is_bias]
                if chosen:
                    split.append(group | {"params": chosen} | ({"weight_decay": 0.0} if is_bias else {}))
        return split


def standardized(image: Tensor) -> Tensor:
    """Give each image (B, C, H, W) mean 0 and standard deviation 1 over all its values; constant images become 0."""
    centered = image - image.mean((1, 2, 3), keepdim=True)
    return centered / centered.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-3)
