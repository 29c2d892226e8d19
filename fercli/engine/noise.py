"""The noisy labels that a finished run was trained on, as its folder records them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fercli.datasets.noise.noisy import FILE, NoisyLabels
from fercli.datasets.store import Store
from fercli.runs.folder import RunFolder


def recorded_noise(run: RunFolder, recorded: Mapping[str, Any], store: Store, rows: np.ndarray) -> NoisyLabels | None:
    """Return the labels of the training rows of a run; None where they are those of the store.

    Args:
        recorded: content of the run's `metrics.json`.
        rows: the training rows.

    Raises:
        RunError: the file that names them is missing, damaged, or changed by hand.
    """
    if "noise" not in recorded:
        return None
    run.require_sound(run.path / FILE)
    return NoisyLabels.recorded(run.path / FILE, recorded["noise"], store, rows)
