"""Evaluate a trained method on one split: predictions.parquet, metrics with intervals, metrics.json."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fercli.batch import UNLABELLED
from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.noise.noisy import FILE as NOISE
from fercli.datasets.splits import Split, chooses_epoch, evaluation_split
from fercli.datasets.store import Store
from fercli.engine.build import face_data, run_split
from fercli.engine.classifier import Classifier
from fercli.engine.embeddings import write_embeddings
from fercli.engine.fitted import Fitted, fit_to_run
from fercli.engine.noise import recorded_noise
from fercli.engine.pairs import write_pairs
from fercli.engine.predict import Progress, predict
from fercli.engine.predictions import Evaluation
from fercli.engine.protocol import selection_elsewhere, selection_on_own
from fercli.engine.reload import reload
from fercli.engine.seconds import is_timed, seconds_alone
from fercli.engine.summary import constant_facts, summary, training_scores
from fercli.engine.twins import TwinsInTraining, twins_between, twins_within, without_twins
from fercli.engine.vectors import write_vectors
from fercli.engine.votes import votes_columns, votes_facts
from fercli.engine.weights import load_weights, move_to, write_weights
from fercli.errors import DataError
from fercli.methods.base import Method
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.constant import constant_scores
from fercli.metrics.metric import LABELS, known_rows
from fercli.metrics.retrieval import STORED
from fercli.records import GROUPS
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from fercli.runs.scale import scale_of_run


@dataclass(frozen=True)
class RowsOfSplit:
    """Rows of a store to evaluate, and the name of their split.

    Attributes:
        trained_on: store with the training rows, if it is another one.
    """

    data: FaceData
    rows: np.ndarray
    split: str
    trained_on: Store | None = None

    def twins(self) -> TwinsInTraining | None:
        """Return which of the samples have a twin in training; None where no twins were looked for."""
        samples, store = self.data.samples(self.rows), self.data.store
        if self.trained_on is not None:
            return twins_between(store, samples, self.trained_on)
        training = self.data.split.train
        return twins_within(store, samples, training) if len(training) else None


@dataclass(frozen=True)
class EvaluatedRun:
    """An evaluation with its run and its data.

    Attributes:
        run: the run that was evaluated.
        folder: folder of the evaluation.
        data: evaluated data. Its training split is that of the run, or empty if another store was evaluated.
        result: content of the `metrics.json` of this evaluation.
        recorded: content of the run's `metrics.json`; None if other rows or a fitted classifier were evaluated.
    """

    run: RunFolder
    folder: Path
    method: Method
    data: FaceData
    evaluation: Evaluation
    result: dict[str, Any]
    recorded: dict[str, Any] | None

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


def evaluate_rows(
    method: Method, rows: RowsOfSplit, classes: tuple[str, ...], progress: Progress, fitted: Fitted | None = None
) -> Evaluation:
    """Predict the rows, and compute metrics on the labelled ones.

    The classes of the run and of the store are joined by name. An expression that the run does not know counts as
    unlabelled. The prediction of a class that the store does not have counts as wrong.

    Args:
        classes: class names of the run.
        fitted: a classifier whose predictions replace those of the method.

    Raises:
        DataError: run and store have no class name in common.
    """
    store = rows.data.store
    found = store.classes
    common = set(classes) & set(found)
    if not common and (classes or found):
        raise DataError(f"the run knows {', '.join(classes)}; {store.path} has {', '.join(found)}: no class in common")
    index = np.array([classes.index(name) if name in common else UNLABELLED for name in found] + [UNLABELLED])
    samples = rows.data.samples(rows.rows)
    columns = predict(method, rows.data, samples, progress)
    columns["expression"] = index[columns["expression"]]  # UNLABELLED is -1: the last entry
    for name in GROUPS:
        columns[name] = store.column(name)[rows.data.first_rows(rows.rows)]
    columns |= votes_columns(store, rows.data.first_rows(rows.rows))
    if fitted is not None:
        columns = fitted.read_out(columns, len(classes))
    if is_timed(method):
        columns["seconds"] = seconds_alone(method, rows.data, samples)
    return measure(method, columns, classes, rows.split, rows.twins())


def measure(
    method: Method,
    columns: dict[str, np.ndarray],
    classes: tuple[str, ...],
    split: str,
    twins: TwinsInTraining | None = None,
) -> Evaluation:
    """Compute the metrics over the labelled rows, with intervals for the metrics that have one.

    Args:
        twins: which rows have a twin in training; the metrics are computed without these rows, too.
    """
    if twins is not None:
        columns = columns | {"has_twin": twins.has_twin}
    known = np.any([known_rows(columns, [name]) for name in LABELS if name in columns], axis=0)
    columns = {name: column[known] for name, column in columns.items()}
    possible = {name: metric for name, metric in method.metrics.items() if metric.is_possible(columns)}
    intervals = bootstrap_intervals(possible, columns)
    ends = {name: {"low": low, "high": high} for name, (low, high) in intervals.items()}
    metrics = {
        name: {"value": metric(columns)} | ends.get(name, {}) | metric.facts.document()
        for name, metric in possible.items()
    }
    apart = None if twins is None else without_twins(possible, columns, twins.checked)
    for metric in possible.values():
        columns |= metric.stored(columns)
    return Evaluation(columns, metrics, classes, split, apart, votes_facts(columns))


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
    evaluation = evaluate_rows(method, rows, data.store.classes, progress)
    write_predictions(run, evaluation.columns, evaluation.classes, evaluation.split, tuple(STORED))
    write_vectors(method, evaluation.classes, run.vectors)
    write_embeddings(evaluation, run.embeddings)
    write_pairs(evaluation.columns, run.pairs)
    if data.noise is not None:
        data.noise.write(data.store, run.path / NOISE)
    constants = constant_facts(constant_scores(training_scores(data)), evaluation.columns, method)
    write_weights(method, run.weights)
    selection = selection_on_own(cfg.selection.rule, data.store, evaluation.split)
    run.finish(summary(cfg, run, data, method, evaluation, selection) | constants | facts)
    return evaluation


def reevaluate(
    run: RunFolder,
    store_path: Path | None = None,
    split: str | None = None,
    *,
    classifier: Classifier | None = None,
    device: str | None = None,
    progress: Progress = lambda done, total: None,
    trust: bool = False,
) -> "EvaluatedRun":
    """Evaluate a finished run again, on its own store and split or on others.

    The files of the first evaluation stay as they are. New predictions and metrics go to
    `<run>/eval/<data>-<split>-<fingerprint of the store>/`; with a classifier, its key ends the folder's name.

    Args:
        classifier: is fitted to the features of the run's training rows; its predictions replace those of the run.
        device: device of the predictions; None is the first GPU, or the CPU if there is none.

    Raises:
        ConfigError: there is no such device.
        DataError: the store lacks the split, or is not the one that the run was trained on.
        RunError: the run is not finished, or one of its files is missing or damaged.
    """
    cfg, method, recorded = reload(run, trust=trust)
    run.require_sound(run.path / "history.csv")  # the page of the run is drawn from it
    move_to(method, device)
    classes = tuple(recorded["data"]["classes"])
    store = Store(store_path or cfg.store)
    own = store.fingerprint == recorded["data"]["fingerprint"]
    if store_path is None and not own:
        raise DataError(
            f"{cfg.store} has changed since the run was trained; name a store with --store to use it as it is"
        )
    _require_scale(method, run, store)
    split = split or (evaluation_split(store.splits) if own else store.splits[-1])
    if split not in store.splits:
        raise DataError(f"{store.path} has no rows in split '{split}'; it has {', '.join(store.splits)}")
    rows = store.rows(split)
    trained_on = run_split(cfg, store).train if own else rows[:0]
    noise = recorded_noise(run, recorded, store, trained_on) if own else None
    data = face_data(cfg, store, Split(trained_on, rows[:0], rows, split), "mask" in method.objective.reads, noise)

    scores = {name: constant["score"] for name, constant in recorded.get("constant_predictor", {}).items()}
    fitted = None
    if classifier is not None:
        training = _data_of_training(run, cfg, store if own else Store(cfg.store), recorded)
        fitted = fit_to_run(classifier, method, training, progress)
        scores = constant_scores(training_scores(training))
    elsewhere = None if own else _store_of_training(cfg, recorded)
    evaluation = evaluate_rows(method, RowsOfSplit(data, rows, split, elsewhere), classes, progress, fitted)
    target = run.evaluation(store.name, split, store.fingerprint, "" if classifier is None else classifier.key)
    target.path.mkdir(parents=True, exist_ok=True)
    rule = cfg.selection.rule
    selection = selection_on_own(rule, store, split) if own else selection_elsewhere(rule, recorded["protocol"])
    result = summary(cfg, run, data, method, evaluation, selection)
    result["protocol"]["num_train_rows"] = recorded["protocol"]["num_train_rows"]
    result |= constant_facts(scores, evaluation.columns, method)
    result |= {} if fitted is None else {"classifier": fitted.facts}
    write_predictions(target, evaluation.columns, evaluation.classes, evaluation.split, tuple(STORED))
    target.finish(result)
    again = own and split == evaluation_split(store.splits) and fitted is None
    return EvaluatedRun(run, target.path, method, data, evaluation, result, recorded if again else None)


def _require_scale(method: Method, run: RunFolder, store: Store) -> None:
    """Make sure that scores of the store are of the scale that the run predicts."""
    predicts = any("predicted_score" in metric.reads for metric in method.metrics.values())
    if predicts and store.scale != (scale := scale_of_run(run)):
        raise DataError(
            f"the run predicts scores of the {scale.range}; the scores in {store.path} are of the "
            f"{store.scale.range}: an error between two scales says nothing"
        )


def _same(then: float, now: float) -> bool:
    return math.isclose(then, now, rel_tol=1e-6) or (math.isnan(then) and math.isnan(now))


def _store_of_training(cfg: Config, recorded: dict[str, Any]) -> Store | None:
    """Return the store that the run was trained on; None where it is gone or has changed."""
    try:
        store = Store(cfg.store)
    except DataError:
        return None
    return store if store.fingerprint == recorded["data"]["fingerprint"] else None


def _data_of_training(run: RunFolder, cfg: Config, store: Store, recorded: dict[str, Any]) -> FaceData:
    if store.fingerprint != recorded["data"]["fingerprint"]:
        raise DataError(
            f"{store.path} has changed since the run was trained, and a classifier is fitted to the features of its "
            "training rows; prepare it again as it was"
        )
    split = run_split(cfg, store)
    return face_data(cfg, store, split, noise=recorded_noise(run, recorded, store, split.train))
