"""What a method says of rows of a store."""

from collections.abc import Callable

import numpy as np
import torch

from fercli.datasets.datamodule import FaceData
from fercli.methods.base import Method
from fercli.methods.table import PredictionTable

Progress = Callable[[int, int], None]  # samples predicted, and of how many


@torch.inference_mode()
def predict(
    method: Method, data: FaceData, samples: np.ndarray, progress: Progress = lambda done, total: None
) -> dict[str, np.ndarray]:
    """Predict samples on the method's device; see `PredictionTable` for the columns.

    Args:
        samples: (n,) row numbers of the store, or (n, length) of clips, as `data.samples` gives them.
    """
    method.eval()
    table = PredictionTable()
    done = 0
    progress(done, len(samples))
    for batch in data.samples_dataloader(samples):
        done += len(batch)
        batch = method.augmented(batch.to(method.device))
        table.add(batch, method(batch))
        progress(done, len(samples))
    return table.columns()
