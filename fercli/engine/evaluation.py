"""Evaluate a run: predictions.parquet, and metrics.json with metrics and intervals."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.noise.noisy import FILE as NOISE
from fercli.datasets.splits import chooses_epoch
from fercli.engine.embeddings import write_embeddings
from fercli.engine.joined import JoinedClasses
from fercli.engine.measurement import evaluate_rows
from fercli.engine.pairs import write_pairs
from fercli.engine.predict import Progress
from fercli.engine.predictions import Evaluation
from fercli.engine.rows_of_split import RowsOfSplit
from fercli.engine.selection_words import selection_on_own
from fercli.engine.summary import constant_facts, divergence_facts, summary, training_scores
from fercli.engine.vectors import write_vectors
from fercli.engine.weights import load_weights, write_weights
from fercli.methods.base import Method
from fercli.metrics.constant import constant_scores
from fercli.metrics.retrieval import STORED
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions


@dataclass(frozen=True)
class EvaluatedRun:
    """An evaluation with its run and its data.

    Attributes:
        run: the run that was evaluated.
        folder: folder of the evaluation.
        data: evaluated data. Its training split is that of the run, or empty if another store was evaluated.
        result: content of the `metrics.json` of this evaluation.
        recorded: content of the run's `metrics.json`; None if other rows or a fitted classifier were evaluated.
        on_all: content of the `metrics.json` of the evaluation on all classes; None where run and store have the same.
    """

    run: RunFolder
    folder: Path
    method: Method
    data: FaceData
    evaluation: Evaluation
    result: dict[str, Any]
    recorded: dict[str, Any] | None
    on_all: dict[str, Any] | None = None

    @property
    def changed(self) -> dict[str, tuple[float, float]]:
        """Metrics whose value is not the recorded one, as (recorded, new). Values equal to six digits count as equal.

        Times do not count: they differ with each measurement.
        """
        timed = [name for name, metric in self.method.metrics.items() if "seconds" in metric.reads]
        recorded = (self.recorded or {}).get("metrics", {})
        then = {name: score["value"] for name, score in recorded.items() if name not in timed}
        now = {name: score["value"] for name, score in self.result["metrics"].items()}
        differ = [name for name in then if name in now and not _same(then[name], now[name])]
        return {name: (then[name], now[name]) for name in differ}

    def samples(self, rows: np.ndarray) -> np.ndarray:
        """Return the store's row numbers, (n,) or (n, length) for clips, of some rows of the evaluated columns."""
        samples = self.data.samples(self.data.split.evaluation)
        first = samples if samples.ndim == 1 else samples[:, 0]
        place = {name: i for i, name in enumerate(self.data.store.column("id")[first])}
        return samples[[place[name] for name in self.evaluation.columns["id"][rows]]]


def evaluate(
    cfg: Config,
    run: RunFolder,
    data: FaceData,
    method: Method,
    facts: dict[str, Any],
    progress: Progress = lambda done, total: None,
) -> Evaluation:
    """Evaluate a run with the weights that its selection rule chose.

    Writes the weights and the predictions, and `metrics.json` last.
    """
    load_weights(method, run.best if chooses_epoch(cfg.selection.rule) else run.last)
    rows = RowsOfSplit(data, data.split.evaluation, data.split.evaluation_name)
    evaluation, _ = evaluate_rows(method, rows, JoinedClasses(data.store.classes, data.store.classes), progress)
    write_predictions(run, evaluation.columns, evaluation.classes, evaluation.split, (*STORED, *evaluation.divisions))
    write_vectors(method, evaluation.classes, run.vectors)
    write_embeddings(evaluation, run.embeddings)
    write_pairs(evaluation.columns, run.pairs)
    if data.noise is not None:
        data.noise.write(data.store, run.path / NOISE)
    constants = constant_facts(constant_scores(training_scores(data)), evaluation.columns, method)
    write_weights(method, run.weights)
    selection = selection_on_own(cfg, data.store, evaluation.split)
    failed = divergence_facts(evaluation, data.store.scale)
    run.finish(summary(cfg, run, data, method, evaluation, selection) | failed | constants | facts)
    return evaluation


def _same(then: float, now: float) -> bool:
    return math.isclose(then, now, rel_tol=1e-6) or (math.isnan(then) and math.isnan(now))
