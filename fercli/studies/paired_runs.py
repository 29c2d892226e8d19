"""Paired tests of two runs on the samples that both have predicted."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fercli.errors import RunError
from fercli.metrics.bootstrap import NUM_RESAMPLES
from fercli.metrics.metric import Metric
from fercli.metrics.resamples import on_resamples
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.runs.scale import scale_of_run
from fercli.studies.paired_samples import mcnemar, over_samples


@dataclass(frozen=True, slots=True)
class Paired:
    """One metric of two runs on their common samples.

    Attributes:
        first: value of the first run, as it is computed: a fraction, not percent.
        second: value of the second run.
        low: lower end of the 95 % interval of the difference, first minus second, over `units`; NaN without one.
        high: upper end.
        p: two-sided, of the hypothesis that there is no difference; NaN without a test.
        test: `McNemar`, `bootstrap`, or empty.
        num_samples: samples, or recordings, that both have predicted.
        units: how many independent units they are of, by kind; these are drawn, or change sign, as a whole.
    """

    metric: str
    first: float
    second: float
    low: float
    high: float
    p: float
    test: str
    num_samples: int
    units: dict[str, int]


def paired_tests(first: RunFolder, second: RunFolder, metrics: Mapping[str, Metric]) -> list[Paired]:
    """Compare two runs in every metric that both allow. The tests hold for these networks, not for new trainings.

    Args:
        metrics: by name, before `for_data`.

    Raises:
        RunError: predictions are missing or damaged; the runs have other classes, labels or no common sample.
    """
    frames = [read_predictions(run).set_index("id", drop=False) for run in (first, second)]
    common = frames[0].index.intersection(frames[1].index).sort_values()
    if common.empty:
        raise RunError(f"{first.path} and {second.path} have no sample in common")
    classes = [classes_of(frame) for frame in frames]
    scales = [scale_of_run(run) for run in (first, second)]
    if sorted(classes[0]) != sorted(classes[1]):
        raise RunError(f"{first.path} and {second.path} have other classes: {classes[0]}, {classes[1]}")
    if not frames[0].loc[common, "expression"].equals(frames[1].loc[common, "expression"]):
        raise RunError(f"{first.path} and {second.path} have other labels for the same samples")
    columns = [columns_of(frame.loc[common].reset_index(drop=True)) for frame in frames]
    for name in ("subject", "video", "session"):  # who is shown does not depend on the run; an earlier fercli kept less
        if known := [table[name] for table in columns if name in table]:
            columns = [table | {name: known[0]} for table in columns]
    found = []
    for name, metric in metrics.items():
        built = [metric.for_data(*known) for known in zip(classes, scales, strict=True)]
        if all(one.is_possible(table) for one, table in zip(built, columns, strict=True)):
            found.append(_paired(name, built, columns))
    return found


def _paired(name: str, built: list[Metric], columns: list[dict[str, np.ndarray]]) -> Paired:
    values = [metric(table) for metric, table in zip(built, columns, strict=True)]
    samples, units = (
        [metric.samples(table) for metric, table in zip(built, columns, strict=True)],
        built[0].units(columns[0]),
    )
    low = high = p = float("nan")
    test = ""
    if (built[0].has_interval or built[0].has_difference) and len(units) > 1:
        drawn = [
            on_resamples([metric.function], metric.rows(table), units, NUM_RESAMPLES)
            for metric, table in zip(built, columns, strict=True)
        ]
        differences = drawn[0] - drawn[1]
        differences = differences[~np.isnan(differences).any(axis=1)]
        if len(differences) > 1:
            found = over_samples(differences, values[0] - values[1], units)
            low, high, p, test = found.low, found.high, found.p, "bootstrap"
    if built[0].is_share and len(units) > 1:
        right = [
            pd.Series(metric.right(table), index=names)
            for metric, table, names in zip(built, columns, samples, strict=True)
        ]
        p, test = mcnemar([(right[0], right[1])], units).p, "McNemar"
    return Paired(name, values[0], values[1], low, high, p, test, len(samples[0]), units.counts)
