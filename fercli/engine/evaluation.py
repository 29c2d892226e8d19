"""Evaluate a trained method on one split: predictions.parquet, metrics with intervals, metrics.json."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fercli.batch import UNLABELLED
from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.groups import divisions, group_columns
from fercli.datasets.noise.noisy import FILE as NOISE
from fercli.datasets.noise.noisy import NoisyLabels
from fercli.datasets.splits import FOLD, Split, chooses_epoch, evaluation_split
from fercli.datasets.store import Store
from fercli.engine.build import face_data, run_split
from fercli.engine.classifier import Classifier
from fercli.engine.embeddings import write_embeddings
from fercli.engine.fitted import Fitted, fit_to_run
from fercli.engine.pairs import write_pairs
from fercli.engine.predict import Progress, predict
from fercli.engine.predictions import Evaluation
from fercli.engine.protocol import selection_elsewhere, selection_on_own
from fercli.engine.reload import reload
from fercli.engine.screening import screening_facts, training_recordings
from fercli.engine.seconds import is_timed, seconds_alone
from fercli.engine.summary import constant_facts, summary, training_scores
from fercli.engine.twins import TwinsInTraining, twins_between, twins_of_fold, twins_within, without_twins
from fercli.engine.vectors import write_vectors
from fercli.engine.weights import load_weights, move_to, write_weights
from fercli.errors import DataError
from fercli.methods.base import Method
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.constant import constant_scores
from fercli.metrics.groups import by_groups
from fercli.metrics.metric import LABELS, known_rows
from fercli.metrics.retrieval import STORED
from fercli.records import GROUPS
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from fercli.runs.scale import scale_of_run
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions


@dataclass(frozen=True)
class RowsOfSplit:
    """Rows of a store to evaluate, and the name of their split.

    Attributes:
        trained_on: store with the training rows, if it is another one.
        by: groups to compute the metrics for, as `fercli.datasets.groups` describes them; None for those of the data.
    """

    data: FaceData
    rows: np.ndarray
    split: str
    trained_on: Store | None = None
    by: Sequence[str] | None = None

    def twins(self) -> TwinsInTraining | None:
        """Return which of the samples have a twin in training; None where no twins were looked for."""
        samples, store = self.data.samples(self.rows), self.data.store
        if self.trained_on is not None:
            return twins_between(store, samples, self.trained_on)
        training = self.data.split.train
        if self.split.startswith(FOLD):
            return twins_of_fold(store, samples, np.concatenate([training, self.data.split.validation]))
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
    first = rows.data.first_rows(rows.rows)
    for name in (*GROUPS, "subject"):
        columns[name] = store.column(name)[first]
    by = divisions(store, method.metrics.values(), rows.by)
    columns |= group_columns(store, first, by)
    if fitted is not None:
        columns = fitted.read_out(columns, len(classes))
    if is_timed(method):
        columns["seconds"] = seconds_alone(method, rows.data, samples)
    return measure(method, columns, classes, rows.split, rows.twins(), by)


def measure(
    method: Method,
    columns: dict[str, np.ndarray],
    classes: tuple[str, ...],
    split: str,
    twins: TwinsInTraining | None = None,
    by: Sequence[str] = (),
) -> Evaluation:
    """Compute the metrics over the labelled rows, with intervals for the metrics that have one.

    Args:
        twins: which rows have a twin in training; the metrics are computed without these rows, too.
        by: columns that name the group of each row; the metrics are computed for each group, too.
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
    groups = by_groups(possible, columns, by)
    for metric in possible.values():
        columns |= metric.stored(columns)
    return Evaluation(columns, metrics, classes, split, apart, groups, tuple(by))


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
    write_predictions(run, evaluation.columns, evaluation.classes, evaluation.split, (*STORED, *evaluation.divisions))
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
    by: Sequence[str] | None = None,
    device: str | None = None,
    progress: Progress = lambda done, total: None,
    trust: bool = False,
    screening: ScreeningOptions = BANDS_OF_THE_SCALE,
) -> "EvaluatedRun":
    """Evaluate a finished run again, on its own store and split or on others.

    The files of the first evaluation stay as they are. New predictions and metrics go to
    `<run>/eval/<data>-<split>-<fingerprint of the store>/`; with a classifier, its key ends the folder's name.

    Args:
        classifier: is fitted to the features of the run's training rows; its predictions replace those of the run.
        by: groups to compute the metrics for, as `fercli.datasets.groups` describes them; None for those that the data
            set names.
        device: device of the predictions; None is the first GPU, or the CPU if there is none.
        screening: of predicted scores.

    Raises:
        ConfigError: there is no such device; or no scores to screen, or no such cut-off.
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
    part = _part(cfg, store, split, own)
    split = part.evaluation_name
    noise = _recorded_noise(run, recorded, store, part.train) if own else None
    data = face_data(cfg, store, part, "mask" in method.objective.reads, noise)

    scores = {name: constant["score"] for name, constant in recorded.get("constant_predictor", {}).items()}
    fitted = None
    if classifier is not None:
        training = _data_of_training(run, cfg, store if own else Store(cfg.store), recorded)
        fitted = fit_to_run(classifier, method, training, progress)
        scores = constant_scores(training_scores(training))
    elsewhere = None if own else _store_of_training(cfg, recorded)
    rows = RowsOfSplit(data, part.evaluation, split, elsewhere, by)
    evaluation = evaluate_rows(method, rows, classes, progress, fitted)
    target = run.evaluation(store.name, split, store.fingerprint, "" if classifier is None else classifier.key)
    target.path.mkdir(parents=True, exist_ok=True)
    rule = cfg.selection.rule
    selection = selection_on_own(rule, store, split) if own else selection_elsewhere(rule, recorded["protocol"])
    result = summary(cfg, run, data, method, evaluation, selection)
    result["protocol"]["num_train_rows"] = recorded["protocol"]["num_train_rows"]
    result |= constant_facts(scores, evaluation.columns, method)
    result |= {} if fitted is None else {"classifier": fitted.facts}
    training_rows = part.train if elsewhere is None else run_split(cfg, elsewhere).train
    known = training_recordings(store if own else elsewhere, training_rows, scores)
    result |= screening_facts(method, store, evaluation.columns, known, screening)
    also = (*STORED, *evaluation.divisions)
    write_predictions(target, evaluation.columns, evaluation.classes, evaluation.split, also)
    target.finish(result)
    again = own and (split.startswith(FOLD) or split == evaluation_split(store.splits)) and fitted is None
    return EvaluatedRun(run, target.path, method, data, evaluation, result, recorded if again else None)


def _part(cfg: Config, store: Store, split: str | None, own: bool) -> Split:
    """Return the rows to evaluate, with the training rows of the run if the store is its own.

    Raises:
        DataError: the store has no such split, or a run of one fold was trained on rows of it.
    """
    if own and cfg.get("folds") is not None:
        part = run_split(cfg, store)
        if split not in (None, part.evaluation_name):
            raise DataError(
                f"the run was trained on rows of split '{split}', because its folds join the splits: it can be "
                f"evaluated on its own fold ({part.evaluation_name}), or on another store"
            )
        return part
    split = split or (evaluation_split(store.splits) if own else store.splits[-1])
    if split not in store.splits:
        raise DataError(f"{store.path} has no rows in split '{split}'; it has {', '.join(store.splits)}")
    rows = store.rows(split)
    return Split(run_split(cfg, store).train if own else rows[:0], rows[:0], rows, split)


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


def _recorded_noise(run: RunFolder, recorded: dict[str, Any], store: Store, rows: np.ndarray) -> NoisyLabels | None:
    """Return the noisy labels that the run was trained on, as its folder records them; None without any."""
    if "noise" not in recorded:
        return None
    run.require_sound(run.path / NOISE)
    return NoisyLabels.recorded(run.path / NOISE, recorded["noise"], store, rows)


def _data_of_training(run: RunFolder, cfg: Config, store: Store, recorded: dict[str, Any]) -> FaceData:
    if store.fingerprint != recorded["data"]["fingerprint"]:
        raise DataError(
            f"{store.path} has changed since the run was trained, and a classifier is fitted to the features of its "
            "training rows; prepare it again as it was"
        )
    split = run_split(cfg, store)
    return face_data(cfg, store, split, noise=_recorded_noise(run, recorded, store, split.train))
