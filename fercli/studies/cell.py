"""One cell of a study: a training, a classifier that is fitted to its features, or its evaluation on another store."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from fercli.datasets.splits import evaluation_split
from fercli.datasets.store import Store
from fercli.engine.classifier import Classifier
from fercli.runs.folder import RunFolder
from fercli.studies.study import StudyRow
from fercli.taxonomy import ALL_CLASSES, classes_key, common_classes


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One row of a study with one seed, and one fold if it has folds: how it is run, and where its numbers lie.

    Attributes:
        data: the data set that it runs on.
        overrides: `key=value` options of `fercli train`, with those that name folders.
        config_dirs: folders with yaml files of the user.
        run: the training.
        result: where `metrics.json` and the predictions lie: the run, or the folder of an evaluation in it.
        classifier: name of the classifier that is fitted to the features of the run; None for the run's own
            predictions.
        fold: the fold of a cross-validation, from 1; None without folds to choose.
        evaluated_on: the store on which the run is evaluated; None for its own.
        classes: the classes that are evaluated; empty for all that the run and the store have in common.
    """

    label: str
    seed: int
    data: str
    overrides: tuple[str, ...]
    config_dirs: tuple[Path, ...]
    run: RunFolder
    result: RunFolder
    classifier: str | None = None
    fold: int | None = None
    evaluated_on: Path | None = None
    classes: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """Its seed and fold in words."""
        return f"seed {self.seed}" if self.fold is None else f"seed {self.seed}, fold {self.fold}"

    @property
    def is_training(self) -> bool:
        """Whether its numbers are those of the training, and no evaluation follows."""
        return self.classifier is None and self.evaluated_on is None

    @property
    def training(self) -> "PlannedCell":
        """The training alone; for a cell without an evaluation, the cell itself."""
        return replace(self, result=self.run, classifier=None, evaluated_on=None, classes=())

    @property
    def finished(self) -> bool:
        """Whether its numbers exist."""
        return self.result.finished

    @property
    def can_run(self) -> bool:
        """Whether it can run now: an evaluation waits for the training to finish."""
        return self.is_training or self.run.finished

    @property
    def on_all_classes(self) -> RunFolder | None:
        """Where the evaluation on all classes lies; None for a cell that is evaluated on its own store alone."""
        if self.evaluated_on is None:
            return None
        name = self.result.path.name.partition("-classes_")[0]
        return RunFolder(self.result.path.with_name(f"{name}-{ALL_CLASSES}"))

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of `fercli`: the subcommand and its options."""
        folders = tuple(word for folder in self.config_dirs for word in ("--config-dir", str(folder)))
        if self.is_training:
            return ("train", *self.overrides, *folders)
        stores = [word.removeprefix("store=") for word in self.overrides if word.startswith("store=")]
        if self.evaluated_on is not None:
            stores = [str(self.evaluated_on)]
        words = [word for path in stores for word in ("--store", path)]
        words += [word for name in self.classes for word in ("--class", name)]
        words += [] if self.classifier is None else ["--classifier", self.classifier]
        return ("eval", str(self.run.path), *words, *folders)

    @property
    def command(self) -> str:
        """What a user types to run this cell alone, once the training that it needs has finished."""
        return shlex.join(["fercli", *self.arguments])

    @property
    def log(self) -> Path:
        """File with the output of its command."""
        return self.result.path.with_name(f"{self.result.path.name}.log")


def evaluated(cell: PlannedCell, row: StudyRow, store: Store, other: Store) -> PlannedCell:
    """Return the cell of a row that is evaluated on another store or on some classes alone; else the cell itself.

    Args:
        store: that the run is trained on.
        other: that it is evaluated on.
    """
    restricted = bool(row.classes) and set(row.classes) != set(common_classes([store.classes, other.classes]))
    if other is store and not restricted:
        return cell
    fitted = [] if cell.classifier is None else [Classifier.named(cell.classifier, config_dirs=cell.config_dirs).key]
    kind = [*([classes_key(row.classes)] if restricted else []), *fitted]
    result = cell.run.evaluation(other.name, evaluation_split(other.splits), other.fingerprint, "-".join(kind))
    classes = row.classes if restricted else ()
    return replace(cell, data=other.name, result=result, evaluated_on=other.path, classes=classes)
