"""Outputs of a method: the tensors of a forward pass."""

from dataclasses import dataclass

from torch import Tensor


@dataclass
class Features:
    """What a backbone gives: `vector` (B, dim) and, where the network has one, the last `map` (B, C, H, W)."""

    vector: Tensor
    map: Tensor | None = None


@dataclass
class Prediction:
    """Tensors of one forward pass; a field that a method does not produce is None.

    Attributes:
        feature: (B, dim) deep feature, the input of the classifier and of every metric loss.
        logits: (B, K) class scores before softmax.
        attention: (B, dim) weight of each element of the feature, above 0.
        predicted_affect: (B, 2) valence and arousal, unbounded.
        sector_logits: (B, n) scores of the sectors of the valence-arousal plane before softmax.
        mask_logits: (B, h, w) score of each pixel to lie in an eye or the mouth, before the sigmoid.
        predicted_score: (B,) severity in points of the scale of the data.
        regressed_score: (B,) the severity by regression alone, where bins contribute to the prediction.
        binned_score: (B,) the severity by the bins alone.
        score_logits: (B, n) scores of the levels or bins of severity before softmax.
        gates: (B, n) weight of each part of the face, in (0, 1); the last one is that of the whole.
        class_vectors: (K, dim) weights by which a linear classifier scores the classes, the same for all samples.
    """

    feature: Tensor
    logits: Tensor | None = None
    attention: Tensor | None = None
    predicted_affect: Tensor | None = None
    sector_logits: Tensor | None = None
    mask_logits: Tensor | None = None
    predicted_score: Tensor | None = None
    regressed_score: Tensor | None = None
    binned_score: Tensor | None = None
    score_logits: Tensor | None = None
    gates: Tensor | None = None
    class_vectors: Tensor | None = None
