"""Collect the predictions of a whole split, batch by batch and over processes."""

from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor

from fercli.batch import Batch
from fercli.fields import NUMBERS, OF_BATCH
from fercli.prediction import Prediction

COLUMNS = (
    *("id", "video", "role", "expression", *NUMBERS, "session"),
    *("probabilities", "predicted_valence", "predicted_arousal", "predicted_score", "regressed_score", "binned_score"),
    *("score_probabilities", "feature", "attention", "gates"),
)
WIDE = ("feature", "attention", "gates")  # too large to send to other processes unless they are read


class PredictionTable:
    """Columns as NumPy arrays, each of n rows; a column is missing if neither batches nor predictions have it.

    Names: `id`, `video`, `role`. Labels: `expression` (int), `valence`, `arousal`, `score`, `age`, `session` (int).
    Predictions: `probabilities` (n, K), `predicted_valence`, `predicted_arousal`, `predicted_score`,
    `regressed_score`, `binned_score`, `score_probabilities` (n, levels), `feature` (n, dim), `attention` (n, dim),
    `gates` (n, parts).
    """

    def __init__(self) -> None:
        self.parts: list[dict[str, np.ndarray]] = []

    def add(self, batch: Batch, prediction: Prediction) -> None:
        """Append the rows of one batch."""
        part = {"id": np.array(batch.id, dtype=object), "feature": _numpy(prediction.feature)}
        if batch.expression is not None:
            part["expression"] = batch.expression.cpu().numpy()
        if batch.video is not None:
            part["video"] = np.array(batch.video, dtype=object)
        if batch.role is not None:
            part["role"] = np.array(batch.role, dtype=object)
        if batch.session is not None:
            part["session"] = batch.session.cpu().numpy()
        for field, names in OF_BATCH.items():
            if (label := getattr(batch, field)) is not None:
                part |= zip(names, _numpy(label).reshape(len(batch), -1).T, strict=True)
        if prediction.logits is not None:
            part["probabilities"] = _numpy(torch.softmax(prediction.logits.double(), dim=1))
        if prediction.predicted_affect is not None:
            part["predicted_valence"], part["predicted_arousal"] = _numpy(prediction.predicted_affect).T
        if prediction.attention is not None:
            part["attention"] = _numpy(prediction.attention)
        for name in ("predicted_score", "regressed_score", "binned_score"):
            if (score := getattr(prediction, name)) is not None:
                part[name] = _numpy(score)
        if prediction.score_logits is not None:
            part["score_probabilities"] = _numpy(torch.softmax(prediction.score_logits.double(), dim=1))
        if prediction.gates is not None:
            part["gates"] = _numpy(prediction.gates)
        self.parts.append(part)

    def columns(self) -> dict[str, np.ndarray]:
        """Return all rows so far."""
        return {name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]}

    def gathered(self, read: Collection[str] = ()) -> dict[str, np.ndarray]:
        """Return the rows of all processes, each id once: rows that pad the batches must not be counted twice.

        Args:
            read: the columns that are needed. With several processes, a column in `WIDE` is returned only if it is one
                of them.
        """
        if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
            return self.columns()
        parts: list[list[dict[str, np.ndarray]]] = [[] for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather_object(
            parts, [{k: v for k, v in part.items() if k not in WIDE or k in read} for part in self.parts]
        )
        whole = PredictionTable()
        whole.parts = [part for ranks in parts for part in ranks]
        columns = whole.columns()
        first = np.sort(np.unique(columns["id"].astype(str), return_index=True)[1])
        return {name: column[first] for name, column in columns.items()}


def _numpy(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()
