"""Compare the stored predictions of two runs sample by sample."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fercli.runs.folder import RunFolder
from fercli.runs.predictions import read_predictions


@dataclass(frozen=True, slots=True)
class SamePredictions:
    """The stored predictions of one seed, compared sample by sample.

    Attributes:
        differ: number of samples with another predicted class, or with another predicted value.
        largest: largest difference of a number, such as a probability; 0 if all are equal, None where ids differ.
        identical: whether all columns are equal bit for bit.
    """

    seed: int
    num_samples: int
    differ: int
    largest: float | None
    identical: bool


def compare_predictions(seed: int, before: RunFolder, after: RunFolder) -> SamePredictions:
    """Compare the predictions of one seed, before and after."""
    one, other = read_predictions(before), read_predictions(after)
    if not one["id"].equals(other["id"]) or not set(one) <= set(other):  # an earlier fercli wrote fewer columns
        return SamePredictions(seed, len(one), len(one), None, False)
    other = other[one.columns]
    numbers = [name for name in one if pd.api.types.is_float_dtype(one[name])]
    largest = max((float(np.nanmax(np.abs(one[n] - other[n]), initial=0.0)) for n in numbers), default=0.0)
    answers = [name for name in one if str(name).startswith("predicted")]
    unequal = np.zeros(len(one), dtype=bool)
    for name in answers:
        unequal |= ((one[name] != other[name]) & ~(one[name].isna() & other[name].isna())).to_numpy()
    return SamePredictions(seed, len(one), int(unequal.sum()), largest, one.to_parquet(None) == other.to_parquet(None))
