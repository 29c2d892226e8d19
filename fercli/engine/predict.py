"""Predictions and features of a method for rows of a store."""

from collections.abc import Callable, Iterator

import numpy as np
import torch

from fercli.batch import Batch
from fercli.datasets.datamodule import FaceData
from fercli.methods.base import Method
from fercli.methods.table import PredictionTable
from fercli.prediction import Prediction

Progress = Callable[[int, int], None]  # samples predicted, and of how many


def predict(
    method: Method, data: FaceData, samples: np.ndarray, progress: Progress = lambda done, total: None
) -> dict[str, np.ndarray]:
    """Predict samples on the method's device; see `PredictionTable` for the columns.

    Args:
        samples: (n,) row numbers of the store, or (n, length) of clips, as `data.samples` gives them.
    """
    table = PredictionTable()
    for batch, prediction in _predictions(method, data, samples, progress):
        table.add(batch, prediction)
    return table.columns()


def features(
    method: Method, data: FaceData, samples: np.ndarray, progress: Progress = lambda done, total: None
) -> np.ndarray:
    """Return the features (n, dim) float32 of samples alone: those of a whole training split already fill the memory.

    Args:
        samples: as for `predict`.
    """
    found = np.empty((0, 0), np.float32)
    done = 0
    for batch, prediction in _predictions(method, data, samples, progress):
        if done == 0:
            found = np.empty((len(samples), prediction.feature.shape[1]), np.float32)
        found[done : done + len(batch)] = prediction.feature.float().cpu().numpy()
        done += len(batch)
    return found


@torch.inference_mode()
def _predictions(
    method: Method, data: FaceData, samples: np.ndarray, progress: Progress
) -> Iterator[tuple[Batch, Prediction]]:
    method.eval()
    done = 0
    progress(done, len(samples))
    for batch in data.samples_dataloader(samples):
        done += len(batch)
        batch = method.augmented(batch.to(method.device))
        yield batch, method(batch)
        progress(done, len(samples))
