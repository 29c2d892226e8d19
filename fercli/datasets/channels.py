"""Mean and standard deviation of the colors of training images; they normalize the input of a network."""

import numpy as np
import torch

from fercli.datasets.images import ImageRows
from fercli.datasets.store import Store

MOST_IMAGES = 4000  # enough to know the mean to about 0.002; each takes a few milliseconds


def channel_statistics(store: Store, rows: np.ndarray, channels: int = 3) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of each channel over the pixels of the training rows, in [0, 1].

    At most `MOST_IMAGES` images are read, evenly spread over the rows. They are the same in every run.
    """
    chosen = rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST_IMAGES)).round().astype(np.int64)]
    images = ImageRows(store, chosen, channels)
    total = squares = torch.zeros(channels, dtype=torch.float64)
    num_pixels = 0
    for position in range(len(chosen)):
        pixels = images.image(position).flatten(1).double() / 255
        total = total + pixels.sum(1)
        squares = squares + pixels.square().sum(1)
        num_pixels += pixels.shape[1]
    mean = total / num_pixels
    return mean.tolist(), (squares / num_pixels - mean.square()).clamp(min=0).sqrt().tolist()
