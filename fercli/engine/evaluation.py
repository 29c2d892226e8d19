"""Evaluate a run: predictions.parquet, and metrics.json with metrics and intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.noise.noisy import FILE as NOISE
from fercli.datasets.splits import FOLD, Split, chooses_epoch, evaluation_split
from fercli.datasets.store import Store
from fercli.engine.build import face_data, run_split
from fercli.engine.classifier import Classifier
from fercli.engine.elsewhere import (
    classes_in_words,
    facts_of_classes,
    protocol_elsewhere,
    require_numbers,
    require_scale,
)
from fercli.engine.embeddings import write_embeddings
from fercli.engine.fitted import fit_to_run
from fercli.engine.joined import JoinedClasses
from fercli.engine.measurement import RowsOfSplit, evaluate_rows
from fercli.engine.noise import recorded_noise
from fercli.engine.pairs import write_pairs
from fercli.engine.predict import Progress
from fercli.engine.predictions import Evaluation
from fercli.engine.protocol import selection_elsewhere, selection_on_own
from fercli.engine.reload import reload
from fercli.engine.screening import screening_facts, training_recordings
from fercli.engine.summary import constant_facts, summary, training_scores
from fercli.engine.training_data import data_of_training, store_of_training
from fercli.engine.vectors import write_vectors
from fercli.engine.weights import load_weights, move_to, write_weights
from fercli.errors import DataError
from fercli.methods.base import Method
from fercli.metrics.constant import constant_scores
from fercli.metrics.retrieval import STORED
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions
from fercli.taxonomy import ALL_CLASSES, classes_key


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
    selection = selection_on_own(cfg.selection.rule, data.store, evaluation.split)
    run.finish(summary(cfg, run, data, method, evaluation, selection) | constants | facts)
    return evaluation


def reevaluate(
    run: RunFolder,
    store_path: Path | None = None,
    split: str | None = None,
    *,
    only: Sequence[str] = (),
    classifier: Classifier | None = None,
    by: Sequence[str] | None = None,
    device: str | None = None,
    progress: Progress = lambda done, total: None,
    trust: bool = False,
    screening: ScreeningOptions = BANDS_OF_THE_SCALE,
) -> "EvaluatedRun":
    """Evaluate a finished run again, on its own store and split or on others.

    The files of the first evaluation stay as they are. New predictions and metrics go to
    `<run>/eval/<data>-<split>-<fingerprint of the store>/`; with a classifier, or with `only`, a key ends the folder's
    name. If run or store have other classes than the evaluated ones, the evaluation on all classes goes to a folder
    beside it; `all_classes` ends its name.

    Args:
        only: the classes to evaluate; empty for all that the run and the store have in common.
        classifier: is fitted to the features of the run's training rows; its predictions replace those of the run.
        by: groups to compute the metrics for, as `fercli.datasets.groups` describes them; None for those that the data
            set names.
        device: device of the predictions; None is the first GPU, or the CPU if there is none.
        screening: of predicted scores.

    Raises:
        ConfigError: there is no such device, or no such class on both sides; or no scores to screen, or no such
            cut-off.
        DataError: the store lacks the split, is not the one that the run was trained on, or has no class or label that
            the run predicts.
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
    require_scale(method, run, store)
    joined = JoinedClasses(classes, store.classes, tuple(only))
    joined.require_common(store.path)
    part = _part(cfg, store, split, own)
    split = part.evaluation_name
    noise = recorded_noise(run, recorded, store, part.train) if own else None
    data = face_data(cfg, store, part, "mask" in method.objective.reads, noise)

    scores = {name: constant["score"] for name, constant in recorded.get("constant_predictor", {}).items()}
    fitted = None
    if classifier is not None:
        training = data_of_training(run, cfg, store if own else Store(cfg.store), recorded)
        fitted = fit_to_run(classifier, method, training, progress)
        scores = constant_scores(training_scores(training))
    elsewhere = None if own else store_of_training(cfg, recorded)
    training_rows = part.train if elsewhere is None else run_split(cfg, elsewhere).train
    splits = {"train"} if elsewhere is None else {"train", *elsewhere.column("split")[training_rows]}
    rows = RowsOfSplit(data, part.evaluation, split, elsewhere, splits, by)
    evaluation, whole = evaluate_rows(method, rows, joined, progress, fitted)
    if not own:
        require_numbers(evaluation, store, split)
    known = training_recordings(store if own else elsewhere, training_rows, scores)
    rule = cfg.selection.rule
    selection = selection_on_own(rule, store, split) if own else selection_elsewhere(rule, recorded["protocol"])
    chosen = [classes_key(only)] if set(joined.common) != set(replace(joined, only=()).common) else []
    fit = [] if classifier is None else [classifier.key]
    results = []
    for one, kind in ((evaluation, [*chosen, *fit]), *([] if whole is None else [(whole, [*fit, ALL_CLASSES])])):
        result = summary(cfg, run, data, method, one, selection)
        result["protocol"]["num_train_rows"] = recorded["protocol"]["num_train_rows"]
        result["protocol"] |= {} if own else protocol_elsewhere(result["protocol"], recorded)
        result["protocol"] |= {"classes": classes_in_words(joined, one)} if joined.is_part else {}
        result |= constant_facts(scores, one.columns, method) | facts_of_classes(joined, one)
        result |= {} if fitted is None else {"classifier": fitted.facts}
        result |= screening_facts(method, store, one.columns, known, screening)
        target = run.evaluation(store.name, split, store.fingerprint, "-".join(kind))
        target.path.mkdir(parents=True, exist_ok=True)
        write_predictions(target, one.columns, one.classes, one.split, (*STORED, *one.divisions))
        target.finish(result)
        results.append((target.path, result))
    (folder, result), *others = results
    usual = split.startswith(FOLD) or split == evaluation_split(store.splits)
    again = own and usual and fitted is None and whole is None
    on_all = others[0][1] if others else None
    return EvaluatedRun(run, folder, method, data, evaluation, result, recorded if again else None, on_all)


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


def _same(then: float, now: float) -> bool:
    return math.isclose(then, now, rel_tol=1e-6) or (math.isnan(then) and math.isnan(now))
