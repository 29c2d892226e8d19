"""Decide whether a repeated training gives the same numbers as the first one: exactly, within samples, or within seeds.

- If all stored predictions are equal bit for bit, all numbers are.
- Else the metrics are compared in pairs, seed by seed. With FEWEST_SEEDS or more seeds, the interval of the mean
  difference is over seeds and samples, and the numbers are the same within seeds. With fewer, it is over samples. It
  then cannot separate the chance of a training from a real difference.

A metric that resampling biases, such as the calibration error, has no interval over samples. It is compared over seeds
alone, and not at all with fewer seeds. If no metric can be compared, the answer is undecided.

A metric is not the same if p, corrected for the number of metrics (Holm 1979), is below 0.05.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fercli.config import Config
from fercli.errors import RunError
from fercli.facts import Facts
from fercli.intervals import in_words
from fercli.ops.holm import holm
from fercli.runs.folder import RunFolder
from fercli.studies.paired_samples import over_samples, require_same, resampled_differences, sampling
from fercli.studies.predictions import Predictions
from fercli.studies.same_predictions import SamePredictions, compare_predictions
from fercli.studies.significance import FEWEST_SEEDS, LEVEL, Design, Paired, SampleSpread, paired

Verdict = Literal["identical", "same", "not the same", "undecided"]
NO_SAMPLES = SampleSpread(own=0.0, shared=0.0, num_samples=2)  # leaves Student's t test over seeds


@dataclass(frozen=True, slots=True)
class SameMetric:
    """One metric before and after, as computed: means over seeds, and the 95 % interval of after minus before.

    Attributes:
        over: what the interval and p are over, such as `seeds, 41 subjects`; empty for a metric that cannot be compared
            with so few seeds.
        p: two-sided p of no difference, corrected for the number of metrics; None for a metric that is not compared.
    """

    metric: str
    facts: Facts
    before: float
    after: float
    low: float | None
    high: float | None
    p: float | None
    over: str

    @property
    def differs(self) -> bool:
        """Whether a difference is shown."""
        return self.p is not None and self.p < LEVEL


@dataclass(frozen=True, slots=True)
class Sameness:
    """The comparison of the seeds of one experiment with their repetitions."""

    name: str
    predictions: list[SamePredictions]
    metrics: list[SameMetric]

    @property
    def verdict(self) -> Verdict:
        """The answer for this experiment."""
        if any(one.largest is None for one in self.predictions):
            return "not the same"
        if all(one.identical for one in self.predictions):
            return "identical"
        if any(metric.differs for metric in self.metrics):
            return "not the same"
        return "same" if any(metric.p is not None for metric in self.metrics) else "undecided"


Pairs = Mapping[int, tuple[RunFolder, RunFolder]]


def sameness(name: str, pairs: Pairs, config: Config, timed: set[str]) -> Sameness:
    """Compare runs with their repetitions.

    Args:
        pairs: seed to (the first run, the repeated run).
        config: configuration of the runs; its `metrics` say how each metric is computed.
        timed: metrics that measure time; they are left out.

    Raises:
        RunError: a file is missing or damaged.
    """
    compared = [compare_predictions(seed, *pair) for seed, pair in sorted(pairs.items())]
    if any(one.largest is None for one in compared):
        return Sameness(name, compared, [])
    recorded = {seed: tuple(run.read_metrics()["metrics"] for run in pair) for seed, pair in pairs.items()}
    first = next(iter(recorded.values()))[0]
    names = [metric for metric in first if metric in config.metrics and metric not in timed]
    names = [metric for metric in names if all(metric in side for pair in recorded.values() for side in pair)]
    predictions = Predictions(config, tuple(names))
    found = [_metric(metric, pairs, recorded, first, predictions) for metric in names]
    corrected = holm([metric.p for metric in found])
    metrics = [
        SameMetric(m.metric, m.facts, m.before, m.after, m.low, m.high, p, m.over)
        for m, p in zip(found, corrected, strict=True)
    ]
    return Sameness(name, compared, metrics)


def _metric(metric: str, pairs: Pairs, recorded: Mapping, first: Mapping, predictions: Predictions) -> SameMetric:
    facts = Facts.of(first[metric], f"metrics.json: metric '{metric}'")
    values = {seed: tuple(float(side[metric]["value"]) for side in pair) for seed, pair in recorded.items()}
    before, after = (float(np.mean([pair[side] for pair in values.values()])) for side in (0, 1))
    seeds = sorted(values)
    observed = [values[seed][1] - values[seed][0] for seed in seeds]
    try:
        drawn = [{seed: predictions.resampled(pair[side], metric) for seed, pair in pairs.items()} for side in (0, 1)]
    except RunError:  # resampling biases it, or the predictions do not hold all that it reads
        test = paired(observed, Design(NO_SAMPLES)) if len(seeds) >= FEWEST_SEEDS else Paired(len(seeds))
        if not any(observed):
            return SameMetric(metric, facts, before, after, 0.0, 0.0, 1.0, "seeds")
        return SameMetric(metric, facts, before, after, test.low, test.high, test.p, "" if test.p is None else "seeds")
    differences = resampled_differences(drawn[1], drawn[0])
    units = require_same(drawn[0].values())
    over = in_words(units.counts)
    if len(units) < 2:
        return SameMetric(metric, facts, before, after, None, None, None, "")
    if len(seeds) >= FEWEST_SEEDS:
        test = paired(observed, Design(sampling(differences, units)))
        if test.p is not None:
            return SameMetric(metric, facts, before, after, test.low, test.high, test.p, f"seeds, {over}")
    seen = 0.0 if math.isclose(before, after, rel_tol=1e-9) else after - before  # not what rounding changes
    alone = over_samples(differences, seen, units)
    return SameMetric(metric, facts, before, after, alone.low, alone.high, alone.p, over)
