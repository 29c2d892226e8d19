"""Stored predictions of finished runs, resampled."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.config import Config, instantiate
from fercli.errors import RunError
from fercli.metrics.bootstrap import NUM_RESAMPLES
from fercli.metrics.metric import Columns, Metric
from fercli.metrics.resamples import on_resamples, quantiles
from fercli.metrics.units import Units
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import classes_of, columns_of, read_predictions
from fercli.runs.scale import scale_of_run
from fercli.scales import Scale

BIASED = "resampling biases this metric"


@dataclass(frozen=True, slots=True)
class Resampled:
    """One metric of one run on resamples of its evaluated samples.

    Attributes:
        values: (num_resamples,), as in `metrics.json`: fractions, not percent; NaN where the metric cannot be computed.
        samples: what the metric is computed from: ids of rows, or names of videos for a metric by video or sitting.
        units: the independent unit of each sample, which is what was drawn.
    """

    values: np.ndarray
    samples: np.ndarray
    units: Units


@dataclass
class Predictions:
    """What the tests need from the stored predictions of runs.

    A file is read once to resample the metrics, and once for each metric in `answers`; only the results are kept.

    Attributes:
        config: configuration of a training; its `metrics` define how each metric is computed. It belongs to the
            current code, so that runs of several versions of the code are evaluated in the same way.
        metrics: the metrics that are resampled.
        drawn: each metric of each run on resamples, or why it is missing.
        answers: which samples of each run are right, by metric.
    """

    config: Config
    metrics: tuple[str, ...]
    drawn: dict[tuple[Path, str], Resampled | str] = field(default_factory=dict)
    answers: dict[tuple[Path, str], pd.Series] = field(default_factory=dict)

    def is_share(self, metric: str) -> bool:
        """Return whether a metric is the share of samples that are right."""
        return bool(self.config.metrics[metric].get("is_share", False))

    def has_interval(self, metric: str) -> bool:
        """Return whether resampling measures the uncertainty of a value of this metric."""
        return bool(self.config.metrics[metric].get("has_interval", True))

    def right(self, run: RunFolder, metric: str) -> pd.Series:
        """Return which samples are right, for a metric that is their share; the index is `Resampled.samples`.

        Raises:
            RunError: the predictions are missing or damaged, or do not allow this metric; or it is no share of samples.
        """
        if (run.path, metric) not in self.answers:
            frame = read_predictions(run)
            built, columns = self._built(metric, classes_of(frame), scale_of_run(run)), columns_of(frame)
            _expect_possible(built, columns, run)
            self.answers[run.path, metric] = pd.Series(built.right(columns), index=built.samples(columns))
        return self.answers[run.path, metric]

    def resampled(self, run: RunFolder, metric: str) -> Resampled:
        """Return one metric on resamples, which are the same for all runs that were evaluated on the same samples.

        Raises:
            RunError: the predictions are missing or damaged, or do not allow this metric; or resampling biases it.
        """
        if (run.path, metric) not in self.drawn:
            self._draw(run)
        found = self.drawn[run.path, metric]
        if isinstance(found, str):
            raise RunError(found)
        return found

    def _draw(self, run: RunFolder) -> None:
        """Resample all metrics at once, because the file is large; store a reason for a metric that is not possible."""
        try:
            frame, scale = read_predictions(run), scale_of_run(run)
        except RunError as error:
            self.drawn |= {(run.path, name): str(error) for name in self.metrics}
            return
        columns = columns_of(frame)
        classes = classes_of(frame)
        for name in self.metrics:
            try:
                self.drawn[run.path, name] = _resampled(self._built(name, classes, scale), columns, run)
            except RunError as error:
                self.drawn[run.path, name] = str(error)

    def _built(self, name: str, classes: list[str], scale: Scale) -> Metric:
        metric: Metric = instantiate(self.config.metrics[name])
        return metric.for_data(classes, scale)


def _resampled(metric: Metric, columns: Columns, run: RunFolder) -> Resampled:
    if not (metric.has_interval or metric.has_difference):
        raise RunError(BIASED)
    _expect_possible(metric, columns, run)
    units = metric.units(columns)
    drawn = on_resamples([metric.function], metric.rows(columns), units, NUM_RESAMPLES)
    return Resampled(drawn[:, 0], metric.samples(columns), units)


def _expect_possible(metric: Metric, columns: Columns, run: RunFolder) -> None:
    if not metric.is_possible(columns):
        raise RunError(f"the predictions of {run.path} do not hold {', '.join(metric.reads)}")


def interval(drawn: list[np.ndarray], units: Units, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over seeds, from resamples of both seeds and units of samples.

    With few seeds it is too narrow: n seeds show (n - 1) / n of the variance over seeds, and one seed shows none.

    Args:
        drawn: for each seed the metric on the resamples, (num_resamples,).
        units: of the samples, at least two.
        level: confidence level, in (0, 1).

    Source: Owen 2007, the pigeonhole bootstrap of two crossed factors.
    """
    values = np.stack(drawn, axis=1)
    seeds = np.random.default_rng(0).integers(values.shape[1], size=values.shape)
    means = np.take_along_axis(values, seeds, axis=1).mean(axis=1)
    low, high = quantiles(means, units, level)
    return float(low), float(high)
