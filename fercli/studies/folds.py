"""The values of single folds: per row, seed and fold, with the size of each fold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fercli.engine.folds import folds_of
from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.studies.aggregate import Results
from fercli.studies.resampled_t import CorrectedT, corrected_t_test


@dataclass(frozen=True, slots=True)
class FoldValues:
    """One metric of one row by seed and fold.

    Attributes:
        values: (seed, fold) to the value in the unit of the metric's column; NaN where the fold has none.
        sizes: (seed, fold) to (rows to train on and to choose the epoch on, evaluated rows).
    """

    values: Mapping[tuple[int, int], float]
    sizes: Mapping[tuple[int, int], tuple[int, int]]

    @property
    def known(self) -> np.ndarray:
        """(n,) the values that exist."""
        found = np.array([*self.values.values()], dtype=float)
        return found[np.isfinite(found)]

    @property
    def ratio(self) -> tuple[float, float]:
        """Mean numbers of rows to train on and of evaluated rows of a fold."""
        train, test = np.mean([*self.sizes.values()], axis=0)
        return float(train), float(test)


def fold_values(results: Results, label: str, metric: str) -> FoldValues:
    """Return a metric of a row by seed and fold; empty where the row has no finished cross-validation.

    A random split is the only fold of its seed. Where all seeds have the same split, they are seeds of one test set,
    and no folds.
    """
    values: dict[tuple[int, int], float] = {}
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    scale, folds = results.facts[metric].scale, folds_of(results.plan.config)
    is_apart = folds is not None and folds.is_apart
    for seed, path in results.folders(label).items():
        content = RunFolder(path).read_metrics()
        if "cross_validation" in content:
            found = content["cross_validation"]
            numbers, counts = found["metrics"].get(metric, []), found["num_rows"]
        elif "folds" in content and not is_apart:
            numbers = [content["metrics"].get(metric, {}).get("value")]
            counts = [content["folds"]["num_rows"]]
        else:
            continue
        for fold, (value, count) in enumerate(zip(numbers, counts, strict=False), start=1):
            values[seed, fold] = math.nan if value is None else scale * float(value)
            sizes[seed, fold] = (count["train"] + count["validation"], count["evaluated"])
    return FoldValues(values, sizes)


def minus_print(one: FoldValues, printed: float, sign: int = 1) -> CorrectedT:
    """Test the differences of a row to a printed number, in the unit of its column, over all folds of all seeds.

    Args:
        sign: 1 for the row minus the print, -1 for the print minus the row.

    Raises:
        RunError: a fold cannot compute the metric.
    """
    return corrected_t_test([sign * (value - printed) for value in one.values.values()], *one.ratio)


def over_folds(one: FoldValues, other: FoldValues) -> CorrectedT:
    """Test the differences of two rows, one minus other, over all folds of all seeds.

    Raises:
        RunError: the two rows have other folds, or a fold cannot compute the metric.
    """
    common = sorted(one.values.keys() & other.values.keys())
    if any(one.sizes[key][1] != other.sizes[key][1] for key in common):
        raise RunError("the two rows have other folds: their differences are no differences on the same rows")
    if not common:
        raise RunError("the two rows have no fold in common")
    differences = [one.values[key] - other.values[key] for key in common]
    train, test = np.mean([one.sizes[key] for key in common], axis=0)
    return corrected_t_test(differences, float(train), float(test))
