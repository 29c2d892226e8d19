"""The part of a model that computes: images in, arrays out. A run has one in torch, an exported file one in ONNX."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from fercli.batch import Batch
from fercli.methods.base import Method
from fercli.prediction import Prediction

PROBABILITIES, AFFECT, SCORE = "probabilities", "affect", "score"


class Network(Protocol):
    """Predicts crops of faces."""

    def __call__(
        self, images: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Return the outputs that the network has: `probabilities` (n, K), `affect` (n, 2), `score` (n,), float64.

        Args:
            images: (n, C, size, size) uint8, or clips (n, length, C, size, size).
            scenes: the same with (h, w) pixels; None where the network reads no scenes.
            landmarks: (n, 68, 2) in pixels of the images, NaN for a face without landmarks.
        """
        ...


class RunNetwork:
    """The network of a run.

    Args:
        method: in evaluation mode, on its device.
        num_classes: K; 0 if the run has no classes.
    """

    def __init__(self, method: Method, num_classes: int):
        self.method = method
        self.num_classes = num_classes

    @torch.inference_mode()
    def __call__(
        self, images: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Predict; see `Network`."""
        prediction = self.method(self.batch(images, scenes, landmarks))
        return {name: value.double().cpu().numpy() for name, value in outputs(prediction, self.num_classes).items()}

    def batch(self, images: np.ndarray, scenes: np.ndarray | None, landmarks: np.ndarray | None) -> Batch:
        """Return the inputs, see `Network`, on the device of the method and in the form that it takes."""
        batch = Batch(
            id=[str(i) for i in range(len(images))],
            image=torch.from_numpy(images),
            context=None if scenes is None else torch.from_numpy(scenes),
            landmarks=None if landmarks is None else torch.from_numpy(landmarks).float(),
        )
        return self.method.augmented(batch.to(self.method.device))


def outputs(prediction: Prediction, num_classes: int) -> dict[str, Tensor]:
    """Return what a network says of a face, by name; see `Network`. A run that gives features alone says nothing."""
    said: dict[str, Tensor] = {}
    if prediction.logits is not None and num_classes:
        said[PROBABILITIES] = torch.softmax(prediction.logits.double(), 1)
    if prediction.predicted_affect is not None:
        said[AFFECT] = prediction.predicted_affect
    if prediction.predicted_score is not None:
        said[SCORE] = prediction.predicted_score
    return said
