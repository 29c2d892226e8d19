"""The finished runs of a plan, and their numbers by row, metric and seed."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fercli.config import unresolved
from fercli.errors import RunError
from fercli.facts import Facts, facts_of
from fercli.intervals import Counts, over
from fercli.protocol import Protocol
from fercli.runs.collect import EXPERIMENT, LeftOut, read_runs
from fercli.runs.folder import RunFolder
from fercli.studies.grid import Plan
from fercli.studies.joined import join
from fercli.studies.paired_samples import require_same
from fercli.studies.predictions import BIASED, Predictions, Resampled, interval
from fercli.tables.columns import facts_of_runs, measured, metric_column
from fercli.tables.table import Column


@dataclass(frozen=True)
class Results:
    """The finished cells of a plan.

    Attributes:
        runs: the rows of `fercli.runs.collect` that belong to the plan. `label` is the label of the study's row;
            `value`, `low`, `high` and `apart` are in the unit of the metric's column.
        left_out: the other cells, with the reason.
        predictions: the stored predictions of these runs.
        facts: the facts of each metric, from the runs; from the plan where no run has the metric.
    """

    plan: Plan
    runs: pd.DataFrame
    left_out: list[LeftOut]
    predictions: Predictions
    facts: dict[str, Facts]

    def column(self, metric: str) -> Column:
        """Return the column of a metric."""
        return metric_column(metric, self.facts)

    def over(self, metrics: Collection[str]) -> str:
        """Say what the intervals of these metrics are over: what was drawn so far, else what the runs say."""
        return over(self.units(metrics))

    def units(self, metrics: Collection[str]) -> list[Counts]:
        """Return what the intervals of these metrics are over, in each run that has one."""
        drawn = {
            (str(path), metric): found.units.counts
            for (path, metric), found in self.predictions.drawn.items()
            if metric in metrics and isinstance(found, Resampled)
        }
        rows = self.runs[self.runs["metric"].isin(metrics) & self.runs["low"].notna()]
        recorded = dict(zip(zip(rows["folder"], rows["metric"], strict=True), rows["units"], strict=True))
        return [*(recorded | drawn).values()]

    def values(self, label: str, metric: str) -> dict[int, float]:
        """Return the values of one row in one metric, by seed."""
        rows = self.of(label, metric)
        return dict(zip(rows["seed"], rows["value"], strict=True))

    def of(self, label: str, metric: str | None = None) -> pd.DataFrame:
        """Return the runs of one row: those with one metric, or without a metric each run once.

        Treat the frame as read-only: it is shared, because a page asks for the same rows hundreds of times.
        """
        found = self._once.get(label) if metric is None else self._with_metric.get((label, metric))
        return self.runs[:0] if found is None else found

    @cached_property
    def _once(self) -> dict[str, pd.DataFrame]:
        return {str(label): rows.drop_duplicates("seed") for label, rows in self.runs.groupby("label", sort=False)}

    @cached_property
    def _with_metric(self) -> dict[tuple[str, str], pd.DataFrame]:
        grouped = self.runs.groupby(["label", "metric"], sort=False)
        return {(str(label), str(metric)): rows for (label, metric), rows in grouped}

    def folders(self, label: str) -> dict[int, Path]:
        """Return the run folders of one row, by seed."""
        rows = self.of(label)
        return {seed: Path(folder) for seed, folder in zip(rows["seed"], rows["folder"], strict=True)}

    def protocol(self, label: str) -> Protocol | None:
        """Return the protocol of one row's numbers, which are means over its seeds; None without runs."""
        rows = self.of(label)
        if rows.empty:
            return None
        splits = {"repeats": str(len(rows))} if rows["num_folds"].iloc[0] == 1 else {}  # each seed has drawn its own
        return Protocol.of(rows.iloc[0].to_dict() | {"aggregation": "mean"} | splits)

    @property
    def labels(self) -> tuple[str, ...]:
        """The rows that have runs of their own."""
        return tuple(row.label for row in self.plan.study.trained)

    @property
    def first_runs(self) -> dict[str, RunFolder]:
        """The run of each row at its first seed."""
        folders = {label: self.folders(label) for label in self.labels}
        return {label: RunFolder(found[min(found)]) for label, found in folders.items() if found}

    def resampled(self, label: str, metric: str, seeds: Collection[int] | None = None) -> dict[int, Resampled]:
        """Return one metric of one row on resamples of the samples, by seed, in the unit of the metric's column.

        Args:
            seeds: the wanted seeds; None for all seeds that have the metric.

        Raises:
            RunError: the predictions of a run do not allow it, or resampling biases the metric.
        """
        wanted = self.values(label, metric).keys() if seeds is None else seeds
        folders = self.folders(label)
        drawn = {seed: self.predictions.resampled(RunFolder(folders[seed]), metric) for seed in sorted(wanted)}
        return {seed: replace(found, values=self.facts[metric].scale * found.values) for seed, found in drawn.items()}

    def interval(self, label: str, metric: str) -> tuple[float, float] | None:
        """Return the 95 % interval of the mean over seeds: over samples for one run, else over seeds and samples.

        Raises:
            RunError: the predictions of a run do not allow it.
        """
        rows = self.of(label, metric)
        if len(rows) > 1 and not self.predictions.has_interval(metric):
            raise RunError(BIASED)
        if len(rows) != 1:
            drawn = list(self.resampled(label, metric).values()) if len(rows) else []
            return interval([one.values for one in drawn], require_same(drawn)) if drawn else None
        low, high = rows["low"].iloc[0], rows["high"].iloc[0]
        return None if np.isnan(low) or np.isnan(high) else (float(low), float(high))


def read_results(plan: Plan) -> Results:
    """Read the runs of a plan that have finished.

    Within a row, only runs that differ in nothing but the seed are taken together. Where a folder holds runs of
    several protocols or of other data, the largest group is kept.

    Raises:
        RunError: a metric of the runs has another definition than the metric of this name in the plan.
    """
    unjoined = _joined(plan)
    planned = pd.DataFrame([(one.label, str(one.result.path)) for one in plan.shown], columns=["label", "folder"])
    folders = [Path(folder) for folder in dict.fromkeys(planned["folder"])]
    found = read_runs(folder for folder in folders if folder not in unjoined)
    other, odd = _of_another_run(plan, found.runs), _of_another_protocol(planned.merge(found.runs, on="folder"))
    left_out = [
        *found.left_out,
        *unjoined.values(),
        *(
            LeftOut(Path(folder), "another run", "metrics.json belongs to another run than this folder")
            for folder in other
        ),
        *(LeftOut(Path(folder), "another protocol", "its protocol is not that of the other seeds") for folder in odd),
    ]
    runs = planned.merge(found.runs[~found.runs["folder"].isin([*other, *odd])], on="folder")
    facts = facts_of_runs(runs, facts_of(unresolved(plan.config.metrics)))
    for name in ("value", "low", "high", "apart"):
        runs[name] = [measured(metric, x, facts) for metric, x in zip(runs["metric"], runs[name], strict=True)]
    return Results(plan, runs, left_out, Predictions(plan.config, plan.study.metrics), facts)


def _joined(plan: Plan) -> dict[Path, LeftOut]:
    """Join the folds of each row and seed; return those that cannot be joined, by folder."""
    left_out = {}
    for one in plan.joined:
        path, num_folds = one.result.path, len(one.cells)
        if one.num_finished < num_folds:
            left_out[path] = LeftOut(path, f"{one.num_finished} of {num_folds} folds have finished")
            continue
        try:
            join(one, plan.config)
        except RunError as error:
            left_out[path] = LeftOut(path, "its folds cannot be joined", str(error))
    return left_out


def _of_another_run(plan: Plan, runs: pd.DataFrame) -> list[str]:
    once = runs.drop_duplicates("folder")
    expected = {str(one.result.path): (one.run.run_id, one.seed) for one in plan.shown}
    found = zip(once["folder"], once["run_id"], once["seed"], strict=True)
    return [folder for folder, run_id, seed in found if expected[folder] != (run_id, seed)]


def _of_another_protocol(runs: pd.DataFrame) -> list[str]:
    """Return the folders with another protocol than most seeds of their row."""
    once = runs.drop_duplicates(["label", "folder"])
    number = once.groupby(EXPERIMENT, dropna=False, sort=False).ngroup()
    most = {label: of_row.mode().iloc[0] for label, of_row in number.groupby(once["label"])}
    return [
        folder
        for folder, label, protocol in zip(once["folder"], once["label"], number, strict=True)
        if protocol != most[label]
    ]
