"""Evaluate a finished run again: on its own store or another, by groups, with a classifier, as a screening."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fercli.config import Config
from fercli.datasets.datamodule import FaceData
from fercli.datasets.groups import divisions, group_columns
from fercli.datasets.splits import FOLD, Split, evaluation_split
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
from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.fitting import fit_to_run, require_fit
from fercli.engine.foreseen import foreseen_columns
from fercli.engine.joined import JoinedClasses
from fercli.engine.measurement import evaluate_rows
from fercli.engine.noise import recorded_noise
from fercli.engine.predict import Progress
from fercli.engine.predictions import Evaluation
from fercli.engine.reload import reload
from fercli.engine.rows_of_split import RowsOfSplit
from fercli.engine.run_options import run_options
from fercli.engine.screening import require_screening, screening_facts, training_recordings
from fercli.engine.selection_words import selection_elsewhere, selection_on_own
from fercli.engine.summary import constant_facts, divergence_facts, summary, training_scores
from fercli.engine.training_data import data_of_training, require_same_twins, store_of_training
from fercli.engine.weights import move_to
from fercli.errors import DataError
from fercli.methods.base import Method
from fercli.metrics.constant import constant_scores
from fercli.metrics.retrieval import STORED
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from fercli.runs.scale import scale_of_run
from fercli.screening.options import BANDS_OF_THE_SCALE, ScreeningOptions
from fercli.taxonomy import ALL_CLASSES, classes_key


@dataclass(frozen=True)
class Reevaluation:
    """A finished run, and the rows to evaluate it on. What a user can ask wrongly has been checked.

    Attributes:
        recorded: content of the run's own `metrics.json`.
        own: whether the store is the one that the run was trained on.
        data: of the evaluated store.
        training: of the run; None without a classifier.
    """

    run: RunFolder
    cfg: Config
    method: Method
    recorded: dict[str, Any]
    own: bool
    joined: JoinedClasses
    data: FaceData
    rows: RowsOfSplit
    screening: ScreeningOptions
    classifier: Classifier | None
    training: FaceData | None

    @classmethod
    def prepared(
        cls,
        run: RunFolder,
        store_path: Path | None = None,
        split: str | None = None,
        *,
        only: Sequence[str] = (),
        classifier: Classifier | None = None,
        by: Sequence[str] | None = None,
        device: str | None = None,
        trust: bool = False,
        screening: ScreeningOptions = BANDS_OF_THE_SCALE,
    ) -> "Reevaluation":
        """Read a finished run and the rows to evaluate, and check the request before anything is predicted.

        Args:
            only: the classes to evaluate; empty for all that the run and the store have in common.
            classifier: is fitted to the features of the run's training rows; its predictions replace those of the run.
            by: groups to compute the metrics for, as `fercli.datasets.groups` describes them; None for those that the
                data set names.
            device: device of the predictions; None is the first GPU, or the CPU if there is none.
            screening: of predicted scores.

        Raises:
            ConfigError: there is no such device, no such group, or no such class on both sides; no scores to screen, or
                no such cut-off; or the classifier refuses its options.
            DataError: the store lacks the split, is not the one that the run was trained on, or has no class or label
                that the run predicts; or there are no labels to fit the classifier to.
            RunError: the run is not finished, or one of its files is missing or damaged.
        """
        cfg, method, recorded = reload(run, trust=trust)
        run.require_sound(run.path / "history.csv")  # the page of the run is drawn from it
        move_to(method, device)
        store = _opened(store_path or cfg.store, cfg, run)
        own = store.fingerprint == recorded["data"]["fingerprint"]
        if store_path is None and not own:
            raise DataError(
                f"{cfg.store} has changed since the run was trained; name a store with --store to use it as it is"
            )
        require_scale(method, run, store)
        joined = JoinedClasses(tuple(recorded["data"]["classes"]), store.classes, tuple(only))
        joined.require_common(store.path)
        if own:
            require_same_twins(cfg, store, recorded)
        part = _part(cfg, store, split, own)
        noise = recorded_noise(run, recorded, store, part.train) if own else None
        data = face_data(cfg, store, part, "mask" in method.objective.reads, noise)
        elsewhere = None if own else store_of_training(cfg.store, cfg.get("score"), recorded)
        splits = {"train"}
        if elsewhere is not None:
            splits |= {*elsewhere.column("split")[run_split(cfg, elsewhere).train]}
        rows = RowsOfSplit(data, part.evaluation, part.evaluation_name, elsewhere, splits, by)
        training = None
        if classifier is not None:
            training = data_of_training(run, cfg, store if own else Store(cfg.store, cfg.get("score")), recorded)
        found = cls(run, cfg, method, recorded, own, joined, data, rows, screening, classifier, training)
        found._check()
        return found

    def _check(self) -> None:
        """Refuse what the labels and the kinds of predictions do not allow."""
        store, first = self.data.store, self.data.first_rows(self.rows.rows)
        group_columns(store, first, divisions(store, self.method.metrics.values(), self.rows.by))
        known = len(self.joined.known)
        columns = foreseen_columns(run_options(self.cfg).inputs, self.method, store, first, known, self.classifier)
        if self.classifier is not None and self.training is not None:
            require_fit(self.classifier, self.training.training_labels(), columns["feature"].shape[1])
        columns, _ = self.joined.in_common(columns)
        if not self.own:
            require_numbers(self.method, columns, store, self.rows.split)
        require_screening(self.method, store, columns, self.screening)

    def evaluate(self, progress: Progress = lambda done, total: None) -> EvaluatedRun:
        """Predict the rows, and write predictions and metrics.

        The files of the first evaluation stay as they are. New ones go to
        `<run>/eval/<data>-<split>-<fingerprint of the store>/`; with a classifier, or with `only`, a key ends the
        folder's name. If run or store have other classes than the evaluated ones, the evaluation on all classes goes to
        a folder beside it; `all_classes` ends its name.
        """
        recorded, store = self.recorded, self.data.store
        scores = {name: constant["score"] for name, constant in recorded.get("constant_predictor", {}).items()}
        fitted = None
        if self.classifier is not None and self.training is not None:
            fitted = fit_to_run(self.classifier, self.method, self.training, progress)
            scores = constant_scores(training_scores(self.training))
        evaluation, whole = evaluate_rows(self.method, self.rows, self.joined, progress, fitted)
        elsewhere = self.rows.trained_on
        training_store = store if self.own else elsewhere
        training_rows = self.data.split.train if elsewhere is None else run_split(self.cfg, elsewhere).train
        known = training_recordings(training_store, training_rows, scores)
        fit = [] if self.classifier is None else [self.classifier.key]
        kinds = [*self._key, *fit], [*fit, ALL_CLASSES]
        results = []
        for one, kind in zip([evaluation, *([] if whole is None else [whole])], kinds, strict=False):
            result = self._result(one, scores)
            result |= {} if fitted is None else {"classifier": fitted.facts}
            result |= screening_facts(self.method, store, one.columns, known, self.screening)
            target = self.run.evaluation(store.name, self.rows.split, store.fingerprint, "-".join(kind))
            target.path.mkdir(parents=True, exist_ok=True)
            write_predictions(target, one.columns, one.classes, one.split, (*STORED, *one.divisions))
            target.finish(result)
            results.append((target.path, result))
        (folder, result), *others = results
        usual = self.rows.split.startswith(FOLD) or self.rows.split == evaluation_split(store.splits)
        again = self.own and usual and fitted is None and whole is None
        on_all = others[0][1] if others else None
        return EvaluatedRun(
            self.run, folder, self.method, self.data, evaluation, result, recorded if again else None, on_all
        )

    @property
    def _key(self) -> list[str]:
        """The classes of `only` in the name of the folder, if they are fewer than all in common."""
        chosen = set(self.joined.common) != set(replace(self.joined, only=()).common)
        return [classes_key(self.joined.only)] if chosen else []

    def _failed_training(self, evaluation: Evaluation) -> dict[str, Any]:
        """Return what shows that the training failed: on other data, what its own showed, and of a classifier nothing.

        On other data, a sound network may predict one class.
        """
        if self.classifier is not None:
            return {}
        if self.own:
            return divergence_facts(evaluation, self.data.store.scale)
        return {key: self.recorded[key] for key in ("diverged", "one_class") if key in self.recorded}

    def _result(self, evaluation: Evaluation, scores: dict[str, float]) -> dict[str, Any]:
        """Return the content of `metrics.json`, without classifier and screening."""
        recorded = self.recorded
        if self.own:
            selection = selection_on_own(self.cfg, self.data.store, self.rows.split)
        else:
            selection = selection_elsewhere(self.cfg.selection.rule, recorded["protocol"])
        result = summary(self.cfg, self.run, self.data, self.method, evaluation, selection)
        result |= self._failed_training(evaluation)
        protocol = result["protocol"] | {"num_train_rows": recorded["protocol"]["num_train_rows"]}
        protocol |= {} if self.own else protocol_elsewhere(protocol, recorded)
        protocol |= {"classes": classes_in_words(self.joined, evaluation)} if self.joined.is_part else {}
        result |= {"protocol": protocol} | constant_facts(scores, evaluation.columns, self.method)
        return result | facts_of_classes(self.joined, evaluation)


def _opened(path: str | Path, cfg: Config, run: RunFolder) -> Store:
    """Return a store with the questionnaire of the run, or with the one of the same scale."""
    store = Store(path, cfg.get("score"))
    same = [name for name, scale in store.questionnaires.items() if scale == scale_of_run(run)]
    return Store(path, same[0]) if store.score is None and same else store


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
