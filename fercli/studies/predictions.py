"""Stored predictions of finished runs: read back as columns, and resampled."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.batch import UNLABELLED
from fercli.config import Config, instantiate
from fercli.errors import RunError
from fercli.metrics.metric import Columns, Metric
from fercli.runs.folder import RunFolder

PROBABILITY = "prob_"
NUM_RESAMPLES = 500


def read_predictions(run: RunFolder) -> pd.DataFrame:
    """`predictions.parquet` of a run, one row a sample in the order of the ids.

    Raises:
        RunError: it is missing or damaged.
    """
    path = run.path / "predictions.parquet"
    try:
        return pd.read_parquet(path).sort_values("id", ignore_index=True)
    except (OSError, ValueError, KeyError) as error:
        raise RunError(f"{path} cannot be read ({str(error).splitlines()[0]}); train this run again") from error


def classes_of(frame: pd.DataFrame) -> list[str]:
    """The classes of the probabilities, in their order."""
    return [name.removeprefix(PROBABILITY) for name in frame.columns if name.startswith(PROBABILITY)]


def columns_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns that metrics read: classes as index, probabilities (n, K), all others as they are."""
    classes = classes_of(frame)
    columns: dict[str, np.ndarray] = {
        name: frame[name].to_numpy() for name in frame.columns if not name.startswith(PROBABILITY)
    }
    if "score_probabilities" in columns:
        columns["score_probabilities"] = np.stack(list(columns["score_probabilities"]))
    index = {name: i for i, name in enumerate(classes)}
    columns["expression"] = frame["expression"].map(index).fillna(UNLABELLED).to_numpy(dtype=np.int64)
    if classes:
        columns["probabilities"] = frame[[PROBABILITY + name for name in classes]].to_numpy()
    return columns


@dataclass
class Predictions:
    """What tests need of the stored predictions of runs; a file is read once for each need, and only that is kept.

    Attributes:
        config: of a training, whose `metrics` say how each is computed. It is that of the code that runs now, so that
            runs of several versions of the code are judged alike.
    """

    config: Config
    drawn: dict[tuple[Path, str], np.ndarray] = field(default_factory=dict)
    answers: dict[Path, pd.Series] = field(default_factory=dict)

    def right(self, run: RunFolder) -> pd.Series:
        """Whether each labelled sample is classified rightly, by id, in the order of the ids.

        Raises:
            RunError: the predictions are missing or damaged, or not of classes.
        """
        if run.path not in self.answers:
            frame = read_predictions(run)
            if "predicted" not in frame:
                raise RunError(f"the predictions of {run.path} hold no classes")
            frame = frame[frame["expression"].notna()].set_index("id")
            self.answers[run.path] = frame["expression"] == frame["predicted"]
        return self.answers[run.path]

    def resampled(self, run: RunFolder, metrics: tuple[str, ...]) -> dict[str, np.ndarray]:
        """(NUM_RESAMPLES,) values by metric that has an interval, as in `metrics.json`: fractions, not percent.

        The resamples are the same for all runs that were judged on the same samples.

        Raises:
            RunError: the predictions are missing or damaged, or do not allow the metric.
        """
        metrics = tuple(name for name in metrics if self.config.metrics[name].get("has_interval", True))
        if missing := [metric for metric in metrics if (run.path, metric) not in self.drawn]:
            frame = read_predictions(run)
            columns = columns_of(frame)
            self.config.sizes.classes = classes_of(frame)
            for name in missing:
                metric: Metric = instantiate(self.config.metrics[name])
                self.drawn[run.path, name] = _resampled(metric, columns, run)
        return {metric: self.drawn[run.path, metric] for metric in metrics}


def _resampled(metric: Metric, columns: Columns, run: RunFolder) -> np.ndarray:
    if not metric.is_possible(columns):
        raise RunError(f"the predictions of {run.path} do not hold {', '.join(metric.reads)}")
    values = metric.rows(columns)
    generator = np.random.default_rng(
        0
    )  # the same draws for every run: what is compared is compared on the same samples
    num_rows = len(values[0])
    drawn = np.empty(NUM_RESAMPLES)
    for i in range(NUM_RESAMPLES):
        rows = generator.integers(num_rows, size=num_rows)
        drawn[i] = metric.function(*(value[rows] for value in values))
    return drawn


def interval(drawn: list[np.ndarray], level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean over seeds, over both seeds and samples that might as well have been drawn.

    With few seeds it is too narrow: n seeds show (n - 1) / n of their variance, and one seed none of it.

    Args:
        drawn: for each seed its metric on the resamples, (NUM_RESAMPLES,).
        level: of confidence, in (0, 1).

    Source: Owen 2007, the pigeonhole bootstrap of two crossed factors.
    """
    values = np.stack(drawn, axis=1)
    seeds = np.random.default_rng(0).integers(values.shape[1], size=values.shape)
    means = np.take_along_axis(values, seeds, axis=1).mean(axis=1)
    low, high = np.nanquantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
