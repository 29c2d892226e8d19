"""DLGA-CNN and its parts: the patches of each face follow its landmarks."""

from typing import Any

import torch
from torch import Tensor, nn

from fercli.batch import Batch, labelled
from fercli.methods.recognizer import Recognizer
from fercli.ops.patches import PatchRule, window_starts
from fercli.ops.template import template_landmarks
from fercli.prediction import Prediction


class DLGA(Recognizer):
    """A backbone, and a head that reads 24 windows of its map around the landmarks of the face.

    A face without 68 landmarks gets those of a generic face, which fit a crop aligned by five points that augmentation
    does not move.

    Args:
        backbone: images (B, C, H, W) to `Features` with a map.
        head: `Features` and the starts of the windows to a dictionary of fields of `Prediction`.
        patches: from landmarks to the centers of the patches.
        template_margin: `crop.margin` with which the crops were prepared; for faces without landmarks.
        per_image_standardize: give the pixels of each image mean 0 and standard deviation 1. The source does not say
            how it scales pixels.
        decay_biases: whether weight decay holds for biases too. The source says "weights".

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
        """Score, gates, and the vector that the score is read from."""
        image = standardized(batch.image) if self.per_image_standardize else batch.image
        features = self.backbone(image)
        scale = 0.0 if features.map is None else features.map.shape[-1] / image.shape[-1]
        return Prediction(**self.head(features, window_starts(self.patch_centers(batch), scale)))

    def patch_centers(self, batch: Batch) -> Tensor:
        """(B, 24, 2) centers of the patches in pixels of the augmented image, its corner at (0, 0)."""
        size = batch.image.shape[-1]
        generic = torch.from_numpy(template_landmarks(size, self.template_margin)).float().to(batch.image.device)
        landmarks = generic.expand(len(batch), -1, -1)
        if batch.landmarks is not None:
            landmarks = torch.where(labelled(batch.landmarks)[:, None, None], batch.landmarks, landmarks)
        return self.patches.centers(landmarks + 0.5, size)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Those of all methods, each without its biases, and their biases without weight decay."""
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
    """Each image (B, C, H, W) with mean 0 and standard deviation 1 over all its numbers, if it is not of one color."""
    centered = image - image.mean((1, 2, 3), keepdim=True)
    return centered / centered.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-3)
