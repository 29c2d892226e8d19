"""The time that a network takes for one image, measured on the device of the evaluation."""

import time

import numpy as np
import torch

from fercli.datasets.datamodule import FaceData
from fercli.methods.base import Method

NUM_WARM = 10  # passes that are not timed: the first ones allocate memory and choose kernels
NUM_TIMED = 50


def is_timed(method: Method) -> bool:
    """Whether a metric of the run reads the time of its predictions: `metrics=[..., cost]`."""
    return any("seconds" in metric.reads for metric in method.metrics.values())


@torch.inference_mode()
def seconds_alone(method: Method, data: FaceData, samples: np.ndarray) -> np.ndarray:
    """Return the seconds (n,) from the normalized image to the prediction, one sample a batch; 0 for untimed samples.

    At most 50 evenly spread samples are timed on the device of the method, after 10 passes that are not timed. The time
    excludes reading and normalizing the image. It depends on the machine and on what else runs on it, not on the values
    of the weights.

    Args:
        samples: (n,) row numbers of the store, or (n, length) of clips.
    """
    method.eval()
    seconds = np.zeros(len(samples))
    chosen = np.unique(np.linspace(0, len(samples) - 1, NUM_TIMED).round().astype(int))
    for index, place in enumerate(chosen):
        (batch,) = data.samples_dataloader(samples[[place]])
        batch = method.augmented(batch.to(method.device))
        for _ in range(NUM_WARM if index == 0 else 0):
            method(batch)
        begin = _now(method)
        method(batch)
        seconds[place] = _now(method) - begin
    return seconds


def _now(method: Method) -> float:
    """Return the clock in seconds, after the device has finished all work."""
    if method.device.type == "cuda":
        torch.cuda.synchronize(method.device)
    return time.perf_counter()
