"""Compare a written network with the network of the run, on images that the run was evaluated on."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from fercli.errors import RunError
from fercli.export.samples import Inputs
from fercli.inference.model import Model

TOLERANCE = 1e-4  # of a probability, of valence and arousal, and of a score in points

Outputs = Mapping[str, np.ndarray]


def largest_difference(
    model: Model, batches: Iterator[Inputs], *written: Callable[[Inputs], Outputs]
) -> tuple[int, list[float]]:
    """Return the number of samples, and for each written network its largest difference from the run's.

    Differences are absolute, over all samples and outputs.
    """
    number, found = 0, [0.0] * len(written)
    for inputs in batches:
        expected = model.network(*(inputs.get(name) for name in ("image", "context", "landmarks")))  # type: ignore[arg-type]
        number += len(inputs["image"])
        for i, network in enumerate(written):
            outputs = network(inputs)
            differences = [np.abs(outputs[name] - value).max() for name, value in expected.items()]
            found[i] = float(np.max([found[i], *differences]))  # NaN stays NaN
    return number, found


def require_parity(file: str, difference: float) -> None:
    """Make sure that a written network predicts what the run does.

    Raises:
        RunError: it does not.
    """
    if not difference <= TOLERANCE:
        raise RunError(
            f"{file} is refused: on images that the run was evaluated on, its outputs differ by up to {difference:.1e} "
            f"from those of the run, and {TOLERANCE:g} is allowed. Nothing was written"
        )
