"""One cell of a study: a training, or a classifier that is fitted to the features of a training."""

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from fercli.runs.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Cell:
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

    @property
    def part(self) -> str:
        """Its seed and fold in words."""
        return f"seed {self.seed}" if self.fold is None else f"seed {self.seed}, fold {self.fold}"

    @property
    def training(self) -> "Cell":
        """The training alone; for a cell without a classifier, the cell itself."""
        return replace(self, result=self.run, classifier=None)

    @property
    def finished(self) -> bool:
        """Whether its numbers exist."""
        return self.result.finished

    @property
    def can_run(self) -> bool:
        """Whether it can run now: a classifier waits for the training to finish."""
        return self.classifier is None or self.run.finished

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of `fercli`: the subcommand and its options."""
        folders = tuple(word for folder in self.config_dirs for word in ("--config-dir", str(folder)))
        if self.classifier is None:
            return ("train", *self.overrides, *folders)
        stores = (word.removeprefix("store=") for word in self.overrides if word.startswith("store="))
        store = tuple(word for path in stores for word in ("--store", path))
        return ("eval", str(self.run.path), *store, "--classifier", self.classifier, *folders)

    @property
    def command(self) -> str:
        """What a user types to run this cell alone, once the training that it needs has finished."""
        return shlex.join(["fercli", *self.arguments])

    @property
    def log(self) -> Path:
        """File with the output of its command."""
        return self.result.path.with_name(f"{self.result.path.name}.log")
